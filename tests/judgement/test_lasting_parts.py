"""Evidence that lasts, on a made-up ring: the parts of its events, and who is asked again."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import polars as pl

from graphkit.judgement import policy
from graphkit.run.lasting import Lasting, lasting, of_interest
from graphkit.settings import SignalSettings
from graphkit.signals import SIGNALS, Case
from graphkit.signals.base import written
from graphkit.signals.evidence import evidence, measures
from graphkit.signals.standing import ranked, yardstick
from graphkit.tables import ACCOUNTS, EVENTS, MEMBERS, PAIRS, TIERS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def volleys(texts: Mapping[str, int]) -> pl.DataFrame:
    """Members that answer the same 90 posts within a second, each in its first so many with a text."""
    chance = random.Random(5)
    # Somebody else writes longer, so that the hundred are no limit of the place.
    rows: list[tuple[object, ...]] = [("z-0", NOON, "comment", "z", None, "o", None, "word " * 60)]
    for volley in range(90):
        # Three strangers come to each object, a while later: the crowd that lockstep is held against.
        for place, name in enumerate("uvy"):
            later = NOON + timedelta(seconds=61 * volley + 30 + 9 * place)
            rows.append((f"{name}-{volley}", later, "comment", name, None, f"o{volley}", None, None))
        for place, (name, n_texts) in enumerate(texts.items()):
            at = NOON + timedelta(seconds=61 * volley + 0.3 * place)
            words = "".join(chance.choices("abcdefghij  ", k=100)) if volley < n_texts else None
            rows.append((f"{name}-{volley}", at, "comment", name, None, f"o{volley}", None, words))
    return EVENTS.check(pl.DataFrame(rows, schema=EVENTS.empty().schema, orient="row"))


def lasts(texts: Mapping[str, int]) -> tuple[Lasting, list[str]]:
    members = [(name, "r", "core", 1.0) for name in texts]
    of = Case(
        written(volleys(texts)),
        ACCOUNTS.empty(),
        MEMBERS.check(pl.DataFrame(members, schema=MEMBERS.empty().schema, orient="row")),
        PAIRS.empty(),
        SignalSettings(),
    )
    answers = measures(of)
    marks = yardstick(of, answers)
    placed = ranked(answers, marks, of.settings)
    interest = of_interest(TIERS.empty(), evidence(of, placed))
    return lasting(of, placed, marks, interest, policy("generic"), SIGNALS), interest


def test_parts_of_a_ring_that_works_for_an_hour_and_a_half() -> None:
    # Texts of one length (100 keys): in every part of thirty posts those of `b` are unlike people's; `c` has
    # texts in the first two parts only, `d` in none. All but `a`, the first of each volley, are in lockstep.
    found, interest = lasts({"a": 90, "b": 90, "c": 60, "d": 0})
    assert interest == ["b", "c", "d"]
    # An hour and a half is one occasion.
    assert found.windows is None
    parts = dict(found.parts.select("account_id", "n_windows_with_evidence").rows())
    assert parts == {"b": 3, "c": 2, "d": 0}


def test_nobody_is_asked_again_for_being_strong_outside_a_ring() -> None:
    strong = pl.DataFrame({"account_id": ["a"], "ring_id": ["r"], "grade": ["strong"]})
    assert of_interest(TIERS.empty(), strong) == ["a"]
    alone = strong.with_columns(pl.lit(None, pl.String).alias("ring_id"))
    assert of_interest(TIERS.empty(), alone) == []
