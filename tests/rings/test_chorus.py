"""Who sings: three and more in sessions of chats, in many of them, by hand and against brute force."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphkit.engine.reach import MICROSECONDS
from graphkit.layers.base import INCIDENCE
from graphkit.rings.chorus import SESSION_S, Chorus, chorus, gather
from graphkit.settings import RingSettings

NATS = RingSettings().chorus_nats


def chorus_of(rows: Sequence[tuple[int, int, int]], *, members: int) -> Chorus:
    """The chorus of the accounts below `members`, by rows of account, second and chat."""
    return chorus(incidence(rows), np.arange(members, dtype=np.uint32))


def incidence(rows: Sequence[tuple[int, int, int]]) -> pl.DataFrame:
    """INCIDENCE of rows of account, second and chat."""
    written = [
        {"account": account, "event": event, "at": second * MICROSECONDS, "key": chat}
        | {"occasion": chat, "topic": chat, "place": event}
        for event, (account, second, chat) in enumerate(rows)
    ]
    return pl.DataFrame(written, schema=INCIDENCE)


def cast(sessions: Sequence[int], *, strangers: int) -> Chorus:
    """Three who sit together in so many sessions of each chat; of the strangers each is alone there once."""
    when = iter(range(0, 10_000 * SESSION_S, SESSION_S))
    rows = [
        (account, second + account, chat)
        for chat, n in enumerate(sessions)
        for second in [next(when) for _ in range(n)]
        for account in range(3)
    ]
    rows += [(3 + i, next(when), i % len(sessions)) for i in range(strangers)]
    return chorus_of(rows, members=3)


def test_regulars_of_one_chat_who_also_sat_elsewhere_do_not_sing() -> None:
    # 23 sessions: 20 in one chat, 2 in another and 1 in a third are 23^2 / (400 + 4 + 1) = 1.31 chats.
    regulars = cast([20, 2, 1], strangers=621)
    assert regulars.observed == 23
    assert regulars.chats == pytest.approx(23**2 / 405)
    # Their 69 presences of 690 are a tenth: in a session of theirs .3 are expected, in one of a stranger .1.
    # Three and more then come to 23 (1 - e^-.3 1.345) + 621 (1 - e^-.1 1.105) = .18 sessions. Only that it
    # is one chat speaks against a chorus.
    three = 23 * (1 - math.exp(-0.3) * 1.345) + 621 * (1 - math.exp(-0.1) * 1.105)
    assert regulars.expected == pytest.approx(three)
    assert regulars.nats == pytest.approx(23 * math.log(23 / three) - 23 + three)
    assert regulars.nats > NATS
    assert not regulars.sings(NATS)


@pytest.mark.parametrize(
    ("sessions", "chats", "sings"),
    [
        ([8, 8, 8], 3.0, True),
        # 23^2 / (100 + 100 + 9) = 2.53.
        ([10, 10, 3], 529 / 209, True),
        # 23^2 / (121 + 100 + 4) = 2.35, as if they sat in two chats.
        ([11, 10, 2], 529 / 225, False),
        ([12, 12], 2.0, False),
        # One session in each of five chats beside 20 in one: 25^2 / (400 + 5) = 1.54.
        ([20, 1, 1, 1, 1, 1], 625 / 405, False),
        ([4, 4, 4, 4, 4, 4], 6.0, True),
    ],
)
def test_a_cast_sings_in_two_chats_and_a_half(sessions: list[int], chats: float, *, sings: bool) -> None:
    found = cast(sessions, strangers=621)
    assert found.chats == pytest.approx(chats)
    assert found.sings(NATS) is sings


def test_sessions_of_two_make_no_chat_of_a_chorus() -> None:
    # Eight sessions of all three in each of two chats; in a third chat two of them meet eight times.
    rows = [(a, SESSION_S * (8 * chat + n), chat) for chat in (0, 1) for n in range(8) for a in range(3)]
    rows += [(a, SESSION_S * (16 + n), 2) for n in range(8) for a in range(2)]
    rows += [(3 + i, SESSION_S * (100 + i), i % 3) for i in range(9)]
    found = chorus_of(rows, members=3)
    assert (found.observed, found.chats) == pytest.approx((16, 2.0))


def test_friends_in_chats_of_their_own_are_no_chorus() -> None:
    # Three friends and two others come together in ten sessions of each of four chats.
    rows = [(a, 3000 * n + a, chat) for n in range(10) for chat in range(4) for a in range(5)]
    assert chorus_of(rows, members=3) == Chorus(0, 0.0, 0.0)
    # With a sixth writer the chats are public.
    public = chorus_of([*rows, *((5, 7, chat) for chat in range(4))], members=3)
    assert (public.observed, public.chats) == pytest.approx((40, 4.0))
    # With one in the first only that one is.
    first = chorus_of([*rows, (5, 7, 0)], members=3)
    assert (first.observed, first.chats) == pytest.approx((10, 1.0))


def test_nobody_who_is_never_together_sings() -> None:
    # Members come to five sessions each, each to sessions of its own.
    rows = [(a, SESSION_S * (3 * n + a), 0) for n in range(5) for a in range(3)]
    rows += [(3 + i, SESSION_S * (100 + i), 0) for i in range(3)]
    found = chorus_of(rows, members=3)
    assert (found.observed, found.chats, found.nats) == (0, 0.0, 0.0)
    assert not found.sings(0.0)


# Who sat in which session of which of three chats; so few that all lie in one time bin.
SITTINGS = st.lists(
    st.tuples(st.sets(st.integers(0, 6), min_size=1), st.integers(0, 7), st.integers(0, 2)), max_size=16
)


@given(SITTINGS)
def test_a_chorus_is_counted_and_expected_as_by_brute_force(
    sittings: list[tuple[set[int], int, int]],
) -> None:
    # Accounts 0 to 3 are the members.
    present = [(a, session, chat) for accounts, session, chat in sittings for a in sorted(accounts)]
    public = [chat for chat in range(3) if len({a for a, _, c in present if c == chat and a > 3}) >= 3]
    seen = {(a, s, c) for a, s, c in present if c in public}
    sessions = {(s, c): {a for a, at, chat in seen if (at, chat) == (s, c)} for _, s, c in seen}
    together = [key for key, accounts in sessions.items() if len({a for a in accounts if a < 4}) >= 3]
    counts = Counter(chat for _, chat in together).values()
    presences = sum(a < 4 for a, _, _ in seen)
    expected = 0.0
    for accounts in sessions.values():
        mean = presences * len(accounts) / len(seen)
        expected += 1 - sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(3))
    found = chorus_of([(a, s * SESSION_S, chat) for a, s, chat in present], members=4)
    assert found.observed == len(together)
    chats = sum(counts) ** 2 / sum(n * n for n in counts) if counts else 0.0
    assert found.chats == pytest.approx(chats)
    assert found.expected == pytest.approx(expected)
    # Only who ever gathers can sing; chats without strangers count for the former alone.
    rows = incidence([(a, s * SESSION_S, chat) for a, s, chat in present])
    ever = any(len({a for a, *when in present if when == [s, c] and a < 4}) >= 3 for _, s, c in present)
    assert gather(rows, np.arange(4, dtype=np.uint32)) == ever
    assert gather(rows, np.arange(4, dtype=np.uint32)) or found.observed == 0
