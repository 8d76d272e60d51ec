"""Whether members chat in rooms of their own, counted by hand."""

from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest
from bare import bare

from graphkit.layers.base import INCIDENCE
from graphkit.rings.guards import GUARDS
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Level, Strand

ROOMS = next(guard for guard in GUARDS[Level.TIGHT] if guard.name == "own_rooms")


def asked(
    comings: Mapping[int, tuple[int, ...]], *, feed: float = 0.0, again: Mapping[int, int] | None = None
) -> float | None:
    """What the guard sees of the accounts 0 to 3, who met on the days 0 to 5; `comings` by account.

    By `again`, day by day, which repetition their meetings there are.
    """
    rows = [
        {name: {"account": account, "topic": day}.get(name, 0) for name in INCIDENCE} | {"event": event}
        for event, (account, day) in enumerate((a, d) for a, days in comings.items() for d in days)
    ]
    incidence = pl.DataFrame(rows, schema=INCIDENCE)
    there = incidence.filter(pl.col("account") < 4, pl.col("topic") < 6)
    met = there["event"]
    repetition = [(again or {}).get(day, 1) for day in there["topic"]]
    receipts = pl.DataFrame(
        {"layer": "chat", "source_event": met, "repetition": repetition},
        schema_overrides={"layer": pl.String},
    )
    nats = {Strand.CHAT: 1 - feed, Strand.FEED: feed}
    network = bare("chat", incidence, nats)
    suspect = Suspect(np.arange(4, dtype=np.uint32), receipts, network)
    return ROOMS.number(suspect, RingSettings())


OURS: dict[int, tuple[int, ...]] = dict.fromkeys(range(4), (0, 1, 2, 3, 4, 5))


def test_in_rooms_of_their_own_nobody_else_comes() -> None:
    alone = asked(OURS)
    assert alone == 1.0
    assert not ROOMS.passes(alone, RingSettings())


def test_a_cast_plays_to_strangers() -> None:
    # Four meetings on each of six days, with two strangers on two of them and one on the others:
    # (2 x 4/6 + 4 x 4/5) / 6.
    before_strangers = asked(OURS | {10 + i: (i % 6,) for i in range(8)})
    assert before_strangers == pytest.approx(34 / 45)
    assert before_strangers is not None
    assert ROOMS.passes(before_strangers, RingSettings())


def test_whoever_comes_half_as_often_is_of_the_community() -> None:
    # Of twelve others six come to three of the six days, half of what members do, and six to two: on these
    # four of ten are members or their like, on the other four days all.
    others: dict[int, tuple[int, ...]] = dict.fromkeys(range(10, 16), (0, 2, 4))
    others |= dict.fromkeys(range(20, 26), (1, 3))
    assert asked(OURS | others) == pytest.approx((4 + 2 * 4 / 10) / 6)
    # Days on which members did not meet are no matter.
    assert asked(OURS | others | {30: (6, 7, 8)}) == pytest.approx((4 + 2 * 4 / 10) / 6)


def test_where_members_gather_counts_and_not_where_they_come_across_each_other() -> None:
    # On five days a member comes to a busy room, among forty others; on the sixth all four come to their own.
    apart: dict[int, tuple[int, ...]] = {0: (0, 5), 1: (1, 5), 2: (2, 5), 3: (3, 5)}
    busy = {10 + i: (i % 4,) for i in range(160)}
    assert asked(apart | busy) == pytest.approx((4 * 1 / 41 + 4) / 8)
    # Meetings of the same two on that day once more count half.
    assert asked(apart | busy, again={5: 2}) == pytest.approx((4 * 1 / 41 + 4 / 2) / (4 + 4 / 2))


def test_who_comes_once_is_a_stranger_however_seldom_members_come() -> None:
    once = dict.fromkeys(range(4), (0,))
    assert asked(once | {10 + i: (0,) for i in range(4)}) == pytest.approx(0.5)


def test_groups_that_posts_carry_are_not_asked() -> None:
    assert asked(OURS, feed=0.6) is None
