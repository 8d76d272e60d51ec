"""What a layer is: one rule for what counts as meeting; it says only what is shared."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from graphkit.engine.order import packed, stable_order
from graphkit.settings import NetworkSettings
from graphkit.words import Channel, Strand

# Columns of an incidence, all integer codes: `account` (rank of account_id), `event` (row of EVENTS),
# `at` (microseconds since 1970), `key` (what is shared; the crowd is counted on it), `occasion` (two accounts
# meet at most once on it), `topic` (the n-th meeting of two accounts on a topic counts 1/n) and `place` (two
# rows of one place do not meet; a layer that has no such rule gives every row a place of its own).
INCIDENCE = {
    "account": pl.UInt32,
    "event": pl.UInt32,
    "at": pl.Int64,
    "key": pl.UInt32,
    "occasion": pl.UInt32,
    "topic": pl.UInt32,
    "place": pl.UInt32,
}


@dataclass(frozen=True)
class Layer:
    """One rule for what counts as meeting.

    `incidence` takes coded events (see `coded`) and gives the columns of INCIDENCE: who touched what, when.
    `scales_s` names the windows in seconds; none means that a key is shared whenever it was touched, and the
    crowd is then the other accounts that touched it. `met_on` names, for a row of incidence, what was shared,
    in words fit for a dossier, and never quotes a private text. Of a `conversing` layer company is no choice:
    one comes because another is there, so that crowds are taken as they are.
    """

    name: str
    strand: Strand
    question: str
    incidence: Callable[[pl.DataFrame, NetworkSettings], pl.DataFrame]
    scales_s: Callable[[NetworkSettings], tuple[int, ...]]
    met_on: Callable[[pl.DataFrame, pl.DataFrame], pl.Series]
    conversing: bool = False


def coded(events: pl.DataFrame) -> pl.DataFrame:
    """EVENTS with `event` (row), `account` (rank of account_id) and `at` (microseconds).

    Ranks, not counters: the same accounts get the same codes in any order of rows. An answer that a coarse
    clock puts at the moment of what it answers comes after it: by a microsecond, and in the order of rows.
    """
    answered = events.select(parent_id="event_id", answered_at="timestamp")
    told = events.join(answered, on="parent_id", how="left", maintain_order="left")
    later = (told["timestamp"] == told["answered_at"]).fill_null(value=False)
    events = events.with_columns(later.alias("later"))
    if later.any():
        events = events.sort("timestamp", "later", maintain_order=True)
    return events.with_columns(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("event"),
        (pl.col("account_id").rank("dense") - 1).cast(pl.UInt32).alias("account"),
        (pl.col("timestamp").dt.epoch("us") + pl.col("later")).alias("at"),
    ).drop("later")


def spoken(events: pl.DataFrame) -> pl.DataFrame:
    """`events` without shares that say what another account says as it shares the same object.

    That is the object's text, which a log writes into every share: it is quoted, not said.
    """
    shared = pl.col("channel").cast(pl.String) == Channel.SHARE.value
    quoted = (
        events.filter(shared & pl.col("object_id").is_not_null() & pl.col("text").is_not_null())
        .select("event_id", "account_id", "object_id", "text")
        .filter(pl.col("account_id").n_unique().over("object_id", "text") > 1)
    )
    return events.filter(~pl.col("event_id").is_in(quoted["event_id"].implode()))


def incidence(
    rows: pl.DataFrame, key: pl.Expr, occasion: pl.Expr, topic: pl.Expr, place: pl.Expr | None = None
) -> pl.DataFrame:
    """Rows of coded events as INCIDENCE: equal values get equal codes; without `place` none is shared."""
    columns = {"key": key, "occasion": occasion, "topic": topic}
    where = pl.col("event") if place is None else place.rank("dense")
    return rows.select(
        "account",
        "event",
        "at",
        *(column.rank("dense").alias(name) for name, column in columns.items()),
        where.alias("place"),
    ).select(pl.col(name).cast(dtype) for name, dtype in INCIDENCE.items())


# Where an event stands: what is said in one thread or chat is said to each other.
# What a chat says on another day is another conversation: a chat may live for years.
PLACE = pl.struct(
    pl.coalesce("object_id", "event_id").alias("object"),
    pl.when(pl.col("channel") == Channel.GROUP.value).then(pl.col("timestamp").dt.date()).alias("day"),
)

# Places in which an account's use of one text or word is looked at: a third is enough to meet across places.
_PLACES = 3


def elsewhere(uses: pl.DataFrame, key: str) -> pl.DataFrame:
    """The first of `uses` (columns account, place, `key`; in order of time) in an account's first places."""
    first = uses.unique(["account", key, "place"], keep="first", maintain_order=True)
    both = packed(first["account"], first[key])
    order = stable_order(both)
    starts = np.flatnonzero(np.diff(both[order], prepend=-1))
    nth = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    return first[np.sort(order[nth < _PLACES])]
