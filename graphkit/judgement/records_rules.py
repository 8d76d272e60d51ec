"""The rules of a record: which held, which were wanting and what a cap left, in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphkit.judgement.observed import OBSERVED, TIER_RANK, UNATTAINABLE, UNOBSERVABLE
from graphkit.judgement.policy import Policy, Rule
from graphkit.judgement.records_words import Speech
from graphkit.judgement.tiers import BUDGET
from graphkit.words import Tier

Tried = list[dict[str, Any]]
# A rule, and what was seen for each of its conditions.
Asked = tuple[Rule, list[dict[str, Any]]]


def rules(policy: Policy, tried: Tried, say: Speech) -> dict[str, Any]:
    """Every rule of an account's TRACE: those that hold (the gravest first), caps, what is wanting."""
    by_name = {item["condition"]: item for item in tried}
    asked = [(rule, _conditions(rule, by_name, say)) for rule in policy.rules]
    grounds = _grounds(asked, say)
    return {
        "grounds": grounds,
        "capped_by": _caps(policy, grounds, by_name, say),
        "rules_not_met": _not_met(asked, say),
        "turned_away": next((_place(item) for item in tried if _past_budget(item)), None),
        "without": {item["condition"][-1]: item["observed"] for item in tried if _left_out(item)},
    }


def unknown(policy: Policy, tried: Tried, say: Speech) -> dict[str, list[str]]:
    """What the data cannot show at all, and what it cannot show in this much of it."""
    phrase = say.strings.phrase
    return {
        "not_observable": [*map(phrase, policy.not_observable), *_unseen(tried, UNOBSERVABLE, say)],
        "not_attainable": _unseen(tried, UNATTAINABLE, say),
    }


def _conditions(
    rule: Rule, by_name: Mapping[str, Mapping[str, Any]], say: Speech, prefix: str = ""
) -> list[dict[str, Any]]:
    """What was seen for each condition of a rule, in the order of the policy."""
    names = [f"{prefix}{rule.name}: {condition.observed}" for condition in rule.conditions]
    return [
        {
            "observed": condition.observed,
            "question": say.strings.phrase(OBSERVED[condition.observed].question),
            "seen": say.seen(by_name[name]["observed"]),
            "wanted": say.wanted(by_name[name]["required"]),
            "holds": by_name[name]["holds"],
        }
        for condition, name in zip(rule.conditions, names, strict=True)
        if name in by_name
    ]


def _told(rule: Rule, say: Speech, what: str = "rule") -> dict[str, Any]:
    return {what: rule.name, "name": say.strings.phrase(rule.name), "tier": rule.tier.value}


def _grounds(asked: Iterable[Asked], say: Speech) -> list[dict[str, Any]]:
    """The rules that hold in full, the gravest first."""
    fired = []
    for rule, conditions in asked:
        if conditions and all(item["holds"] for item in conditions):
            reason = say.strings.phrase(rule.reason)
            fired.append({**_told(rule, say), "reason": reason, "conditions": conditions})
    return sorted(fired, key=lambda item: -TIER_RANK[Tier(item["tier"])])


def _caps(
    policy: Policy, grounds: list[dict[str, Any]], by_name: Mapping[str, Mapping[str, Any]], say: Speech
) -> list[dict[str, Any]]:
    """The caps that leave less than the rules recommend."""
    most = max((TIER_RANK[Tier(item["tier"])] for item in grounds), default=0)
    left = []
    for cap in policy.caps:
        conditions = _conditions(cap, by_name, say, "cap ") if TIER_RANK[cap.tier] < most else []
        if conditions and all(item["holds"] for item in conditions):
            reason = say.strings.phrase(cap.reason)
            left.append({**_told(cap, say, "cap"), "reason": reason, "conditions": conditions})
    return left


def _not_met(asked: Iterable[Asked], say: Speech) -> list[dict[str, Any]]:
    """The rules that do not hold, with the conditions that are wanting."""
    wanting = []
    for rule, conditions in asked:
        lacks = [item for item in conditions if not item["holds"]]
        if lacks:
            wanting.append({**_told(rule, say), "lacks": lacks})
    return wanting


def _unseen(tried: Tried, words: str, say: Speech) -> list[str]:
    """The questions that the data cannot answer, each once, sorted by the name of what is observed."""
    asked = {item["condition"].rpartition(": ")[2] for item in tried if item["observed"].startswith(words)}
    return [say.strings.phrase(OBSERVED[name].question) for name in OBSERVED if name in asked]


def _place(item: Mapping[str, Any]) -> int:
    return int(item["observed"].rpartition(" ")[2])


def _past_budget(item: Mapping[str, Any]) -> bool:
    return item["condition"] == BUDGET and not item["holds"]


def _left_out(item: Mapping[str, Any]) -> bool:
    return str(item["condition"]).startswith("without ")
