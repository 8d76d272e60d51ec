"""What a rule may look at: every number of a case, by name, and how it is put into words."""

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from graphkit.words import Family, Grade, Tier


class Aspect(StrEnum):
    """What of its events an account is judged by; one aspect never counts for two families."""

    TIME = "time"
    TEXT = "text"
    TARGET = "target"
    ACCOUNT = "account"


# Families that rest on the account's own events; G and C are said of a group.
OWN_FAMILIES = (Family.TIME, Family.TEXT, Family.ACCOUNT)
GROUP_FAMILIES = (Family.GRAPH, Family.COORDINATION)

# Grades and tiers as numbers that can be compared; a family nobody could measure stands below `none`.
GRADE_RANK = {
    Grade.ABSENT: 0,
    Grade.NONE: 1,
    Grade.WEAK: 2,
    Grade.MODERATE: 3,
    Grade.STRONG: 4,
}
TIER_RANK = {tier: rank for rank, tier in enumerate(Tier)}

UNATTAINABLE = "not attainable from this data"
UNOBSERVABLE = "not observable"
UNPAIRED = "not unusual in both"
UNASKED = "not asked: no ring has strong evidence"


class Kind(StrEnum):
    """How a number is written in a trace."""

    GRADE = "grade"
    COUNT = "count"
    SHARE = "share"
    TAIL = "tail"
    FLAG = "flag"


@dataclass(frozen=True)
class Observed:
    """One number of a case: what it is, how it is written, and what is said where it is null."""

    question: str
    kind: Kind
    missing: str = UNOBSERVABLE


OBSERVED: dict[str, Observed] = {
    "G": Observed("grade of the ring membership", Kind.GRADE),
    "T": Observed("grade of the account's timing", Kind.GRADE),
    "X": Observed("grade of the account's texts", Kind.GRADE),
    "T_anywhere": Observed("grade of its timing, against accounts of other platforms too", Kind.GRADE),
    "X_anywhere": Observed("grade of its texts, against accounts of other platforms too", Kind.GRADE),
    "joint_tail": Observed(
        "share of ordinary accounts with timing and texts as rare together", Kind.TAIL, UNPAIRED
    ),
    "T_ceiling": Observed("grade of its timing by what no person can do", Kind.GRADE),
    "C": Observed("grade of what its ring does as one, for a core member", Kind.GRADE),
    "A": Observed("grade of the account's registration", Kind.GRADE),
    "C_apart": Observed("grade of C in an aspect that the account's own evidence does not hold", Kind.GRADE),
    "aspects": Observed("aspects with a moderate or strong grade, each counted once", Kind.COUNT),
    "own_moderate": Observed("own families at moderate or strong", Kind.COUNT),
    "own_strong": Observed("own families at strong", Kind.COUNT),
    "exonerating": Observed("own families measured and found ordinary", Kind.COUNT),
    "spam": Observed("a finding of spam: it repeats its own texts", Kind.FLAG),
    "functional": Observed("a finding of its function: it announces, it does not converse", Kind.FLAG),
    "ring_member": Observed("member of a ring", Kind.FLAG),
    "ring_core": Observed("core member of a ring", Kind.FLAG),
    "ring_confirmed": Observed("member of a ring that holds up, and holds it in resampling", Kind.FLAG),
    "own_reference": Observed("ordinary accounts of the same platform are the reference", Kind.FLAG),
    "disclosed": Observed("whether the account says that it is automated", Kind.FLAG),
    "verified": Observed("whether the platform has verified it, as a merchant for example", Kind.FLAG),
    "n_events": Observed("events in this data", Kind.COUNT),
    "n_posts": Observed("how many posts it wrote", Kind.COUNT, f"{UNOBSERVABLE}: the data holds no posts"),
    "age_days": Observed("its age in days at the end of the data, or at least", Kind.COUNT),
    "share_explained": Observed("share of its events behind own evidence, at least", Kind.SHARE),
    "parts": Observed("parts of its ring's events with two own families at moderate", Kind.COUNT, UNASKED),
    "windows": Observed("windows of time with two own families at moderate", Kind.COUNT, UNATTAINABLE),
}


def grade_rank(column: str) -> pl.Expr:
    """The rank of a column of grades."""
    ranks = {grade.value: rank for grade, rank in GRADE_RANK.items()}
    return pl.col(column).cast(pl.String).replace_strict(ranks, return_dtype=pl.Int64)


def grade_word(rank: pl.Expr) -> pl.Expr:
    """The grade of a column of ranks."""
    words = {rank: grade.value for grade, rank in GRADE_RANK.items()}
    return rank.cast(pl.Int64).replace_strict(words, return_dtype=pl.String)


def tier_word(rank: pl.Expr) -> pl.Expr:
    """The tier of a column of ranks."""
    words = {rank: tier.value for tier, rank in TIER_RANK.items()}
    return rank.cast(pl.Int64).replace_strict(words, return_dtype=pl.String)


def seen(name: str) -> pl.Expr:
    """The observed number of every case, in words."""
    observed = OBSERVED[name]
    value = pl.col(name)
    if observed.kind is Kind.GRADE:
        words = grade_word(value)
    elif observed.kind is Kind.FLAG:
        words = pl.when(value >= 1).then(pl.lit("yes")).otherwise(pl.lit("no"))
    elif observed.kind is Kind.COUNT:
        words = value.floor().cast(pl.Int64).cast(pl.String)
    elif observed.kind is Kind.TAIL:
        # Rounded up: .2502 % must not be shown as .25 % beside a rule that wants .25 % at most.
        words = pl.format("{} %", (value * 1e5).ceil() / 1000)
    else:
        # Rounded down: .7996 must not be shown as .8 beside a rule that wants .8.
        words = ((value * 1000).floor() / 1000).cast(pl.String)
    return pl.when(value.is_null()).then(pl.lit(observed.missing)).otherwise(words)


def wanted(name: str, number: float, *, least: bool) -> str:
    """What is required, in the words that `seen` uses for what was observed."""
    kind = OBSERVED[name].kind
    if kind is Kind.FLAG:
        return "yes" if least else "no"
    bound = f"{100 * number:g} %" if kind is Kind.TAIL else f"{number:g}"
    if kind is Kind.GRADE:
        bound = next(grade.value for grade, rank in GRADE_RANK.items() if rank == number)
    return f"at least {bound}" if least else f"at most {bound}"
