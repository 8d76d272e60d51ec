"""What was written in private messages and group chats stands in no file of a run, unless an option asks."""

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import graphkit as gk
from graphkit.settings import ReportSettings

# A stretch of plain letters: written the same in HTML, in JSON and in a table.
PLAIN = re.compile(r"[A-Za-z]+(?: [A-Za-z]+){4,}")


@pytest.fixture(scope="module")
def chats(quarter_hour: Path) -> pl.DataFrame:
    """The threads of the extract as if they were group chats: the same ring, all its texts secrets."""
    group = pl.lit("group").alias("channel")
    return pl.read_parquet(quarter_hour).with_columns(group, pl.lit(None, pl.String).alias("target_id"))


def _everything(folder: Path) -> str:
    pages = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.html"))]
    tables = [pl.read_parquet(path).write_ndjson() for path in sorted(folder.glob("*.parquet"))]
    return "\n".join([*pages, *tables, (folder / "manifest.json").read_text(encoding="utf-8")])


def _probes(run: gk.Run) -> set[str]:
    """Stretches of what the members of the rings wrote."""
    written = run.events.join(run.members, on="account_id", how="semi")["text"].drop_nulls()
    return {found.group() for text in written for found in [PLAIN.search(text)] if found}


def test_no_private_text_stands_in_a_run(chats: pl.DataFrame, tmp_path: Path) -> None:
    run = gk.detect(chats, out=tmp_path / "run")
    probes = _probes(run)
    assert len(probes) > 20, "the ring must be found, or there is nothing to leak"
    written = _everything(tmp_path / "run")
    assert not [probe for probe in sorted(probes) if probe in written]


def test_an_option_shows_them(chats: pl.DataFrame, tmp_path: Path) -> None:
    """The twin of the test above: it would notice if the probes could never be found."""
    shown = replace(gk.Settings(), report=ReportSettings(show_private_text=True))
    run = gk.detect(chats, out=tmp_path / "run", settings=shown)
    written = _everything(tmp_path / "run")
    assert [probe for probe in _probes(run) if probe in written]


def test_a_refused_row_keeps_its_text_to_itself(fixtures: Path, tmp_path: Path) -> None:
    events = pl.read_csv(fixtures / "tiny" / "events.csv", infer_schema=False)
    late = pl.col("event_id") == "e08"
    broken = events.with_columns(timestamp=pl.when(late).then(pl.lit("soon")).otherwise("timestamp"))
    with pytest.raises(gk.GraphkitError):
        gk.detect(broken, out=tmp_path / "run")
    assert "next one at one" not in pl.read_parquet(tmp_path / "run" / "quarantine.parquet").write_ndjson()
