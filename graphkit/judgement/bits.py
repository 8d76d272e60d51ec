"""From grades to bits: one statistic for each family, worth bits that understate."""

from collections.abc import Sequence

import polars as pl

from graphkit.engine.normal import Z
from graphkit.judgement.observed import GRADE_RANK, OWN_FAMILIES, Aspect, grade_rank
from graphkit.judgement.policy import Bits, Policy, Tails, bits_of
from graphkit.words import Family, Grade

_NONE = GRADE_RANK[Grade.NONE]
_MODERATE = GRADE_RANK[Grade.MODERATE]


def ranked(evidence: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """EVIDENCE with `rank`, the grade that a row may claim for its family (0: none), and with `tail`.

    A family's best tail was chosen among several, so a row's tail q is paid for by the other signals of its
    family that were asked of the same account (or ring) and found nothing: 1 - (1 - q)^(1 + m / w), where m
    is the worth of the misses and w that of the signal itself (Šidák, with weights set beforehand as in
    Genovese, Roeder and Wasserman 2006). Only misses are paid for: the size of the test hardly grows (5 %
    where weak is .05), and a further unusual signal can never lower a grade. A grade without a quantile is a
    physical ceiling and pays nothing. Signals of spam or of a function claim nothing, nor do those that the
    account's spam explains.

    `tail` is how rare the row may call itself among the platform's own: what is left of q, but never rarer
    than its grade says (a grade that a small reference holds down holds the tail down), and that of the grade
    itself for a ceiling. It is null below weak. A row that people elsewhere graded is weak at most here.
    """
    whose = ["account_id", "ring_id", "family"]
    own = pl.col("account_id").is_not_null()
    rank = grade_rank("grade")
    missed = (pl.col("_claimed") == _NONE) & pl.col("quantile").is_not_null()
    silent = (*policy.spam.signals, *policy.functional.signals)
    claimed = pl.when(pl.col("signal").is_in(silent)).then(0).otherwise(rank)
    spam = with_finding(evidence, policy.spam.signals)
    claimed = (
        pl.when(own & pl.col("account_id").is_in(spam) & pl.col("signal").is_in(policy.spam.voids))
        .then(0)
        .otherwise(claimed)
    )
    # Rows of one account may name its ring or not (a signal of members does); they are one family.
    ring = pl.when(own).then(None).otherwise(pl.col("ring_id"))
    worth = pl.col("signal").replace_strict(dict(policy.worth), default=1.0, return_dtype=pl.Float64)

    def paid(quantile: str) -> pl.Expr:
        return 1.0 - (1.0 - pl.col(quantile)) ** (1.0 + pl.col("_misses") / worth)

    return (
        evidence.with_columns(claimed.cast(pl.Int64).alias("_claimed"), ring.alias("_ring"))
        .with_columns(
            pl.when(missed)
            .then(worth)
            .otherwise(0.0)
            .sum()
            .over(["account_id", "_ring", "family"])
            .alias("_misses")
        )
        .with_columns(
            pl.when(pl.col("quantile").is_null() | (pl.col("_claimed") <= _NONE))
            .then(pl.col("_claimed"))
            .otherwise(pl.min_horizontal("_claimed", _tail_rank(paid("quantile"), policy.tails)))
            .alias("rank")
        )
        .with_columns(
            pl.when(pl.col("outside").fill_null(value=False))
            .then(_tail_here(paid("quantile_here"), policy.tails))
            .otherwise(_tail(paid("quantile"), policy.tails))
            .alias("tail")
        )
        .drop("_claimed", "_misses", "_ring")
        .sort([*whose, "signal"], nulls_last=True)
    )


def with_finding(evidence: pl.DataFrame, signals: Sequence[str]) -> list[str]:
    """The accounts of which one of `signals` found something of grade moderate or strong, sorted."""
    found = evidence.filter(pl.col("signal").is_in(signals) & (grade_rank("grade") >= _MODERATE))
    return sorted(found["account_id"].drop_nulls().unique())


def carriers(ranks: pl.DataFrame, *, by: str) -> pl.DataFrame:
    """The row that speaks for a family of each account (or ring): its best grade, then its rarest tail.

    Columns: `by`, family, signal, rank, ordinary (it was placed among ordinary accounts, and is one of them:
    a ceiling that is not reached says nothing, since hardly anybody reaches it). Families without a row that
    may claim anything are absent.
    """
    none, placed = pl.col("rank") == _NONE, pl.col("quantile").is_not_null()
    return (
        ranks.filter(pl.col(by).is_not_null() & (pl.col("rank") > 0))
        .with_columns(
            # A weak signal whose tail was paid away is no evidence, but it is not ordinary either.
            (none & placed & (grade_rank("grade") == _NONE)).alias("ordinary"),
            grade_rank("grade").alias("_grade"),
            # A ceiling has no quantile: reached it stands before every tail, missed it stands behind.
            pl.col("quantile").fill_null(pl.when(none).then(2.0).otherwise(-1.0)),
        )
        .sort(
            [by, "family", "rank", "_grade", "quantile", "signal"],
            descending=[False, False, True, True, False, False],
        )
        .unique([by, "family"], keep="first", maintain_order=True)
        .select(by, pl.col("family").cast(pl.String), "signal", "rank", "ordinary")
    )


def own_bits(ranks: pl.DataFrame, bits: Bits) -> pl.DataFrame:
    """What the account's own families are worth: account_id, family, signal, rank, ordinary, bits."""
    own = ranks.filter(pl.col("family").cast(pl.String).is_in([family.value for family in OWN_FAMILIES]))
    return (
        carriers(own, by="account_id")
        .with_columns(family_bits(bits).alias("bits"))
        .with_columns(
            pl.when((pl.col("rank") == _NONE) & ~pl.col("ordinary")).then(0.0).otherwise("bits").alias("bits")
        )
        .sort("account_id", "family")
    )


def family_bits(bits: Bits) -> pl.Expr:
    """Bits from the columns `family` and `rank`; text stops at its cap."""
    worth = pl.lit(0.0)
    for family in Family:
        here = bits_of(bits, family, pl.col("rank"))
        capped = here.clip(upper_bound=bits.text_cap) if family is Family.TEXT else here
        worth = pl.when(pl.col("family") == family.value).then(capped).otherwise(worth)
    return worth


def claim_bits(bits: Bits) -> pl.Expr:
    """Bits from the columns `aspect` and `rank` for what is said of a group: never negative, text capped."""
    worth = bits_of(bits, Family.COORDINATION, pl.col("rank")).clip(lower_bound=0.0)
    text = pl.col("aspect") == Aspect.TEXT.value
    return pl.when(text.fill_null(value=False)).then(worth.clip(upper_bound=bits.text_cap)).otherwise(worth)


def joint_tail(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """How rare two tails are together: the chance that the product of two is at most theirs.

    Fisher 1932: k (1 - ln k) for a product of k, where the two are independent and each is no smaller than
    chance gives; whether people keep to it is measured in docs/judgement.md.
    """
    product = one * other
    return product * (1.0 - product.log())


def wilson(successes: pl.Expr, trials: pl.Expr) -> pl.Expr:
    """The lower end of Wilson's 95 % interval for a share, null where nothing was tried.

    Wilson 1927: (p + z^2/2n - z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), z the normal quantile `Z`.
    """
    n = trials.cast(pl.Float64)
    share = successes.cast(pl.Float64) / n
    margin = Z * (share * (1 - share) / n + Z**2 / (4 * n**2)).sqrt()
    bound = (share + Z**2 / (2 * n) - margin) / (1 + Z**2 / n)
    return pl.when(trials > 0).then(bound.clip(0.0, 1.0))


def _tail_rank(tail: pl.Expr, tails: Tails) -> pl.Expr:
    return (
        pl.when(tail <= tails.strong)
        .then(GRADE_RANK[Grade.STRONG])
        .when(tail <= tails.moderate)
        .then(_MODERATE)
        .when(tail <= tails.weak)
        .then(GRADE_RANK[Grade.WEAK])
        .otherwise(_NONE)
        .cast(pl.Int64)
    )


def _tail(paid: pl.Expr, tails: Tails) -> pl.Expr:
    """`paid`, held down by the column `rank`; without a quantile, the tail that the rank stands for."""
    weak, moderate, strong = (GRADE_RANK[grade] for grade in (Grade.WEAK, Grade.MODERATE, Grade.STRONG))
    stands_for = {weak: tails.weak, moderate: tails.moderate, strong: tails.strong}
    rarest = {weak: tails.moderate, moderate: tails.strong, strong: 0.0}
    rank = pl.col("rank")
    return (
        pl.when(pl.col("quantile").is_null())
        .then(rank.replace_strict(stands_for, default=None, return_dtype=pl.Float64))
        .when(rank >= weak)
        .then(pl.max_horizontal(paid, rank.replace_strict(rarest, default=None, return_dtype=pl.Float64)))
    )


def _tail_here(paid: pl.Expr, tails: Tails) -> pl.Expr:
    """`paid` of a value that the platform's own could not grade by themselves: weak, or null."""
    weak = (pl.col("_claimed") > _NONE) & (paid <= tails.weak)
    return pl.when(weak).then(pl.max_horizontal(paid, tails.moderate))
