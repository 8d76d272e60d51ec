"""Bits, families and tiers: rules that a person can recompute."""

from graphkit.judgement.breaker import HeldReason
from graphkit.judgement.facts import Findings, facts
from graphkit.judgement.judge import Judgement, judged, without
from graphkit.judgement.policy import Policy, policy, policy_from, shipped
from graphkit.judgement.windows import periods, windows

__all__ = [
    "Findings",
    "HeldReason",
    "Judgement",
    "Policy",
    "facts",
    "judged",
    "periods",
    "policy",
    "policy_from",
    "shipped",
    "windows",
    "without",
]
