"""The nightly job on a day of real events: a run folder, and the exit codes of the contract."""

import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import graphkit as gk
from graphkit.store import recorded

NIGHTLY = Path(__file__).resolve().parents[1] / "pipelines" / "nightly.py"


def _nightly(*arguments: str | Path) -> int:
    main: Callable[[list[str]], int] = runpy.run_path(str(NIGHTLY))["main"]
    return main([str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def log(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log")
    shutil.copy(fixtures / "tiny" / "events.csv", folder / "2026-03-01.csv")
    (folder / "2026-03-02.csv").write_text("when,who\n1,2\n", encoding="utf-8")
    return folder


def test_a_day_becomes_a_verified_run(log: Path, tmp_path: Path) -> None:
    """As cron would call it."""
    command = [sys.executable, str(NIGHTLY), str(log), "--day", "2026-03-01", "--runs", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert str(tmp_path / "2026-03-01" / "report.html") in done.stdout
    assert "report.html" in gk.verify_run(tmp_path / "2026-03-01")
    assert gk.open_run(tmp_path / "2026-03-01").accounts.height == 5


def test_a_day_again_gives_the_same_bytes(log: Path, tmp_path: Path) -> None:
    def tables() -> dict[str, bytes]:
        assert _nightly(log, "--day", "2026-03-01", "--runs", tmp_path) == 0
        return {path.name: path.read_bytes() for path in (tmp_path / "2026-03-01").glob("*.parquet")}

    assert tables() == tables()


@pytest.mark.parametrize("day", ["2026-03-02", "2026-03-03"], ids=["no event log", "no file"])
def test_a_day_without_events_is_wrong_use(
    day: str, log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _nightly(log, "--day", day, "--runs", tmp_path) == 2
    assert capsys.readouterr().err.startswith(f"nightly: {day}: ")
    assert not (tmp_path / day).exists()


def test_a_held_day_is_written_and_ends_in_4(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("graphkit.run.Run.held", "one signal is behind more than half")
    assert _nightly(log, "--day", "2026-03-01", "--runs", tmp_path) == 4
    assert "one signal" in capsys.readouterr().err
    assert (tmp_path / "2026-03-01" / "report.html").is_file()


def test_a_day_that_is_no_date_is_wrong_use(log: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        _nightly(log, "--day", "yesterday")


def test_the_ledger_remembers_every_night(log: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert _nightly(log, "--day", "2026-03-01", "--runs", tmp_path) == 0
    first, second = recorded(tmp_path / "ledger.sqlite")
    assert (first.status, second.status) == ("done", "done")
    assert first.run_id == second.run_id == gk.open_run(tmp_path / "2026-03-01").manifest["run_id"]
