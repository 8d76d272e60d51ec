"""Who met whom: exact pairs of events on one key within a window, sorted, counted before they are made."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from graphkit.engine.budget import budget
from graphkit.engine.reach import Codes, Int64s, portions, reach
from graphkit.settings import NetworkSettings

MICROSECONDS = 1_000_000


# Bytes that a pair of visits takes while it is made, and pairs that are made at once: more are no faster.
_PAIR_BYTES = 200
_MOST_AT_ONCE = 4_000_000


def pairs_at_once(settings: NetworkSettings) -> int:
    """How many pairs of visits are made at once within the budget of memory."""
    return budget(settings.memory_mib).items(_PAIR_BYTES, 0.125, most=_MOST_AT_ONCE)


def visits(incidence: pl.DataFrame, window_s: int | None) -> pl.DataFrame:
    """The rows of `incidence` that begin a visit, sorted by key, then time.

    An account that touches a key again within the window has not come again: ten comments in a minute are one
    chance to meet somebody, not ten, both for those who meet and for the crowd. Without a window an account
    visits a key once.
    """
    rows = incidence.sort("key", "at", "event")
    if window_s is None:
        return rows.unique(["key", "account"], keep="first", maintain_order=True)
    since = pl.col("at") - pl.col("at").shift().over("key", "account")
    return rows.filter(since.is_null() | (since > window_s * MICROSECONDS))


def meetings(
    incidence: pl.DataFrame,
    *,
    window_s: int | None,
    crowd: int,
    chunk_pairs: int,
    among: Codes | None = None,
) -> pl.DataFrame:
    """Every meeting of two accounts' visits, one for each occasion: the earliest.

    `incidence` has the columns of INCIDENCE. Columns of the answer: source, target (account codes,
    source < target), occasion, topic (of the earlier event), at (microseconds, the earlier event),
    source_event, target_event, gap (microseconds), crowd (other visits of the key within the window of the
    busier of the two). Meetings in a crowd larger than `crowd` are left out. `among` keeps only meetings of
    these accounts with each other, with crowds still counted over everybody. Rows of one place do not meet.
    Sorted by source, target, occasion.
    """
    rows = visits(incidence, window_s)
    parts = [_earliest(chunk) for chunk in _chunks(rows, window_s, crowd, chunk_pairs, among)]
    if not parts:
        return _earliest(_met(rows, *(np.zeros(0, np.int64) for _ in range(3))))
    return parts[0] if len(parts) == 1 else _earliest(pl.concat(parts))


def _chunks(
    rows: pl.DataFrame, window_s: int | None, crowd: int, chunk_pairs: int, among: Codes | None
) -> Iterator[pl.DataFrame]:
    account, place = rows["account"].to_numpy(), rows["place"].to_numpy()
    window = None if window_s is None else window_s * MICROSECONDS
    low, high = reach(rows["key"].to_numpy(), rows["at"].to_numpy(), window)
    others = high - low - 1
    following = np.arange(1, len(high) + 1, dtype=np.int64)
    wanted = others <= crowd
    if among is not None:
        wanted &= np.isin(account, among)
    for first, second in portions(following, np.where(wanted, high - following, 0), chunk_pairs):
        kept = wanted[second] & (account[first] != account[second]) & (place[first] != place[second])
        yield _met(rows, first[kept], second[kept], others)


def _met(rows: pl.DataFrame, first: Int64s, second: Int64s, others: Int64s) -> pl.DataFrame:
    account, event, at = (rows[name].to_numpy() for name in ("account", "event", "at"))
    forward = account[first] < account[second]
    source, target = np.where(forward, first, second), np.where(forward, second, first)
    return pl.DataFrame(
        {
            "source": account[source],
            "target": account[target],
            "occasion": rows["occasion"].to_numpy()[first],
            "topic": rows["topic"].to_numpy()[first],
            "at": at[first],
            "source_event": event[source],
            "target_event": event[target],
            "gap": at[second] - at[first],
            "crowd": np.maximum(others[first], others[second]),
        }
    )


def _earliest(met: pl.DataFrame) -> pl.DataFrame:
    return met.sort("source", "target", "occasion", "at", "gap", "source_event", "target_event").unique(
        ["source", "target", "occasion"], keep="first", maintain_order=True
    )


def repetitions(met: pl.DataFrame) -> pl.DataFrame:
    """`met` with `repetition`: the how-manieth meeting of its two accounts on its topic, in order of time."""
    ordered = met.sort("source", "target", "topic", "at", "occasion")
    return ordered.with_columns(
        pl.int_range(1, pl.len() + 1).over("source", "target", "topic").alias("repetition")
    )
