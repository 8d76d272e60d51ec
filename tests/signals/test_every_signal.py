"""What must hold of every signal in SIGNALS: a new name brings these tests with it."""

import random
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from casework import case, graded, town
from recount import BY_ACCOUNTS, RECOUNTS

from graphkit.settings import SignalSettings
from graphkit.signals import SIGNALS, Signal
from graphkit.signals.base import Case, written
from graphkit.signals.evidence import absent, measures
from graphkit.tables import ACCOUNTS, EVENTS, MEASURES, MEMBERS, PAIRS
from graphkit.words import Grade, Subject

MOLTBOOK = Path(__file__).parents[2] / "fixtures" / "moltbook"
EACH = pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)


@pytest.fixture(scope="module")
def townsfolk() -> Case:
    return town(7)


@pytest.fixture(scope="module")
def asked(townsfolk: Case) -> pl.DataFrame:
    return measures(townsfolk)


@pytest.fixture(scope="module")
def agents() -> Case:
    events = EVENTS.check(pl.read_parquet(MOLTBOOK / "events.parquet"))
    labels = pl.read_parquet(MOLTBOOK / "labels.parquet")
    members = labels.select("account_id", "ring_id").with_columns(
        pl.lit("core").alias("role"), pl.lit(1.0).alias("stability")
    )
    return Case(events, ACCOUNTS.empty(), MEMBERS.check(members), PAIRS.empty(), SignalSettings())


@EACH
def test_the_town_answers(signal: Signal, asked: pl.DataFrame) -> None:
    rows = asked.filter(signal=signal.name)
    assert rows.height
    assert rows["n"].min() >= signal.minimum_n  # type: ignore[operator]
    assert rows["value"].is_finite().all()


@pytest.mark.parametrize("ready", [False, True], ids=["plain", "written"])
@EACH
def test_an_account_answers_the_same_whether_others_are_asked_or_not(
    signal: Signal, ready: bool, agents: Case
) -> None:
    if signal.subject != Subject.ACCOUNT:
        return
    known = replace(agents, events=written(agents.events)) if ready else agents
    every = signal.measure(agents).sort("account_id")
    some = tuple(every["account_id"][::3])
    own = signal.measure(replace(known, asked=some)).sort("account_id")
    assert own.equals(every.filter(pl.col("account_id").is_in(some)))


@EACH
def test_it_says_what_it_is(signal: Signal) -> None:
    assert signal.question.endswith("?")
    assert signal.innocent
    assert signal.unit
    said = signal.explain(0.5, 20)
    assert said
    assert not said.endswith(".")
    assert " bot" not in said


@EACH
def test_nobody_answers_without_events(signal: Signal) -> None:
    assert signal.measure(case(EVENTS.empty())).is_empty()


def recounted(measured: pl.DataFrame, of: Case) -> list[tuple[str, str, float, float]]:
    home = dict(of.members.select("account_id", "ring_id").rows())
    place = {name: index for index, name in enumerate(of.events["event_id"])}
    found = []
    for name, account, value, ids in measured.select("signal", "account_id", "value", "event_ids").rows():
        rows = of.events[sorted(place[event_id] for event_id in ids)].to_dicts()
        found.append((name, account, value, RECOUNTS[name](rows, account, home)))
    return found


@EACH
def test_the_value_follows_from_the_listed_events_alone(
    signal: Signal, asked: pl.DataFrame, townsfolk: Case
) -> None:
    rows = asked.filter(signal=signal.name)
    if signal.name in BY_ACCOUNTS:
        assert rows["event_ids"].list.len().sum() == 0
        return
    for _, account, value, again in recounted(rows, townsfolk):
        assert again == pytest.approx(value, rel=1e-6), account


def test_the_values_of_real_agents_follow_from_the_listed_events(agents: Case) -> None:
    measured = measures(agents)
    sample = measured.filter(~pl.col("signal").is_in(BY_ACCOUNTS)).group_by("signal", maintain_order=True)
    shown = sample.head(12)
    assert {"output_rate", "lockstep", "ring_lockstep", "shared_script"} <= set(shown["signal"])
    for name, account, value, again in recounted(shown, agents):
        assert again == pytest.approx(value, rel=1e-6), (name, account)


@EACH
def test_the_order_of_rows_means_nothing(signal: Signal, townsfolk: Case) -> None:
    chance = random.Random(3)
    order = list(range(townsfolk.events.height))
    chance.shuffle(order)
    shuffled = Case(
        EVENTS.check(townsfolk.events[order]),
        townsfolk.accounts[::-1],
        townsfolk.members[::-1],
        townsfolk.pairs,
        townsfolk.settings,
    )
    named = pl.lit(signal.name).alias("signal")
    first = MEASURES.check(signal.measure(townsfolk).with_columns(named))
    assert MEASURES.check(signal.measure(shuffled).with_columns(named)).equals(first)


def test_evidence_shows_every_answer_of_every_member(townsfolk: Case, asked: pl.DataFrame) -> None:
    shown = graded(townsfolk)
    members = townsfolk.members["account_id"].to_list()
    of_rings = [signal.name for signal in SIGNALS if signal.subject == Subject.RING]
    wanted = asked.filter(pl.col("account_id").is_in(members) & ~pl.col("signal").is_in(of_rings))
    there = shown.filter(pl.col("account_id").is_in(members))
    assert (
        there.select("signal", "account_id", "value")
        .sort("signal", "account_id")
        .equals(wanted.select("signal", "account_id", "value").sort("signal", "account_id"))
    )
    assert shown.filter(pl.col("account_id").is_null())["signal"].sort().to_list() == sorted(of_rings)
    assert shown["bits"].sum() == 0.0


def test_evidence_is_graded_as_it_was_planted(townsfolk: Case) -> None:
    shown = graded(townsfolk)
    lockstep = shown.filter(signal="lockstep")
    # Fourteen of the member's 34 events are volleys, less those in which it was the first.
    assert set(lockstep["grade"]) <= {Grade.MODERATE.value, Grade.STRONG.value}
    assert shown.filter(signal="ring_lockstep")["grade"].to_list() == [Grade.STRONG.value]
    assert shown.filter(signal="shared_script")["grade"].to_list() == [Grade.STRONG.value]
    assert shown.filter(signal="serial_names")["grade"].unique().to_list() == [Grade.WEAK.value]
    assert shown.filter(signal="hour_ceiling", account_id="fast")["grade"].to_list() == [Grade.STRONG.value]


def test_no_text_stands_in_the_evidence(townsfolk: Case) -> None:
    said = " ".join(graded(townsfolk)["explanation"])
    assert "on my way" not in said
    assert "lamp" not in said


def test_absent_counts_whom_a_signal_could_not_be_asked_of(townsfolk: Case, asked: pl.DataFrame) -> None:
    counts = absent(townsfolk, asked)
    assert set(counts) == {signal.name for signal in SIGNALS}
    # Thirty people, six members, the timer and the fast one; everyone has more than ten events.
    assert counts["hour_ceiling"] == 0
    # Only the timer holds phrases of an assistant.
    assert counts["prompt_leak"] == 37
    assert counts["chorus"] == 0
