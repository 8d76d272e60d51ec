"""How often a member would still belong had half of the occasions not happened."""

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.build import Network
from graphkit.rings.candidates import inside, pruned

Codes = npt.NDArray[np.uint32]


def stability(
    network: Network, codes: Codes, receipts: pl.DataFrame, *, edge_nats: float, resamples: int, seed: int
) -> pl.DataFrame:
    """For each of `codes` the share of `resamples` in which it keeps its place: columns account, stability.

    Each resample keeps every occasion with probability one half, weighs the pairs again (T over what is left,
    half of lambda) and prunes at half of `edge_nats`. Contacts, which have no occasion, count half.
    """
    edges = inside(network.edges, codes)
    kept = np.zeros(len(codes))
    for draw in range(resamples):
        weights = _halved(edges, receipts, np.random.default_rng([seed, draw]))
        strong = weights.filter(pl.col("weight") >= edge_nats / 2)
        kept += np.isin(codes, pruned(codes, strong))
    return pl.DataFrame({"account": codes, "stability": kept / resamples})


def _halved(edges: pl.DataFrame, receipts: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    # One coin for an occasion, whoever met on it; occasions in order of time, so that ids do not matter.
    began = receipts.group_by("layer", "occasion").agg(pl.col("at").min()).sort("layer", "at", "occasion")
    coins = began.filter(pl.Series(random.random(began.height) < 0.5))
    left = (
        receipts.join(coins.select("layer", "occasion"), on=["layer", "occasion"], how="semi")
        .group_by("layer", "source", "target")
        .agg((1.0 / pl.col("repetition")).sort().sum().alias("left"))
    )
    contact = pl.col("scale_s").is_null() & (pl.col("strand") == "talk")
    nats = pl.col("left") * (pl.col("left") / (pl.col("expected") / 2)).log() - pl.col("left")
    again = pl.when(contact).then(pl.col("weight") / 2).when(pl.col("left") > 0).then(nats).otherwise(0.0)
    return (
        edges.join(left, on=["layer", "source", "target"], how="left")
        .with_columns(again.clip(lower_bound=0.0).alias("again"))
        .group_by("source", "target")
        .agg(pl.col("again").sort().sum().alias("weight"))
        .sort("source", "target")
    )
