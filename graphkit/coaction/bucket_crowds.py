"""How many rows stand around each row of SHARES, from counts alone, and who stands in too large a crowd."""

from __future__ import annotations

from typing import Any, TypeAlias

import narwhals as nw
import polars as pl

from graphkit.coaction.meet import LEFT_OUT
from graphkit.engine.crowding import Crowding

# A lazy table of any engine that narwhals speaks to.
Frame: TypeAlias = nw.LazyFrame[Any]

# Marks in the order in which they come at one moment: what a window sees from its first moment on includes
# the rows of that moment, and so does what it sees until its last one.
_OPENS, _ROWS, _CLOSES = 0, 1, 2


def collected(frame: Frame) -> pl.DataFrame:
    """`frame` worked out and brought here."""
    table: pl.DataFrame = frame.collect("polars").to_native()
    return table


def most_possible(rows: Frame, window: int) -> int:
    """No fewer than the pairs of `rows` within `window`, from one count: what lies in neighbouring buckets.

    Buckets as long as the window with n and m rows make n (n - 1) / 2 pairs each and at most n m between
    them, which is at most (n² + m²) / 2; each bucket has two neighbours.
    """
    counts = rows.select("object_id", (nw.col("at") // max(window, 1)).alias("bucket"))
    n = nw.col("n")
    sizes = counts.group_by("object_id", "bucket").agg(nw.len().cast(nw.Int64).alias("n"))
    twice = 3 * n * n - n if window else n * n - n
    return int(collected(sizes.select(twice.sum().alias("twice")))["twice"][0] or 0) // 2


def moments(rows: Frame) -> Frame:
    """object_id, at, n: a million rows of one object in one second become one row."""
    return rows.group_by("object_id", "at").agg(nw.len().cast(nw.Int64).alias("n"))


def crowds(counts: Frame, window: int) -> Frame:
    """`moments` with crowd and twice: what the rows of one object and one moment have around them.

    crowd: other rows of the object within `window`, before and after, ends included, for each of the n rows.
    twice: two times the pairs in which these rows are the older ones, those among themselves included.

    The cost is a running sum over the sorted moments of each object: nothing is joined, so nothing squares.
    """
    marks = nw.concat(
        [_marked(counts, _OPENS, -window), _marked(counts, _ROWS, 0), _marked(counts, _CLOSES, window)]
    )
    seen = marks.with_columns(nw.col("n").cum_sum().over("object_id", order_by=["moment", "mark"]))
    # `n` is now all rows of the object until there; the marks of one moment come together again.
    columns = {
        name: nw.when(nw.col("mark") == mark).then("n").otherwise(nw.lit(0, nw.Int64))
        for name, mark in (("before", _OPENS), ("until", _ROWS), ("reached", _CLOSES))
    }
    sums = (
        seen.with_columns(**columns)
        .group_by("object_id", "at")
        .agg(*(nw.col(name).sum() for name in ("own", *columns)))
    )
    n, after = nw.col("own"), nw.col("reached") - nw.col("until")
    return sums.select(
        "object_id",
        "at",
        n.alias("n"),
        (nw.col("reached") - nw.col("before") - 1).alias("crowd"),
        (n * (n - 1) + 2 * n * after).alias("twice"),
    )


def crowd_pairs(around: Frame) -> pl.DataFrame:
    """crowd, twice: how many pairs begin in each size of crowd, sorted; as large as there are sizes."""
    sums = around.group_by("crowd").agg(nw.col("twice").sum())
    return collected(sums).sort("crowd")


def crowd_limit(sizes: pl.DataFrame, most_pairs: int) -> int | None:
    """The largest crowd up to which at most `most_pairs` pairs begin; None: all fit, -1: none does."""
    crowding = Crowding()
    crowding.add(sizes["crowd"].to_numpy(), sizes["twice"].to_numpy())
    return crowding.limit(2 * most_pairs) if crowding.total > 2 * most_pairs else None


def within_crowds(rows: Frame, around: Frame, limit: int) -> Frame:
    """The rows that stand in a crowd of `limit` or fewer."""
    # What is too large is little: an engine sends it to every place instead of moving the rows.
    over = around.filter(nw.col("crowd") > limit).select("object_id", "at")
    return rows.join(over, on=["object_id", "at"], how="anti")


def left_out(around: Frame, limit: int, window: int) -> pl.DataFrame:
    """LEFT_OUT by a crowd limit, most pairs first: a pair is lost where either of its rows is."""
    over = around.filter(nw.col("crowd") > limit).group_by("object_id").agg(nw.col("n").sum().alias("rows"))
    here = around.join(over.select("object_id"), on="object_id", how="semi")
    stay = crowds(here.filter(nw.col("crowd") <= limit).select("object_id", "at", "n"), window)
    lost = collected(over)
    all_pairs, kept_pairs = (
        collected(part.group_by("object_id").agg(nw.col("twice").sum())) for part in (here, stay)
    )
    both = lost.join(all_pairs, on="object_id").join(kept_pairs, on="object_id", how="left", suffix="_kept")
    pairs = (pl.col("twice") - pl.col("twice_kept").fill_null(0)) // 2
    table = both.select("object_id", "rows", pairs.alias("pairs")).cast(LEFT_OUT)
    return table.sort("pairs", "object_id", descending=[True, False])


def _marked(counts: Frame, mark: int, shift: int) -> Frame:
    """One mark for every moment, `shift` away from it; rows are counted where they stand."""
    n = nw.col("n") if mark == _ROWS else nw.lit(0, nw.Int64)
    return counts.select(
        "object_id",
        "at",
        (nw.col("at") + shift).alias("moment"),
        nw.lit(mark, nw.Int64).alias("mark"),
        n.alias("n"),
        n.alias("own"),
    )
