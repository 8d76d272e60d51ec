"""Does evidence last? Accounts of interest asked again in parts of the period and of their ring's events."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from graphkit.engine.threads import side_by_side
from graphkit.judgement import Policy, periods, windows
from graphkit.signals import Case, Signal
from graphkit.signals.evidence import evidence, measures
from graphkit.signals.standing import Yardstick, ranked
from graphkit.words import Family, Grade, Subject, Tier

_TIMELESS = (Family.ACCOUNT.value,)


@dataclass(frozen=True)
class Lasting:
    """Tables of `windows`: over parts of the period (None: too short) and of each ring's events."""

    windows: pl.DataFrame | None
    parts: pl.DataFrame


def of_interest(tiers: pl.DataFrame, evidence: pl.DataFrame) -> list[str]:
    """Accounts that a rule which asks for lasting evidence may reach: at `warn`, or strong in a ring."""
    strong = evidence.filter(
        pl.col("account_id").is_not_null()
        & pl.col("ring_id").is_not_null()
        & (pl.col("grade") == Grade.STRONG.value)
    )
    warned = tiers.filter(pl.col("tier") >= Tier.WARN.value)
    both = pl.concat([warned["account_id"], strong["account_id"]])
    return both.unique().sort().to_list()


def lasting(
    case: Case,
    placed: pl.DataFrame,
    marks: Yardstick,
    interest: Sequence[str],
    rules: Policy,
    signals: Sequence[Signal],
) -> Lasting:
    """How many parts hold evidence of each account of `interest`.

    case.events is `written`: what was new in a text, and the pause before it, are those of the whole period.
    `placed` are the answers of the whole period; of registration they hold for every part. Values are held
    against the ordinary accounts of the whole period at equal n.
    """
    near = replace(_near(case, interest), asked=tuple(interest))
    asked = [s for s in signals if s.subject != Subject.RING and s.family.value not in _TIMELESS]
    timeless = [s for s in signals if s.subject != Subject.RING and s.family.value in _TIMELESS]
    standing = evidence(case, placed.filter(_named(timeless)), signals=timeless)

    def seen(events: pl.DataFrame, *, own_only: bool) -> pl.DataFrame:
        part = replace(near, events=events)
        answers = measures(part, signals=asked)
        answers = answers.filter(pl.col("account_id").is_in(list(interest)))
        where = ranked(answers, marks, case.settings, signals=asked)
        kept = where.filter(~pl.col("outside")) if own_only else where
        of_part = pl.concat([evidence(near, kept, signals=asked), standing])
        return of_part.filter(pl.col("account_id").is_in(list(interest)))

    spans = periods(case.events, rules)
    within = [near.events.filter(pl.col("timestamp").is_between(*span, closed="left")) for span in spans]
    asked_of = [partial(seen, events, own_only=True) for events in within]
    asked_of += [partial(seen, events, own_only=False) for events in _parts(near, rules.windows.number)]
    answers = side_by_side(asked_of)
    over, parts = answers[: len(spans)], answers[len(spans) :]
    parts = [part.filter(pl.col("ring_id").is_not_null()) for part in parts]
    return Lasting(windows(over, rules) if spans else None, windows(parts, rules))


def _near(case: Case, interest: Sequence[str]) -> Case:
    """The accounts of interest, their fellows, and the crowd on the objects of their rings."""
    listed = pl.DataFrame({"account_id": list(interest)}, schema={"account_id": pl.String})
    rings = case.members.join(listed, on="account_id", how="semi").select("ring_id").unique()
    fellows = case.members.join(rings, on="ring_id", how="semi")
    watched = pl.concat([listed, fellows.select("account_id")]).unique()
    objects = case.events.join(fellows, on="account_id", how="semi").select("object_id").drop_nulls().unique()
    # The longest text of a channel says how long texts may be there.
    length = pl.col("text").str.len_chars().fill_null(0)
    longest = case.events.group_by("channel").agg(pl.col("event_id").get(length.arg_max()))
    near = (
        pl.col("account_id").is_in(watched["account_id"].implode())
        | pl.col("object_id").is_in(objects["object_id"].implode())
        | pl.col("event_id").is_in(longest["event_id"].implode())
    )
    return replace(case, events=case.events.filter(near.fill_null(value=False)), members=fellows)


def _parts(near: Case, number: int) -> list[pl.DataFrame]:
    """The events of each ring's members in parts of equally many, each with all events of the others.

    A ring that worked for one night shows what it does in every part of it, or in one moment only.
    """
    mine = near.members.select("account_id", "ring_id")
    ours = near.events.join(mine, on="account_id", how="left", maintain_order="left")
    place = pl.int_range(pl.len()).over("ring_id") * number // pl.len().over("ring_id")
    numbered = ours.with_columns(pl.when(pl.col("ring_id").is_not_null()).then(place).alias("part"))
    return [
        numbered.filter(pl.col("part").is_null() | (pl.col("part") == part)).drop("part", "ring_id")
        for part in range(number)
    ]


def _named(signals: Sequence[Signal]) -> pl.Expr:
    return pl.col("signal").is_in([signal.name for signal in signals])
