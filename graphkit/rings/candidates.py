"""Groups that may be rings: communities whose members all keep strong partners inside."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.communities import communities

Codes = npt.NDArray[np.uint32]

# Partners that a member keeps in any group.
_PARTNERS = 2


def candidates(
    edges: pl.DataFrame,
    *,
    resolution: float,
    minimum_members: int,
    share: float,
    seed: int,
    around: Codes | None = None,
) -> list[Codes]:
    """Communities of `edges` (source, target, weight), `pruned`, with `minimum_members` or more.

    With `around` only those of components that hold one of these accounts.
    """
    groups = communities(edges, resolution=resolution, seed=seed, least=minimum_members, around=around)
    return all_pruned(groups, edges, share=share, minimum_members=minimum_members)


def all_pruned(
    groups: Sequence[Codes], edges: pl.DataFrame, *, share: float, minimum_members: int
) -> list[Codes]:
    """Each of `groups`, in which nobody is twice, `pruned`; those that keep `minimum_members`."""
    if not groups:
        return []
    label = pl.DataFrame(
        {"account": np.concatenate(groups), "group": np.repeat(np.arange(len(groups)), [*map(len, groups)])}
    )
    # Edges are dealt out to their groups once, instead of being looked through for each.
    inner = (
        edges.select("source", "target")
        .join(label, left_on="source", right_on="account")
        .join(label, left_on=["target", "group"], right_on=["account", "group"])
    )
    ends = (inner[name].to_numpy() for name in ("source", "target", "group"))
    account, group = _kept(*ends, share=share)
    sizes = np.bincount(group, minlength=len(groups))
    kept = np.split(account[np.lexsort((account, group))], np.cumsum(sizes)[:-1])
    return [codes for codes in kept if len(codes) >= minimum_members]


def inside(edges: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    """The edges with both ends among `codes`, in their order."""
    source = edges["source"].to_numpy()
    # Edges lie by source, or in one such stretch for each layer: only those of these sources are looked at.
    falls = np.zeros(0, np.int64)
    if not edges["source"].flags["SORTED_ASC"]:
        falls = np.flatnonzero(source[1:] < source[:-1]) + 1
    stops = np.append(falls, len(source))
    if len(codes) * len(stops) >= len(source):
        return edges.filter(pl.Series(np.isin(source, codes)) & pl.col("target").is_in(codes))
    wanted = np.sort(codes)
    parts = [np.zeros(0, np.int64)]
    for start, stop in pairwise([0, *stops.tolist()]):
        low, high = (
            start + np.searchsorted(source[start:stop], wanted, side=end) for end in ("left", "right")
        )
        parts.append(np.repeat(high - np.cumsum(high - low), high - low) + np.arange(int((high - low).sum())))
    rows = np.concatenate(parts)
    return edges[rows[np.isin(edges["target"].to_numpy()[rows], codes)]]


def pruned(codes: Codes, edges: pl.DataFrame, *, share: float = 0.0, least: int = _PARTNERS) -> Codes:
    """Those of `codes` that keep `least` partners and `share` of the group, by `edges` among themselves."""
    within = inside(edges, codes)
    source, target = within["source"].to_numpy(), within["target"].to_numpy()
    kept = _kept(source, target, np.zeros(len(source), np.int64), share=share, least=least)
    return np.sort(kept[0])


def _kept(
    source: Codes, target: Codes, group: npt.NDArray[np.int64], *, share: float, least: int = _PARTNERS
) -> tuple[Codes, npt.NDArray[np.int64]]:
    """The accounts that stay when edges are pruned, each edge within its group, and each one's group."""
    while True:
        account, place, partners = np.unique(
            np.concatenate([source, target]), return_inverse=True, return_counts=True
        )
        own = np.zeros(len(account), np.int64)
        own[place] = np.concatenate([group, group])
        size = np.bincount(own, minlength=1)
        stay = partners >= np.maximum(least, size[own] * share)
        if stay.all():
            return account.astype(np.uint32), own
        ends = stay[place].reshape(2, -1)
        both = ends[0] & ends[1]
        source, target, group = source[both], target[both], group[both]
