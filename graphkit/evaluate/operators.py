"""Simulated operators: accounts run by a tool that waits in one way or another, written among people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.evaluate.platforms import Platform, alone, stood, world
from graphkit.judgement import Policy
from graphkit.settings import Settings
from graphkit.signals.base import written
from graphkit.tables import EVENTS
from graphkit.words import GRAVE, Channel, Tier

Floats = npt.NDArray[np.float64]
Waits = Callable[[np.random.Generator, Floats], Floats]

ACCOUNTS = 10
SESSIONS = 5
COMMENTS = 12
# Comments that an operator with fixed ones has.
FIXED = 5
# Keys a second at which a tool pretends to read what it answers: a quick reader's.
_READING = 25.0
_MARK = "operator "
_DAY_S = 86_400.0


@dataclass(frozen=True)
class Operator:
    """How a tool behaves: its waits in seconds, from the lengths of what it answers, and its texts."""

    name: str
    waits: Waits
    characters: int | None = None
    fixed: bool = False


def _between(low: float, high: float) -> Waits:
    return lambda chance, read: chance.uniform(low, high, read.size)


def _reading(chance: np.random.Generator, read: Floats) -> Floats:
    return chance.uniform(1.0, 3.0, read.size) + read / _READING


def _log_normal(chance: np.random.Generator, read: Floats) -> Floats:
    # Half of the waits are under 30 s, one in six is over 80 s.
    return chance.lognormal(np.log(30.0), 1.0, read.size)


OPERATORS = (
    Operator("waits of 4 to 12 s", _between(4, 12)),
    Operator("waits of 5 to 8 s", _between(5, 8)),
    Operator("five fixed comments, waits of 4 to 12 s", _between(4, 12), fixed=True),
    Operator("waits as long as reading takes", _reading),
    Operator("log-normal waits, half of them under 30 s", _log_normal),
    Operator("a minute between comments", _between(50, 70)),
    Operator("two minutes between comments", _between(110, 130)),
    Operator("texts cut to 60 characters, waits of 4 to 12 s", _between(4, 12), characters=60),
    Operator("texts cut to 30 characters, waits of 4 to 12 s", _between(4, 12), characters=30),
)


def operated(
    place: Platform, agents: Platform, others: pl.DataFrame, settings: Settings, rules: Policy, seed: int
) -> dict[str, dict[str, int]]:
    """For each operator how many of its accounts stand at each tier or above, and at moderate in T and X.

    Texts are those of `agents`, each used once; times and objects are those of `place`.
    """
    chance = np.random.default_rng(seed)
    texts = _texts(agents)
    chance.shuffle(texts)
    rows: list[pl.DataFrame] = []
    for number, operator in enumerate(OPERATORS):
        for account in range(ACCOUNTS):
            begin = (number * ACCOUNTS + account) * SESSIONS * COMMENTS
            own = [texts[(begin + step) % len(texts)] for step in range(SESSIONS * COMMENTS)]
            rows.append(_account(operator, f"{_MARK}{number} {account}", own, place, chance))
    events = world([place.events, written(EVENTS.check(pl.concat(rows)))])
    judgement = alone(events, stood(events, others, settings), settings, rules)
    trace = judgement.evidence.filter(pl.col("account_id").str.starts_with(_MARK))
    return {
        operator.name: _told(f"{_MARK}{number} ", judgement.tiers, trace)
        for number, operator in enumerate(OPERATORS)
    }


def _texts(agents: Platform) -> list[str]:
    """Comments of agents, as different as they come, in order."""
    comments = agents.events.filter(
        (pl.col("channel").cast(pl.String) == Channel.COMMENT.value) & (pl.col("keys") >= 40)
    )
    return comments.unique("form", keep="first", maintain_order=True)["text"].to_list()


def _account(
    operator: Operator, name: str, texts: list[str], place: Platform, chance: np.random.Generator
) -> pl.DataFrame:
    n = SESSIONS * COMMENTS
    answered = place.events.filter(pl.col("text").is_not_null() & pl.col("object_id").is_not_null())
    met = answered[np.sort(chance.integers(0, answered.height, n)).tolist()]
    if operator.fixed:
        texts = [texts[step % FIXED] for step in range(n)]
    wait = operator.waits(chance, met["keys"].to_numpy().astype(np.float64))
    # A session a day, begun at about the same hour.
    starts = np.repeat(np.arange(SESSIONS) * _DAY_S + chance.uniform(0, 3600, SESSIONS), COMMENTS)
    inside = np.cumsum(wait.reshape(SESSIONS, COMMENTS), axis=1).reshape(n)
    first = place.events["timestamp"][int(chance.integers(0, place.events.height))]
    return pl.DataFrame(
        {
            "event_id": [f"{name} {step}" for step in range(n)],
            "timestamp": [first + timedelta(seconds=float(at)) for at in starts + inside],
            "channel": met["channel"].cast(pl.String),
            "account_id": [name] * n,
            "target_id": met["account_id"],
            "object_id": met["object_id"],
            "parent_id": met["event_id"],
            "text": [text[: operator.characters] for text in texts],
        }
    )


def _told(start: str, tiers: pl.DataFrame, evidence: pl.DataFrame) -> dict[str, int]:
    own = tiers.filter(pl.col("account_id").str.starts_with(start))
    moderate = pl.col("grade").cast(pl.String).is_in(GRAVE)
    found = evidence.filter(pl.col("account_id").str.starts_with(start) & moderate)
    return {
        "accounts": own.height,
        **{tier.value: own.filter(pl.col("tier") >= tier.value).height for tier in (Tier.WATCH, Tier.WARN)},
        **{
            family: found.filter(pl.col("family").cast(pl.String) == family)["account_id"].n_unique()
            for family in ("T", "X")
        },
    }


def summed(seeds: Mapping[str, Mapping[str, Mapping[str, int]]]) -> list[dict[str, Any]]:
    """For each operator the shares of accounts over all seeds; the fifth percentile of those caught."""
    rows = []
    for operator in OPERATORS:
        found = [outcome[operator.name] for outcome in seeds.values()]
        of = sum(one["accounts"] for one in found)
        caught = [one["warn"] / one["accounts"] for one in found]
        rows.append(
            {
                "operator": operator.name,
                "accounts": of,
                **{name: sum(one[name] for one in found) / of for name in ("T", "X", "watch", "warn")},
                "warn_p05": float(np.quantile(caught, 0.05)),
            }
        )
    return rows
