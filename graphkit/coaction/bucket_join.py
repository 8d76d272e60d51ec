"""Pairs and edges of SHARES as a two-bucket equi-join: one text, run by polars here and by Spark there.

Engines for many machines join on equality alone. Time is cut into buckets as long as the window, so two rows
within the window lie in one bucket or in neighbouring ones: each row meets its own bucket and the next, and
what is further apart is dropped. The rules and the numbers are those of `coaction_pairs` and
`coordinated_network`, row by row.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce

import narwhals as nw
import polars as pl

from graphkit.coaction.bucket_crowds import (
    Frame,
    collected,
    crowd_limit,
    crowd_pairs,
    crowds,
    left_out,
    moments,
    most_possible,
    within_crowds,
)
from graphkit.coaction.edges import checked_quantile, counted_quantile
from graphkit.coaction.meet import LEFT_OUT
from graphkit.coaction.pairs import PAIRS, checked_window
from graphkit.engine.crowding import MOST_PAIRS
from graphkit.engine.reach import MICROSECONDS
from graphkit.errors import ConfigError

# Makes a table that is read more than once be worked out once; what that means is the engine's own matter.
Hold = Callable[[Frame], Frame]

_IDS = ("object_id", "account_id", "content_id")


@dataclass(frozen=True)
class BucketPairs:
    """PAIRS still to be run, and what was counted before them.

    n_counted: pairs within the window before loops and participation are looked at, None where a rough count
    showed that they fit; crowd_limit: the largest crowd whose rows still make pairs, None where all do;
    left_out: LEFT_OUT by that limit.
    """

    pairs: Frame
    n_counted: int | None
    crowd_limit: int | None
    left_out: pl.DataFrame


@dataclass(frozen=True)
class _Meeting:
    """The rows that make pairs, beside the facts of BucketPairs."""

    rows: Frame
    n_counted: int | None = None
    crowd_limit: int | None = None
    left_out: pl.DataFrame = field(default_factory=LEFT_OUT.to_frame)


def bucket_pairs(
    shares: Frame,
    *,
    whole: bool,
    window_s: float,
    min_participation: int = 2,
    remove_loops: bool = True,
    most_pairs: int = MOST_PAIRS,
    hold: Hold | None = None,
) -> BucketPairs:
    """PAIRS of SHARES, in no order: those of `coaction_pairs`, with a crowd limit where there are too many.

    `whole` says that timestamp_share holds whole seconds; otherwise times count in whole microseconds.
    Above `most_pairs` pairs rows in the largest crowds make none, so that one viral object cannot square;
    without it nothing is left out.

    Raises ConfigError for a negative window or limit.
    """
    checked_window(window_s)
    if most_pairs < 0:
        raise ConfigError(f"`most_pairs` is {most_pairs}; a number of pairs lies at 0 or above")
    hold = hold or _worked_out
    window = math.floor(window_s) if whole else round(window_s * MICROSECONDS)
    rows = hold(_participants(_timed(shares, whole=whole), min_participation))
    chosen = _meeting(rows, window, most_pairs, hold)
    meeting = chosen.rows
    if min_participation > 1:
        # Marking the rows and pairing them again moves rows twice more; marking pairs would move pairs, of
        # which there may be any number.
        first = _paired(meeting, window, remove_loops=remove_loops)
        busy = hold(_busy_contents(rows, first, min_participation))
        meeting = meeting.join(busy, on="content_id", how="left")
        made = _paired(meeting, window, remove_loops=remove_loops)
        made = made.filter(~nw.col("busy").is_null() | ~nw.col("busy_y").is_null())
    else:
        made = _paired(meeting, window, remove_loops=remove_loops)
    gap = nw.col("at_y") - nw.col("at")
    # By one number polars divides as it multiplies by the inverse, off in the last bit; not so by a column.
    delta = gap if whole else gap / (nw.col("at") * 0 + MICROSECONDS)
    pairs = made.with_columns(delta.alias("time_delta")).select(*PAIRS)
    return BucketPairs(pairs, chosen.n_counted, chosen.crowd_limit, chosen.left_out)


def bucket_edges(pairs: Frame, *, whole: bool) -> Frame:
    """The measures of `coordinated_network` for every two accounts of PAIRS, in no order, no threshold yet.

    Distinct contents are counted per account, not older against newer.
    """
    forward = nw.col("account_id") <= nw.col("account_id_y")
    delta = nw.col("time_delta")
    # A sum of whole seconds or microseconds is the same in any order, a sum of floats is not.
    counted = delta if whole else (delta * float(MICROSECONDS) + 0.5).floor().cast(nw.Int64)
    ends = pairs.select(
        _either(forward, "account_id", "account_id_y", "from"),
        _either(forward, "account_id_y", "account_id", "to"),
        _either(forward, "content_id", "content_id_y", "content_id"),
        _either(forward, "content_id_y", "content_id", "content_id_y"),
        counted.alias("gap"),
    )
    sums = ends.group_by("from", "to").agg(
        nw.len().cast(nw.Int64).alias("weight"),
        nw.col("gap").sum().alias("gap"),
        nw.col("content_id").n_unique().cast(nw.Int64).alias("n_content_id"),
        nw.col("content_id_y").n_unique().cast(nw.Int64).alias("n_content_id_y"),
    )
    ticks = nw.col("weight") if whole else nw.col("weight") * MICROSECONDS
    n = ("n_content_id", "n_content_id_y")
    return sums.select(
        "from",
        "to",
        "weight",
        (nw.col("gap") / ticks).alias("avg_time_delta"),
        *n,
        (nw.min_horizontal(*n) / nw.max_horizontal(*n)).alias("edge_symmetry_score"),
    )


def marked_edges(edges: Frame, edge_weight: float) -> Frame:
    """`bucket_edges` with weight_threshold: 1 where the weight lies above the quantile `edge_weight` of all.

    Raises ConfigError for a quantile outside 0 to 1.
    """
    checked_quantile(edge_weight)
    counts = edges.group_by("weight").agg(nw.len().cast(nw.Int64).alias("n"))
    # Weights are whole numbers, so there are few of them, however many edges there are.
    weights = collected(counts).sort("weight")
    above = nw.col("weight") > counted_quantile(weights["weight"], weights["n"], edge_weight)
    return edges.with_columns(above.cast(nw.Int64).alias("weight_threshold"))


def _worked_out(frame: Frame) -> Frame:
    return frame.collect("polars").lazy()


def _timed(shares: Frame, *, whole: bool) -> Frame:
    """Ids and `at`, in whole seconds or whole microseconds."""
    time = nw.col("timestamp_share")
    if whole:
        return shares.select(*_IDS, time.cast(nw.Int64).alias("at"))
    # Half a microsecond goes to the even one, as polars rounds; engines differ, so it is written out.
    exact = time * float(MICROSECONDS)
    down = exact.floor().cast(nw.Int64)
    rest = exact - down.cast(nw.Float64)
    up = (rest > 0.5) | ((rest == 0.5) & (down % 2 != 0))
    return shares.select(*_IDS, (down + up.cast(nw.Int64)).alias("at"))


def _participants(rows: Frame, least: int) -> Frame:
    """Rows of accounts that have at least so many."""
    if least <= 1:
        return rows
    n = rows.group_by("account_id").agg(nw.len().cast(nw.Int64).alias("n"))
    return rows.join(n.filter(nw.col("n") >= least).select("account_id"), on="account_id", how="semi")


def _meeting(rows: Frame, window: int, most_pairs: int, hold: Hold) -> _Meeting:
    """The rows that stand in no too large crowd; all of them, and no more than counted, where that fits."""
    if most_possible(rows, window) <= most_pairs:
        return _Meeting(rows)
    around = hold(crowds(moments(rows), window))
    sizes = crowd_pairs(around)
    counted, limit = sum(sizes["twice"].to_list()) // 2, crowd_limit(sizes, most_pairs)
    if limit is None:
        return _Meeting(rows, counted)
    kept = hold(within_crowds(rows, around, limit))
    return _Meeting(kept, counted, limit, left_out(around, limit, window))


def _paired(rows: Frame, window: int, *, remove_loops: bool) -> Frame:
    """Every two rows of an object within `window`: the older one, and the newer one's columns with _y."""
    order = ["at", "account_id", "content_id"]
    if remove_loops:
        rows = rows.filter(nw.col("object_id") != nw.col("content_id"))
    else:
        # Rows that are alike in everything make a pair too, but only one of them can be the older one.
        alike = nw.col("at").cum_count().over(*_IDS, "at", order_by="at")
        rows = rows.with_columns(alike.cast(nw.Int64).alias("copy"))
        order = [*order, "copy"]
    bucket = nw.col("at") // max(window, 1)
    older = rows.with_columns(bucket.alias("bucket"))
    newer = older.rename({name: f"{name}_y" for name in rows.columns if name != "object_id"})
    around = nw.concat([newer, newer.with_columns(nw.col("bucket") - 1)]) if window else newer
    met = older.join(around, on=["object_id", "bucket"], how="inner")
    met = met.filter(nw.col("at_y") - nw.col("at") <= window, _before(order))
    if not remove_loops:
        return met
    return met.filter(
        nw.col("account_id") != nw.col("account_id_y"), nw.col("content_id") != nw.col("content_id_y")
    )


def _before(order: list[str]) -> nw.Expr:
    """Whether a row comes before the other one in the order of these columns."""
    last = nw.col(order[-1]) < nw.col(f"{order[-1]}_y")
    return reduce(
        lambda rest, name: (
            (nw.col(name) < nw.col(f"{name}_y")) | ((nw.col(name) == nw.col(f"{name}_y")) & rest)
        ),
        reversed(order[:-1]),
        last,
    )


def _busy_contents(rows: Frame, pairs: Frame, least: int) -> Frame:
    """content_id of accounts that have at least so many rows whose contents are in any pair; busy is 1."""
    contents = nw.concat(
        [pairs.select("content_id"), pairs.select(nw.col("content_id_y").alias("content_id"))]
    ).unique("content_id")
    taking_part = rows.join(contents, on="content_id", how="semi")
    busy = _participants(taking_part, least).select("content_id").unique("content_id")
    return busy.with_columns(nw.lit(1, nw.Int64).alias("busy"))


def _either(forward: nw.Expr, one: str, other: str, name: str) -> nw.Expr:
    return nw.when(forward).then(one).otherwise(other).alias(name)
