"""Independent work done side by side: numpy and polars let other threads run while they compute."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import TypeVar

import numpy as np
import polars as pl

T = TypeVar("T")

# What is done at once is also held at once; more threads than this are not worth their memory.
_MOST = 4
# Parts for each thread, so that none waits long for another that drew the longer texts.
_PARTS = 4


def side_by_side(work: Sequence[Callable[[], T]]) -> list[T]:
    """What each of `work` gives, in their order, in as many threads as polars has (POLARS_MAX_THREADS).

    None of it may change what another reads. Of several errors the first in this order is raised, when all
    that has begun has ended.
    """
    threads = min(len(work), _threads())
    if threads < 2:
        return [one() for one in work]
    pool = ThreadPoolExecutor(threads)
    try:
        return [future.result() for future in [pool.submit(one) for one in work]]
    finally:
        # After an error, or when the run is interrupted, what has not begun never does.
        pool.shutdown(cancel_futures=True)


def in_parts(n: int, do: Callable[[slice], T], *, least: int) -> list[T]:
    """`do` of consecutive slices that make up `n` rows, of at least `least` rows each, side by side.

    Of no rows `do` is asked once.
    """
    parts = min(_PARTS * _threads(), n // least) if _threads() > 1 else 1
    bounds = np.linspace(0, n, max(parts, 1) + 1).astype(np.int64).tolist()
    return side_by_side([partial(do, slice(*ends)) for ends in pairwise(bounds)])


def _threads() -> int:
    return min(pl.thread_pool_size(), _MOST)
