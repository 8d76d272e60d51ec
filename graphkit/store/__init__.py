"""Run folders that are whole or known not to be, and the ledger of runs."""

from graphkit.store.decisions import (
    KINDS,
    Decision,
    decided,
    decisions,
    decisions_table,
    latest,
    write_labels,
)
from graphkit.store.folders import StoredRun, read_run, verify_run, write_run
from graphkit.store.ledger import LedgerEntry, finished, history, recorded, run_id, started

__all__ = [
    "KINDS",
    "Decision",
    "LedgerEntry",
    "StoredRun",
    "decided",
    "decisions",
    "decisions_table",
    "finished",
    "history",
    "latest",
    "read_run",
    "recorded",
    "run_id",
    "started",
    "verify_run",
    "write_labels",
    "write_run",
]
