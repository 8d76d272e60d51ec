"""What many tests share: the fixtures' folders, a slice of the real extract, and one run of the demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import settings
from typer.testing import CliRunner

import graphkit as gk
from graphkit.cli import app

ROOT = Path(__file__).resolve().parents[1]

# The same examples on every machine, and no test that fails because a machine is slow.
settings.register_profile("steady", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("steady")


@dataclass(frozen=True)
class Demo:
    """What `graphkit demo` left and printed."""

    folder: Path
    output: str
    run: gk.Run


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of the project's fixtures."""
    return ROOT / "fixtures"


@pytest.fixture(scope="session")
def quarter_hour(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Events in the threads that began between 05:50 and 06:05: the ring at work, quickly run."""
    begin, end = datetime(2026, 1, 31, 5, 50, tzinfo=UTC), datetime(2026, 1, 31, 6, 5, tzinfo=UTC)
    first = pl.col("timestamp").min().over("object_id")
    events = pl.read_parquet(fixtures / "moltbook" / "events.parquet").filter(first >= begin, first < end)
    path = tmp_path_factory.mktemp("quarter_hour") / "2026-01-31.parquet"
    events.write_parquet(path)
    return path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """One run of `graphkit demo`, shared by all tests that look at it."""
    folder = tmp_path_factory.mktemp("demo") / "run"
    answer = CliRunner().invoke(app, ["demo", "--out", str(folder)], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return Demo(folder, answer.output, gk.open_run(folder))


@pytest.fixture(scope="session")
def people(fixtures: Path) -> gk.Run:
    """One run on the people of fixtures/irc, shared by all tests that look at it."""
    return gk.detect(fixtures / "irc" / "events.parquet")
