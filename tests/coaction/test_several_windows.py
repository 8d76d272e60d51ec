"""Several windows in one pass: the edges of each as of a run of its own."""

from __future__ import annotations

from typing import Any

import coaction_cases as cases
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

import graphkit as gk

OPTIONS = st.fixed_dictionaries(
    {
        "min_participation": st.integers(0, 3),
        "remove_loops": st.booleans(),
        "like": st.sampled_from([None, "coortweet"]),
        "edge_weight": st.sampled_from([0.0, 0.5, 0.9]),
    }
)


@examples(max_examples=60)
@given(
    cases.SHARES,
    st.lists(st.sampled_from([0, 1, 1.5, 2, 5, 60]), min_size=2, max_size=4, unique=True),
    st.sampled_from([1, 4]),
    OPTIONS,
)
def test_several_windows_are_as_many_runs(
    rows: list[cases.Share], windows: list[float], divisor: int, options: dict[str, Any]
) -> None:
    shares = cases.shares(rows)
    if divisor > 1:
        shares = shares.with_columns(pl.col("timestamp_share") / divisor)
    made = gk.coactions(shares, window_s=windows, **options)
    alone = {window: gk.coactions(shares, window_s=window, **options) for window in sorted(windows)}
    expected = [
        one.edges.select(pl.lit(float(window)).alias("window_s"), pl.all()) for window, one in alone.items()
    ]
    assert made.edges.equals(pl.concat(expected))
    assert made.pairs.equals(alone[max(windows)].pairs)


def test_the_edges_of_a_short_window_are_counted_in_it_by_hand() -> None:
    # a and b share o at 0 and 1 s, p at 0 and 8 s; c shares p at 9 s. Each account needs two rows: c has one.
    # Within 1 s: a-b once, on o; then a and b have one row in pairs each, which is too few: no edge.
    # Within 10 s: a-b on o and p: both have two rows in pairs.
    shares = cases.shares(
        [
            *(("o", "a", "a1", 0), ("o", "b", "b1", 1)),
            *(("p", "a", "a2", 0), ("p", "b", "b2", 8), ("p", "c", "c1", 9)),
        ]
    )
    made = gk.coactions(shares, window_s=[10, 1])
    assert made.edges.select("window_s", "from", "to", "weight", "avg_time_delta").rows() == [
        (10.0, "a", "b", 2, 4.5)
    ]
    # With one row each: within 1 s also b-c on p.
    one = gk.coactions(shares, window_s=[10, 1], min_participation=1).edges
    assert one.select("window_s", "from", "to", "weight").rows() == [
        (1.0, "a", "b", 1),
        (1.0, "b", "c", 1),
        (10.0, "a", "b", 2),
        (10.0, "a", "c", 1),
        (10.0, "b", "c", 1),
    ]


def test_one_window_in_a_list_is_one_window() -> None:
    shares = cases.shares([("o", "a", "a1", 0), ("o", "b", "b1", 1)])
    one, listed, twice = (gk.coactions(shares, window_s=window) for window in (1, [1], (1, 1.0)))
    assert one.edges.equals(listed.edges)
    assert one.edges.equals(twice.edges)
    assert "window_s" not in one.edges.columns


def test_no_window_is_refused() -> None:
    with pytest.raises(gk.GraphkitError, match="`window_s` names no window"):
        gk.coactions(cases.shares([]), window_s=[])
