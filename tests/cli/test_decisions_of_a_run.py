"""From detect to a decision: the ledger that detect writes, who decided what, and what a kill leaves."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from conftest import Demo
from record_schemas import faults
from typer.testing import CliRunner, Result

import graphkit as gk
from graphkit.cli import app
from graphkit.store import decisions, recorded


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def run(demo: Demo, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo.folder, tmp_path / "runs" / "first"))


def member(demo: Demo) -> str:
    return str(demo.run.members["account_id"][0])


SAID = ("--decision", "warn", "--by", "Li Lei", "--reason", "it answers in its sleep")


def test_detect_records_its_start_its_end_and_its_counts(fixtures: Path, tmp_path: Path) -> None:
    ledger, events = tmp_path / "ledger.sqlite", fixtures / "tiny" / "events.csv"
    for name in ("one", "two"):
        answer = invoke("detect", events, "--out", tmp_path / name, "--ledger", ledger, "--quiet")
        assert answer.exit_code == 0, answer.output
    first, second = recorded(ledger)
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text(encoding="utf-8"))
    assert first.run_id == second.run_id == manifest["run_id"]
    assert (first.status, second.status) == ("done", "done")
    assert first.finished is not None
    assert first.started < first.finished
    assert first.counts == {
        **{"events": 12, "accounts": 5, "rings": 0},
        **{"clear": 5, "watch": 0, "warn": 0, "limit": 0, "ban_review": 0},
    }


def test_what_goes_into_a_run_names_it(fixtures: Path) -> None:
    tiny = fixtures / "tiny"
    plain = gk.detect(tiny / "events.csv")
    names = {
        plain.manifest["run_id"],
        gk.detect(tiny / "events.csv", accounts=tiny / "accounts.csv").manifest["run_id"],
        gk.detect(tiny / "events.csv", settings=gk.settings_from({"seed": 2})).manifest["run_id"],
        gk.detect(
            tiny / "events.csv", settings=gk.settings_from({"judgement": {"policy": "xiaohongshu-2026-03"}})
        ).manifest["run_id"],
    }
    assert len(names) == 4
    assert gk.detect(tiny / "events.csv").manifest["run_id"] == plain.manifest["run_id"]


def test_a_refused_input_is_recorded_as_failed(tmp_path: Path) -> None:
    header = "event_id,timestamp,channel,account_id\n"
    (tmp_path / "events.csv").write_text(header + "e1,2026-03-01T10:00:00Z,pigeon,a\n", encoding="utf-8")
    ledger = tmp_path / "ledger.sqlite"
    answer = invoke("detect", tmp_path / "events.csv", "--out", tmp_path / "run", "--ledger", ledger)
    assert answer.exit_code == 3
    assert [entry.status for entry in recorded(ledger)] == ["failed"]


def test_the_past_in_the_ledger_reaches_the_breaker(
    quarter_hour: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr("graphkit.run.entered.history", lambda *a, **k: [7, 8])
    monkeypatch.setattr("graphkit.judgement.judge.held", lambda *a, history, **k: seen.append(tuple(history)))
    gk.detect(quarter_hour, ledger=tmp_path / "ledger.sqlite")
    assert set(seen) == {(7, 8)}


def test_a_decision_is_added_and_stands_in_the_record(run: Path, demo: Demo) -> None:
    account = member(demo)
    answer = invoke("decide", run, account, *SAID, "--tool-run", "--duration", "90 days")
    assert answer.exit_code == 0, answer.output
    assert "added to" in answer.output
    (taken,) = decisions(run.parent / "ledger.sqlite")
    row = demo.run.accounts.row(by_predicate=pl.col("account_id") == account, named=True)
    assert (taken.tier, taken.score, taken.ring_id) == (row["tier"], row["score"], row["ring_id"])
    assert (taken.by, taken.is_tool_run, taken.duration) == ("Li Lei", True, "90 days")
    told = invoke("explain", run, account).output
    assert "decision: warn, by Li Lei on " in told
    invoke("explain", run, account, "--out", run.parent / "record.json")
    record = json.loads((run.parent / "record.json").read_text(encoding="utf-8"))
    assert record["decision"]["reason"] == "it answers in its sleep"
    assert faults(record) == []
    # The run itself is as it was.
    assert invoke("verify", run).exit_code == 0


def test_a_ring_is_decided_on_as_a_whole(run: Path, demo: Demo) -> None:
    ring = demo.run.rings["ring_id"][0]
    assert invoke("decide", run, ring, *SAID).exit_code == 0
    invoke("decide", run, member(demo), *SAID, "--not-tool-run")
    ledger = run.parent / "ledger.sqlite"
    answer = invoke("decisions", ledger, "--out", run.parent / "labels.parquet")
    assert answer.output.startswith("2 decisions in ")
    labels = pl.read_parquet(run.parent / "labels.parquet")
    assert labels.select("account_id", "ring_id", "is_tool_run").rows() == [
        (None, ring, None),
        (member(demo), ring, False),
    ]
    listed = invoke("decisions", ledger).output.splitlines()
    assert listed[0].endswith(f"ring {ring}: warn, by Li Lei: it answers in its sleep")
    assert listed[1].endswith(
        f"account {member(demo)}: warn, not tool-run, by Li Lei: it answers in its sleep"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["decide", "RUN", "nobody", *SAID], "`nobody` is no account or ring of this run"),
        (["decide", "RUN", "MEMBER", *SAID, "--kind", "ring"], "is no ring of this run"),
        (
            ["decide", "RUN", "MEMBER", "--decision", "warn", "--by", " ", "--reason", "x"],
            "name of the person",
        ),
        (["decide", "RUN", "MEMBER", "--decision", "warn", "--by", "Li Lei", "--reason", ""], "the reason"),
        (["release", "RUN", "--by", "Li Lei", "--reason", "x"], "is not held"),
        (["decisions", "RUN/none.sqlite"], "there is no ledger"),
    ],
)
def test_what_is_no_decision_is_refused(arguments: list[str], told: str, run: Path, demo: Demo) -> None:
    filled = [one.replace("RUN", str(run)).replace("MEMBER", member(demo)) for one in arguments]
    answer = invoke(*filled)
    assert answer.exit_code == 2
    assert told in answer.stderr
    assert decisions(run.parent / "ledger.sqlite") == []


def test_a_held_run_is_released_by_a_named_person(run: Path) -> None:
    opened = gk.open_run(run)
    held = {**opened.manifest, "held": "one signal", "breaker": None}
    stuck = gk.Run(
        **{**{name: getattr(opened, name) for name in opened.__dataclass_fields__}, "manifest": held}
    )
    ledger = run.parent / "ledger.sqlite"
    taken = gk.release(stuck, ledger=ledger, by="Li Lei", reason="a campaign of the platform's own")
    assert (taken.kind, taken.subject) == ("run", opened.manifest["run_id"])
    assert gk.decisions(ledger) == [taken]


def test_a_run_that_was_killed_loses_nothing(quarter_hour: Path, tmp_path: Path) -> None:
    """Killed once it has begun: the ledger says so, and the same command again does the whole work."""
    ledger, folder = tmp_path / "ledger.sqlite", tmp_path / "run"
    command = [sys.executable, "-m", "graphkit", "detect", str(quarter_hour), "--quiet"]
    command += ["--out", str(folder), "--ledger", str(ledger)]
    job = subprocess.Popen(command)
    deadline = time.monotonic() + 60
    while not recorded(ledger) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(job.pid, signal.SIGKILL)
    assert job.wait() == -signal.SIGKILL
    (entry,) = recorded(ledger)
    assert (entry.status, entry.finished) == ("running", None)
    assert subprocess.run(command, check=False).returncode == 0
    killed, done = recorded(ledger)
    assert killed == entry
    assert (done.status, done.run_id) == ("done", entry.run_id)
    assert "records/accounts.ndjson" in gk.verify_run(folder)
