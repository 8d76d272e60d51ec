"""Run folders that are whole or known not to be, and the ledger of runs."""

from graphkit.store.folders import StoredRun, read_run, verify_run, write_run
from graphkit.store.ledger import LedgerEntry, finished, recorded, run_id, started

__all__ = [
    "LedgerEntry",
    "StoredRun",
    "finished",
    "read_run",
    "recorded",
    "run_id",
    "started",
    "verify_run",
    "write_run",
]
