"""Meetings equal a brute-force twin that looks at every pair of rows."""

import itertools
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphkit.engine.reach import MICROSECONDS, reach
from graphkit.layers.base import INCIDENCE
from graphkit.network.meetings import meetings, repetitions, visits


def incidence(rows: list[tuple[int, int, int, int, int]]) -> pl.DataFrame:
    """Rows of (account, at in seconds, key, occasion, topic) as INCIDENCE; events are numbered as listed.

    Every seventh row is of one place.
    """
    return pl.DataFrame(
        [
            {
                "account": a,
                "event": i,
                "at": at * MICROSECONDS,
                "key": k,
                "occasion": o,
                "topic": t,
                "place": i % 7,
            }
            for i, (a, at, k, o, t) in enumerate(rows)
        ],
        schema=INCIDENCE,
    )


@dataclass(frozen=True)
class Touch:
    account: int
    event: int
    at: int
    key: int
    occasion: int
    topic: int

    @property
    def place(self) -> int:
        return self.event % 7


def brute(
    rows: list[tuple[int, int, int, int, int]], window_s: int | None, crowd: int
) -> list[tuple[int, ...]]:
    """Every pair of rows looked at; the columns of `meetings`, source to crowd."""
    every = [Touch(a, i, at * MICROSECONDS, k, o, t) for i, (a, at, k, o, t) in enumerate(rows)]
    touches: list[Touch] = []
    last: dict[tuple[int, ...], int] = {}
    for touch in sorted(every, key=lambda x: (x.at, x.event)):
        # A visit: the account has not touched the key within the window before, or not in this place.
        place = () if window_s is not None else (touch.place,)
        before = last.get((touch.key, touch.account, *place))
        if before is None or (window_s is not None and touch.at - before > window_s * MICROSECONDS):
            touches.append(touch)
        last[(touch.key, touch.account, *place)] = touch.at

    def near(x: Touch, y: Touch) -> bool:
        return x.key == y.key and (window_s is None or abs(x.at - y.at) <= window_s * MICROSECONDS)

    def around(x: Touch) -> int:
        found = [y.event if window_s is not None else y.account for y in touches if near(x, y)]
        return len(set(found)) - 1

    others = {x.event: around(x) for x in touches}
    best: dict[tuple[int, int, int], tuple[int, ...]] = {}
    for x, y in itertools.combinations(sorted(touches, key=lambda x: (x.at, x.event)), 2):
        m = max(others[x.event], others[y.event])
        if not near(x, y) or x.account == y.account or x.place == y.place or m > crowd:
            continue
        source, target = sorted((x, y), key=lambda z: z.account)
        met = (x.at, y.at - x.at, source.event, target.event, x.topic, m)
        where = (source.account, target.account, x.occasion)
        best[where] = min(best.get(where, met), met)
    return [
        (u, v, occasion, topic, at, su, tv, gap, m)
        for (u, v, occasion), (at, gap, su, tv, topic, m) in sorted(best.items())
    ]


# Few accounts, keys and seconds, so that ties, repeats and crowds are common.
TOUCHES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 30), st.integers(0, 2)).flatmap(
        # An occasion and a topic belong to one key.
        lambda x: st.tuples(
            st.just(x[0]), st.just(x[1]), st.just(x[2]), st.just(x[2] * 4 + x[1] // 10), st.just(x[2])
        )
    ),
    max_size=25,
)


@given(TOUCHES, st.sampled_from([None, 0, 1, 5, 40]), st.integers(1, 8), st.sampled_from([1, 7, 1000]))
def test_meetings_equal_brute_force(
    rows: list[tuple[int, int, int, int, int]], window_s: int | None, crowd: int, chunk_pairs: int
) -> None:
    met = meetings(visits(incidence(rows), window_s, crowd), window_s=window_s, chunk_pairs=chunk_pairs)
    columns = ["source", "target", "occasion", "topic", "at", "source_event", "target_event", "gap", "crowd"]
    assert met.select(columns).rows() == brute(rows, window_s, crowd)


@given(TOUCHES)
def test_the_order_of_rows_is_of_no_account(rows: list[tuple[int, int, int, int, int]]) -> None:
    whole = incidence(rows)
    shuffled = whole.sample(fraction=1.0, shuffle=True, seed=7) if whole.height else whole
    first = meetings(visits(whole, 5, 60), window_s=5, chunk_pairs=3)
    assert first.equals(meetings(visits(shuffled, 5, 60), window_s=5, chunk_pairs=1000))


@given(TOUCHES)
def test_some_accounts_alone_meet_as_they_do_among_all(rows: list[tuple[int, int, int, int, int]]) -> None:
    some = np.array([0, 2, 3], dtype=np.uint32)
    everybody = meetings(visits(incidence(rows), 5, 6), window_s=5, chunk_pairs=100)
    inside = everybody.filter(pl.col("source").is_in(some) & pl.col("target").is_in(some))
    assert inside.equals(meetings(visits(incidence(rows), 5, 6), window_s=5, chunk_pairs=100, among=some))


