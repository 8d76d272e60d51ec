"""Decisions in the ledger: added, never changed, none lost to a kill, exported as labels."""

import datetime as dt
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from graphkit.errors import GraphkitError
from graphkit.store import (
    Decision,
    decided,
    decisions,
    decisions_table,
    finished,
    history,
    latest,
    recorded,
    started,
    write_labels,
)

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
DECISION = Decision(
    run_id="run-a",
    kind="account",
    subject="007",
    decision="warn",
    by="Li Lei",
    at=NOON,
    reason="it answers in its sleep",
    is_tool_run=True,
    ring_id="r1",
    duration="90 days",
    tier="warn",
    score=6.5,
)
OTHER = replace(DECISION, decision="clear", is_tool_run=False, by="Han Meimei", reason="it is a shop")
RING = Decision("run-a", "ring", "r1", "watch", "Li Lei", NOON, "read together")


def test_what_was_decided_is_read_back_in_order(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite"
    assert decisions(ledger) == []
    for one in (DECISION, RING, OTHER):
        decided(ledger, one)
    assert decisions(ledger) == [DECISION, RING, OTHER]
    assert latest(ledger, "run-a", "account", "007") == OTHER
    assert latest(ledger, "run-a", "ring", "r1") == RING
    assert latest(ledger, "run-b", "account", "007") is None


@pytest.mark.parametrize("statement", ["update decisions set decision = 'ban'", "delete from decisions"])
def test_a_decision_is_only_added(statement: str, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite"
    decided(ledger, DECISION)
    base = sqlite3.connect(ledger)
    with pytest.raises(sqlite3.IntegrityError, match="decisions are only added"):
        base.execute(statement)
    base.close()
    assert decisions(ledger) == [DECISION]


@pytest.mark.parametrize("nobody", [replace(DECISION, by=""), replace(DECISION, reason="")])
def test_nobody_decides_without_a_name_and_a_reason(nobody: Decision, tmp_path: Path) -> None:
    with pytest.raises(GraphkitError, match="CHECK constraint failed"):
        decided(tmp_path / "ledger.sqlite", nobody)


def test_labels_say_what_was_decided_and_what_is_superseded(tmp_path: Path) -> None:
    released = Decision("run-a", "run", "run-a", "release", "Li Lei", NOON, "checked")
    write_labels(tmp_path / "labels.parquet", decisions_table([DECISION, RING, OTHER, released]))
    table = pl.read_parquet(tmp_path / "labels.parquet")
    assert table.select("account_id", "ring_id", "is_tool_run", "decision", "superseded").rows() == [
        ("007", "r1", True, "warn", True),
        (None, "r1", None, "watch", False),
        ("007", "r1", False, "clear", False),
    ]
    assert table["at"].dtype == pl.Datetime("us", "UTC")
    assert (table["by"][0], table["tier"][0], table["score"][0]) == ("Li Lei", "warn", 6.5)
    assert decisions_table([]).schema == table.schema


def test_the_past_of_a_run_is_what_was_done_before_it_first_began(tmp_path: Path) -> None:
    """Three nights of 2, 5 and 1 grave accounts; the second was held, then released; the third runs again."""
    ledger = tmp_path / "ledger.sqlite"
    night = [NOON + dt.timedelta(days=day) for day in range(5)]
    for day, (status, limit) in enumerate([("done", 2), ("held", 4), ("done", 1)]):
        started(ledger, f"run-{day}", at=night[day])
        counts = {"limit": limit, "ban_review": int(status == "held")}
        finished(ledger, f"run-{day}", begun=night[day], at=night[day], status=status, counts=counts)
    assert history(ledger, "run-9", at=night[3]) == [2, 1]
    decided(ledger, Decision("run-1", "run", "run-1", "release", "Li Lei", night[3], "a campaign of its own"))
    assert history(ledger, "run-9", at=night[3]) == [2, 5, 1]
    # A night that is run again has the past that it had; one that failed or still runs is no past.
    started(ledger, "run-2", at=night[4])
    assert history(ledger, "run-2", at=night[4]) == [2, 5]
    assert history(ledger, "run-0", at=night[4]) == []
    assert history(tmp_path / "none.sqlite", "run-0", at=NOON) == []


WRITER = """
import datetime as dt, sys
from pathlib import Path
from graphkit.store import Decision, decided, started
ledger, first = Path(sys.argv[1]), int(sys.argv[2])
for number in range(first, first + 10_000):
    at = dt.datetime(2026, 3, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=number)
    started(ledger, f"run-{number}", at=at)
    decided(ledger, Decision("run", "account", str(number), "watch", "Li Lei", at, "looked"))
    print(number, flush=True)
"""


def test_nothing_that_was_told_is_lost_to_a_kill(tmp_path: Path) -> None:
    """Five writers are killed at a moment of chance; each number that they printed stands in the ledger."""
    ledger, chance = tmp_path / "ledger.sqlite", random.Random(5)
    told: list[int] = []
    for turn in range(5):
        command = [sys.executable, "-c", WRITER, str(ledger), str(turn * 10_000)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            told += [int(writer.stdout.readline()) for _ in range(chance.randrange(1, 30))]
            writer.send_signal(signal.SIGKILL)
            told += [int(line) for line in writer.stdout.read().split("\n")[:-1]]
        assert writer.returncode == -signal.SIGKILL
    known = {int(one.subject) for one in decisions(ledger)}
    assert set(told) <= known
    # At most one more of each writer: on the disk before it could be told.
    assert len(known) <= len(told) + 5
    assert {one.run_id for one in recorded(ledger)} >= {f"run-{number}" for number in told}
    with closing(sqlite3.connect(ledger)) as base:
        assert base.execute("pragma integrity_check").fetchone() == ("ok",)
