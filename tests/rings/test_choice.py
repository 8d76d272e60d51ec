"""A group's choice of posts, worked out by hand and against a twin that looks at every pair of visits."""

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphkit.engine.reach import MICROSECONDS
from graphkit.layers.base import INCIDENCE
from graphkit.network.meetings import visits
from graphkit.rings.choice import choice, together

WINDOW_S = 60


def visited(rows: list[tuple[int, int, int]]) -> pl.DataFrame:
    """Visits of (account, at in seconds, key); a key is its own occasion and topic."""
    names = ["account", "at", "key"]
    frame = pl.DataFrame(rows, schema=names, orient="row").with_row_index("event")
    coded = frame.with_columns(
        (pl.col("at") * MICROSECONDS),
        pl.col("key").alias("occasion"),
        pl.col("key").alias("topic"),
        pl.col("event").alias("place"),
    ).select(pl.col(name).cast(dtype) for name, dtype in INCIDENCE.items())
    return visits(coded, WINDOW_S, 60)


def brute(rows: pl.DataFrame, codes: list[int]) -> float:
    """What the clock explains, visit by visit."""
    ordered = rows.sort("at", maintain_order=True).select("account", "at", "key").rows()
    members = [row for row in ordered if row[0] in codes]
    strangers = [row for row in ordered if row[0] not in codes]
    window = WINDOW_S * MICROSECONDS
    expected = 0.0
    for account, at, key in members:
        others = sum(1 for other in members if other[0] != account and abs(other[1] - at) <= window)
        here = sum(1 for row in strangers if row[1] < at)
        around = [
            row
            for place, row in enumerate(strangers)
            if abs(row[1] - at) <= window or here - 25 <= place < here + 25
        ]
        there = sum(1 for row in around if row[2] == key)
        expected += others * (there + 0.5) / (len(around) + 1) / 2
    return expected


def test_by_hand() -> None:
    # Two members visit post 7 within the window of each other; of the four strangers about, one visits it.
    # Each visit sees 1 other and p = (1 + 1/2) / (4 + 1) = .3: expected .3, met once, 1 / .3.
    rows = [(0, 100, 7), (1, 110, 7), (2, 90, 7), (3, 95, 8), (4, 105, 9), (5, 120, 8)]
    assert choice(visited(rows), np.array([0, 1], np.uint32), WINDOW_S) == pytest.approx(1 / 0.3)


def test_together_by_hand() -> None:
    # Two members are about within the window three times, at one post on two of them.
    rows = [(0, 0, 7), (1, 5, 7), (0, 500, 8), (1, 510, 9), (0, 900, 3), (1, 900, 3), (2, 3, 7)]
    assert together(visited(rows), np.array([0, 1], np.uint32), WINDOW_S) == pytest.approx(2 / 3)
    assert together(visited(rows), np.array([0, 9], np.uint32), WINDOW_S) is None


def test_members_who_are_never_about_together_have_no_chance() -> None:
    rows = [(0, 0, 7), (1, 10_000, 7), (2, 5, 7)]
    assert choice(visited(rows), np.array([0, 1], np.uint32), WINDOW_S) is None


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 400), st.integers(0, 3)), min_size=1, max_size=90),
    st.sets(st.integers(0, 9), min_size=2, max_size=6),
)
def test_choice_equals_brute_force(rows: list[tuple[int, int, int]], members: set[int]) -> None:
    seen, codes = visited(rows), sorted(members)
    expected = brute(seen, codes)
    found = choice(seen, np.array(codes, np.uint32), WINDOW_S)
    met = {
        (u[0], v[0], u[2])
        for u, v in itertools.permutations(seen.select("account", "at", "key").rows(), 2)
        if u[2] == v[2] and u[0] < v[0] and abs(u[1] - v[1]) <= WINDOW_S * MICROSECONDS
        if u[0] in members and v[0] in members
    }
    if expected == 0:
        assert found is None
    else:
        assert found == pytest.approx(len(met) / expected)
