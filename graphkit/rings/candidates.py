"""Groups that may be rings: communities whose members all keep strong partners inside."""

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.communities import communities

Codes = npt.NDArray[np.uint32]


def candidates(edges: pl.DataFrame, *, resolution: float, minimum_members: int, seed: int) -> list[Codes]:
    """Communities of the backbone `edges` (source, target, weight) after `pruned`, of `minimum_members` or more."""
    groups = (pruned(group, edges) for group in communities(edges, resolution=resolution, seed=seed))
    return [group for group in groups if len(group) >= minimum_members]


def inside(edges: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    """The edges with both ends among `codes`."""
    return edges.filter(pl.col("source").is_in(codes) & pl.col("target").is_in(codes))


def pruned(codes: Codes, edges: pl.DataFrame) -> Codes:
    """Those of `codes` that keep at least 2 partners, and a quarter of the group, by `edges` among themselves."""
    kept = inside(edges, codes)
    while True:
        ends = np.concatenate([kept["source"].to_numpy(), kept["target"].to_numpy()])
        accounts, partners = np.unique(ends, return_counts=True)
        stay = accounts[partners >= max(2, len(accounts) / 4)]
        if len(stay) == len(accounts):
            return stay.astype(np.uint32)
        kept = inside(kept, stay)
