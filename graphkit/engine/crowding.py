"""A limit on the crowd in which rows still make pairs, so that one viral object cannot stop a run."""

import numpy as np

from graphkit.engine.reach import Int64s

# Pairs that are made at most: 2 to 3 GB of them on disk. The same on every machine, so that the limit
# follows from the data alone.
MOST_PAIRS = 200_000_000


class Crowding:
    """How many pairs would be made by the rows of each crowd.

    The crowd of a row is the number of other rows on its key within the window, before and after it; its
    followers are those that come after it in the order of rows, each of which is one pair.
    """

    def __init__(self) -> None:
        self._crowds: list[Int64s] = []
        self._pairs: list[Int64s] = []
        self.total = 0

    def add(self, crowd: Int64s, followers: Int64s) -> None:
        """Count these rows."""
        if not len(crowd):
            return
        order = np.argsort(crowd, kind="stable")
        ranked = crowd[order]
        starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
        self._crowds.append(ranked[starts])
        self._pairs.append(np.add.reduceat(followers[order], starts))
        self.total += int(self._pairs[-1].sum())

    def limit(self, most_pairs: int) -> int | None:
        """The largest crowd up to which all rows together have at most `most_pairs` followers; None: any.

        What fits loses nothing. -1 where even rows without company do not fit, which cannot be unless
        `most_pairs` is negative.
        """
        if self.total <= most_pairs:
            return None
        crowds, pairs = np.concatenate(self._crowds), np.concatenate(self._pairs)
        order = np.argsort(crowds, kind="stable")
        crowds, reached = crowds[order], np.cumsum(pairs[order])
        # The last row of a crowd decides whether that crowd fits.
        last = np.r_[crowds[1:] != crowds[:-1], True]
        crowds, reached = crowds[last], reached[last]
        fitting = int(np.searchsorted(reached, most_pairs, side="right"))
        return int(crowds[fitting - 1]) if fitting else -1
