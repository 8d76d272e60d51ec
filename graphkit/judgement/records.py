"""One record for each account or ring: what was seen, why it matters, what speaks against it, no decision."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from graphkit.errors import ConfigError
from graphkit.judgement.judge import Judgement
from graphkit.judgement.observed import OBSERVED, TIER_RANK, UNATTAINABLE, UNOBSERVABLE
from graphkit.judgement.policy import Rule, Spam
from graphkit.judgement.tiers import BUDGET
from graphkit.judgement.waterfall import waterfall
from graphkit.signals.base import Signal
from graphkit.words import Family, Grade, RingKind, Tier

__all__ = ["record", "ring_record", "waterfall"]

SCHEMA = "graphkit.record/1"
RING_SCHEMA = "graphkit.ring_record/1"

_TOGETHER = {
    RingKind.COORDINATED: "review its members together: they act as one; nothing says that a tool runs them",
    RingKind.AI_OPERATED: "review its members together: they act as one, and in a way that tools act",
}


def record(judgement: Judgement, account_id: str, *, signals: Sequence[Signal] = ()) -> dict[str, Any]:
    """All that is known of an account, ready for JSON: what a statement of reasons asks, and a null decision.

    `signals` brings the innocent explanations of the signals that were asked. Ids and explanations are as
    they stand in the tables: clean them where they are shown. Raises ConfigError for an id that is not in the
    run.
    """
    own = pl.col("account_id") == account_id
    rows = judgement.tiers.filter(own).to_dicts()
    if not rows:
        raise ConfigError(f"`{account_id}` is no account of this run; copy an id from its table of accounts")
    row = rows[0]
    tried = judgement.trace.filter(own).to_dicts()
    lines = _voided(_lines(judgement.evidence.filter(own)), judgement.policy.spam)
    return {
        "schema": SCHEMA,
        "account_id": account_id,
        "tier": row["tier"],
        "score_bits": row["score"],
        "bits": {family.value: row[f"bits_{family.value.lower()}"] for family in Family},
        "ring": _ring(judgement.rings, row),
        "facts": _facts(judgement.facts, account_id),
        **_legal(judgement),
        "grounds": _grounds(judgement.policy.rules, tried),
        "capped_by": _caps(judgement, tried),
        "rules_not_met": _not_met(judgement.policy.rules, tried),
        "turned_away": next((item["observed"] for item in tried if _past_budget(item)), None),
        "without": {item["condition"][-1]: item["observed"] for item in tried if _left_out(item)},
        "evidence": lines,
        "speaks_against": [line["explanation"] for line in lines if line["grade"] == Grade.NONE.value],
        "innocent_explanations": _innocent(lines, signals),
        "not_observable": [*judgement.policy.not_observable, *_unseen(tried, UNOBSERVABLE)],
        "not_attainable": _unseen(tried, UNATTAINABLE),
        "decision": None,
    }


def ring_record(judgement: Judgement, ring_id: str) -> dict[str, Any]:
    """The finding about a ring as a whole: its own evidence, its members' tiers, what is recommended."""
    rows = judgement.rings.filter(pl.col("ring_id") == ring_id).to_dicts()
    if not rows:
        raise ConfigError(f"`{ring_id}` is no ring of this run; copy an id from its table of rings")
    row = {key: _jsonable(value) for key, value in rows[0].items()}
    evidence = judgement.evidence.filter((pl.col("ring_id") == ring_id) & pl.col("account_id").is_null())
    members = judgement.tiers.filter(pl.col("ring_id") == ring_id)
    return {
        "schema": RING_SCHEMA,
        **row,
        **_legal(judgement),
        "members": members.select(
            "account_id", "role", "stability", pl.col("tier").cast(pl.String)
        ).to_dicts(),
        "evidence": _lines(evidence),
        "recommendation": _TOGETHER[RingKind(row["kind"])],
        "decision": None,
    }


def _legal(judgement: Judgement) -> dict[str, Any]:
    """What holds for every record: which policy, who detected, who decides, how to object."""
    policy = judgement.policy
    return {
        "policy": {"name": policy.name, "version": policy.version, "basis": policy.basis},
        "automated_detection": True,
        "automated_decision": False,
        "redress": policy.redress,
        "held": judgement.held.sentence if judgement.held else None,
    }


