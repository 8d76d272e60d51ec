"""Whom the rest of a group follow: the target of a ring is no member of it."""

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

from graphkit.words import Strand

Codes = npt.NDArray[np.uint32]

# Somebody is always first: of three at four occasions one is so on half of them as often as not.
_LUCK = 0.01


def leaders(
    receipts: pl.DataFrame, codes: Codes, *, share: float, occasions: int, against: Codes | None = None
) -> Codes:
    """Those of `codes` who come first on `share` or more of `occasions` or more: whom the rest follow.

    A ring that acts wherever a victim acts can only come after; the one who is first may be its target. It
    must be first more often than by luck: where k are present each is first with 1/k, and the binomial tail
    of an account's mean of these is at most .01. With `against` each is compared with these accounts alone.
    """
    timed = receipts.filter(pl.col("strand").is_in([Strand.FEED.value, Strand.CHAT.value]))
    if against is not None:
        timed = timed.filter(pl.col("source").is_in(against) ^ pl.col("target").is_in(against))
    ahead = timed.select(
        "layer",
        "occasion",
        pl.when(pl.col("source_event") < pl.col("target_event"))
        .then("source")
        .otherwise("target")
        .alias("first"),
        pl.when(pl.col("source_event") < pl.col("target_event"))
        .then("target")
        .otherwise("source")
        .alias("later"),
    )
    # On an occasion, whoever came later than any other member is not the first.
    was_later = ahead.select("layer", "occasion", pl.col("later").alias("account")).unique()
    present = pl.concat(
        [was_later, ahead.select("layer", "occasion", pl.col("first").alias("account"))]
    ).unique()
    lot = (1.0 / pl.len().over("layer", "occasion")).alias("lot")
    counts = (
        present.with_columns(lot)
        .join(
            was_later.with_columns(pl.lit(value=True).alias("late")),
            on=["layer", "occasion", "account"],
            how="left",
        )
        .sort("account", "lot")
        .group_by("account", maintain_order=True)
        .agg(pl.col("late").is_null().sum().alias("firsts"), pl.len().alias("all"), pl.col("lot").mean())
    )
    firsts, present_on, by_lot = (counts[name].to_numpy() for name in ("firsts", "all", "lot"))
    luck = special.bdtrc(firsts - 1.0, present_on, by_lot)
    led = (firsts >= share * present_on) & (present_on >= occasions) & (luck <= _LUCK)
    return np.intersect1d(counts["account"].to_numpy()[led], codes)
