"""Leave one platform out: thresholds set on the other platforms' people, tested on one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from graphkit.evaluate.platforms import ALONE, Platform, case_of, others
from graphkit.judgement import Policy
from graphkit.judgement.bits import own_bits
from graphkit.judgement.bits import ranked as weighed
from graphkit.judgement.observed import GRADE_RANK
from graphkit.settings import Settings
from graphkit.signals.base import Signal
from graphkit.signals.evidence import evidence
from graphkit.signals.reference import placed
from graphkit.words import Direction, Grade

_MODERATE = GRADE_RANK[Grade.MODERATE]


def by_signal(
    humans: Sequence[Platform], agents: Platform | None, settings: Settings
) -> list[dict[str, Any]]:
    """For each platform left out and each signal: people and agents asked, and the share found moderate.

    The reference is the people of the other platforms. `auc` is the chance that an agent is more unusual
    than one of the people left out.
    """
    rows = []
    for place in humans:
        elsewhere = others(humans, place)
        mine = _graded(place, elsewhere, settings)
        theirs = None if agents is None else _graded(agents, elsewhere, settings)
        for signal in ALONE:
            here, there = _of(mine, signal), _of(theirs, signal)
            if here.is_empty() and there.is_empty():
                continue
            rows.append(
                {
                    "platform": place.name,
                    "signal": signal.name,
                    "people": here.height,
                    "people_weak": _share(here, Grade.WEAK),
                    "people_moderate": _share(here, Grade.MODERATE),
                    "agents": there.height,
                    "agents_moderate": _share(there, Grade.MODERATE),
                    "auc": auc(there["value"], here["value"], signal.direction),
                }
            )
    return rows


def by_family(
    humans: Sequence[Platform], agents: Platform | None, settings: Settings, rules: Policy
) -> list[dict[str, Any]]:
    """For each platform left out and each family: the share of those measured at each grade."""
    rows = []
    for place in humans:
        elsewhere = others(humans, place)
        for who, asked in (("people", place), ("agents", agents)):
            if asked is None:
                continue
            case = case_of(asked.events, settings)
            grades = _graded(asked, elsewhere, settings).with_columns(
                pl.lit(value=True).alias("outside"), pl.lit(None, pl.Float64).alias("quantile_here")
            )
            found = own_bits(weighed(evidence(case, grades, signals=ALONE), rules), rules.bits)
            n_asked = _asked(asked)
            for family in ("T", "X"):
                ranks = found.filter(family=family)["rank"]
                shares = {
                    grade.value: _part(int((ranks >= GRADE_RANK[grade]).sum()), n_asked[family])
                    for grade in (Grade.WEAK, Grade.MODERATE)
                }
                rows.append(
                    {"platform": place.name, "who": who, "family": family, "n": n_asked[family], **shares}
                )
    return rows


def auc(unusual: pl.Series, ordinary: pl.Series, direction: Direction) -> float | None:
    """The chance that one of `unusual` lies further out than one of `ordinary`; ties count half."""
    if unusual.is_empty() or ordinary.is_empty():
        return None
    out, own = unusual.to_numpy(), np.sort(ordinary.to_numpy())
    below = np.searchsorted(own, out, side="left") + np.searchsorted(own, out, side="right")
    share = float(below.mean() / (2 * own.size))
    return share if direction == Direction.HIGH else 1.0 - share


def _graded(place: Platform, elsewhere: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    return placed(place.answers, elsewhere, ALONE, settings.signals, outside=True)


def _of(grades: pl.DataFrame | None, signal: Signal) -> pl.DataFrame:
    empty = pl.DataFrame(schema={"signal": pl.String, "value": pl.Float64, "grade": pl.String})
    return empty if grades is None else grades.filter(signal=signal.name)


def _asked(place: Platform) -> dict[str, int]:
    """How many accounts any signal of a family could be asked of."""
    of_family = {signal.name: signal.family.value for signal in ALONE}
    named = place.answers.with_columns(pl.col("signal").replace_strict(of_family).alias("family"))
    return {"T": 0, "X": 0} | dict(named.group_by("family").agg(pl.col("account_id").n_unique()).rows())


def _share(rows: pl.DataFrame, least: Grade) -> float | None:
    at_least = [grade.value for grade, rank in GRADE_RANK.items() if rank >= GRADE_RANK[least]]
    return _part(rows.filter(pl.col("grade").is_in(at_least)).height, rows.height)


def _part(count: int, of: int) -> float | None:
    return count / of if of else None
