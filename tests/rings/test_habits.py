"""Whether members come in an order that returns: by hand, over all orders, and against plain loops."""

import itertools
import math
import statistics
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from bare import bare
from hypothesis import given
from hypothesis import strategies as st

from graphkit.engine.reach import MICROSECONDS
from graphkit.layers.base import INCIDENCE
from graphkit.rings import trial
from graphkit.rings.concordance import concordance, seats
from graphkit.rings.guard import Guard
from graphkit.rings.guards import GUARDS
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings, Settings
from graphkit.words import Level, Strand, Verdict

HOUR = 3600
HABITS = next(guard for guard in GUARDS[Level.TIGHT] if guard.name == "habits")
# Account, second, post.
Comings = Sequence[tuple[int, float, int]]
# Of each post who came, the first before the second.
Orders = Sequence[Sequence[int]]


def incidence(comings: Comings) -> pl.DataFrame:
    """INCIDENCE of who came when to which post."""
    rows = [
        {"account": account, "event": event, "at": int(second * MICROSECONDS), "key": post}
        | {"occasion": post, "topic": post, "place": event}
        for event, (account, second, post) in enumerate(comings)
    ]
    return pl.DataFrame(rows, schema=INCIDENCE)


def order_of(rows: pl.DataFrame, *, other: float = 1.0) -> tuple[float, float] | None:
    """The mean rank correlation and its deviation; all hours alike."""
    found = concordance(seats(rows), other)
    return None if found is None else (found.value, found.deviation)


def in_order(orders: Orders, *, apart_s: float = 300.0) -> Comings:
    """A post a day, to which its members come `apart_s` after each other."""
    return [
        (account, 24 * HOUR * post + apart_s * place, post)
        for post, order in enumerate(orders)
        for place, account in enumerate(order)
    ]


def of(orders: Orders) -> float:
    """The concordance of such comings."""
    found = order_of(incidence(in_order(orders)))
    assert found is not None
    return found[0]


def asked(comings: Comings, *, n: int = 3, chat: float = 0.0) -> float | None:
    """What the guard sees of the accounts 0 to n - 1, whose nats are of the feed but for a share of chats."""
    nats = {Strand.FEED: 1 - chat, Strand.CHAT: chat}
    network = bare("feed", incidence(comings), nats)
    return HABITS.number(Suspect(np.arange(n, dtype=np.uint32), pl.DataFrame(), network), RingSettings())


def test_two_meetings_of_the_same_three_give_the_rank_correlation() -> None:
    assert of([(0, 1, 2), (0, 1, 2)]) == pytest.approx(1.0)
    assert of([(0, 1, 2), (2, 1, 0)]) == pytest.approx(-1.0)
    # Ranks -1 0 1 against -1 1 0: Spearman's 1 - 6 (0 + 1 + 1) / (3 x 8) = .5.
    assert of([(0, 1, 2), (0, 2, 1)]) == pytest.approx(0.5)


def test_the_mean_over_pairs_of_meetings_is_that_of_kendall() -> None:
    # Ranks 123, 132, 213 of three sum to 4, 6, 8: S = 8, W = 12 S / (9 x 24) = 4 / 9, (3 W - 1) / 2 = 1 / 6.
    assert of([(0, 1, 2), (0, 2, 1), (1, 0, 2)]) == pytest.approx(1 / 6)


def test_who_is_not_there_changes_nothing_for_the_others() -> None:
    # Both are first and second twice, the third account was there once: two pairs of 1 (ranks of three are
    # divided by sqrt(2 / 3), and 0 is 0): account 0 has sqrt(3 / 2), account 1 has 0.
    assert of([(0, 1, 2), (0, 1)]) == pytest.approx(math.sqrt(1.5) / 2)


def test_over_all_orders_the_mean_is_none_and_the_variance_as_said() -> None:
    # 6 x 2 x 6 x 2 orders of four meetings that share three, two or one account.
    met = [(0, 1, 2), (0, 1), (1, 2, 3), (3, 0)]
    found = [
        order_of(incidence(in_order(orders)))
        for orders in itertools.product(*map(itertools.permutations, met))
    ]
    values = [one[0] for one in found if one is not None]
    assert len(values) == 144
    assert np.mean(values) == pytest.approx(0.0)
    assert {round(one[1], 9) for one in found if one is not None} == {round(float(np.std(values)), 9)}


