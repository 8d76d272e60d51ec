"""Groups that may be rings: communities whose members all keep strong partners inside."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.communities import communities

Codes = npt.NDArray[np.uint32]


def candidates(
    edges: pl.DataFrame, *, resolution: float, minimum_members: int, share: float, seed: int
) -> list[Codes]:
    """Communities of `edges` (source, target, weight), `pruned`, with `minimum_members` or more."""
    groups = communities(edges, resolution=resolution, seed=seed, least=minimum_members)
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
        .partition_by("group", as_dict=True)
    )
    none = edges.select("source", "target").clear()
    kept = (pruned(group, inner.get((i,), none), share=share) for i, group in enumerate(groups))
    return [group for group in kept if len(group) >= minimum_members]


def inside(edges: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    """The edges with both ends among `codes`."""
    source = edges["source"]
    if source.flags["SORTED_ASC"] and len(codes) < edges.height:
        # Sorted by source: only the edges of these sources are looked at.
        low, high = (
            np.searchsorted(source.to_numpy(), np.sort(codes), side=end) for end in ("left", "right")
        )
        rows = np.repeat(high - np.cumsum(high - low), high - low) + np.arange(int((high - low).sum()))
        return edges[rows].filter(pl.col("target").is_in(codes))
    return edges.filter(pl.col("source").is_in(codes) & pl.col("target").is_in(codes))


def pruned(codes: Codes, edges: pl.DataFrame, *, share: float) -> Codes:
    """Those of `codes` that keep 2 partners and `share` of the group, by `edges` among themselves."""
    kept = inside(edges, codes)
    source, target = kept["source"].to_numpy(), kept["target"].to_numpy()
    while True:
        accounts, partners = np.unique(np.concatenate([source, target]), return_counts=True)
        stay = accounts[partners >= max(2, len(accounts) * share)]
        if len(stay) == len(accounts):
            return stay.astype(np.uint32)
        both = np.isin(source, stay) & np.isin(target, stay)
        source, target = source[both], target[both]
