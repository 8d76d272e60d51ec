"""The ledger: who ran when with what outcome, in single transactions."""

import datetime as dt
import sqlite3
from pathlib import Path

import pytest

from graphkit.errors import GraphkitError
from graphkit.store import LedgerEntry, finished, recorded, run_id, started

MORNING = dt.datetime(2026, 3, 1, 6, tzinfo=dt.UTC)
LATER = MORNING + dt.timedelta(minutes=5)


def test_a_run_is_named_by_what_goes_into_it() -> None:
    name = run_id({"a.csv": "11", "b.csv": "22"}, {"seed": 7, "read": {"time_unit": "s"}})
    assert name == run_id({"b.csv": "22", "a.csv": "11"}, {"read": {"time_unit": "s"}, "seed": 7})
    assert name != run_id({"a.csv": "11", "b.csv": "22"}, {"seed": 8, "read": {"time_unit": "s"}})
    assert name != run_id({"a.csv": "22", "b.csv": "11"}, {"seed": 7, "read": {"time_unit": "s"}})
    assert len(name) == len("run-") + 20


def test_what_was_started_and_finished_is_recorded(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite"
    assert recorded(ledger) == []
    assert not ledger.exists()
    started(ledger, "run-b", at=LATER)
    started(ledger, "run-a", at=MORNING.astimezone(dt.timezone(dt.timedelta(hours=8))))
    finished(ledger, "run-a", begun=MORNING, at=LATER, status="done", counts={"limit": 2, "rings": 1})
    assert recorded(ledger) == [
        LedgerEntry("run-a", MORNING, LATER, "done", {"limit": 2, "rings": 1}),
        LedgerEntry("run-b", LATER, None, "running", {}),
    ]


def test_two_jobs_share_one_ledger(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite"
    started(ledger, "run-a", at=MORNING)
    reader = sqlite3.connect(ledger)
    assert reader.execute("select count(*) from runs").fetchone() == (1,)
    started(ledger, "run-b", at=LATER)  # while the reader is open
    assert reader.execute("pragma journal_mode").fetchone() == ("wal",)
    reader.close()
    assert [entry.run_id for entry in recorded(ledger)] == ["run-a", "run-b"]


def test_what_does_not_fit_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite"
    started(ledger, "run-a", at=MORNING)
    with pytest.raises(GraphkitError, match="knows no run `run-x`"):
        finished(ledger, "run-x", begun=MORNING, at=LATER, status="done", counts={})
    with pytest.raises(GraphkitError, match="CHECK constraint failed"):
        finished(ledger, "run-a", begun=MORNING, at=LATER, status="splendid", counts={})
    assert [entry.status for entry in recorded(ledger)] == ["running"]
    ledger.with_name("torn.sqlite").write_bytes(b"no database at all" * 99)
    with pytest.raises(GraphkitError, match="cannot be used: file is not a database"):
        recorded(ledger.with_name("torn.sqlite"))
