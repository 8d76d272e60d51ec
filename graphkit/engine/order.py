"""Orders and counts of whole numbers, by sorting numbers alone, which is far faster than sorting places."""

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.reach import Int64s

Hashes = npt.NDArray[np.uint64]


def packed(one: pl.Series, other: pl.Series) -> Int64s:
    """Two columns of 32-bit codes in one number, in order of `one`, then `other`."""
    first, second = (codes.cast(pl.Int64).to_numpy() for codes in (one, other))
    both: Int64s = first << np.int64(32) | second
    return both


def stable_order(values: Int64s) -> Int64s:
    """The places of `values` (none below 0) in order; equal ones keep theirs."""
    bits = max(len(values) - 1, 1).bit_length()
    if not len(values) or int(values.max()).bit_length() + bits > 63:
        order: Int64s = np.argsort(values, kind="stable")
        return order
    # Value and place in one number: its sort is the order, and ties fall as they lie.
    both = values << np.int64(bits)
    both |= np.arange(len(values), dtype=np.int64)
    both.sort()
    both &= np.int64((1 << bits) - 1)
    return both


def spread_order(values: Hashes) -> tuple[Int64s, Hashes]:
    """The places of `values`, which are spread over all of 64 bits, in order, and the values in that order.

    Equal ones keep their places.
    """
    bits = np.uint64(max(len(values) - 1, 1).bit_length())
    # The place takes the room of the last bits: few values differ in these alone.
    both = values >> bits
    both <<= bits
    both |= np.arange(len(values), dtype=np.uint64)
    both.sort()
    order: Int64s = (both & np.uint64((1 << int(bits)) - 1)).view(np.int64)
    both >>= bits
    ranked = values[order]
    alike = both[1:] == both[:-1]
    alike &= ranked[1:] != ranked[:-1]
    if alike.any():
        rows = np.flatnonzero(np.isin(both, both[1:][alike]))
        order[rows] = order[rows[np.argsort(ranked[rows], kind="stable")]]
        ranked = values[order]
    return order, ranked


def dealt(place: npt.NDArray[np.integer], n_places: int) -> tuple[Int64s, Int64s]:
    """Rows by the place that each goes to: an order that keeps theirs, and where in it each place begins.

    The last of the `n_places` + 1 beginnings is the number of rows.
    """
    order: Int64s = np.argsort(place, kind="stable")
    return order, np.searchsorted(place[order], np.arange(n_places + 1))


def counted(values: Int64s, times: Int64s | None = None) -> tuple[Int64s, Int64s]:
    """The different `values` in order and how many of each, or the sums of their `times`."""
    if not len(values):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    if times is None and values.min() >= 0 and values.max() < len(values):
        n = np.bincount(values)
        found: Int64s = np.flatnonzero(n)
        return found, n[found]
    if times is None:
        ordered = np.sort(values)
    else:
        order = stable_order(values)
        ordered, times = values[order], times[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sums = np.diff(np.r_[starts, len(ordered)]) if times is None else np.add.reduceat(times, starts)
    return ordered[starts], sums.astype(np.int64)
