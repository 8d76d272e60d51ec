"""Whom the rest of a group follow: the target of a ring is no member of it."""

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.words import Strand

Codes = npt.NDArray[np.uint32]


def leaders(
    receipts: pl.DataFrame, codes: Codes, *, share: float, occasions: int, against: Codes | None = None
) -> Codes:
    """Those of `codes` who come first on `share` or more of `occasions` or more: whom the rest follow.

    A ring that acts wherever a victim acts can only come after; the one who is first may be its target. With
    `against` each is compared with these accounts alone.
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
    first = (
        present.join(was_later, on=["layer", "occasion", "account"], how="anti")
        .group_by("account")
        .len("firsts")
    )
    counts = present.group_by("account").len("all").join(first, on="account")
    led = counts.filter((pl.col("firsts") >= share * pl.col("all")) & (pl.col("all") >= occasions))["account"]
    return np.intersect1d(led.to_numpy(), codes)
