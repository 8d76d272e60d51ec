"""The interval of CooRnet: by hand, by brute force, and where the peer is wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

import coaction_cases as cases
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphkit.coaction.interval import WINDOWS, coordination_interval
from graphkit.errors import ConfigError

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["o1", "o2", "o3", "o4", "o5"]),
        st.sampled_from(["a", "b", "c", "d"]),
        st.sampled_from(["c1", "c2"]),
        st.integers(0, 200),
    ),
    max_size=25,
)
LEVELS = st.sampled_from([0.0, 0.1, 0.25, 1 / 3, 0.5, 0.9, 1.0])


def _type_7(values: Sequence[float], share: float) -> float:
    place = (len(values) - 1) * share
    low, part = math.floor(place), place - math.floor(place)
    ordered = sorted(values)
    high = ordered[math.ceil(place)]
    return ordered[low] if ordered[low] == high else (1 - part) * ordered[low] + part * high


def _brute(rows: list[cases.Share], q: float, p: float, *, least: int, peer: bool) -> float | None:
    times: dict[str, list[int]] = {}
    for name in sorted({row[0] for row in rows}):
        mine = [row for row in rows if row[0] == name]
        if peer:
            times[name] = sorted(row[3] for row in mine)
        else:
            times[name] = sorted(min(r[3] for r in mine if r[1] == who) for who in {r[1] for r in mine})
    times = {name: at for name, at in times.items() if len(at) >= (2 if peer else least)}
    if not times:
        return None
    limit = _type_7([at[1] - at[0] for at in times.values()], q)
    reached = []
    for at in times.values():
        if at[1] - at[0] > limit:
            continue
        beyond = [when - at[0] for place, when in enumerate(at, 1) if place / len(at) > p]
        if beyond or not peer:
            reached.append(min(beyond or [at[-1] - at[0]]))
    if not reached:
        return None
    middle = _type_7(reached, 0.5)
    return 1.0 if peer and middle == 0 else middle


@given(ROWS, LEVELS, LEVELS, st.integers(2, 3), st.booleans())
def test_the_interval_equals_brute_force(
    rows: list[cases.Share], q: float, p: float, least: int, peer: bool
) -> None:
    like = "coornet" if peer else None
    found = coordination_interval(cases.shares(rows), quantile=q, share=p, min_accounts=least, like=like)
    assert found.interval_s == _brute(rows, q, p, least=least, peer=peer)
    asked = found.quantiles.filter(pl.col("quantile") == q)
    assert asked["interval_s"].to_list() == [found.interval_s]
    assert asked["n_fastest"].to_list() == [found.n_fastest]


@settings(max_examples=40)
@given(ROWS, st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(rows: list[cases.Share], random: Random) -> None:
    other = [(f"x{row[0][::-1]}", f"{row[1]}é", row[2], row[3]) for row in random.sample(rows, len(rows))]
    one, two = coordination_interval(cases.shares(rows)), coordination_interval(cases.shares(other))
    assert (one.interval_s, one.n_objects, one.n_fastest) == (two.interval_s, two.n_objects, two.n_fastest)
    assert one.quantiles.equals(two.quantiles)
    assert one.windows.equals(two.windows)


# Object o: a at 0, b at 4, c at 10, d at 60 s. More than half of the four shares are in with the third: 10 s.
# Object p: a at 100 and b at 130 s. The second share is the last: 30 s.
# Object q: a twice in the same second, b 50 s later.
BY_HAND = cases.shares(
    [
        *[("o", "a", "1", 0), ("o", "b", "2", 4), ("o", "c", "3", 10), ("o", "d", "4", 60)],
        *[("p", "a", "5", 100), ("p", "b", "6", 130)],
        *[("q", "a", "7", 0), ("q", "a", "8", 0), ("q", "b", "9", 50)],
    ]
)


def test_the_interval_by_hand() -> None:
    # Second shares after 4, 30 and 50 s. Quantile .1 lies at place .2: 4 + .2 x 26 = 9.2 s: o alone. 10 s.
    found = coordination_interval(BY_HAND)
    assert (found.interval_s, found.n_objects, found.n_fastest) == (10.0, 3, 1)
    assert found.second_share_s == pytest.approx(9.2)
    # Quantile .5 is 30 s: o and p, after 10 and 30 s; the median is 20 s.
    assert coordination_interval(BY_HAND, quantile=0.5).interval_s == 20.0
    # At least three accounts: o alone. All its shares are in after 60 s.
    assert coordination_interval(BY_HAND, min_accounts=3, share=1.0).interval_s == 60.0


def test_one_account_that_shares_twice_is_fast_to_the_peer_alone() -> None:
    # To CooRnet the second share of q comes after 0 s; then 0, 4, 30 s: quantile .1 is .8 s: q alone. More
    # than half of its three rows are in with the second: 0 s, which the peer turns into 1.
    found = coordination_interval(BY_HAND, like="coornet")
    assert (found.interval_s, found.n_fastest) == (1.0, 1)


def test_the_same_second_is_a_window_of_none() -> None:
    rows = cases.shares([("o", "a", "1", 7), ("o", "b", "2", 7)])
    assert coordination_interval(rows).interval_s == 0.0
    assert coordination_interval(rows, like="coornet").interval_s == 1.0
    # All shares of an object are never more than all of them: the peer has no answer.
    assert coordination_interval(rows, share=1.0, like="coornet").interval_s is None


def test_what_falls_within_a_window_by_hand() -> None:
    # Second shares after 4, 30, 50 s. Gaps to the nearest share: o 4, 4, 6, 50; p 30, 30; q 50, 50.
    found = coordination_interval(BY_HAND).windows
    assert found["window_s"].to_list() == list(WINDOWS)
    within = {row[0]: row[1:] for row in found.rows()}
    assert within[1] == (0.0, 0.0)
    assert within[5] == (1 / 3, 2 / 8)
    assert within[30] == (2 / 3, 5 / 8)
    assert within[60] == (1.0, 1.0)


def test_two_shares_a_second_apart_are_within_a_second_wherever_they_lie() -> None:
    # CooRnet's bins of 65 s part 64 from 65; a window does not.
    rows = cases.shares([("o", "a", "1", 0), ("p", "a", "2", 64), ("p", "b", "3", 65)])
    assert coordination_interval(rows).windows["objects"].to_list()[:2] == [0.0, 1.0]


def test_fractions_of_a_second_are_exact() -> None:
    times = [1_600_000_000.1, 1_600_000_000.3]
    rows = cases.shares([("o", "a", "1", 0), ("o", "b", "2", 0)]).with_columns(
        pl.Series("timestamp_share", times)
    )
    assert coordination_interval(rows).interval_s == 0.2


@pytest.mark.parametrize(
    "rows", [[], [("o", "a", "1", 5)], [("o", "a", "1", 5), ("o", "a", "2", 6)]], ids=len
)
def test_nothing_shared_by_two_has_no_interval(rows: list[cases.Share]) -> None:
    found = coordination_interval(cases.shares(rows))
    assert (found.interval_s, found.second_share_s, found.n_objects, found.n_fastest) == (None, None, 0, 0)
    assert found.quantiles["interval_s"].null_count() == found.quantiles.height
    assert found.windows["objects"].sum() == 0


@pytest.mark.parametrize(
    "options", [{"quantile": -0.1}, {"share": 1.5}, {"min_accounts": 1}, {"like": "coortweet"}], ids=str
)
def test_options_that_make_no_sense_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="`"):
        coordination_interval(BY_HAND, **options)  # type: ignore[arg-type]
