"""A folder of tables that are no run: each in place whole or not at all, the manifest last."""

import hashlib
import io
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from graphkit.store.durable import PARQUET, sync_folder, told, write_bytes, write_table

# Long tables: a fifth fewer CPU seconds than at level 3, and files of the same size.
_QUICK = PARQUET | {"compression_level": 1}


def write_results(
    out: Path,
    tables: Mapping[str, pl.DataFrame | pl.LazyFrame],
    facts: Mapping[str, Any],
    *,
    spent: Callable[[], Mapping[str, float]],
) -> dict[str, int]:
    """Write each table as `<name>.parquet` and manifest.json, and give the rows of each.

    A lazy table is written while it is made. The manifest holds `facts`, rows, SHA-256 and size of each file,
    and what was `spent` by the time that all were written; an earlier one is taken away first, so that it
    never speaks of tables that are not its own.
    """
    with told(out):
        (out / "manifest.json").unlink(missing_ok=True)
        rows = {name: _put(out, name, table) for name, table in tables.items()}
        files = {f"{name}.parquet": _digest(out / f"{name}.parquet") for name in tables}
        content = {**facts, "rows_written": rows, "outputs": files, "spent": dict(spent())}
        write_bytes(out / "manifest.json", json.dumps(content, indent=2, ensure_ascii=False).encode() + b"\n")
    return rows


def _put(out: Path, name: str, table: pl.DataFrame | pl.LazyFrame) -> int:
    waiting, place = out / f".{name}.waiting", out / f"{name}.parquet"
    try:
        if isinstance(table, pl.LazyFrame):
            out.mkdir(parents=True, exist_ok=True)
            table.sink_parquet(waiting, metadata=_as_text(table.collect_schema()), **_QUICK)
            with waiting.open("rb") as stream:
                os.fsync(stream.fileno())
        else:
            write_table(waiting, table, _QUICK)
        waiting.replace(place)
    finally:
        # Of a table that could not be made to the end nothing is left.
        waiting.unlink(missing_ok=True)
    sync_folder(out)
    rows: int = pl.scan_parquet(place, glob=False).select(pl.len()).collect().item()
    return rows


def _as_text(schema: pl.Schema) -> dict[str, str] | None:
    """What makes a reader take the codes of a Categorical for their texts; None where there is none.

    A file has texts and numbers of them in both cases; what polars notes beside them is all that differs.
    """
    if not any(isinstance(kind, pl.Categorical) for kind in schema.values()):
        return None
    texts = {name: pl.String() if isinstance(kind, pl.Categorical) else kind for name, kind in schema.items()}
    file = io.BytesIO()
    pl.DataFrame(schema=texts).write_parquet(file)
    file.seek(0)
    return pl.read_parquet_metadata(file)


def _digest(path: Path) -> dict[str, str | int]:
    with path.open("rb") as stream:
        return {"sha256": hashlib.file_digest(stream, "sha256").hexdigest(), "bytes": path.stat().st_size}
