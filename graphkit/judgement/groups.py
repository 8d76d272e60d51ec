"""What a ring says of its members, and what its members say of the ring."""

from collections.abc import Mapping

import polars as pl

from graphkit.judgement.bits import claim_bits, wilson
from graphkit.judgement.observed import GRADE_RANK, grade_word
from graphkit.judgement.policy import Policy
from graphkit.words import Family, Grade, RingKind, Role

# The two lines of evidence that membership adds to an account.
MEMBERSHIP = "ring_membership"
GROUP_EVIDENCE = "ring_evidence"

_WEAK = GRADE_RANK[Grade.WEAK]
_MODERATE = GRADE_RANK[Grade.MODERATE]
_STRONG = GRADE_RANK[Grade.STRONG]


def belonging(members: pl.DataFrame, rings: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Members with `rank` (the grade of belonging) and `confirmed`, beside their ring's row.

    The core of a ring with a small q that resampling keeps is strong or moderate; everybody else is weak.
    """
    rule = policy.ring
    core = pl.col("role").cast(pl.String) == Role.CORE.value
    confirmed = (pl.col("q_value") <= rule.confirmed_q) & (pl.col("stability") >= rule.confirmed_stability)
    strong = (pl.col("q_value") <= rule.strong_q) & (pl.col("stability") >= rule.strong_stability)
    rank = (
        pl.when(core & confirmed & strong)
        .then(_STRONG)
        .when(core & confirmed)
        .then(_MODERATE)
        .otherwise(_WEAK)
    )
    return (
        members.join(rings.select("ring_id", "q_value", "kinds", "n_members"), on="ring_id")
        .with_columns(rank.cast(pl.Int64).alias("rank"), core.alias("core"), confirmed.alias("confirmed"))
        .sort("account_id")
    )


def claims(belongs: pl.DataFrame, ranks: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """What the group claims of each member: account_id, family (G, C), aspect, signal, rank, bits.

    G claims the aspects of what the ring was found by, C those of the ring's own evidence, and only for its
    core. An aspect that the policy does not list is null: nobody knows that it is another one.
    """
    kinds = _aspects(policy.aspects.kinds, "kinds")
    graph = (
        belongs.select("account_id", "rank", "kinds")
        .explode("kinds", empty_as_null=True, keep_nulls=True)
        .select("account_id", pl.lit(Family.GRAPH.value).alias("family"), kinds, _named(MEMBERSHIP), "rank")
    )
    said = ranks.filter(
        (pl.col("family").cast(pl.String) == Family.COORDINATION.value) & (pl.col("rank") >= _WEAK)
    )
    signals = _aspects(policy.aspects.signals, "signal")
    of_ring = (
        belongs.filter("core")
        .select("account_id", "ring_id")
        .join(said.filter(pl.col("account_id").is_null()).select("ring_id", "signal", "rank"), on="ring_id")
    )
    of_member = said.filter(pl.col("account_id").is_in(belongs.filter("core")["account_id"].to_list()))
    together = pl.concat([part.select("account_id", "signal", "rank") for part in (of_ring, of_member)])
    coordination = together.select(
        "account_id", pl.lit(Family.COORDINATION.value).alias("family"), signals, "signal", "rank"
    )
    return (
        pl.concat([graph, coordination])
        .sort(
            ["account_id", "family", "aspect", "rank", "signal"],
            descending=[False, False, False, True, False],
        )
        .unique(["account_id", "family", "aspect"], keep="first", maintain_order=True)
        .with_columns(claim_bits(policy.bits).alias("bits"))
    )


def added(claimed: pl.DataFrame, own: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The one claim of the group that adds most to an account's own: account_id, family, signal, bits.

    A claim is worth its bits less those that the account's own evidence already has for the same aspect:
    where lockstep is the T, a ring found by its timing adds nothing. How much of a ring's grade rests on
    which of its kinds is not known, so G is spent by own evidence of any of them. Only the best claim counts,
    since G and C come from the same meetings. Own evidence takes from a claim at most what it brings itself:
    no score ever falls by it.
    """
    families = _aspects(policy.aspects.families, "family")
    spent = own.select("account_id", families, pl.col("bits").clip(lower_bound=0.0).alias("spent"))
    most = spent.group_by("account_id").agg(pl.col("spent").max().alias("most"))
    here = pl.when(pl.col("aspect").is_null()).then("most").otherwise("spent").fill_null(0.0)
    graph = pl.col("family") == Family.GRAPH.value
    taken = pl.when(graph).then(here.max().over("account_id", "family")).otherwise(here)
    return (
        claimed.join(spent, on=["account_id", "aspect"], how="left")
        .join(most, on="account_id", how="left")
        .with_columns((pl.col("bits") - taken).clip(lower_bound=0.0).alias("bits"))
        .filter(pl.col("bits") > 0)
        .sort(["account_id", "bits", "family", "signal"], descending=[False, True, True, False])
        .unique("account_id", keep="first", maintain_order=True)
        .select("account_id", "family", "signal", "bits")
    )


def lines(
    belongs: pl.DataFrame, claimed: pl.DataFrame, events_of: pl.DataFrame, *, n_shown: int
) -> pl.DataFrame:
    """The EVIDENCE rows that membership adds: one of G for each member, one of C for each core member.

    `events_of` has account_id, family, event_ids: the account's own events behind each.
    """
    graph = belongs.select(
        "account_id",
        "ring_id",
        _named(MEMBERSHIP),
        pl.lit(Family.GRAPH.value).alias("family"),
        pl.col("stability").alias("value"),
        pl.lit("share of resamplings").alias("unit"),
        pl.col("n_members").alias("n"),
        pl.col("q_value").alias("quantile"),
        grade_word(pl.col("rank")).alias("grade"),
        _membership_sentence().alias("explanation"),
    )
    best = (
        claimed.filter(pl.col("family") == Family.COORDINATION.value)
        .sort(["account_id", "rank", "signal"], descending=[False, True, False])
        .group_by("account_id", maintain_order=True)
        .agg(pl.len().alias("count"), pl.col("rank").first(), pl.col("signal").unique().sort().head(n_shown))
    )
    group = (
        belongs.select("account_id", "ring_id", "n_members")
        .join(best, on="account_id")
        .select(
            "account_id",
            "ring_id",
            _named(GROUP_EVIDENCE),
            pl.lit(Family.COORDINATION.value).alias("family"),
            pl.col("count").cast(pl.Float64).alias("value"),
            pl.lit("aspects").alias("unit"),
            pl.col("n_members").alias("n"),
            pl.lit(None, dtype=pl.Float64).alias("quantile"),
            grade_word(pl.col("rank")).alias("grade"),
            _group_sentence().alias("explanation"),
        )
    )
    empty = pl.lit([], dtype=pl.List(pl.String))
    return (
        pl.concat([graph, group], how="vertical_relaxed")
        .join(events_of, on=["account_id", "family"], how="left")
        .with_columns(pl.coalesce("event_ids", empty).alias("event_ids"))
    )


def kinds(
    rings: pl.DataFrame, members: pl.DataFrame, own: pl.DataFrame, ranks: pl.DataFrame, policy: Policy
) -> pl.DataFrame:
    """RINGS with `kind` and `automation_share`.

    automation_share is the lower Wilson bound of the share of members with T or X at moderate or more among
    those of whom T or X could be measured (null: nobody could be), so that one of one is no majority.
    """
    automated = (Family.TIME.value, Family.TEXT.value)
    measured = (
        members.select("account_id", "ring_id")
        .join(own.filter(pl.col("family").is_in(automated)), on="account_id")
        .group_by("ring_id", "account_id")
        .agg(pl.col("rank").max())
        .group_by("ring_id")
        .agg(pl.len().alias("n"), (pl.col("rank") >= _MODERATE).sum().alias("k"))
        .select("ring_id", wilson(pl.col("k"), pl.col("n")).alias("automation_share"))
    )
    as_one = ranks.filter(
        pl.col("account_id").is_null()
        & pl.col("signal").is_in(policy.ring.automated_signals)
        & (pl.col("rank") >= _STRONG)
    )["ring_id"].drop_nulls()
    run = (pl.col("automation_share") >= policy.ring.automated_share).fill_null(value=False)
    operated = run | pl.col("ring_id").is_in(sorted(as_one.unique()))
    kind = (
        pl.when(operated)
        .then(pl.lit(RingKind.AI_OPERATED.value))
        .otherwise(pl.lit(RingKind.COORDINATED.value))
    )
    return (
        rings.drop("automation_share")
        .join(measured, on="ring_id", how="left")
        .with_columns(kind.alias("kind"))
    )


def _named(signal: str) -> pl.Expr:
    return pl.lit(signal).alias("signal")


def _aspects(table: Mapping[str, str], column: str) -> pl.Expr:
    known = dict(table)
    return (
        pl.col(column)
        .cast(pl.String)
        .replace_strict(known, default=None, return_dtype=pl.String)
        .alias("aspect")
    )


def _membership_sentence() -> pl.Expr:
    return pl.format(
        "it belongs to the {} of a ring of {} accounts and stays in it in {} % of the resamplings",
        pl.col("role").cast(pl.String),
        pl.col("n_members"),
        (pl.col("stability") * 100).floor().cast(pl.Int64),
    )


def _group_sentence() -> pl.Expr:
    return pl.format(
        "the {} accounts of its ring were seen to act as one ({}); that is said of the ring, not of a member",
        pl.col("n_members"),
        pl.col("signal").list.join(", "),
    )
