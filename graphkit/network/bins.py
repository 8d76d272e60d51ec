"""Time bins of the activity expectation, and sums of products over them."""

import numpy as np
import numpy.typing as npt
from scipy import sparse

from graphkit.engine.reach import MICROSECONDS, Codes, Int64s
from graphkit.settings import NetworkSettings

Floats = npt.NDArray[np.float64]

# Rows of the sparse product held at once.
_PRODUCT_ROWS = 500_000
# Slots for each row from which on most are empty, and times are better sorted.
_SPARSE = 100


def time_bins(at: Int64s, settings: NetworkSettings) -> tuple[Int64s, Floats]:
    """The bin of each row, and how many rows each bin has: `bin_s` long, merged until it has `bin_events`."""
    counts, inverse = _ranked(at // (settings.bin_s * MICROSECONDS))
    # A bin closes when it is full; what is left at the end joins the last full one.
    until = np.cumsum(counts)
    ends: list[int] = []
    opened = 0
    while opened + settings.bin_events <= len(at):
        ends.append(int(np.searchsorted(until, opened + settings.bin_events)) + 1)
        opened = int(until[ends[-1] - 1])
    merged = np.searchsorted(np.array(ends[:-1], dtype=np.int64), np.arange(len(counts)), side="right")
    bins = merged[inverse]
    return bins, np.bincount(bins).astype(np.float64)


def _ranked(slot: Int64s) -> tuple[Int64s, Int64s]:
    """How many rows each slot has, of those that have any, in order; and which of these each row is in."""
    if not len(slot) or slot.max() - slot.min() >= _SPARSE * len(slot):
        # One time in another century would make a place for each slot between.
        _, inverse, counts = np.unique(slot, return_inverse=True, return_counts=True)
        return counts, inverse
    since = slot - slot.min()
    everything = np.bincount(since)
    held = everything > 0
    return everything[held], (np.cumsum(held) - 1)[since]


def by_bin(rows: Codes | Int64s, bins: Int64s, values: Floats, shape: tuple[int, int]) -> sparse.csr_array:
    """The sum of `values` for each row and bin."""
    summed = sparse.csr_array((values, (rows.astype(np.int64), bins)), shape=shape)
    summed.sum_duplicates()
    return summed


def products(
    left: sparse.csr_array, right: sparse.csr_array, source: Codes | Int64s, target: Codes | Int64s
) -> Floats:
    """For each pair the sum over bins of left[source] right[target]."""
    together = np.empty(len(source))
    for start in range(0, len(source), _PRODUCT_ROWS):
        part = slice(start, start + _PRODUCT_ROWS)
        product = left[source[part].astype(np.int64)] * right[target[part].astype(np.int64)]
        together[part] = product.sum(axis=1)
    return together
