"""The nightly job on a day of real events: a run folder, and the exit codes of the contract."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import graphkit as gk

NIGHTLY = Path(__file__).resolve().parents[1] / "pipelines" / "nightly.py"


def _nightly(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(NIGHTLY), *(str(argument) for argument in arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def log(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log")
    shutil.copy(fixtures / "tiny" / "events.csv", folder / "2026-03-01.csv")
    (folder / "2026-03-02.csv").write_text("when,who\n1,2\n", encoding="utf-8")
    return folder


def test_a_day_becomes_a_verified_run(log: Path, tmp_path: Path) -> None:
    done = _nightly(log, "--day", "2026-03-01", "--runs", tmp_path)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "2026-03-01" / "report.html") in done.stdout
    assert "report.html" in gk.verify_run(tmp_path / "2026-03-01")
    assert gk.open_run(tmp_path / "2026-03-01").accounts.height == 5


def test_a_file_that_is_no_event_log_is_wrong_use(log: Path, tmp_path: Path) -> None:
    done = _nightly(log, "--day", "2026-03-02", "--runs", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("nightly: 2026-03-02: ")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "2026-03-02").exists()


def test_a_day_without_events_is_wrong_use(log: Path, tmp_path: Path) -> None:
    done = _nightly(log, "--day", "2026-03-03", "--runs", tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_day_that_is_no_date_is_wrong_use(log: Path) -> None:
    assert _nightly(log, "--day", "yesterday").returncode == 2
