"""The measuring of whole runs on a tiny log: parts, the crowd, the figures and their section of the page."""

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def detect() -> dict[str, Any]:
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return runpy.run_path(str(BENCHMARKS / "detect.py"))
    finally:
        sys.path.remove(str(BENCHMARKS))


def test_extracts_come_again_under_other_names(detect: dict[str, Any]) -> None:
    once = sum(
        pl.read_parquet(BENCHMARKS.parent / "fixtures" / name / "events.parquet").height
        for name in detect["FIXTURES"]
    )
    log = detect["extracts"](2 * once + 10)
    assert (log.height, log["event_id"].n_unique()) == (2 * once + 10, 2 * once + 10)
    first, second = log[:once], log[once : 2 * once]
    assert not set(first["account_id"]) & set(second["account_id"])
    assert first.select("timestamp", "text").equals(second.select("timestamp", "text"))


def test_a_crowd_is_one_object_within_an_hour(detect: dict[str, Any]) -> None:
    log = detect["extracts"](500)
    more = detect["crowded"](log, 200)
    crowd = more.filter(pl.col("object_id") == "crowd-object")
    assert more.head(500).equals(log)
    assert (crowd.height, crowd["account_id"].n_unique(), crowd["event_id"].n_unique()) == (200, 200, 200)
    assert (crowd["timestamp"].max() - crowd["timestamp"].min()).total_seconds() <= 3600


def test_figures_are_kept_and_stand_on_the_page(tmp_path: Path) -> None:
    results = tmp_path / "detect.json"
    command = [
        sys.executable,
        str(BENCHMARKS / "detect.py"),
        "--size",
        "600",
        "--parts",
        "1",
        "--crowd",
        "30",
    ]
    for _ in range(2):
        done = subprocess.run([*command, "--results", str(results)], capture_output=True, env=os.environ)
        assert done.returncode == 0, done.stderr
    content = results.read_text(encoding="utf-8")
    runs = json.loads(content)["runs"]
    assert [(run["events"], run["crowd"], run["status"]) for run in runs] == [
        (600, 0, "done"),
        (600, 30, "done"),
    ]
    assert all(run["stages"]["network"] > 0 and run["peak_mib"] > 0 for run in runs)
    assert str(tmp_path) not in content
    page = runpy.run_path(str(BENCHMARKS / "detect_page.py"))["whole_runs"](results)
    assert "| 630 | 30 |" in page
    assert runpy.run_path(str(BENCHMARKS / "detect_page.py"))["whole_runs"](tmp_path / "none.json") == ""
