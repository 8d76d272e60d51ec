"""Who comes within minutes, within the hour, or at any time: by hand."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import stats

from graphkit.layers.base import INCIDENCE
from graphkit.network.build import CODED_EDGES, Network
from graphkit.rings.hours import clock, loose_members, loose_places, own_places, tightness, within_an_hour
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Strand

MINUTE = 60_000_000


def suspect(comings: list[tuple[int, int, int]], *, talk: float = 0.0) -> Suspect:
    """A group of (account, minute, post), whose nats are of the feed and, `talk` of them, of contacts."""
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
    return Suspect(np.array(accounts, dtype=np.uint32), pl.DataFrame(), network)


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


def test_places_are_their_own_where_strangers_are_fewer() -> None:
    """Of 0 to 3 three or more are at one post in ten minutes thrice: alone, beside two others, beside three.

    Two of them are no meeting, nor are three on either side of the full ten minutes.
    """
    ours = (
        [(a, a, 1) for a in range(4)]
        + [(a, 20 + a, 2) for a in range(3)]
        + [(a, 40 + a, 3) for a in range(3)]
    )
    few = [(0, 60, 4), (1, 61, 4), (0, 79, 5), (1, 79, 5), (2, 80, 5)]
    others = [(7, 21, 2), (8, 22, 2), (7, 41, 3), (8, 42, 3), (9, 43, 3), (7, 35, 1)]
    group = replace(suspect([*ours, *few, *others]), codes=np.arange(4, dtype=np.uint32))
    assert own_places(group) == pytest.approx(2 / 3)
    # A second coming is none, and of forty members ten make a meeting.
    again = replace(
        suspect([(0, 0, 1), (1, 1, 1), (0, 2, 1), (9, 3, 2)]), codes=np.arange(4, dtype=np.uint32)
    )
    assert own_places(again) is None
    crowd = [(a, 0, 1) for a in range(9)] + [(a, 20, 2) for a in range(10)]
    assert own_places(replace(suspect(crowd), codes=np.arange(40, dtype=np.uint32))) == 1.0


def test_the_odds_are_not_asked_of_those_who_have_their_places_to_themselves() -> None:
    group = suspect(
        [(0, 0, 1), (1, 1, 1), (2, 2, 1), (9, 3, 1), (0, 20, 2), (1, 20, 2), (2, 20, 2), (9, 21, 3)]
    )
    visited = group.network.incidence("feed").select("account", "at", "key")
    network = replace(group.network, visits={"feed": {600: visited}})
    three = replace(group, codes=np.arange(3, dtype=np.uint32), network=network)
    # All of both times together are their own; if that were not enough, they met whenever they could.
    assert clock(three, RingSettings()) is None
    assert clock(three, replace(RingSettings(), own_places=1.1)) > 1  # type: ignore[operator]


def test_a_third_is_what_visits_over_three_hours_give() -> None:
    """The gap of two visits that fall off with a mean of 3 hours: (1 - e^-1/3) / (1 - e^-2) = .328."""
    rng = np.random.default_rng(7)
    after = rng.exponential(180, size=(8, 400))
    group = suspect([(a, int(after[a, post]), post) for a in range(8) for post in range(400)])
    assert within_an_hour(group, RingSettings()) == pytest.approx(0.328, abs=0.02)
    assert within_an_hour(group, RingSettings()) < RingSettings().hour_share  # type: ignore[operator]
