"""`graphkit reference`, and `detect` with what it kept."""

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from graphkit import cli


def _invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def kept(quarter_hour: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reference") / "kept.parquet"
    answer = _invoke("reference", quarter_hour, "--platform", "moltbook", "--out", path)
    assert answer.exit_code == 0, answer.output
    assert "ordinary accounts of moltbook, version" in answer.output
    return path


def test_the_same_input_gives_the_same_bytes(quarter_hour: Path, kept: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.parquet"
    assert _invoke("reference", quarter_hour, "--platform", "moltbook", "--out", again).exit_code == 0
    assert again.read_bytes() == kept.read_bytes()


def test_a_reference_holds_no_account_and_no_text(quarter_hour: Path, kept: Path) -> None:
    events = pl.read_parquet(quarter_hour)
    content = kept.read_bytes()
    assert not [name for name in events["account_id"].unique() if name.encode() in content]
    assert pl.read_parquet(kept).columns == ["signal", "stratum", "n_accounts", "values", "source"]


def test_detect_says_whose_reference_it_used(quarter_hour: Path, kept: Path, tmp_path: Path) -> None:
    uses = {}
    for platform in ("moltbook", "weibo"):
        out = tmp_path / platform
        answer = _invoke("detect", quarter_hour, "--reference", kept, "--platform", platform, "--out", out)
        assert answer.exit_code == 0, answer.output
        uses[platform] = json.loads((out / "manifest.json").read_text())["reference"]
    assert uses["moltbook"]["use"] == "own platform"
    assert uses["weibo"]["use"] == "from elsewhere: ranks only"
    assert uses["weibo"]["platform"] == "moltbook"
    own = pl.read_parquet(tmp_path / "moltbook" / "trace.parquet")
    other = pl.read_parquet(tmp_path / "weibo" / "trace.parquet")
    told = [frame.filter(pl.col("condition").str.ends_with("own_reference")) for frame in (own, other)]
    assert set(told[0]["observed"]) <= {"yes"}
    assert set(told[1]["observed"]) <= {"no"}


def test_rings_of_a_run_and_named_accounts_are_left_out(quarter_hour: Path, tmp_path: Path) -> None:
    first = pl.read_parquet(quarter_hour)["account_id"][0]
    table = tmp_path / "named.csv"
    table.write_text(f"account_id\n{first}\n")
    out = tmp_path / "kept.parquet"
    arguments = ("reference", quarter_hour, "--platform", "x", "--out", out, "--candidates")
    assert _invoke(*arguments, table).exit_code == 0
    run = tmp_path / "run"
    assert _invoke("detect", quarter_hour, "--out", run, "--quiet").exit_code == 0
    members = pl.read_parquet(run / "accounts.parquet").filter(pl.col("ring_id").is_not_null()).height
    assert members > 0
    assert _invoke(*arguments, run).exit_code == 0
    told = json.loads(pl.read_parquet_metadata(out)["graphkit.reference"])
    assert told["accounts"]["left out by name"] >= members


def test_a_reference_needs_a_name_and_events(quarter_hour: Path, tmp_path: Path) -> None:
    answer = _invoke("reference", quarter_hour, "--platform", "", "--out", tmp_path / "x.parquet")
    assert answer.exit_code == 2
    assert "needs the name of its platform" in answer.output
    answer = _invoke("detect", quarter_hour, "--reference", quarter_hour, "--out", tmp_path / "run")
    assert answer.exit_code == 2
    assert "is no reference" in answer.output
