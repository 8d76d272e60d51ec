"""`graphkit calibrate`, and `detect` with what it learnt."""

import json
from pathlib import Path

import polars as pl
import pytest
from record_schemas import faults
from typer.testing import CliRunner, Result

import graphkit as gk
from graphkit import cli

PNG = b"\x89PNG"


def _invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def run(quarter_hour: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("calibrate") / "run"
    assert _invoke("detect", quarter_hour, "--out", folder, "--quiet").exit_code == 0
    return folder


@pytest.fixture(scope="module")
def labels(run: Path) -> Path:
    """Labels that follow the bits: whoever has any is run by a tool, with 30 accounts the other way."""
    accounts = pl.read_parquet(run / "accounts.parquet").sort("score", "account_id", descending=True)
    chosen = pl.concat([accounts.head(120), accounts.tail(180)])
    tool = (pl.int_range(pl.len()) < 120) != (pl.int_range(pl.len()) % 10 == 0)
    path = run.parent / "labels.parquet"
    chosen.select("account_id", tool.alias("is_tool_run")).write_parquet(path)
    return path


def test_labels_become_probabilities_on_their_own_platform(
    run: Path, labels: Path, quarter_hour: Path, tmp_path: Path
) -> None:
    out, plot = tmp_path / "calibration.json", tmp_path / "reliability.png"
    answer = _invoke(
        "calibrate", labels, "--run", run, "--platform", "moltbook", "--out", out, "--plot", plot
    )
    assert answer.exit_code == 0, answer.output
    assert "moltbook: platt, 300 labels, Brier" in answer.output
    assert plot.read_bytes().startswith(PNG)
    arguments = ("detect", quarter_hour, "--calibration", out, "--platform")
    told = _invoke(*arguments, "moltbook", "--out", tmp_path / "run")
    assert told.exit_code == 0, told.output
    said = pl.read_parquet(tmp_path / "run" / "probabilities.parquet")
    assert said.height == pl.read_parquet(run / "accounts.parquet").height
    assert said["probability"].is_between(0, 1, closed="none").all()
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["calibration"]["n_labels"] == 300
    assert_said_in_records_and_explain(tmp_path / "run", said)
    elsewhere = _invoke(*arguments, "weibo", "--out", tmp_path / "other")
    assert elsewhere.exit_code == 2
    assert "holds for its own platform only" in elsewhere.output
    assert not (tmp_path / "other").exists()


def assert_said_in_records_and_explain(folder: Path, said: pl.DataFrame) -> None:
    """In every record of the run, and in what `explain` says, shows and writes of an account."""
    learnt = dict(said.select("account_id", "probability").rows())
    records = [json.loads(line) for line in (folder / "records" / "accounts.ndjson").read_text().splitlines()]
    assert records
    for record in records:
        assert faults(record) == []
        assert record["calibrated"]["probability"] == learnt[record["account_id"]]
    account = records[0]["account_id"]
    sentence = records[0]["calibrated"]["explanation"]
    assert sentence.startswith(f"probability {100 * learnt[account]:.1f} %")
    assert "300 reviewed accounts of moltbook" in sentence
    assert sentence in " ".join(_invoke("explain", folder, account).output.split())
    for kind, language in (("json", "en"), ("html", "en"), ("svg", "en"), ("json", "zh")):
        out = folder.parent / f"account.{language}.{kind}"
        answer = _invoke("explain", folder, account, "--language", language, "--out", out)
        assert answer.exit_code == 0, answer.output
        told = "由工具运营的概率" if language == "zh" else f"probability {100 * learnt[account]:.1f} %"
        assert told in out.read_text(encoding="utf-8"), kind


def test_without_labels_there_is_no_probability(run: Path) -> None:
    assert not (run / "probabilities.parquet").exists()
    records = [json.loads(line) for line in (run / "records" / "accounts.ndjson").read_text().splitlines()]
    assert not any("calibrated" in record for record in records)
    account = records[0]["account_id"]
    assert "probability" not in _invoke("explain", run, account).output
    assert "calibrated" not in gk.open_run(run).account(account)
    assert json.loads((run / "manifest.json").read_text())["calibration"] is None


def test_few_or_strange_labels_are_refused(run: Path, labels: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.csv"
    pl.read_parquet(labels).head(199).write_csv(few)
    arguments = ("--run", run, "--platform", "x", "--out", tmp_path / "out.json")
    answer = _invoke("calibrate", few, *arguments)
    assert answer.exit_code == 2
    assert "199 reviewed accounts" in answer.output
    few.write_text("account_id,is_tool_run\na,perhaps\n")
    assert "neither true nor false" in _invoke("calibrate", few, *arguments).output
    few.write_text("account_id\na\n")
    assert "lacks `is_tool_run`" in _invoke("calibrate", few, *arguments).output
    assert not (tmp_path / "out.json").exists()
