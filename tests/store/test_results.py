"""Tables written beside a manifest: whole or not at all, the same bytes each time, the manifest last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.io.plugins import register_io_source

import graphkit as gk
from graphkit.store.durable import PARQUET
from graphkit.store.results import write_results

# More than one group of rows, so that bytes depend on where groups end.
ROWS = PARQUET["row_group_size"] * 2 + 1_000


def _table(n: int = 1_000, first: int = 0) -> pl.DataFrame:
    number = pl.int_range(first, first + n, dtype=pl.Int64)
    return pl.select(
        (pl.lit("id") + (number % 977).cast(pl.String)).alias("id"),
        number.alias("n"),
        (number / 7).alias("share"),
    )


def _in_parts(table: pl.DataFrame, size: int, fail_at: int | None = None) -> pl.LazyFrame:
    """A lazy table that comes in parts of `size` rows, and raises before row `fail_at`."""

    def parts(
        columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch: int | None
    ) -> Iterator[pl.DataFrame]:
        for start in range(0, table.height, size):
            if fail_at is not None and start >= fail_at:
                raise gk.GraphkitError("the table cannot be made any further")
            part = table[start : start + size]
            yield part if columns is None else part.select(columns)

    return register_io_source(parts, schema=table.schema)


def _write(out: Path, **tables: pl.DataFrame | pl.LazyFrame) -> dict[str, int]:
    return write_results(out, tables, {"options": {"window": 5}}, spent=lambda: {"cpu_seconds": 1.5})


def _manifest(out: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return content


def _names(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir())


@pytest.mark.parametrize("size", [ROWS, 100_000, 7_777])
def test_lazy_and_whole_tables_give_the_same_bytes(size: int, tmp_path: Path) -> None:
    table = _table(ROWS)
    assert _write(tmp_path / "whole", edges=table) == {"edges": ROWS}
    assert _write(tmp_path / "lazy", edges=_in_parts(table, size)) == {"edges": ROWS}
    assert _write(tmp_path / "of_a_frame", edges=table.lazy()) == {"edges": ROWS}
    bytes_ = [(tmp_path / name / "edges.parquet").read_bytes() for name in ("whole", "lazy", "of_a_frame")]
    assert bytes_[0] == bytes_[1]
    assert bytes_[0] == bytes_[2]
    assert pl.read_parquet(tmp_path / "lazy" / "edges.parquet").equals(table)


def test_tables_without_rows_give_the_same_bytes(tmp_path: Path) -> None:
    _write(tmp_path / "whole", edges=_table(0))
    _write(tmp_path / "lazy", edges=_in_parts(_table(0), 10))
    assert (tmp_path / "whole" / "edges.parquet").read_bytes() == (
        tmp_path / "lazy" / "edges.parquet"
    ).read_bytes()
    assert pl.read_parquet(tmp_path / "lazy" / "edges.parquet").schema == _table(0).schema


def test_parts_of_a_whole_table_do_not_matter(tmp_path: Path) -> None:
    halves = pl.concat([_table(500), _table(500, first=500)], rechunk=False)
    for name, table in (("one", _table()), ("two", halves)):
        _write(tmp_path / name, pairs=table)
    assert (tmp_path / "one" / "pairs.parquet").read_bytes() == (
        tmp_path / "two" / "pairs.parquet"
    ).read_bytes()


def test_the_same_call_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    def content() -> list[bytes]:
        _write(tmp_path, pairs=_in_parts(_table(), 300), edges=_table(10))
        return [(tmp_path / name).read_bytes() for name in _names(tmp_path)]

    assert content() == content()
    assert _names(tmp_path) == ["edges.parquet", "manifest.json", "pairs.parquet"]


def test_the_manifest_tells_rows_digests_and_what_was_given(tmp_path: Path) -> None:
    rows = _write(tmp_path, pairs=_in_parts(_table(), 300), edges=_table(10))
    assert rows == {"pairs": 1_000, "edges": 10}
    manifest = _manifest(tmp_path)
    assert manifest["options"] == {"window": 5}
    assert manifest["rows_written"] == rows
    assert manifest["spent"] == {"cpu_seconds": 1.5}
    assert set(manifest["outputs"]) == {"pairs.parquet", "edges.parquet"}
    for name, told in manifest["outputs"].items():
        content = (tmp_path / name).read_bytes()
        assert told == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def test_what_was_spent_is_asked_when_all_tables_are_written(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def spent() -> dict[str, float]:
        seen.append(_names(tmp_path))
        return {}

    write_results(tmp_path, {"pairs": _table(), "edges": _in_parts(_table(), 9)}, {}, spent=spent)
    assert seen == [["edges.parquet", "pairs.parquet"]]


def test_a_write_that_fails_midway_leaves_old_tables_whole_and_no_manifest(tmp_path: Path) -> None:
    _write(tmp_path, pairs=_table(10), edges=_table(20))
    before = (tmp_path / "edges.parquet").read_bytes()
    # The first table is new by then, the second fails halfway: a manifest would speak of a mixture.
    with pytest.raises(Exception, match="cannot be made any further"):
        _write(tmp_path, pairs=_table(30), edges=_in_parts(_table(ROWS), 100_000, fail_at=300_000))
    assert _names(tmp_path) == ["edges.parquet", "pairs.parquet"]
    assert (tmp_path / "edges.parquet").read_bytes() == before
    assert pl.read_parquet(tmp_path / "pairs.parquet").height == 30
    # The next call finds nothing in its way.
    _write(tmp_path, pairs=_table(30), edges=_table(40))
    assert _manifest(tmp_path)["rows_written"] == {"pairs": 30, "edges": 40}


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    for table in (_table(), _table().lazy()):
        with pytest.raises(gk.GraphkitError, match="check space and permissions"):
            _write(tmp_path / "file", edges=table)


def test_options_that_are_no_numbers_stay_json(tmp_path: Path) -> None:
    facts: dict[str, Any] = {"threshold": None, "name": "价格"}
    write_results(tmp_path, {}, facts, spent=dict)
    assert _manifest(tmp_path) == {**facts, "rows_written": {}, "outputs": {}, "spent": {}}
