"""A group's choice of posts, worked out by hand and against a twin that looks at every pair of visits."""

import itertools
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphkit.engine.reach import MICROSECONDS
from graphkit.layers.base import INCIDENCE
from graphkit.network.meetings import visits
from graphkit.rings.choice import Choice, choice

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


def brute(rows: pl.DataFrame, codes: list[int]) -> tuple[int, float, int]:
    """Met, expected and chances, pair of visits by pair of visits."""
    ordered = rows.sort("at", maintain_order=True).select("account", "at", "key").rows()
    members = [row for row in ordered if row[0] in codes]
    strangers = [row for row in ordered if row[0] not in codes]
    window = WINDOW_S * MICROSECONDS

    def there(at: int, key: int) -> float:
        here = sum(1 for row in strangers if row[1] < at)
        around = [
            row
            for place, row in enumerate(strangers)
            if abs(row[1] - at) <= window or here - 25 <= place < here + 25
        ]
        return (sum(1 for row in around if row[2] == key) + 0.5) / (len(around) + 1)

    met: dict[tuple[int, int, int], bool] = {}
    clock: dict[tuple[int, int, int], float] = {}
    for (u, at, key), (v, later, other) in itertools.combinations(members, 2):
        if u != v and later - at <= window:
            slot = (min(u, v), max(u, v), at // window)
            met[slot] = met.get(slot, False) or key == other
            clock[slot] = clock.get(slot, 0.0) + (there(at, key) + there(later, other)) / 2
    return sum(met.values()), sum(1 - math.exp(-value) for value in clock.values()), len(met)


def test_by_hand() -> None:
    # Two members visit post 7 within the window of each other: one chance, met. Of the four strangers about,
    # one visits it, so each visit has p = (1 + 1/2) / (4 + 1) = .3 and by the clock they meet with
    # 1 - exp(-.3) = .2592. Odds: (1.5 / .5) / (.2592 / .7408) = 8.575.
    rows = [(0, 100, 7), (1, 110, 7), (2, 90, 7), (3, 95, 8), (4, 105, 9), (5, 120, 8)]
    found = choice(visited(rows), np.array([0, 1], np.uint32), WINDOW_S)
    assert found is not None
    assert (found.met, found.chances) == (1, 1)
    assert found.expected == pytest.approx(1 - math.exp(-0.3))
    assert found.ratio == pytest.approx(1 / 0.25918178)
    # The expectation of a single chance is held half a chance under certainty: .2592 is.
    assert found.odds == pytest.approx(3 / 0.34986, rel=1e-4)


def test_a_slot_is_one_chance_however_many_places_both_come_to() -> None:
    # Both come to six posts within the same minute; they share one of them.
    rows = [(0, second, second) for second in range(6)] + [(1, second, 5 + second) for second in range(6)]
    found = choice(visited(rows), np.array([0, 1], np.uint32), WINDOW_S)
    assert found is not None
    assert (found.met, found.chances) == (1, 1)


def test_members_who_are_never_about_together_have_no_chance() -> None:
    rows = [(0, 0, 7), (1, 10_000, 7), (2, 5, 7)]
    assert choice(visited(rows), np.array([0, 1], np.uint32), WINDOW_S) is None


def test_odds_tell_where_a_ratio_cannot() -> None:
    # Strangers meet in .6 of 100 chances: meeting in 99 is a ratio of 1.65 and odds of (99.5 / 1.5) / 1.5.
    assert Choice(99, 60.0, 100).ratio == pytest.approx(1.65)
    assert Choice(99, 60.0, 100).odds == pytest.approx(66.3333 / 1.5, rel=1e-4)
    # More expected than there are chances for: held at half a chance less.
    assert math.isfinite(Choice(3, 3.0, 3).odds)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 400), st.integers(0, 3)), min_size=1, max_size=90),
    st.sets(st.integers(0, 9), min_size=2, max_size=6),
)
def test_choice_equals_brute_force(rows: list[tuple[int, int, int]], members: set[int]) -> None:
    seen, codes = visited(rows), sorted(members)
    met, expected, chances = brute(seen, codes)
    found = choice(seen, np.array(codes, np.uint32), WINDOW_S)
    if chances == 0:
        assert found is None
    else:
        assert found is not None
        assert (found.met, found.chances) == (met, chances)
        assert found.expected == pytest.approx(expected)
