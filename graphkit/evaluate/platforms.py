"""Platforms: event logs whose accounts were asked every signal, one log by name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from graphkit.errors import InputError
from graphkit.evaluate.backgrounds import digest, named
from graphkit.judgement import Findings, Judgement, Policy, judged
from graphkit.readers.reads import read_events
from graphkit.settings import Settings
from graphkit.signals import SIGNALS, Case
from graphkit.signals.base import written
from graphkit.signals.evidence import evidence, measures
from graphkit.signals.reference import fitted
from graphkit.signals.standing import ranked, stand_ins, yardstick
from graphkit.tables import ACCOUNTS, MEMBERS, PAIRS, REFERENCE, RINGS
from graphkit.words import Subject, Tier

# Signals that are asked of one account by itself; the others need a ring.
ALONE = tuple(signal for signal in SIGNALS if signal.subject == Subject.ACCOUNT)


@dataclass(frozen=True)
class Platform:
    """One log: events as `written`, MEASURES of its accounts, and the values of those with few events."""

    name: str
    sha256: str
    events: pl.DataFrame
    answers: pl.DataFrame
    fewer: pl.DataFrame

    @property
    def accounts(self) -> int:
        """How many accounts it has."""
        return self.events["account_id"].n_unique()


def platform(given: str, settings: Settings) -> Platform:
    """The platform of a path or `name=path`."""
    name, path = named(given)
    read = read_events(path, settings=settings.read)
    if read.events.is_empty():
        raise InputError(f"`{path}` holds no event; give a log with accounts to measure")
    events = written(read.events)
    case = case_of(events, settings)
    answers = measures(case, signals=ALONE)
    return Platform(name, digest(path, read.events), events, answers, stand_ins(case, ALONE))


def case_of(events: pl.DataFrame, settings: Settings) -> Case:
    """A case without rings about `events`, which are `written`."""
    return Case(events, ACCOUNTS.empty(), MEMBERS.empty(), PAIRS.empty(), settings.signals)


def others(places: Iterable[Platform], *without: Platform) -> pl.DataFrame:
    """REFERENCE of the people of all `places` but those `without`."""
    named = [place.name for place in without]
    return people(place for place in places if place.name not in named)


def at_or_above(tiers: pl.DataFrame) -> dict[str, int]:
    """How many of TIERS stand at each tier above `clear`, or higher."""
    return {
        tier.value: tiers.filter(pl.col("tier") >= tier.value).height for tier in Tier if tier != Tier.CLEAR
    }


def people(platforms: Iterable[Platform]) -> pl.DataFrame:
    """REFERENCE of all accounts of `platforms` together, those with few events among them."""
    parts = [pl.concat([_asked(place), place.fewer]) for place in platforms]
    if not parts:
        return REFERENCE.empty()
    together = pl.concat(parts)
    return fitted(together, together["account_id"].unique(), source="other platforms")


def _asked(place: Platform) -> pl.DataFrame:
    """The answers to signals without stand-ins, who are among those with any usable event."""
    there = place.fewer["signal"].unique().to_list()
    return place.answers.filter(~pl.col("signal").is_in(there)).select("signal", "account_id", "value", "n")


def world(events: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Events of several logs, all `written`, in the order of EVENTS."""
    columns = events[0].columns
    return pl.concat([part.select(columns) for part in events]).sort("timestamp", "event_id")


def stood(events: pl.DataFrame, others: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Every answer as `standing.ranked` places it, without rings; people elsewhere are those of `others`."""
    case = case_of(events, settings)
    answers = measures(case, signals=ALONE)
    marks = yardstick(case, answers, elsewhere=others, signals=ALONE)
    return ranked(answers, marks, case.settings, signals=ALONE)


def alone(events: pl.DataFrame, placed: pl.DataFrame, settings: Settings, rules: Policy) -> Judgement:
    """Every account judged by its own events, of which `placed` is what `stood` gives."""
    case = case_of(events, settings)
    found = Findings(
        events=events,
        accounts=case.accounts,
        members=case.members,
        rings=RINGS.empty(),
        evidence=evidence(case, placed, signals=ALONE),
    )
    return judged(found, rules)
