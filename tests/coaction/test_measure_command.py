"""`graphkit measure`: what each measure writes and says, its manifest, its errors; options at odds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import coaction_cases as cases
import polars as pl
import pytest
from typer.testing import CliRunner, Result

import graphkit as gk
from graphkit.cli import app

FILE = cases.COORTWEET / "russ.csv"
TABLES = {
    "interval": ["quantiles", "windows"],
    "cosine": ["edges", "left_out"],
    "projection": ["edges", "left_out"],
    "sweep": ["accounts", "left_out", "levels"],
}


def _invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["measure", *(str(argument) for argument in arguments)])


def _measured(out: Path, kind: str, *more: str, file: Path = FILE) -> dict[str, pl.DataFrame]:
    answer = _invoke(kind, file, *more, "--out", out)
    assert answer.exit_code == 0, answer.output
    return {path.stem: pl.read_parquet(path) for path in sorted(out.glob("*.parquet"))}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_and_a_manifest_are_written(kind: str, tmp_path: Path) -> None:
    tables = _measured(tmp_path, kind)
    assert list(tables) == TABLES[kind]
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*manifest["outputs"], "manifest.json"])
    assert manifest["graphkit"] == gk.__version__
    assert manifest["options"]["kind"] == kind
    content = FILE.read_bytes()
    told = {"name": "russ.csv", "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    assert manifest["inputs"] == [told]
    assert manifest["rows_written"] == {name: table.height for name, table in tables.items()}
    for name, output in manifest["outputs"].items():
        assert output["sha256"] == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
    assert manifest["spent"]["peak_mib"] > 0


def test_an_interval_is_that_of_the_function(tmp_path: Path) -> None:
    tables = _measured(tmp_path, "interval", "--quantile", "0.2", "--share", "0.4", "--like", "coornet")
    found = gk.coordination_interval(gk.read_shares(FILE), quantile=0.2, share=0.4, like="coornet")
    assert tables["quantiles"].equals(found.quantiles)
    assert tables["windows"].equals(found.windows)
    counts = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["counts"]
    assert counts == {"interval_s": found.interval_s, "second_share_s": found.second_share_s}


def test_a_cosine_is_that_of_the_function(tmp_path: Path) -> None:
    options: dict[str, Any] = {"min_shares": 5, "min_similarity": 0.3}
    tables = _measured(tmp_path, "cosine", "--min-shares", "5", "--min-similarity", "0.3")
    found = gk.cosine_network(gk.read_shares(FILE), **options)
    assert tables["edges"].height > 0
    assert tables["edges"].equals(found.edges)


def test_a_projection_is_that_of_the_function(tmp_path: Path) -> None:
    tables = _measured(tmp_path, "projection", "--null", "hypergeometric", "--alpha", "0.01")
    found = gk.validated_projection(gk.read_shares(FILE), null="hypergeometric", alpha=0.01)
    assert tables["edges"].height > 0
    assert tables["edges"].equals(found.edges)


def test_a_sweep_is_that_of_the_function(tmp_path: Path) -> None:
    tables = _measured(tmp_path, "sweep", "--window", "10", "--min-participation", "1")
    found = gk.quantile_sweep(gk.coactions(FILE, window_s=10, min_participation=1).edges)
    assert tables["levels"].equals(found.levels)
    assert tables["accounts"].equals(found.accounts)
    assert tables["left_out"].height == 0


def test_the_sentence_sums_it_up(tmp_path: Path) -> None:
    answer = _invoke("interval", FILE, "--out", tmp_path)
    found = gk.coordination_interval(gk.read_shares(FILE))
    first, second = answer.output.splitlines()
    said = f"an interval of {found.interval_s:g} s, from the fastest {found.n_fastest} of"
    assert first == f"{said} {found.n_objects} objects"
    assert second == f"8 quantiles, 11 windows: {tmp_path}"
    assert _invoke("interval", FILE, "--out", tmp_path, "--quiet").output == ""


def test_two_runs_write_the_same_tables(tmp_path: Path) -> None:
    for kind, names in TABLES.items():
        for run in ("one", "two"):
            _measured(tmp_path / run / kind, kind)
        for name in names:
            one, two = (tmp_path / run / kind / f"{name}.parquet" for run in ("one", "two"))
            assert one.read_bytes() == two.read_bytes(), f"{kind}: {name}"


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("row", ["", "o,a,1,0\n"], ids=["none", "one"])
def test_shares_of_which_nothing_meets_are_measured_too(kind: str, row: str, tmp_path: Path) -> None:
    file = tmp_path / "shares.csv"
    file.write_text(f"object_id,account_id,content_id,timestamp_share\n{row}", encoding="utf-8")
    tables = _measured(tmp_path / "out", kind, file=file)
    assert list(tables) == TABLES[kind]
    # No NaN, which is no JSON, stands for what is not known.
    manifest = (tmp_path / "out" / "manifest.json").read_text(encoding="utf-8")
    assert "NaN" not in manifest
    assert "Infinity" not in manifest


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["interval", "--quantile", "2"], "`quantile`"),
        (["interval", "--share", "-1"], "`share`"),
        (["interval", "--like", "nobody"], "`nobody`"),
        (["cosine", "--top", "2"], "`top`"),
        (["cosine", "--min-similarity", "2"], "`min_similarity`"),
        (["projection", "--alpha", "2"], "`alpha`"),
        (["projection", "--null", "luck"], "luck"),
        (["sweep", "--window", "-1"], "`window_s`"),
        (["guess"], "guess"),
    ],
    ids=" ".join,
)
def test_wrong_use_ends_in_2_and_says_why(arguments: list[str], fault: str, tmp_path: Path) -> None:
    answer = _invoke(arguments[0], FILE, *arguments[1:], "--out", tmp_path / "out")
    assert answer.exit_code == 2
    assert fault in answer.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", TABLES)
def test_a_file_that_cannot_be_read_is_named(kind: str, tmp_path: Path) -> None:
    answer = _invoke(kind, tmp_path / "nowhere.csv", "--out", tmp_path / "out")
    assert answer.exit_code == 2
    assert "nowhere.csv" in answer.stderr
    other = tmp_path / "other.csv"
    other.write_text("object_id,account_id\no,a\n", encoding="utf-8")
    answer = _invoke(kind, other, "--out", tmp_path / "out")
    assert answer.exit_code == 2
    assert "`content_id`, `timestamp_share`" in answer.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        # Edges of two windows are two edges of the same accounts, and would weigh twice.
        (["--window", "1", "--communities", "0.1"], "communities are of one window"),
        (["--fast-window", "5", "--communities", "0.1"], "communities are of one window"),
        (["--communities", "-1"], "`resolution`"),
        (["--network", "co_link"], "`--network` means nothing without `--like toolkit`"),
        (["--like", "coortweet", "--similarity", "0.8"], "`--similarity` means nothing without"),
        (["--spark-master", "local[1]"], "`--spark-master` means nothing without `--engine spark`"),
        (["--like", "toolkit", "--network", "co_link", "--engine", "spark"], "no cluster"),
        (
            ["--like", "toolkit", "--network", "co_link", "--communities", "1"],
            "`--communities` means nothing",
        ),
        (
            ["--like", "toolkit", "--network", "co_link", "--subgraph", "1", "--edge-weight", "0.5"],
            "`--edge-weight` and `--subgraph` mean nothing with `--like toolkit`",
        ),
    ],
    ids=" ".join,
)
def test_no_option_is_passed_over_in_silence(arguments: list[str], fault: str, tmp_path: Path) -> None:
    whole = ["coactions", str(FILE), "--window", "60", *arguments, "--out", str(tmp_path / "out")]
    answer = CliRunner().invoke(app, whole)
    assert answer.exit_code == 2, answer.output
    assert fault in answer.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("kind", "foreign"),
    [("interval", "alpha"), ("cosine", "window"), ("projection", "top"), ("sweep", "share")],
)
def test_no_measure_takes_the_option_of_another(kind: str, foreign: str, tmp_path: Path) -> None:
    answer = _invoke(kind, FILE, f"--{foreign}", "0.5", "--out", tmp_path / "out")
    assert answer.exit_code == 2, answer.output
    assert f"`--{foreign}` means nothing with `measure {kind}`; leave it out" in answer.stderr
    assert not (tmp_path / "out").exists()


def test_a_limit_of_no_pairs_is_refused_and_not_taken_for_the_default(tmp_path: Path) -> None:
    for more in ([], ["--like", "toolkit", "--network", "co_link"]):
        file = cases.TOOLKIT / "sample_data.csv" if more else FILE
        arguments = ["coactions", str(file), "--window", "1", "--most-pairs", "0", *more]
        answer = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "out")])
        assert answer.exit_code == 2, answer.output
        assert "`most_pairs` is 0" in answer.stderr