def test_who_adds_most_is_named() -> None:
    # Ranks of three are sqrt(3 / 2) apart: 0 is first twice and adds 3 / 2, the others change places.
    found = concordance(seats(incidence(in_order([(0, 1, 2), (0, 2, 1)]))), 1.0)
    assert found is not None
    assert (found.value, found.deviation) == pytest.approx((0.5, math.sqrt(3 + 6 / 4) / 3))
    assert found.most == 0
    # Without it the two have changed places: -1.
    assert of([(1, 2), (2, 1)]) == pytest.approx(-1.0)


def test_who_sleeps_late_is_first_at_night_and_last_in_the_morning() -> None:
    # Thirty days with a post at two and a post at ten: the night owls 0 to 3 come first by night, and by day
    # 4 to 7. Between the two each order is turned round, so that over all the mean is about none; within
    # each third of the day half of the accounts are always before the other half.
    random = np.random.default_rng(8)
    comings = []
    for day in range(30):
        for hour, first in ((2, (0, 1, 2, 3)), (10, (4, 5, 6, 7))):
            halves = [random.permutation(first), random.permutation(np.setdiff1d(np.arange(8), first))]
            begun = (24 * day + hour) * HOUR
            comings += [
                (int(account), begun + 900.0 * place, 2 * day + (hour > 8))
                for place, account in enumerate(np.concatenate(halves).tolist())
            ]
    over_all, in_thirds = (order_of(incidence(comings), other=other) for other in (1.0, 0.0))
    assert over_all is not None
    assert in_thirds is not None
    assert abs(over_all[0]) < 0.05
    # Ranks -3.5 to 3.5 have the deviation sqrt(5.25), and each half of them the mean 2: (2 / sqrt(5.25))^2.
    assert in_thirds[0] == pytest.approx(4 / 5.25, abs=0.05)
    sleepers = asked(comings, n=8)
    assert sleepers is not None
    assert not HABITS.passes(sleepers, RingSettings())


def test_one_mouthpiece_gives_the_others_no_habits() -> None:
    random = np.random.default_rng(5)
    orders = [[0, *random.permutation(np.arange(1, 9)).tolist()] for _ in range(60)]
    led = asked(in_order(orders), n=9)
    assert led is not None
    assert HABITS.passes(led, RingSettings())
    assert of(orders) > 0.2


def test_comings_that_are_hours_apart_are_meetings_of_their_own() -> None:
    # Six hours after the one before is one meeting still, a second more is another, and alone nobody meets.
    near = [(0, 0.0, 0), (1, 6.0 * HOUR, 0), (0, 0.0, 1), (1, 60.0, 1)]
    assert order_of(incidence(near)) == pytest.approx((1.0, 1.0))
    assert order_of(incidence([(0, 0.0, 0), (1, 6.0 * HOUR + 1, 0), (0, 0.0, 1), (1, 60.0, 1)])) is None
    # Whoever comes at once has no order.
    assert order_of(incidence([(0, 0.0, 0), (1, 0.0, 0), (0, 0.0, 1), (1, 60.0, 1)])) is None
    # Who comes again has the median of his times: seconds 0 and 70 are before 60, 0 and 200 are after.
    assert order_of(incidence([*near, (0, 70.0, 1)])) == pytest.approx((1.0, 1.0))
    assert order_of(incidence([*near, (0, 200.0, 1)])) == pytest.approx((-1.0, 1.0))
    assert order_of(incidence([])) is None


# When each of four accounts comes to each of five posts, if at all, in half hours of a day.
FIRSTS = st.lists(st.none() | st.integers(0, 48), min_size=20, max_size=20)
# And who comes again, when, to which.
AGAIN = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 48), st.integers(0, 4)), max_size=6)


