"""Orders of numbers by sorting numbers: the same as sorting places, however close the numbers are."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphkit.engine.order import counted, spread_order

# Some agree in all bits but the last few, whose room the places take in the sort.
VALUE = st.one_of(
    st.integers(0, 2**64 - 1), st.sampled_from([0, 1, 2, 3, 2**40, 2**40 + 1, 2**64 - 2, 2**64 - 1])
)


@given(st.lists(VALUE, max_size=40))
def test_a_spread_order_is_a_stable_one(values: list[int]) -> None:
    order, ranked = spread_order(np.array(values, np.uint64))
    assert order.dtype == np.int64
    assert order.tolist() == sorted(range(len(values)), key=lambda place: values[place])
    assert ranked.tolist() == sorted(values)


@given(st.lists(st.one_of(st.integers(-3, 9), st.sampled_from([2**40, -(2**62)])), max_size=30))
def test_values_are_counted_however_large_they_are(values: list[int]) -> None:
    found, times = counted(np.array(values, np.int64))
    assert found.tolist() == sorted(set(values))
    assert times.tolist() == [values.count(value) for value in found]
