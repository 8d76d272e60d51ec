"""From cases to tiers: rules compiled to expressions over all accounts at once, each try traced."""

from collections.abc import Iterable

import polars as pl

from graphkit.judgement.observed import TIER_RANK, seen, tier_word
from graphkit.judgement.policy import Policy, Rule
from graphkit.words import Tier

BUDGET = "alert budget"
_WATCH = TIER_RANK[Tier.WATCH]
_HIGHEST = max(TIER_RANK.values())


def tiers(cases: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """account_id and `rank` of the tier: the highest that a rule recommends, the lowest that a cap leaves."""
    recommended = [pl.when(rule.holds()).then(TIER_RANK[rule.tier]) for rule in policy.rules]
    left = [pl.when(cap.holds()).then(TIER_RANK[cap.tier]) for cap in policy.caps]
    reached = pl.max_horizontal(pl.lit(0), *recommended).fill_null(0)
    ceiling = pl.min_horizontal(pl.lit(_HIGHEST), *left).fill_null(_HIGHEST)
    return cases.select("account_id", pl.min_horizontal(reached, ceiling).cast(pl.Int64).alias("rank"))


def budgeted(ranked: pl.DataFrame, scores: pl.DataFrame, *, budget: int) -> pl.DataFrame:
    """`ranked` with `place` (among those on watch, the highest score first) and at most `budget` left there.

    Equal scores stand in order of their ids. A budget of 0 is no limit, and nobody has a place.
    """
    watched = pl.col("rank") == _WATCH
    scored = ranked.join(scores.select("account_id", "score"), on="account_id", how="left").sort(
        ["score", "account_id"], descending=[True, False]
    )
    place = pl.when(watched & (budget > 0)).then(watched.cum_sum().cast(pl.Int64))
    past = (pl.col("place") > budget).fill_null(value=False)
    return (
        scored.with_columns(place.alias("place"))
        .with_columns(pl.when(past).then(0).otherwise(pl.col("rank")).alias("rank"))
        .select("account_id", "rank", "place")
        .sort("account_id")
    )


def trace(cases: pl.DataFrame, final: pl.DataFrame, policy: Policy, *, budget: int) -> pl.DataFrame:
    """The columns of TRACE: every rule and cap that was tried for the accounts in `final` above clear.

    A rule is named before its condition; conditions of caps begin with `cap`: where all of one cap hold, its
    tier is the highest left. Accounts that the alert budget turned away are traced too.
    """
    above = final.filter((pl.col("rank") > 0) | pl.col("place").is_not_null())
    tried = cases.join(above.select("account_id"), on="account_id", how="semi")
    parts = [*_tried(tried, policy.rules, ""), *_tried(tried, policy.caps, "cap "), _budget(above, budget)]
    return pl.concat(parts).sort("account_id", "tier", "condition")


def left_out(final: pl.DataFrame, others: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The columns of TRACE for the tier without each family: observed without it, required with it."""
    parts = []
    for family, other in sorted(others.items()):
        both = (
            final.filter(pl.col("rank") > 0)
            .select("account_id", "rank")
            .join(other.select("account_id", pl.col("rank").alias("without")), on="account_id", how="left")
            .with_columns(pl.col("without").fill_null(0))
        )
        parts.append(
            both.select(
                "account_id",
                tier_word(pl.col("rank")).alias("tier"),
                pl.lit(f"without {family}").alias("condition"),
                (pl.col("without") == pl.col("rank")).alias("holds"),
                tier_word(pl.col("without")).alias("observed"),
                tier_word(pl.col("rank")).alias("required"),
            )
        )
    return pl.concat(parts)


def _tried(cases: pl.DataFrame, rules: Iterable[Rule], prefix: str) -> list[pl.DataFrame]:
    return [
        cases.select(
            "account_id",
            pl.lit(rule.tier.value).alias("tier"),
            pl.lit(f"{prefix}{rule.name}: {condition.observed}").alias("condition"),
            condition.holds().alias("holds"),
            seen(condition.observed).alias("observed"),
            pl.lit(condition.required()).alias("required"),
        )
        for rule in rules
        for condition in rule.conditions
    ]


def _budget(above: pl.DataFrame, budget: int) -> pl.DataFrame:
    return above.filter(pl.col("place").is_not_null()).select(
        "account_id",
        pl.lit(Tier.WATCH.value).alias("tier"),
        pl.lit(BUDGET).alias("condition"),
        (pl.col("place") <= budget).alias("holds"),
        pl.format("place {}", "place").alias("observed"),
        pl.lit(f"place {budget} or better").alias("required"),
    )