@given(FIRSTS, AGAIN, st.sampled_from([0.0, 0.4, 1.0]))
def test_the_concordance_is_that_of_plain_loops(
    firsts: list[int | None], again: list[tuple[int, int, int]], other: float
) -> None:
    came = [(i % 4, slot * HOUR / 2, i // 4) for i, slot in enumerate(firsts) if slot is not None]
    came += [(account, slot * HOUR / 2, post) for account, slot, post in again]
    found = order_of(incidence(came), other=other)
    seen = [
        (int(begun / (8 * HOUR)) % 3, ranks)
        for post in range(5)
        for begun, meeting in _meetings(came, post)
        if (ranks := _ranks(meeting))
    ]
    total = weights = variance = 0.0
    for (at, one), (then, another) in itertools.combinations(seen, 2):
        weight = 1.0 if at == then else other
        both = one.keys() & another.keys()
        c = len(both)
        total += weight * sum(one[account] * another[account] for account in both)
        weights += weight * c
        variance += weight**2 * (c + c * (c - 1) / ((len(one) - 1) * (len(another) - 1)))
    if not weights:
        assert found is None
        return
    assert found == pytest.approx((total / weights, math.sqrt(variance) / weights), abs=1e-9)


def _meetings(came: Comings, post: int) -> list[tuple[float, list[tuple[float, int]]]]:
    """The meetings on a post: when it began, and who came at which time, in the middle."""
    moments = sorted((second, account) for account, second, at in came if at == post)
    found: list[list[tuple[float, int]]] = []
    for second, account in moments:
        if not found or second - found[-1][-1][0] > 6 * HOUR:
            found.append([])
        found[-1].append((second, account))
    times = [
        {account: [second for second, other in meeting if other == account] for _, account in meeting}
        for meeting in found
    ]
    middles = [[(statistics.median(at), account) for account, at in sorted(one.items())] for one in times]
    return [(meeting[0][0], middle) for meeting, middle in zip(found, middles, strict=True)]


def _ranks(meeting: list[tuple[float, int]]) -> dict[int, float]:
    """Centred ranks over their deviation; nothing where all came at once."""
    times = [second for second, _ in meeting]
    places = {
        account: sum(t < second for t in times) + (times.count(second) + 1) / 2 for second, account in meeting
    }
    middle = (len(times) + 1) / 2
    deviation = math.sqrt(sum((place - middle) ** 2 for place in places.values()) / len(times))
    return {account: (place - middle) / deviation for account, place in places.items()} if deviation else {}


def test_people_come_in_an_order_that_returns() -> None:
    # Of thirty posts two in three have the same order of three, five minutes apart, and the others another.
    people = asked(in_order([(0, 1, 2), (0, 1, 2), (2, 0, 1)] * 10))
    assert people is not None
    assert not HABITS.passes(people, RingSettings())
    # Every order as often: the mean is about none.
    tool = asked(in_order([*itertools.permutations(range(3))] * 5))
    assert tool is not None
    assert tool == 0
    assert HABITS.passes(tool, RingSettings())


def met_in(orders: Orders) -> Suspect:
    """Three accounts that come to a post a day in these orders."""
    network = bare("feed", incidence(in_order(orders)), {Strand.FEED: 1.0})
    return Suspect(np.arange(3, dtype=np.uint32), pl.DataFrame(), network)


def test_who_met_often_and_in_every_order_has_no_habits() -> None:
    # Each of six orders six times: W = 0, so of 36 meetings the mean is -1 / 35; of 630 pairs of meetings the
    # deviation is sqrt(630 x (3 + 6 / 4)) / (3 x 630) = .0282: at most -.0286 + 1.96 x .0282 = .0266.
    every = [*itertools.permutations(range(3))]
    assert met_in(every * 6).without_habits(0.03)
    assert not met_in(every * 6).without_habits(0.026)
    # Of five each at most -1 / 29 + 1.96 x .0339 = .032: too few meetings to say so.
    assert not met_in(every * 5).without_habits(0.03)
    assert not met_in([(0, 1, 2), (0, 1, 2), (2, 0, 1)] * 12).without_habits(0.03)
    # Who meets elsewhere has shown nothing.
    network = bare("feed", incidence(in_order(every * 6)), {Strand.CHAT: 1.0})
    assert not Suspect(np.arange(3, dtype=np.uint32), pl.DataFrame(), network).without_habits(0.03)


@pytest.mark.parametrize("of_people", [True, False])
def test_what_is_asked_of_people_is_not_asked_of_who_has_no_habits(
    monkeypatch: pytest.MonkeyPatch, of_people: bool
) -> None:
    never = Guard(
        "circle", Verdict.CIRCLE, "", lambda *_: 1.0, lambda _: 0.5, at_least=False, of_people=of_people
    )
    monkeypatch.setattr(trial, "GUARDS", {Level.TIGHT: (never,)})
    every = [*itertools.permutations(range(3))]
    ended = trial.guarded(met_in(every * 6), Settings())
    assert (ended is None) == of_people
    assert trial.guarded(met_in(every * 5), Settings()) is not None


def test_a_list_that_is_worked_through_and_who_comes_at_once_are_not_asked() -> None:
    orders = [(0, 1, 2), (0, 1, 2), (2, 0, 1)] * 10
    assert asked(in_order([(0, 1, 2)] * 30)) is None
    assert asked(in_order(orders, apart_s=20.0)) is None
    # Nor is a group that chats carry, nor one of which nobody met.
    assert asked(in_order(orders), chat=0.6) is None
    assert asked([(0, 0.0, 0), (1, 0.0, 1)]) is None
