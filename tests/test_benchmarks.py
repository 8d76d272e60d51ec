"""The measuring of speed on a tiny log: the table, the plot and the figures are written and add up."""

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
CONTENDERS = ("graphkit-coortweet", "polars", "limit")
EVENTS = 2_500  # one ring
WALL = pl.col("wall_s")


def _module(name: str) -> dict[str, Any]:
    return runpy.run_path(str(BENCHMARKS / f"{name}.py"))


def _run(folder: Path, *options: str) -> str:
    command = [sys.executable, str(BENCHMARKS / "run.py"), "--peers", "--sizes", str(EVENTS), "--zipf", "1"]
    places = ["--out", folder / "docs", "--results", folder / "results.json", "--cache", folder / "cache"]
    rest = ["--repeat", "2", "--viral", "0", "--only", *CONTENDERS, *map(str, places), *options]
    done = subprocess.run([*command, *rest], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    _run(folder)
    return folder


def _runs(folder: Path) -> pl.DataFrame:
    return pl.DataFrame(json.loads((folder / "results.json").read_text(encoding="utf-8"))["runs"])


def test_every_contender_is_measured_as_often_as_asked(bench: Path) -> None:
    runs = _runs(bench).filter(pl.col("events") == EVENTS)
    assert runs.group_by("contender").len().sort("contender").rows() == [
        (name, 2) for name in sorted(CONTENDERS)
    ]
    assert set(runs["status"]) == {"done"}
    assert runs.select((pl.min_horizontal("wall_s", "cpu_s", "peak_mib", "input_mib") > 0).all()).item()


def test_the_engine_and_the_join_find_the_same(bench: Path) -> None:
    found = _runs(bench).filter(pl.col("edges") != "")
    assert set(found["contender"]) == {"graphkit-coortweet", "polars"}
    assert found.select(pl.col("edges", "n_edges").n_unique()).row(0) == (1, 1)
    # 25 accounts of a ring share 60 objects within 45 s: all of their 300 edges are there.
    assert found["n_edges"][0] >= 300


def test_the_page_says_what_was_measured(bench: Path) -> None:
    page = (bench / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    runs = _runs(bench).filter(pl.col("contender") == "polars")
    median, least, most = (float(runs.select(f).item()) for f in (WALL.median(), WALL.min(), WALL.max()))
    row = next(line for line in page.splitlines() if line.startswith("| a join in polars | "))
    assert row.split(" | ")[1] == f"{median:.2f} ({least:.2f}-{most:.2f})"
    assert "| graphkit, like CooRTweet; a join in polars |" in page
    assert "| yes |" in page


def test_the_ratios_are_printed_as_the_page_has_them(bench: Path) -> None:
    page = (bench / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if line.startswith("| a join in polars | "))
    ratio = row.removesuffix(" |").split(" | ")[-1]
    again = _run(bench, "--pages-only")
    assert f"times ours, {EVENTS:,} events, zipf 1, 30 days: a join in polars {ratio}" in again


def test_the_plot_is_a_picture(bench: Path) -> None:
    assert (bench / "docs" / "benchmarks.png").read_bytes().startswith(b"\x89PNG\r\n")


def test_figures_of_before_are_kept_and_give_the_same_page(bench: Path) -> None:
    written = [bench / "results.json", bench / "docs" / "benchmarks.md", bench / "docs" / "benchmarks.png"]
    before = [path.read_bytes() for path in written]
    told = _run(bench)
    assert [path.read_bytes() for path in written] == before
    assert "cpu s" not in told, "nothing is measured again"


def test_no_figure_tells_whose_machine_it_is(bench: Path) -> None:
    content = (bench / "results.json").read_text(encoding="utf-8")
    assert str(bench) not in content
    assert str(Path.home()) not in content


def test_logs_are_the_same_every_time_and_count_up() -> None:
    shares = _module("shares")
    log = shares["Log"](12_345, 0.8, 3)
    first, again = (pl.concat(shares["shares"](log)) for _ in range(2))
    assert first.equals(again)
    assert (first.height, first["content_id"].n_unique()) == (12_345, 12_345)
    assert first["timestamp_share"].is_sorted()
    assert first["timestamp_share"].max() - first["timestamp_share"].min() < 3 * 86_400
    members = shares["rings"](log)
    # 12,345 // 2,500 rings of 25 accounts.
    assert members.group_by("ring").len().sort("ring").rows() == [(0, 25), (1, 25), (2, 25), (3, 25)]


def test_a_ring_shares_its_objects_in_a_burst() -> None:
    shares = _module("shares")
    log = shares["Log"](EVENTS)
    rows = pl.concat(shares["shares"](log)).join(shares["rings"](log), on="account_id")
    by_object = rows.group_by("object_id").agg(
        pl.col("account_id").n_unique().alias("n"),
        (pl.col("timestamp_share").max() - pl.col("timestamp_share").min()).alias("span"),
    )
    # 60 objects, all 25 together within 45 s; where one of them comes back by chance it is hours apart.
    assert by_object.filter(pl.col("n") == 25).height == 60
    assert by_object.filter((pl.col("n") == 25) & (pl.col("span") <= 45)).height > 50


def test_a_viral_object_is_added_and_nothing_else_changes() -> None:
    shares = _module("shares")
    plain, crowded = (pl.concat(shares["shares"](shares["Log"](EVENTS, viral=n))) for n in (0, 100))
    crowd = crowded.filter(pl.col("object_id") == "o200000")
    assert (crowd.height, crowd["account_id"].n_unique(), crowd["timestamp_share"].n_unique()) == (
        100,
        100,
        1,
    )
    assert crowd.join(shares["rings"](shares["Log"](EVENTS)), on="account_id").height == 25
    rest = crowded.filter(pl.col("object_id") != "o200000")
    assert rest.drop("content_id").equals(plain.drop("content_id"))


@pytest.mark.parametrize("layout", ["shares.parquet", "shares.csv", "messages.csv"])
def test_every_layout_holds_the_same_rows(layout: str, tmp_path: Path) -> None:
    shares = _module("shares")
    log = shares["Log"](EVENTS)
    path = shares["written"](log, layout, tmp_path)
    read = pl.read_parquet(path) if layout.endswith("parquet") else pl.read_csv(path, infer_schema=False)
    names = ["repost_id", "user_id", "message_id", "timestamp"] if layout == "messages.csv" else read.columns
    expected = pl.concat(shares["shares"](log)).cast(pl.String)
    assert read.select(names).cast(pl.String).rows() == expected.rows()
    assert [path.name for path in tmp_path.iterdir()] == [path.name]


def test_slices_make_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shares = _module("shares")
    monkeypatch.setitem(shares["shares"].__globals__, "SLICE_EVENTS", 1_000)
    rows = pl.read_parquet(shares["written"](shares["Log"](EVENTS), "shares.parquet", tmp_path))
    assert rows["content_id"].to_list() == [f"c{i}" for i in range(EVENTS)]
    assert rows["timestamp_share"].is_sorted()


def test_a_cost_is_that_of_the_child_alone() -> None:
    """Not of the process that asks, which is large here."""
    ballast = np.ones(2**24)  # 128 MiB
    found = _module("measure")["cost"]([(sys.executable, "-c", "pass")], limit_s=30)
    assert (found.status, found.why) == ("done", "")
    assert 0 < found.peak_mib < ballast.nbytes / 2**20 / 2


def test_what_takes_too_long_is_stopped_and_told() -> None:
    sleeping = (sys.executable, "-c", "import time; time.sleep(60)")
    found = _module("measure")["cost"]([(sys.executable, "-c", "pass"), sleeping], limit_s=0.5)
    assert (found.status, found.why) == ("late", "not done after 0.5 s")


def test_what_fails_is_told_without_a_path() -> None:
    failing = (sys.executable, "-c", "raise SystemExit('nothing in /srv/data here')")
    found = _module("measure")["cost"]([failing], limit_s=30)
    assert (found.status, found.why) == ("failed", "exit 1: nothing in (path) here")
