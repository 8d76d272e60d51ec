"""Kinds of input: a kind of file is one module and one name in READERS.

`reads` turns them into tables; it stands apart, so that who reads other tables need not wait for it.
"""

import os

import polars as pl

from graphkit.readers.base import Reader
from graphkit.readers.delimited import DELIMITED
from graphkit.readers.ndjson import NDJSON
from graphkit.readers.parquet import PARQUET

READERS: tuple[Reader, ...] = (DELIMITED, NDJSON, PARQUET)

Source = str | os.PathLike[str] | pl.DataFrame | pl.LazyFrame

__all__ = ["READERS", "Reader", "Source"]
