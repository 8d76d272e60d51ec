"""Parquet files: types are given, so only exact ones may hold ids."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from graphkit.errors import InputError
from graphkit.readers.base import Kind, Raw, Reader, exact_strings


def _scan(path: Path, wanted: Mapping[str, Kind]) -> Raw:
    """The wanted columns of a Parquet file as exact strings, with the row from 1."""
    try:
        found = tuple(pl.read_parquet_schema(path))
        # No glob, no Hive partitions: a folder named `account_id=7` must not add a column.
        columns = [name for name in wanted if name in found]
        frame = pl.scan_parquet(path, glob=False, hive_partitioning=False).select(columns).collect()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError(f"`{path}` cannot be read as Parquet: {error}") from error
    raw = exact_strings(frame, wanted, f"`{path}`")
    return Raw(raw.frame, raw.faults, found)


PARQUET = Reader("parquet", (".parquet", ".pq"), _scan)
