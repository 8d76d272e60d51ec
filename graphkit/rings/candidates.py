"""Groups that may be rings: communities whose members all keep strong partners inside."""

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.communities import communities

Codes = npt.NDArray[np.uint32]


def candidates(
    edges: pl.DataFrame, *, resolution: float, minimum_members: int, share: float, seed: int
) -> list[Codes]:
    """Communities of `edges` (source, target, weight), `pruned`, with `minimum_members` or more."""
    groups = (
        pruned(group, edges, share=share)
        for group in communities(edges, resolution=resolution, seed=seed)
        if len(group) >= minimum_members
    )
    return [group for group in groups if len(group) >= minimum_members]


def inside(edges: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    """The edges with both ends among `codes`."""
    return edges.filter(pl.col("source").is_in(codes) & pl.col("target").is_in(codes))


def pruned(codes: Codes, edges: pl.DataFrame, *, share: float) -> Codes:
    """Those of `codes` that keep 2 partners and `share` of the group, by `edges` among themselves."""
    kept = inside(edges, codes)
    while True:
        ends = np.concatenate([kept["source"].to_numpy(), kept["target"].to_numpy()])
        accounts, partners = np.unique(ends, return_counts=True)
        stay = accounts[partners >= max(2, len(accounts) * share)]
        if len(stay) == len(accounts):
            return stay.astype(np.uint32)
        kept = inside(kept, stay)
