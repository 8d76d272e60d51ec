"""Rows within reach of each other, their pairs in portions, and whole keys in blocks, all by brute force."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphkit.engine.reach import blocks, portions, reach

Numbers = npt.NDArray[Any]

# Quarters are exact in floating numbers, so that brute force compares the same sums.
WHOLE = st.integers(-9, 9)
QUARTERS = st.integers(-30, 30).map(lambda quarters: quarters / 4)
# So far apart that keys and times do not fit on one line of 62 bits: the way by ranks.
FAR = st.sampled_from([-(2**61), -(2**61) + 3, -5, 0, 4, 2**61 - 2, 2**61])


def _sorted(rows: list[tuple[int, float]], dtype: str) -> tuple[Numbers, Numbers]:
    ordered = sorted(rows)
    return np.array([row[0] for row in ordered], np.int64), np.array([row[1] for row in ordered], dtype)


def _brute(key: Numbers, at: Numbers, window: float | None) -> list[tuple[int, int]]:
    found = []
    for k, t in zip(key.tolist(), at.tolist(), strict=True):
        near = [
            place
            for place, (other, moment) in enumerate(zip(key.tolist(), at.tolist(), strict=True))
            if other == k and (window is None or t - window <= moment <= t + window)
        ]
        found.append((near[0], near[-1] + 1))
    return found


def _reached(key: Numbers, at: Numbers, window: float | None) -> list[tuple[int, int]]:
    low, high = reach(key, at, window)
    assert low.dtype == high.dtype == np.int64
    return list(zip(low.tolist(), high.tolist(), strict=True))


@given(
    st.lists(st.tuples(st.integers(0, 3), WHOLE), max_size=25),
    st.one_of(st.none(), st.integers(0, 25), st.just(2**40)),
)
def test_whole_times_equal_brute_force(rows: list[tuple[int, float]], window: int | None) -> None:
    key, at = _sorted(rows, "int64")
    assert _reached(key, at, window) == _brute(key, at, window)
    assert _reached(key.astype(np.uint32), at, window) == _brute(key, at, window)


@given(
    st.lists(st.tuples(st.integers(0, 3), QUARTERS), max_size=25),
    st.one_of(st.none(), st.sampled_from([0, 0.25, 0.3, 1, 7.5, 1e12])),
)
def test_times_with_fractions_equal_brute_force(rows: list[tuple[int, float]], window: float | None) -> None:
    key, at = _sorted(rows, "float64")
    assert _reached(key, at, window) == _brute(key, at, window)


@given(
    st.lists(st.tuples(st.sampled_from([0, 1, 2**20, 2**31 - 1]), FAR), max_size=25),
    st.sampled_from([0, 3, 7, 2**40, 2**60]),
)
def test_times_far_apart_equal_brute_force(rows: list[tuple[int, float]], window: int) -> None:
    key, at = _sorted(rows, "int64")
    assert _reached(key, at, window) == _brute(key, at, window)


@pytest.mark.parametrize("dtype", ["int64", "float64"])
def test_keys_of_all_32_bits_are_told_apart(dtype: str) -> None:
    key = np.array([5, 5, 2**31, 2**31 + 1, 2**32 - 1, 2**32 - 1], np.uint32)
    at = np.array([0, 2**60, 7, 7, -(2**60), 3], dtype)
    assert _reached(key, at, 1) == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)]
    assert _reached(key, at, None) == [(0, 2), (0, 2), (2, 3), (3, 4), (4, 6), (4, 6)]


def test_many_keys_in_one_second_each_meet_themselves_alone() -> None:
    key = np.repeat(np.arange(30_000, dtype=np.uint32), 2)
    low, high = reach(key, np.full(60_000, 1_700_000_000), 3600)
    assert (low == np.arange(60_000) // 2 * 2).all()
    assert (high - low == 2).all()


@pytest.mark.parametrize("dtype", ["int64", "float64"])
@pytest.mark.parametrize("window", [0, 1, None])
def test_no_rows_reach_nothing(dtype: str, window: float | None) -> None:
    assert _reached(np.zeros(0, np.int64), np.zeros(0, dtype), window) == []


def test_counts_past_32_bits() -> None:
    # 100,000 rows in one second: 99,999 + 99,998 + ... + 0 = 4,999,950,000 followers, more than 2^32.
    n = 100_000
    _, high = reach(np.zeros(n, np.uint32), np.zeros(n, np.int64), 0)
    count = high - np.arange(1, n + 1)
    assert int(count.sum()) == 4_999_950_000
    # The portions of the first rows alone are made: each row with all that follow it.
    first, second = next(portions(np.arange(1, n + 1), count, 150_000))
    assert set(first.tolist()) == {0}
    assert (second == np.arange(1, n)).all()


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 6)), max_size=20),
    st.integers(1, 12),
)
def test_every_pair_comes_once_and_portions_are_small(ranges: list[tuple[int, int]], most: int) -> None:
    begin, count = (np.array([row[side] for row in ranges], np.int64) for side in (0, 1))
    made = list(portions(begin, count, most))
    pairs = [pair for first, second in made for pair in zip(first.tolist(), second.tolist(), strict=True)]
    assert pairs == [(i, start + k) for i, (start, n) in enumerate(ranges) for k in range(n)]
    for first, _ in made:
        assert len(first) <= most or len(set(first.tolist())) == 1
    rows = [set(first.tolist()) for first, _ in made]
    assert sum(len(some) for some in rows) == len(set().union(*rows))


@given(st.lists(st.integers(1, 9), max_size=20), st.integers(1, 15))
def test_blocks_end_where_keys_end(sizes: list[int], most: int) -> None:
    starts = np.cumsum([0, *sizes]).astype(np.int64)
    made = list(blocks(starts, most))
    assert [stop for _, stop in made[:-1]] == [start for start, _ in made[1:]]
    assert sum(stop - start for start, stop in made) == sum(sizes)
    edges = starts.tolist()
    for start, stop in made:
        n_keys = edges.index(stop) - edges.index(start)
        assert stop - start <= most or n_keys == 1
