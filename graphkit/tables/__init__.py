"""Every table with many rows, declared once."""

from graphkit.tables.base import Table
from graphkit.tables.events import ACCOUNTS, EVENTS, QUARANTINE
from graphkit.tables.evidence import EVIDENCE, MEASURES, REFERENCE, TIERS, TRACE
from graphkit.tables.network import CANDIDATES, EDGES, MEMBERS, PAIRS, RINGS

__all__ = [
    "ACCOUNTS",
    "CANDIDATES",
    "EDGES",
    "EVENTS",
    "EVIDENCE",
    "MEASURES",
    "MEMBERS",
    "PAIRS",
    "QUARANTINE",
    "REFERENCE",
    "RINGS",
    "TIERS",
    "TRACE",
    "Table",
]
