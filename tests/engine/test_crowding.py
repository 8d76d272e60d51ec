"""The limit on crowds, the orders and the counts that it rests on, against Python's own."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphkit.engine.crowding import Crowding
from graphkit.engine.order import counted, stable_order

ROWS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 6)), min_size=1, max_size=20)
# Small numbers, and such that a number and its place do not fit into 63 bits together.
NUMBERS = st.lists(st.sampled_from([0, 1, 2, 3, 2**40, 2**62, 2**63 - 1]), max_size=30)


@given(ROWS, ROWS, st.integers(0, 130))
def test_the_limit_is_the_largest_crowd_that_fits(
    one: list[tuple[int, int]], two: list[tuple[int, int]], most: int
) -> None:
    crowding = Crowding()
    for rows in (one, two):
        crowding.add(*(np.array(side, np.int64) for side in zip(*rows, strict=True)))
    rows = one + two
    fitting = [
        crowd for crowd, _ in rows if sum(followers for other, followers in rows if other <= crowd) <= most
    ]
    assert crowding.limit(most) == max(fitting, default=-1)
    assert crowding.total == sum(followers for _, followers in rows)


def test_counts_past_32_bits_are_exact_at_the_limit() -> None:
    # Three rows with 2^33 followers each: 3 x 2^33 = 25,769,803,776 fit into exactly as many, not into fewer.
    crowding = Crowding()
    crowding.add(np.array([2**33] * 3), np.array([2**33] * 3))
    assert crowding.total == 25_769_803_776
    assert crowding.limit(25_769_803_776) == 2**33
    assert crowding.limit(25_769_803_775) == -1


@given(NUMBERS)
def test_the_order_is_stable(numbers: list[int]) -> None:
    order = stable_order(np.array(numbers, np.int64))
    assert order.dtype == np.int64
    assert order.tolist() == sorted(range(len(numbers)), key=lambda place: numbers[place])


@given(NUMBERS)
def test_counts_are_those_of_a_counter(numbers: list[int]) -> None:
    values, times = counted(np.array(numbers, np.int64))
    assert list(zip(values.tolist(), times.tolist(), strict=True)) == sorted(Counter(numbers).items())


@given(st.lists(st.tuples(st.sampled_from([0, 1, 7, 2**62]), st.integers(0, 2**40)), max_size=30))
def test_sums_are_those_of_a_counter(rows: list[tuple[int, int]]) -> None:
    sums: Counter[int] = Counter()
    for value, times in rows:
        sums[value] += times
    values, summed = (np.array([row[side] for row in rows], np.int64) for side in (0, 1))
    before = values.copy(), summed.copy()
    found = counted(values, summed)
    assert list(zip(*(side.tolist() for side in found), strict=True)) == sorted(sums.items())
    assert (values == before[0]).all()
    assert (summed == before[1]).all()