def test_three_commenters_by_hand() -> None:
    # Post 0: account 0 at 0 s, account 1 at 5 s, account 2 at 9 s. Within 5 s, ends included:
    # 0 and 1 meet (gap 5), 1 and 2 meet (gap 4), 0 and 2 do not (9 s apart).
    # Crowds: account 0 has 1 other, account 1 has 2, account 2 has 1; a meeting takes the larger: 2 and 2.
    met = meetings(
        visits(incidence([(0, 0, 0, 0, 0), (1, 5, 0, 0, 0), (2, 9, 0, 0, 0)]), 5, 60),
        window_s=5,
        chunk_pairs=10,
    )
    assert met.select("source", "target", "gap", "crowd").rows() == [
        (0, 1, 5 * MICROSECONDS, 2),
        (1, 2, 4 * MICROSECONDS, 2),
    ]


def test_ten_comments_in_a_minute_are_one_visit() -> None:
    # Account 0 comments at 0, 4 and 8 s, and again at 30 s; the window is 5 s: visits at 0 and 30.
    # Account 1 at 6 s meets neither: the visit began 6 s before. At 31 s account 2 meets the second visit.
    rows = [(0, at, 0, 0, 0) for at in (0, 4, 8, 30)] + [(1, 6, 0, 0, 0), (2, 31, 0, 0, 0)]
    assert visits(incidence(rows), 5, 60)["event"].to_list() == [0, 4, 3, 5]
    met = meetings(visits(incidence(rows), 5, 60), window_s=5, chunk_pairs=10)
    assert met.select("source", "target", "gap", "crowd").rows() == [(0, 2, MICROSECONDS, 1)]


def test_the_third_meeting_on_a_topic_is_the_third_repetition() -> None:
    # Accounts 0 and 1 meet on posts 0, 1, 2 of one author (topic 9) and on post 3 of another (topic 8).
    rows = [(a, 100 * post + a, post, post, 8 if post == 3 else 9) for post in range(4) for a in (0, 1)]
    met = repetitions(meetings(visits(incidence(rows), 5, 60), window_s=5, chunk_pairs=10))
    assert sorted(met.select("occasion", "repetition").rows()) == [(0, 1), (1, 2), (2, 3), (3, 1)]


def test_reaches_of_thirty_years_of_microseconds_and_many_keys_do_not_overflow() -> None:
    # 2^31 keys apart and times near 2^51: the ranks must keep rows of other keys out of reach.
    key = np.array([0, 0, 2**31 - 1, 2**31 - 1], dtype=np.int64)
    at = np.array([0, 10, 0, 10], dtype=np.int64) + 1_700_000_000 * MICROSECONDS
    low, high = reach(key, at, 10)
    assert (low.tolist(), high.tolist()) == ([0, 0, 2, 2], [2, 2, 4, 4])


def test_pairs_of_a_viral_object_are_counted_past_32_bits() -> None:
    # 100,000 accounts in one second on one object: 4,999,950,000 pairs (TRAPS: UInt32 wraps), all in a crowd
    # of 99,999, so none is made.
    n = 100_000
    rows = pl.DataFrame(
        {
            "account": range(n),
            "event": range(n),
            "at": [0] * n,
            "key": [0] * n,
            "occasion": [0] * n,
            "topic": [0] * n,
            "place": range(n),
        },
        schema=INCIDENCE,
    )
    low, high = reach(np.zeros(n, np.int64), np.zeros(n, np.int64), 1)
    assert int((high - np.arange(n) - 1).sum()) == 4_999_950_000
    assert meetings(visits(rows, 1, 60), window_s=1, chunk_pairs=1000).height == 0
    assert low.max() == 0


@pytest.mark.parametrize("rows", [[], [(0, 0, 0, 0, 0)], [(0, 0, 0, 0, 0), (0, 1, 0, 0, 0)]])
def test_nobody_meets_himself_or_nobody(rows: list[tuple[int, int, int, int, int]]) -> None:
    assert meetings(visits(incidence(rows), 60, 60), window_s=60, chunk_pairs=10).height == 0


def test_rows_of_one_place_do_not_meet() -> None:
    # Accounts 0 and 1 use a word in one thread (place 5), account 2 in another: only 2 meets both.
    rows = incidence([(0, 0, 0, 0, 0), (1, 1, 0, 0, 0), (2, 2, 0, 0, 0)])
    placed = rows.with_columns(pl.Series("place", [5, 5, 6], dtype=pl.UInt32))
    met = meetings(visits(placed, None, 60), window_s=None, chunk_pairs=10)
    assert met.select("source", "target", "crowd").rows() == [(0, 2, 2), (1, 2, 2)]
