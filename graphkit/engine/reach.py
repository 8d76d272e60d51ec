"""Pairs of rows on one key within a window: counted first, then made in portions."""

from collections.abc import Iterator
from typing import cast

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]
Times = Int64s | npt.NDArray[np.float64]

MICROSECONDS = 1_000_000

# Pairs in memory at once: about 100 bytes each while they are made. More are no faster.
PORTION_PAIRS = 500_000


def reach(key: Int64s | Codes, at: Times, window: float | None) -> tuple[Int64s, Int64s]:
    """For rows sorted by key, then time: the first row and the row past the last at `at` ± `window`.

    Both ends are inclusive; `window` is in the unit of `at`, and whole where `at` is; None reaches the whole
    key. A floating time is compared with `t - window` and `t + window` as they are rounded, so a row on the
    edge is in or out as it is in SQLite.
    """
    if at.dtype == np.int64 and window is not None:
        high = past(key, cast(Int64s, at), int(window))
        return earliest(high), high
    if window is None:
        here = first = last = key.astype(np.int64)
    else:
        here, first, last = _ranked(key, at, window)
    low = np.searchsorted(here, first, side="left").astype(np.int64, copy=False)
    return low, np.searchsorted(here, last, side="right").astype(np.int64, copy=False)


def past(key: Int64s | Codes, at: Int64s, window: int) -> Int64s:
    """The second half of `reach` for whole times."""
    here, _, last = _whole(key, at, window)
    high = np.arange(1, len(here) + 1, dtype=np.int64)
    # Most rows reach nothing after them, which one look at the next row tells.
    on = np.flatnonzero(here[1:] <= last[:-1])
    high[on] = np.searchsorted(here, last[on], side="right")
    return high


def earliest(high: Int64s) -> Int64s:
    """The first half of `reach` by the second, where two rows reach each other or neither does."""
    # Before the first row that is reached from here are just those that end before here.
    return np.cumsum(np.bincount(high, minlength=len(high) + 1))[: len(high)]


def _whole(key: Int64s | Codes, at: Int64s, window: int) -> tuple[Int64s, Int64s, Int64s]:
    """Rows on one line of whole numbers on which another key is further away than another time."""
    if not len(at):
        return at, at, at
    began = int(at.min())
    length = int(at.max()) - began + 1
    # A window longer than the data reaches as far as the data.
    window = min(window, length)
    first = int(key[0])
    if (int(key[-1]) - first + 1) * (length + window) >= 2**62:
        return _ranked(key, at, window)
    here = key.astype(np.int64)
    here -= first
    here *= length + window
    here += at
    here -= began
    return here, here - window, here + window


def _ranked(key: Int64s | Codes, at: Times, window: float) -> tuple[Int64s, Int64s, Int64s]:
    """The same by ranks of keys and times, which keep the order of any exactly in 32 bits each."""
    moments = [at, (at - window).astype(at.dtype), (at + window).astype(at.dtype)]
    times = np.sort(np.concatenate(moments))
    times = times[np.r_[True, times[1:] != times[:-1]]] if len(times) else times
    base = np.cumsum(np.r_[False, key[1:] != key[:-1]][: len(key)], dtype=np.int64) << np.int64(32)
    here, first, last = (base + np.searchsorted(times, moment) for moment in moments)
    return here, first, last


def portions(
    begin: Int64s, count: Int64s, portion_pairs: int = PORTION_PAIRS
) -> Iterator[tuple[Int64s, Int64s]]:
    """Row i with each of the `count[i]` rows from `begin[i]` on, as two aligned arrays of row numbers.

    All pairs of one row come in one portion, and no portion is larger than `portion_pairs` unless one row
    alone is.
    """
    total = np.concatenate([[0], np.cumsum(count, dtype=np.int64)])
    start = 0
    while start < len(count) and total[-1] > total[start]:
        stop = int(np.searchsorted(total, total[start] + portion_pairs, side="right")) - 1
        stop = max(stop, start + 1)
        taken = count[start:stop]
        first = np.repeat(np.arange(start, stop, dtype=np.int64), taken)
        second = np.arange(len(first), dtype=np.int64)
        second += np.repeat(begin[start:stop] - (total[start:stop] - total[start]), taken)
        yield first, second
        start = stop


def blocks(starts: Int64s, rows: int) -> Iterator[tuple[int, int]]:
    """Ranges of rows that end where keys end, of at most `rows` rows unless one key alone has more.

    `starts` has the first row of every key and, last, the number of rows.
    """
    place = 0
    while place < len(starts) - 1:
        further = int(np.searchsorted(starts, starts[place] + rows, side="right")) - 1
        further = max(further, place + 1)
        yield int(starts[place]), int(starts[further])
        place = further
