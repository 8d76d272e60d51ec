"""`graphkit coactions`: the contract's options, the files that it writes, and its errors."""

from __future__ import annotations

from pathlib import Path

import coaction_cases as cases
import polars as pl
import pytest
from typer.testing import CliRunner, Result

import graphkit as gk
from graphkit.cli import app
from graphkit.coaction.peers import Peer


def _invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["coactions", *(str(argument) for argument in arguments)])


def _coortweet(out: Path, *more: str, file: Path = cases.COORTWEET / "russ.csv") -> Result:
    options = ["--like", "coortweet", "--window", "60", "--min-participation", "2"]
    return _invoke(file, *options, *more, "--out", out)


def test_pairs_and_edges_of_the_peer_are_written(tmp_path: Path) -> None:
    answer = _coortweet(tmp_path / "out")
    assert answer.exit_code == 0, answer.output
    assert answer.output == f"747 pairs, 732 edges: {tmp_path / 'out'}\n"
    names = ["edges.parquet", "left_out.parquet", "manifest.json", "pairs.parquet"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    for name in ("pairs", "edges"):
        ours = pl.read_parquet(tmp_path / "out" / f"{name}.parquet")
        path = cases.COORTWEET / "expected" / f"{name}_russ_tw60_mp2.csv"
        theirs = pl.read_csv(path, schema_overrides=ours.schema)
        assert ours.columns == theirs.columns
        assert sorted(ours.select(ours.columns[:3]).rows()) == sorted(theirs.select(ours.columns[:3]).rows())


def test_options_reach_the_network(tmp_path: Path) -> None:
    _coortweet(tmp_path / "strong", "--edge-weight", "0.99", "--subgraph", "1", "--quiet")
    assert pl.read_parquet(tmp_path / "strong" / "edges.parquet").height == 2
    _coortweet(tmp_path / "fast", "--fast-window", "10", "--quiet")
    pairs = pl.read_parquet(tmp_path / "fast" / "pairs.parquet")
    # What is fast at 10 s is what a run with 10 s finds; that file has 66 pairs.
    assert pairs["time_window_10"].sum() == 66
    assert "weight_fast" in pl.read_parquet(tmp_path / "fast" / "edges.parquet").columns


def test_statistics_are_written_when_asked(tmp_path: Path) -> None:
    _coortweet(tmp_path / "out", "--fast-window", "10", "--stats", "none", "--quiet")
    tables = {
        name: pl.read_parquet(tmp_path / "out" / f"{name}_stats.parquet") for name in ("group", "account")
    }
    assert tables["group"].columns == ["object_id", "num_accounts"]
    edges, pairs = (pl.read_parquet(tmp_path / "out" / f"{name}.parquet") for name in ("edges", "pairs"))
    assert set(tables["account"]["account_id"]) == {*edges["from"], *edges["to"]}
    shares = gk.read_shares(cases.COORTWEET / "russ.csv")
    peer = Peer.COORTWEET
    assert tables["group"].equals(gk.group_stats(edges, pairs, like=peer, shares=shares))
    assert tables["account"].equals(gk.account_stats(edges, pairs, like=peer))


def test_loops_are_kept_when_asked(tmp_path: Path) -> None:
    file = tmp_path / "shares.csv"
    file.write_text("object_id,account_id,content_id,timestamp_share\no,a,1,0\no,a,2,1\n", encoding="utf-8")
    _coortweet(tmp_path / "without", file=file)
    _coortweet(tmp_path / "with", "--keep-loops", file=file)
    heights = [pl.read_parquet(tmp_path / name / "pairs.parquet").height for name in ("without", "with")]
    assert heights == [0, 1]


@pytest.mark.parametrize("expected", cases.toolkit_files(), ids=str)
def test_edges_of_the_toolkit_are_written(expected: cases.Expected, tmp_path: Path) -> None:
    answer = _invoke(
        *(cases.TOOLKIT / "sample_data.csv", "--like", "toolkit", "--network", expected.set_name),
        *("--window", str(expected.window), "--min-edge-weight", str(expected.least)),
        *("--similarity", str(expected.similarity), "--out", tmp_path),
    )
    assert answer.exit_code == 0, answer.output
    ours = pl.read_parquet(tmp_path / "edges.parquet")
    theirs = pl.read_csv(expected.path, schema_overrides=ours.schema)
    assert ours.rows() == sorted(theirs.rows())


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        _coortweet(tmp_path / name)
    for table in ("pairs.parquet", "edges.parquet"):
        assert (tmp_path / "one" / table).read_bytes() == (tmp_path / "two" / table).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["--like", "toolkit", "--window", "1"], "`--network`"),
        (["--like", "coortweet", "--window", "-1"], "`window_s`"),
        (["--like", "coortweet", "--window", "1", "--edge-weight", "2"], "`edge_weight`"),
        (["--like", "nobody", "--window", "1"], "nobody"),
        (["--like", "coortweet", "--window", "1", "--window", "2", "--subgraph", "1"], "one `window_s`"),
        (["--like", "toolkit", "--network", "co_tweet", "--window", "1", "--window", "2"], "one `--window`"),
        (["--engine", "spark", "--window", "1", "--window", "2"], "one window"),
        (["--window", "1", "--memory", "1"], "1 MiB"),
        (["--window", "1", "--stats", "fast"], "`--fast-window`"),
        (["--window", "1", "--window", "2", "--stats", "none"], "one `--window`"),
        (["--like", "toolkit", "--network", "co_tweet", "--window", "1", "--stats", "none"], "stats"),
        (["--like", "coortweet"], "--window"),
    ],
)
def test_wrong_use_ends_in_2_and_says_why(arguments: list[str], fault: str, tmp_path: Path) -> None:
    answer = _invoke(cases.COORTWEET / "russ.csv", *arguments, "--out", tmp_path / "out")
    assert answer.exit_code == 2
    assert fault in answer.stderr
    assert not (tmp_path / "out").exists()
