"""Pairs of rows on one key within a window: their ranges first, then the pairs in portions."""

from collections.abc import Iterator
from typing import cast

import numpy as np
import numpy.typing as npt

from graphkit.network.meetings import Int64s

Times = npt.NDArray[np.int64] | npt.NDArray[np.float64]

# Pairs in memory at once: about 100 bytes each while they are made. More are no faster.
PORTION_PAIRS = 500_000


def spans(key: Int64s, at: Times, window: float) -> tuple[Int64s, Int64s]:
    """For rows sorted by key, then time: the first row and the row past the last at `at` ± `window`.

    Both ends are inclusive; `window` is in the unit of `at`, and whole where `at` is. A floating time
    is compared with `t - window` and `t + window` as they are rounded, so a row on the edge is in or out as
    it is in SQLite.
    """
    earliest, latest = (cast(Times, (at + reach).astype(at.dtype)) for reach in (-window, window))
    here, first, last = _on_one_line(key, [at, earliest, latest])
    low = np.searchsorted(here, first, side="left").astype(np.int64)
    return low, np.searchsorted(here, last, side="right").astype(np.int64)


def _on_one_line(key: Int64s, moments: list[Times]) -> list[Int64s]:
    """Moments of rows as numbers in which another key is always further away than another time."""
    if len(key) and moments[0].dtype == np.int64:
        earliest = int(min(moment.min() for moment in moments))
        length = int(max(moment.max() for moment in moments)) - earliest + 1
        if (int(key.max()) + 1) * length < 2**62:
            return [key * length + (moment.astype(np.int64) - earliest) for moment in moments]
    # Ranks keep the order of times exactly and leave room for the key in one 64-bit word.
    times = np.sort(np.concatenate(moments))
    times = times[np.flatnonzero(np.diff(times, prepend=-np.inf))]
    return [(key << np.int64(32)) + np.searchsorted(times, moment).astype(np.int64) for moment in moments]


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
        offset = np.arange(len(first), dtype=np.int64) - np.repeat(total[start:stop] - total[start], taken)
        yield first, np.repeat(begin[start:stop], taken) + offset
        start = stop
