"""Rings that lie in a group of people are let go with it, unless they have shown to have no habits."""

import itertools
from collections.abc import Sequence

import numpy as np
import polars as pl
from bare import bare

from graphkit.engine.reach import MICROSECONDS
from graphkit.layers.base import INCIDENCE
from graphkit.rings.parts import parts_let_go
from graphkit.rings.suspect import Suspect
from graphkit.rings.trial import Trial
from graphkit.settings import Settings
from graphkit.words import Strand, Verdict

SETTINGS = Settings()


def trial(
    members: Sequence[int], verdict: Verdict, *, rounds: int = 5, guard: str | None = None, feed: float = 1.0
) -> Trial:
    """Three of `members`, who are tried, come once a day, in each of their six orders `rounds` times."""
    orders = [*itertools.permutations(members[:3])] * rounds
    comings = [
        (account, day, place) for day, order in enumerate(orders) for place, account in enumerate(order)
    ]
    rows = [
        {"account": account, "event": event, "at": (86_400 * day + 300 * place) * MICROSECONDS}
        | {"key": day, "occasion": day, "topic": day, "place": event}
        for event, (account, day, place) in enumerate(comings)
    ]
    network = bare("feed", pl.DataFrame(rows, schema=INCIDENCE), {Strand.FEED: feed, Strand.CHAT: 1 - feed})
    suspect = Suspect(np.array(members, dtype=np.uint32), pl.DataFrame(), network)
    return Trial(suspect, verdict, "why", 1.0, 1.0, 1e-9, guard=guard)


def verdicts(*judged: Trial) -> list[Verdict]:
    return [one.verdict for one in parts_let_go(judged, SETTINGS)]


def test_a_ring_that_lies_in_a_group_of_people_is_let_go_with_it() -> None:
    people = trial(range(12), Verdict.LOOKALIKE, guard="habits")
    # Ten of twelve are in it: .83.
    part = trial([*range(10), 12, 13], Verdict.RING)
    assert verdicts(people, part) == [Verdict.LOOKALIKE] * 2
    told = parts_let_go([people, part], SETTINGS)[1]
    assert (told.reason.split(":")[0], told.observed, told.required) == ("habits", 10 / 12, 0.8)
    # Nine of twelve are not enough, nor is a group that another guard ended.
    assert verdicts(people, trial([*range(9), 12, 13, 14], Verdict.RING))[1] is Verdict.RING
    crowd = trial(range(12), Verdict.LOOKALIKE, guard="lottery")
    assert verdicts(crowd, part)[1] is Verdict.RING


def test_a_ring_that_has_no_habits_may_hide_among_people() -> None:
    # Of 36 meetings in every order at most .0266 is chance, of 30 at most .032; .03 is asked (see habits).
    people = trial(range(6), Verdict.LOOKALIKE, guard="habits")
    assert verdicts(people, trial(range(3), Verdict.RING, rounds=6))[1] is Verdict.RING
    assert verdicts(people, trial(range(3), Verdict.RING))[1] is Verdict.LOOKALIKE
    # Nor are those let go who are half a crowd of people or less, or meet elsewhere than on posts.
    crowd = trial(range(7), Verdict.LOOKALIKE, guard="habits")
    assert verdicts(crowd, trial(range(3), Verdict.RING))[1] is Verdict.RING
    assert verdicts(people, trial(range(3), Verdict.RING, feed=0.4))[1] is Verdict.RING


def test_what_was_no_ring_stays_as_it_was() -> None:
    people = trial(range(12), Verdict.LOOKALIKE, guard="habits")
    unproved = trial(range(3), Verdict.UNPROVED)
    assert parts_let_go([people, unproved], SETTINGS) == [people, unproved]