def _ring(rings: pl.DataFrame, row: Mapping[str, Any]) -> dict[str, Any] | None:
    if row["ring_id"] is None:
        return None
    found = rings.filter(pl.col("ring_id") == row["ring_id"]).to_dicts()
    names = ("ring_id", "kind", "n_members", "q_value", "kinds", "automation_share")
    return {
        **{name: found[0][name] for name in names},
        "role": row["role"],
        "stability": row["stability"],
    }


def _facts(facts: pl.DataFrame | None, account_id: str) -> dict[str, Any] | None:
    known = [] if facts is None else facts.filter(pl.col("account_id") == account_id).to_dicts()
    return {key: _jsonable(value) for key, value in known[0].items()} if known else None


def _lines(evidence: pl.DataFrame) -> list[dict[str, Any]]:
    """EVIDENCE rows for JSON, the weightiest first."""
    weighty = evidence.with_columns(pl.col("family", "grade").cast(pl.String)).sort(
        ["bits", "family", "signal"], descending=[True, False, False]
    )
    return weighty.drop("account_id", "ring_id").to_dicts()


def _voided(lines: list[dict[str, Any]], spam: Spam) -> list[dict[str, Any]]:
    """The lines with `voided`: what was found that explains them away, or null."""
    grave = (Grade.MODERATE.value, Grade.STRONG.value)
    found = [line["signal"] for line in lines if line["signal"] in spam.signals and line["grade"] in grave]
    by = ", ".join(found) or None
    return [{**line, "voided": by if line["signal"] in spam.voids else None} for line in lines]


def _conditions(rule: Rule, tried: Iterable[Mapping[str, Any]], prefix: str = "") -> list[dict[str, Any]]:
    """What was seen for each condition of a rule, in the order of the policy."""
    by_name = {item["condition"]: item for item in tried}
    names = [f"{prefix}{rule.name}: {condition.observed}" for condition in rule.conditions]
    return [
        {
            "observed": condition.observed,
            "question": OBSERVED[condition.observed].question,
            "seen": by_name[name]["observed"],
            "wanted": by_name[name]["required"],
            "holds": by_name[name]["holds"],
        }
        for condition, name in zip(rule.conditions, names, strict=True)
        if name in by_name
    ]


def _grounds(rules: Iterable[Rule], tried: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules that hold in full, the gravest first."""
    fired = []
    for rule in rules:
        conditions = _conditions(rule, tried)
        if conditions and all(item["holds"] for item in conditions):
            fired.append(
                {"rule": rule.name, "tier": rule.tier.value, "reason": rule.reason, "conditions": conditions}
            )
    return sorted(fired, key=lambda item: -TIER_RANK[Tier(item["tier"])])


def _caps(judgement: Judgement, tried: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The caps that leave less than the rules recommend."""
    recommended = [TIER_RANK[Tier(item["tier"])] for item in _grounds(judgement.policy.rules, tried)]
    left = []
    for cap in judgement.policy.caps:
        conditions = _conditions(cap, tried, "cap ")
        lowers = TIER_RANK[cap.tier] < max(recommended, default=0)
        if lowers and conditions and all(item["holds"] for item in conditions):
            left.append({"cap": cap.name, "tier": cap.tier.value, "reason": cap.reason})
    return left


def _not_met(rules: Iterable[Rule], tried: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules that do not hold, with the conditions that are wanting."""
    wanting = []
    for rule in rules:
        lacks = [item for item in _conditions(rule, tried) if not item["holds"]]
        if lacks:
            wanting.append({"rule": rule.name, "tier": rule.tier.value, "lacks": lacks})
    return wanting


def _innocent(lines: Iterable[Mapping[str, Any]], signals: Iterable[Signal]) -> list[str]:
    """What else explains the signals that were unusual, each said once."""
    grave = (Grade.WEAK.value, Grade.MODERATE.value, Grade.STRONG.value)
    unusual = {line["signal"] for line in lines if line["grade"] in grave}
    said = [reason for signal in signals if signal.name in unusual for reason in signal.innocent]
    return list(dict.fromkeys(said))


def _unseen(tried: Iterable[Mapping[str, Any]], words: str) -> list[str]:
    """The questions that the data cannot answer, each once, sorted."""
    asked = {item["condition"].rpartition(": ")[2] for item in tried if item["observed"].startswith(words)}
    return sorted(OBSERVED[name].question for name in asked if name in OBSERVED)


def _past_budget(item: Mapping[str, Any]) -> bool:
    return item["condition"] == BUDGET and not item["holds"]


def _left_out(item: Mapping[str, Any]) -> bool:
    return str(item["condition"]).startswith("without ")


def _jsonable(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
