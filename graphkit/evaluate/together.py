"""Timing and texts together: how rare the two are among people, and why an agent is not warned."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from graphkit.evaluate.platforms import ALONE
from graphkit.judgement import Policy
from graphkit.judgement.bits import ranked, with_finding
from graphkit.judgement.facts import together
from graphkit.judgement.observed import GRADE_RANK, grade_rank
from graphkit.words import GRAVE, UNUSUAL, Family, Grade

# Shares of ordinary accounts that are asked for; the first is the line of the policy.
LINES = (0.0025, 0.01, 0.05)
# Accounts with fewer events are not warned by their own events.
EVENTS = 20
_MODERATE = GRADE_RANK[Grade.MODERATE]
_FAMILIES = (Family.TIME, Family.TEXT)
# What a family can come to, the first that holds.
FOUND = "moderate"
ELSEWHERE = "by people elsewhere only"
VOID = "void: it repeats its texts"
WEAK = "weak at most"
ORDINARY = "ordinary"
UNMEASURED = "not measured"


def ranks(placed: pl.DataFrame, rules: Policy) -> pl.DataFrame:
    """Every placed answer of every account as `bits.ranked` weighs it, of those with no evidence as well."""
    family = {signal.name: signal.family.value for signal in ALONE}
    named = placed.with_columns(
        pl.col("signal").replace_strict(family).alias("family"), pl.lit(None, pl.String).alias("ring_id")
    )
    return ranked(named, rules)


def as_rare(weighed: pl.DataFrame, accounts: Sequence[str]) -> dict[str, int]:
    """How many of `accounts` could be asked in both families, and how many are as rare as each of LINES."""
    asked = (
        weighed.filter(pl.col("account_id").is_in(list(accounts)) & pl.col("quantile").is_not_null())
        .group_by("account_id")
        .agg(pl.col("family").n_unique().alias("families"))
        .filter(pl.col("families") == len(_FAMILIES))
    )
    tails = together(weighed).join(asked, on="account_id", how="semi")["joint_tail"]
    return {"asked": asked.height, **{str(line): int((tails <= line).sum()) for line in LINES}}


def reasons(weighed: pl.DataFrame, rules: Policy, accounts: Sequence[str]) -> list[dict[str, Any]]:
    """What the timing and the texts of `accounts` came to, with how many of them it was so: most first."""
    listed = pl.DataFrame({"account_id": sorted(accounts)}, schema={"account_id": pl.String})
    for family in _FAMILIES:
        came = _came_to(weighed, rules, family)
        listed = listed.join(came, on="account_id", how="left").with_columns(
            pl.col(family.value).fill_null(UNMEASURED)
        )
    names = [family.value for family in _FAMILIES]
    counts = listed.group_by(names).len("accounts")
    return counts.sort("accounts", *names, descending=[True, False, False]).to_dicts()


def _came_to(weighed: pl.DataFrame, rules: Policy, family: Family) -> pl.DataFrame:
    """account_id, and a column named after the family: what it came to."""
    outside = pl.col("outside").fill_null(value=False)
    found, grade = pl.col("rank") >= _MODERATE, pl.col("grade").cast(pl.String)
    spam = pl.col("account_id").is_in(with_finding(weighed, rules.spam.signals))
    void = spam & pl.col("signal").is_in(rules.spam.voids) & grade.is_in(GRAVE)
    placed = pl.col("quantile").is_not_null() & (grade_rank("grade") > GRADE_RANK[Grade.ABSENT])
    # Without the signals that tell most, being ordinary in the others says little.
    best = pl.col("signal").is_in([name for name, worth in rules.worth.items() if worth > 1])
    return (
        weighed.filter(pl.col("family").cast(pl.String) == family.value)
        .group_by("account_id")
        .agg(
            pl.when((found & ~outside).any())
            .then(pl.lit(FOUND))
            .when((found & outside).any())
            .then(pl.lit(ELSEWHERE))
            .when(void.any())
            .then(pl.lit(VOID))
            .when((placed & grade.is_in(UNUSUAL)).any())
            .then(pl.lit(WEAK))
            .when((placed & best).any())
            .then(pl.lit(ORDINARY))
            .otherwise(pl.lit(UNMEASURED))
            .alias(family.value)
        )
    )
