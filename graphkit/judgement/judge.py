"""Judgement: evidence, members and rings in; bits, tiers and the trace of every rule out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from graphkit.judgement.bits import carriers, claim_bits
from graphkit.judgement.breaker import HeldReason, held
from graphkit.judgement.facts import Findings, Weighed, cases, facts, weighed
from graphkit.judgement.groups import GROUP_EVIDENCE, MEMBERSHIP, added, kinds, lines
from graphkit.judgement.observed import tier_word
from graphkit.judgement.policy import Policy
from graphkit.judgement.tiers import budgeted, left_out, tiers, trace
from graphkit.tables import EVIDENCE, RINGS, TIERS, TRACE
from graphkit.words import Family

# Bits are sums of a few halves; rounding keeps them the same whatever was added first.
_DECIMALS = 6
# Signals named in the one line of group evidence; the ring's own rows have all of them.
_SHOWN = 5


@dataclass(frozen=True)
class Judgement:
    """What was recommended and why: TIERS, TRACE, EVIDENCE with bits, RINGS with kind, and the facts.

    held says why the run waits for release, or is None. facts is `facts(events)` of the accounts that have
    evidence or a ring; None when the judgement was put together from the tables of a run. probabilities has
    account_id and probability, and calibration says what they were learnt from; both are None without one.
    """

    tiers: pl.DataFrame
    trace: pl.DataFrame
    evidence: pl.DataFrame
    rings: pl.DataFrame
    policy: Policy
    held: HeldReason | None = None
    facts: pl.DataFrame | None = None
    probabilities: pl.DataFrame | None = None
    calibration: Mapping[str, Any] | None = None


def judged(
    findings: Findings, policy: Policy, *, history: Sequence[int] = (), watch_budget: int = 0
) -> Judgement:
    """The recommendation for every account of the events and of the accounts table.

    `history` holds the numbers of accounts at limit or ban_review in earlier runs, the oldest first;
    `watch_budget` the accounts that may be on watch (0: no limit). Accounts without evidence and without a
    ring are clear and cost one join.
    """
    known = facts(findings.events)
    narrow = _narrowed(findings)
    weights = weighed(narrow, policy)
    evidence = _evidence(narrow, weights, policy)
    scores = _scores(evidence)
    case = cases(narrow, known, weights, policy)
    final = budgeted(tiers(case, policy), scores, budget=watch_budget)
    others = {family.value: _without(narrow, known, policy, family) for family in Family}
    rules = pl.concat([trace(case, final, policy, budget=watch_budget), left_out(final, others)])
    return Judgement(
        tiers=TIERS.check(_rows(findings, known, final, scores)),
        trace=TRACE.check(rules),
        evidence=EVIDENCE.check(evidence),
        rings=RINGS.check(kinds(findings.rings, findings.members, weights.own, weights.ranks, policy)),
        policy=policy,
        held=held(final, weights.own, policy.breaker, history=history, members=findings.members),
        facts=known.join(case.select("account_id"), on="account_id", how="semi"),
    )


def without(findings: Findings, policy: Policy, family: Family) -> pl.DataFrame:
    """account_id and tier of the accounts of interest, had nobody looked at `family`.

    Without G nobody is in a ring, so that C, which rings say of their core, is gone too; what was measured of
    members beside their fellows (their lockstep, for example) stays. Findings of spam and of a function stay
    as well, since they speak for the account. No budget applies.
    """
    ranked = _without(_narrowed(findings), facts(findings.events), policy, family)
    return ranked.select("account_id", tier_word(pl.col("rank")).alias("tier"))


def _without(findings: Findings, known: pl.DataFrame, policy: Policy, family: Family) -> pl.DataFrame:
    of_family = pl.col("family").cast(pl.String) == family.value
    kept = (*policy.spam.signals, *policy.functional.signals)
    fewer = findings.evidence.filter(~of_family | pl.col("signal").is_in(kept))
    members = findings.members.clear() if family is Family.GRAPH else findings.members
    changed = replace(findings, evidence=fewer, members=members)
    return tiers(cases(changed, known, weighed(changed, policy), policy), policy)


def _narrowed(findings: Findings) -> Findings:
    """The same findings with the events of the accounts of interest only."""
    interest = pl.concat(
        [findings.members.select("account_id"), findings.evidence.select("account_id").drop_nulls()]
    ).unique()
    its = findings.events.select("event_id", "account_id").join(interest, on="account_id", how="semi")
    return replace(findings, events=its)


def _evidence(findings: Findings, weights: Weighed, policy: Policy) -> pl.DataFrame:
    """EVIDENCE with the bits of each family on the row that carries it, and the lines of membership."""
    own = weights.own.select("account_id", "family", "signal", "bits")
    of_rings = (
        carriers(weights.ranks.filter(pl.col("account_id").is_null()), by="ring_id")
        .join(_signal_aspects(policy), on="signal", how="left")
        .with_columns(claim_bits(policy.bits).alias("ring_bits"))
        .select("ring_id", "family", "signal", "ring_bits", pl.lit(value=True).alias("_of_ring"))
    )
    measured = (
        weights.ranks.drop("bits", "rank")
        .with_columns(pl.col("family").cast(pl.String), pl.col("account_id").is_null().alias("_of_ring"))
        .join(own, on=["account_id", "family", "signal"], how="left")
        .join(of_rings, on=["ring_id", "family", "signal", "_of_ring"], how="left")
        .with_columns(pl.coalesce("bits", "ring_bits", 0.0).round(_DECIMALS).alias("bits"))
    )
    membership = _membership(findings, weights, policy)
    # Lines of membership are held against no ordinary accounts: those columns are null.
    columns = EVIDENCE.column_names()
    said = membership.select([name for name in columns if name in membership.columns])
    return pl.concat([measured.select(columns), said], how="diagonal_relaxed")


def _membership(findings: Findings, weights: Weighed, policy: Policy) -> pl.DataFrame:
    line = {Family.GRAPH.value: MEMBERSHIP, Family.COORDINATION.value: GROUP_EVIDENCE}
    best = added(weights.claimed, weights.own, policy).select(
        "account_id", "bits", pl.col("family").replace_strict(line, return_dtype=pl.String).alias("signal")
    )
    rows = lines(weights.belongs, weights.claimed, _own_events(findings), n_shown=_SHOWN)
    return rows.join(best, on=["account_id", "signal"], how="left").with_columns(
        pl.col("bits").fill_null(0.0).round(_DECIMALS), pl.col("grade").cast(pl.String)
    )


def _own_events(findings: Findings) -> pl.DataFrame:
    """account_id, family, event_ids: a member's own events among the receipts and the ring's evidence."""
    parts = []
    if findings.pairs is not None:
        for side in ("source", "target"):
            event = pl.col(f"{side}_event_id").alias("event_id")
            parts.append(findings.pairs.select(event, pl.lit(Family.GRAPH.value).alias("family")))
    of_rings = findings.evidence.filter(pl.col("account_id").is_null())
    said = of_rings.select(
        pl.col("event_ids").alias("event_id"), pl.lit(Family.COORDINATION.value).alias("family")
    )
    parts.append(said.explode("event_id", empty_as_null=True, keep_nulls=True).drop_nulls())
    its = pl.concat(parts).unique().join(findings.events, on="event_id")
    return its.group_by("account_id", "family").agg(pl.col("event_id").sort().alias("event_ids"))


def _scores(evidence: pl.DataFrame) -> pl.DataFrame:
    """Bits by family and their sum, for the accounts with any evidence."""
    own = evidence.filter(pl.col("account_id").is_not_null())
    by_family = [
        pl.col("bits").filter(pl.col("family") == family.value).sum().round(_DECIMALS).alias(_column(family))
        for family in Family
    ]
    columns = [_column(family) for family in Family]
    sums = own.group_by("account_id").agg(by_family)
    return sums.with_columns(pl.sum_horizontal(columns).round(_DECIMALS).alias("score"))


def _column(family: Family) -> str:
    return f"bits_{family.value.lower()}"


def _rows(findings: Findings, known: pl.DataFrame, final: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    everyone = pl.concat([known.select("account_id"), findings.accounts.select("account_id")]).unique()
    membership = findings.members.select("account_id", "ring_id", pl.col("role").cast(pl.String), "stability")
    counted = [*(_column(family) for family in Family), "score"]
    frame = everyone
    for part in (membership, final.select("account_id", "rank"), scores):
        frame = frame.join(part, on="account_id", how="left")
    return frame.with_columns(
        tier_word(pl.col("rank").fill_null(0)).alias("tier"),
        *[pl.col(name).fill_null(0.0) for name in counted],
    )


def _signal_aspects(policy: Policy) -> pl.DataFrame:
    listed = sorted(policy.aspects.signals.items())
    return pl.DataFrame(listed, schema={"signal": pl.String, "aspect": pl.String}, orient="row")
