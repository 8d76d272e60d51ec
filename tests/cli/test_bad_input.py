"""Whatever is given as input: a clear sentence or a counted quarantine, never a traceback."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

import graphkit as gk
from graphkit.cli import app

Spoil = Callable[[pl.DataFrame, Path], Path]


def _detect(path: Path, out: Path, *options: str | Path) -> Result:
    command = ["detect", str(path), "--out", str(out), *(str(option) for option in options)]
    return CliRunner().invoke(app, command)


def _no_column(events: pl.DataFrame, folder: Path) -> Path:
    events.drop("account_id").write_csv(folder / "e.csv")
    return folder / "e.csv"


def _float_ids(events: pl.DataFrame, folder: Path) -> Path:
    events.with_columns(account_id=pl.int_range(pl.len()).cast(pl.Float64)).write_parquet(
        folder / "e.parquet"
    )
    return folder / "e.parquet"


def _mixed_units(events: pl.DataFrame, folder: Path) -> Path:
    seconds = pl.col("timestamp").dt.epoch("s")
    odd = pl.int_range(pl.len()) % 2 == 1
    events.with_columns(timestamp=pl.when(odd).then(seconds * 1000).otherwise(seconds)).write_csv(
        folder / "e.csv"
    )
    return folder / "e.csv"


def _truncated(events: pl.DataFrame, folder: Path) -> Path:
    events.write_parquet(folder / "e.parquet")
    content = (folder / "e.parquet").read_bytes()
    (folder / "e.parquet").write_bytes(content[: len(content) // 2])
    return folder / "e.parquet"


def _empty(_: pl.DataFrame, folder: Path) -> Path:
    (folder / "e.ndjson").write_bytes(b"")
    return folder / "e.ndjson"


def _bytes(_: pl.DataFrame, folder: Path) -> Path:
    (folder / "e.csv").write_bytes(bytes(range(256)) * 40)
    return folder / "e.csv"


def _damaged_archive(_: pl.DataFrame, folder: Path) -> Path:
    (folder / "e.csv.gz").write_bytes(b"\x1f\x8b\x08not an archive")
    return folder / "e.csv.gz"


def _unknown_kind(_: pl.DataFrame, folder: Path) -> Path:
    (folder / "events.doc").write_text("dear all", encoding="utf-8")
    return folder / "events.doc"


def _empty_folder(_: pl.DataFrame, folder: Path) -> Path:
    (folder / "nothing").mkdir()
    return folder / "nothing"


@pytest.fixture(scope="module")
def events(fixtures: Path) -> pl.DataFrame:
    return pl.read_parquet(fixtures / "moltbook" / "events.parquet").head(200)


SPOILS = [
    _no_column,
    _float_ids,
    _mixed_units,
    _truncated,
    _empty,
    _bytes,
    _damaged_archive,
    _unknown_kind,
    _empty_folder,
]


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.__name__.strip("_"))
def test_what_is_no_event_log_is_told_in_one_line(spoil: Spoil, events: pl.DataFrame, tmp_path: Path) -> None:
    answer = _detect(spoil(events, tmp_path), tmp_path / "run")
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert answer.stderr.startswith("graphkit: ")
    assert answer.stderr.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_one_row_many_times_is_counted(events: pl.DataFrame, tmp_path: Path) -> None:
    pl.concat([events.head(1)] * 50_000).write_parquet(tmp_path / "e.parquet")
    answer = _detect(tmp_path / "e.parquet", tmp_path / "run")
    assert answer.exit_code == 3
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["counts"] == {"rows_read": 50_000, "quarantined": 49_999}
    assert pl.read_parquet(tmp_path / "run" / "quarantine.parquet").height == 49_999


def test_a_few_bad_rows_are_refused_and_the_rest_is_judged(events: pl.DataFrame, tmp_path: Path) -> None:
    seconds = pl.col("timestamp").dt.epoch("s")
    early = pl.int_range(pl.len()) < 3
    mixed = pl.when(early).then(seconds * 1000).otherwise(seconds)
    events.with_columns(timestamp=mixed, text=pl.lit("one line")).write_csv(tmp_path / "e.csv")
    answer = _detect(tmp_path / "e.csv", tmp_path / "run")
    assert answer.exit_code == 0
    assert answer.stdout.startswith("197 events of ")
    refused = gk.open_run(tmp_path / "run").quarantine
    # Positions are lines of the file; the header is line 1, and the texts here have no line breaks.
    assert refused.select("position", "rule").rows() == [(n, "timestamp_out_of_range") for n in (2, 3, 4)]


def test_hostile_strings_go_through_and_stay_harmless(fixtures: Path, tmp_path: Path) -> None:
    hostile = fixtures / "hostile"
    answer = _detect(hostile / "events.ndjson", tmp_path / "run", "--accounts", hostile / "accounts.csv")
    assert answer.exit_code == 0
    run = gk.open_run(tmp_path / "run")
    pages = "".join(page.read_text(encoding="utf-8") for page in (tmp_path / "run").rglob("*.html"))
    assert "SECRET-" not in pages
    for account_id in run.accounts["account_id"]:
        told = CliRunner().invoke(app, ["explain", str(tmp_path / "run"), "--", account_id])
        assert told.exit_code == 0
        assert not set(told.output) & set("\x00\x1b\r\u202e\u200b\ufeff")
