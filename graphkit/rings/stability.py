"""How often a member would still belong had half of the occasions not happened."""

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.build import Network
from graphkit.rings.candidates import inside, pruned

Codes = npt.NDArray[np.uint32]


def stability(
    network: Network,
    core: Codes,
    periphery: Codes,
    receipts: pl.DataFrame,
    *,
    edge_nats: float,
    share: float,
    resamples: int,
    seed: int,
) -> pl.DataFrame:
    """For each member the share of `resamples` in which it keeps its place: columns account, stability.

    Each resample keeps every occasion with probability one half. A core account must survive `pruned` (with
    `share`) at half of `edge_nats` when pairs are weighed again (T over what is left, half of lambda;
    contacts, which have no occasion, count half); an account of the periphery must still meet half of the
    core, or two of a core whose members (with a `share` of 0) need no more partners.
    """
    whole = np.union1d(core, periphery)
    edges = inside(network.edges, whole)
    kept = np.zeros(len(whole))
    least = len(core) / 2 if share else 2.0
    for draw in range(resamples):
        weights = _halved(edges, receipts, np.random.default_rng([seed, draw]))
        kept += np.isin(whole, pruned(core, weights.filter(pl.col("weight") >= edge_nats / 2), share=share))
        kept += np.isin(whole, _meeting(core, periphery, weights, least))
    return pl.DataFrame({"account": whole, "stability": kept / resamples})


def _meeting(core: Codes, periphery: Codes, weights: pl.DataFrame, least: float) -> Codes:
    """Those of `periphery` that still meet `least` of `core`."""
    met = weights.filter((pl.col("met") > 0) & (pl.col("source").is_in(core) ^ pl.col("target").is_in(core)))
    outer = pl.when(pl.col("source").is_in(core)).then("target").otherwise("source")
    counts = met.group_by(outer.alias("account")).len().filter(pl.col("len") >= least)
    return np.intersect1d(counts["account"].to_numpy(), periphery)


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
    rate = pl.col("expected") / 2
    nats = pl.col("left") * (pl.col("left") / rate).log() - pl.col("left") + rate
    again = pl.when(contact).then(pl.col("weight") / 2).when(pl.col("left") > 0).then(nats).otherwise(0.0)
    return (
        edges.join(left, on=["layer", "source", "target"], how="left")
        .with_columns(again.clip(lower_bound=0.0).alias("again"))
        .group_by("source", "target")
        .agg(pl.col("again").sort().sum().alias("weight"), pl.col("left").is_not_null().sum().alias("met"))
        .sort("source", "target")
    )
