"""A limit on the crowd in which rows still make pairs, so that one viral object cannot stop a run."""

import numpy as np

from graphkit.engine.order import counted
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
        crowds, pairs = counted(crowd, followers)
        self._crowds.append(crowds)
        self._pairs.append(pairs)
        self.total += int(pairs.sum())

    def limit(self, most_pairs: int) -> int:
        """The largest crowd up to which all rows together have at most `most_pairs` followers.

        The largest of all where all fit; -1 where not even the smallest does.
        """
        crowds, pairs = counted(np.concatenate(self._crowds), np.concatenate(self._pairs))
        fitting = int(np.searchsorted(np.cumsum(pairs), most_pairs, side="right"))
        return int(crowds[fitting - 1]) if fitting else -1
