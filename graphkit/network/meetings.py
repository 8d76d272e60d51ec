"""Who met whom: exact pairs of events on one key within a window, sorted, counted before they are made."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

Int64s = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint32]

MICROSECONDS = 1_000_000


def reaches(key: Int64s, at: Int64s, window: int | None) -> tuple[Int64s, Int64s]:
    """For rows sorted by key, then time: the first row within `window` on the key, and the row past the last.

    Both ends are inclusive. `window` is in the unit of `at`; None reaches the whole key.
    """
    if window is None:
        high = np.searchsorted(key, key, side="right").astype(np.int64)
        return np.searchsorted(key, key, side="left").astype(np.int64), high
    # Ranks keep the order of times exactly and leave room for the key in one 64-bit word.
    times = np.unique(np.concatenate([at, at + window]))
    base = key << np.int64(32)
    here = base + np.searchsorted(times, at)
    high = np.searchsorted(here, base + np.searchsorted(times, at + window), side="right").astype(np.int64)
    # `high` never falls, so the first row that reaches row i is found in it.
    low = np.searchsorted(high, np.arange(len(at)), side="right").astype(np.int64)
    return low, high


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
    key = rows["key"].to_numpy().astype(np.int64)
    account, place = rows["account"].to_numpy(), rows["place"].to_numpy()
    window = None if window_s is None else window_s * MICROSECONDS
    low, high = reaches(key, rows["at"].to_numpy(), window)
    others = high - low - 1
    position = np.arange(len(key), dtype=np.int64)
    wanted = others <= crowd
    if among is not None:
        wanted &= np.isin(account, among)
    count = np.where(wanted, high - position - 1, 0)
    total = np.concatenate([[0], np.cumsum(count, dtype=np.int64)])
    start = 0
    while start < len(count) and total[-1] > total[start]:
        stop = int(np.searchsorted(total, total[start] + chunk_pairs, side="right")) - 1
        stop = max(stop, start + 1)
        first = np.repeat(position[start:stop], count[start:stop])
        second = (
            first + 1 + np.arange(len(first)) - np.repeat(total[start:stop] - total[start], count[start:stop])
        )
        kept = wanted[second] & (account[first] != account[second]) & (place[first] != place[second])
        yield _met(rows, first[kept], second[kept], others)
        start = stop


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
