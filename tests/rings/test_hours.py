"""Who comes within minutes, within the hour, or at any time: by hand."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import stats

from graphkit.layers.base import INCIDENCE
from graphkit.network.build import CODED_EDGES, Network
from graphkit.rings.hours import (
    by_themselves,
    clock,
    haste,
    loose_members,
    loose_places,
    tightness,
    within_an_hour,
)
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Strand

MINUTE = 60_000_000


def suspect(
    comings: list[tuple[int, int, int]], *, talk: float = 0.0, members: tuple[int, ...] = ()
) -> Suspect:
    """A group of (account, minute, post), whose nats are of the feed and, `talk` of them, of contacts.

    All accounts are members if these are not named.
    """
    accounts = sorted({account for account, _, _ in comings})
    incidence = pl.DataFrame(
        {
            name: [
                {"account": a, "event": row, "at": minute * MINUTE, "place": row}.get(name, key)
                for row, (a, minute, key) in enumerate(comings)
            ]
            for name in INCIDENCE
        },
        schema=INCIDENCE,
    )
    ends = {"source": accounts[:1], "target": accounts[1:2]}
    nats = {strand.value: [0.0] for strand in Strand}
    nats |= {Strand.FEED.value: [1 - talk], Strand.TALK.value: [talk]}
    pooled = pl.DataFrame(
        {**ends, **nats, "weight": [1.0]}, schema_overrides={"source": pl.UInt32, "target": pl.UInt32}
    )
    ids = pl.Series([str(account) for account in range(max(accounts) + 1)])
    edges = pl.DataFrame(schema=CODED_EDGES)
    network = Network(ids, pl.DataFrame(), {}, {"feed": incidence}, {}, edges, pooled)
    return Suspect(np.array(members or accounts, dtype=np.uint32), pl.DataFrame(), network)


STRANGERS = [(10, 0, 1), (11, 0, 1), (12, 60, 1), (13, 120, 1), (14, 180, 1)]


def test_haste_is_held_against_strangers_at_the_same_posts() -> None:
    # Both members at once on both posts. Five strangers have ten pairs on the first, one of them at once:
    # of 1 in 10 the upper limit is .445. Who was only at the third post says nothing.
    ours = [(0, 5, 1), (1, 5, 1), (0, 9, 2), (1, 9, 2)]
    group = suspect([*ours, *STRANGERS, (15, 0, 3), (16, 0, 3)], members=(0, 1))
    limit = stats.binomtest(1, 10).proportion_ci(0.95, method="exact").high
    assert limit == pytest.approx(0.445, abs=0.001)
    assert haste(group, RingSettings()) == pytest.approx(1 / limit)
    # Where all strangers come at once as well, members are no faster.
    batch = [(account, 0, 1) for account, _, _ in STRANGERS]
    assert haste(suspect([*ours, *batch], members=(0, 1)), RingSettings()) == 1.0


def test_haste_is_not_asked_without_strangers_or_of_those_who_take_their_time() -> None:
    ours = [(0, 5, 1), (1, 5, 1)]
    assert haste(suspect([*ours, *STRANGERS[:4]], members=(0, 1)), RingSettings()) is None
    slow = [(0, 5, 1), (1, 7, 1)]
    assert haste(suspect([*slow, *STRANGERS], members=(0, 1)), RingSettings()) is None


def test_shares_of_meetings_within_minutes_and_within_the_hour() -> None:
    """On post 1 the gaps are 5, 50 and 45 minutes; on post 2 there is one of 2 hours, and two are too long.

    Of 4 pairs within 6 hours one is within 10 minutes and three are within the hour. A second coming of
    account 0 to post 1 is none.
    """
    group = suspect([(0, 0, 1), (1, 5, 1), (2, 50, 1), (0, 51, 1), (0, 0, 2), (1, 120, 2), (2, 540, 2)])
    assert tightness(group, RingSettings()) == pytest.approx(1 / 4)
    bound = stats.binomtest(3, 4).proportion_ci(0.95, method="exact").low
    assert within_an_hour(group, RingSettings()) == pytest.approx(bound)


def test_it_is_not_asked_of_those_who_engage_with_each_other_or_never_meet() -> None:
    comings = [(0, 0, 1), (1, 5, 1)]
    assert within_an_hour(suspect(comings, talk=0.2), RingSettings()) is None
    assert within_an_hour(suspect(comings, talk=0.1), RingSettings()) is not None
    assert within_an_hour(suspect([(0, 0, 1), (1, 5, 2)]), RingSettings()) is None
    assert within_an_hour(suspect([(0, 0, 1), (1, 61, 1)]), RingSettings()) == 0.0


def test_members_are_counted_where_they_do_not_meet_within_minutes() -> None:
    """One of two pairs within 10 minutes is half: tight. One of three is not."""
    two = [(0, 0, 1), (1, 5, 1), (0, 0, 2), (1, 50, 2)]
    assert loose_members(suspect(two), RingSettings()) is None
    assert loose_members(suspect([*two, (0, 0, 3), (1, 90, 3)]), RingSettings()) == 2.0
    assert loose_members(suspect([(0, 0, 1), (1, 5, 2)]), RingSettings()) is None


def test_places_are_counted_where_they_do_not_meet_within_minutes() -> None:
    """Three pairs met on one post and one on another: 16 / 10 places. In one minute nothing is asked."""
    met = pl.DataFrame({"layer": "feed", "strand": Strand.FEED.value, "occasion": [1, 1, 1, 2]})
    loose = replace(suspect([(0, 0, 1), (1, 50, 1)]), receipts=met)
    assert loose_places(loose, RingSettings()) == pytest.approx(1.6)
    assert loose_places(replace(suspect([(0, 0, 1), (1, 1, 1)]), receipts=met), RingSettings()) is None


def test_members_meet_by_themselves_where_strangers_are_fewer_and_elsewhere() -> None:
    """Members 0 to 3, strangers 7 to 9, at posts within ten minutes by the clock: pairs of members at each.

    Four alone on post 1 while one stranger is on post 90: 6. Three beside one of three: 3. Not by themselves
    are three beside two of three strangers who are about, and three beside as many: 3 and 3; nor two, since
    a meeting takes three: 1. So 9 of 16.
    """
    ours = [(a, a, 1) for a in range(4)]
    ours += [(a, minute + a, post) for a in range(3) for minute, post in ((10, 2), (20, 3), (30, 4))]
    ours += [(0, 40, 5), (1, 41, 5)]
    others = [(7, 5, 90), (7, 10, 2), (8, 11, 90), (9, 12, 90), (7, 20, 3), (8, 21, 3), (9, 22, 90)]
    others += [(7, 30, 4), (8, 31, 4), (9, 32, 4), (7, 41, 90)]
    group = replace(suspect([*ours, *others]), codes=np.arange(4, dtype=np.uint32))
    assert by_themselves(group) == pytest.approx(9 / 16)


def test_a_quarter_makes_a_meeting_and_where_nobody_else_is_about_nothing_is_told() -> None:
    # Nine of forty members are too few, ten are enough: 45 of 36 + 45 pairs.
    crowd = [(a, 0, 1) for a in range(9)] + [(a, 20, 2) for a in range(10)] + [(50, 1, 3), (50, 21, 3)]
    assert by_themselves(replace(suspect(crowd), codes=np.arange(40, dtype=np.uint32))) == pytest.approx(
        45 / 81
    )
    # A second coming to a post is none, and with no stranger about nobody is by himself.
    again = [(0, 0, 1), (1, 1, 1), (2, 1, 1), (0, 2, 1)]
    assert by_themselves(suspect(again)) == 0.0
    assert by_themselves(suspect([(0, 0, 1), (1, 20, 2)])) is None


def test_agents_that_all_answer_whatever_was_posted_last_are_not_by_themselves() -> None:
    # Ten members and two strangers at each of thirty posts: nobody is anywhere else.
    rows = [(a, 10 * post + a % 7, post) for post in range(30) for a in range(12)]
    assert by_themselves(replace(suspect(rows), codes=np.arange(10, dtype=np.uint32))) == 0.0


def test_odds_are_asked_of_those_who_are_not_by_themselves() -> None:
    # Of 0 to 2 three pairs are alone on post 1, three share post 2 with the only two strangers about.
    rows = (
        [(a, a, 1) for a in range(3)]
        + [(9, 3, 3)]
        + [(a, 20, 2) for a in range(3)]
        + [(8, 21, 2), (9, 21, 2)]
    )
    group = suspect(rows)
    visited = group.network.incidence("feed").select(
        "account", "at", "key", pl.lit(value=False).alias("large"), pl.lit(0, pl.UInt32).alias("cohort")
    )
    network = replace(group.network, visits={"feed": {600: visited}})
    three = replace(group, codes=np.arange(3, dtype=np.uint32), network=network)
    assert by_themselves(three) == pytest.approx(0.5)
    assert clock(three, replace(RingSettings(), by_themselves=0.5)) is None
    assert clock(three, replace(RingSettings(), by_themselves=0.51)) > 1  # type: ignore[operator]


def test_a_third_is_what_visits_over_three_hours_give() -> None:
    """The gap of two visits that fall off with a mean of 3 hours: (1 - e^-1/3) / (1 - e^-2) = .328."""
    rng = np.random.default_rng(7)
    after = rng.exponential(180, size=(8, 400))
    group = suspect([(a, int(after[a, post]), post) for a in range(8) for post in range(400)])
    assert within_an_hour(group, RingSettings()) == pytest.approx(0.328, abs=0.02)
    assert within_an_hour(group, RingSettings()) < RingSettings().hour_share  # type: ignore[operator]
