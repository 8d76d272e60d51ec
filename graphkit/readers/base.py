"""What a reader is: it takes a source apart into exact strings and positions, and judges nothing."""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import BinaryIO, cast

import polars as pl

from graphkit.errors import InputError

# Rows are handed to polars in portions of this many, so that memory is bounded by the table, not by Python.
PORTION = 50_000

FAULTS = pl.Schema({"position": pl.Int64, "rule": pl.String, "column": pl.String})

# In a String column a lone surrogate cannot live; NUL takes its place, which no id may hold either.
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

_TEXTUAL = (pl.String, pl.Categorical, pl.Enum, pl.Null)


class Kind(Enum):
    """What a column holds, and so which types may carry it."""

    ID = auto()
    TIME = auto()
    TEXT = auto()
    FLAG = auto()


@dataclass(frozen=True)
class Raw:
    """A source as exact strings: nothing inferred, nothing judged, nothing lost.

    `frame` has `position` (line of a text file, row of a table, from 1) and those of the wanted columns that
    exist, all String. `faults` has the rows that could not be taken apart: position, rule, column. `found`
    names every column of the source.
    """

    frame: pl.DataFrame
    faults: pl.DataFrame
    found: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reader:
    """One kind of file: the endings of its name and how it is taken apart."""

    name: str
    suffixes: tuple[str, ...]
    scan: Callable[[Path, Mapping[str, Kind]], Raw]

    def matches(self, path: Path) -> bool:
        """True where the name of the file ends as this reader's files do."""
        return path.name.lower().endswith(self.suffixes)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked where its name ends in `.gz`; InputError where that fails."""
    try:
        with path.open("rb") as stream:
            if path.name.lower().endswith(".gz"):
                with gzip.GzipFile(fileobj=stream) as unpacked:
                    yield cast(BinaryIO, unpacked)
            else:
                yield stream
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"`{path}` is a damaged archive: {error}; make it again") from error
    except OSError as error:
        raise InputError(
            f"`{path}` cannot be read: {error.strerror}; check the disk and its permissions"
        ) from error


def faults(found: Sequence[tuple[int, str, str | None]]) -> pl.DataFrame:
    """Refused rows as a table: position, rule, column."""
    return pl.DataFrame(found, schema=FAULTS, orient="row")


def strings(name: str, values: Sequence[str | None]) -> pl.Series:
    """A String column of `values`; lone surrogates, which UTF-8 cannot hold, become NUL."""
    try:
        return pl.Series(name, values, dtype=pl.String)
    except UnicodeEncodeError:
        mended = [None if value is None else _LONE_SURROGATE.sub("\0", value) for value in values]
        return pl.Series(name, mended, dtype=pl.String)


def exact_strings(frame: pl.DataFrame, wanted: Mapping[str, Kind], where: str) -> Raw:
    """A typed table as exact strings: integers digit by digit, times in ISO 8601, floats as ids refused.

    Raises InputError naming every column whose type cannot hold what it should.
    """
    types = {name: frame.schema[name] for name in wanted if name in frame.columns}
    unfit = [
        f"`{name}` is {kind}{_remedy(kind)}" for name, kind in types.items() if not _fits(kind, wanted[name])
    ]
    if unfit:
        raise InputError(f"{where}: {'; '.join(unfit)}")
    return Raw(
        frame=frame.select(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("position"),
            *(_exact(kind, name) for name, kind in types.items()),
        ),
        faults=faults(()),
        found=tuple(frame.columns),
    )


def _fits(kind: pl.DataType, wanted: Kind) -> bool:
    if kind in _TEXTUAL or kind.is_integer():
        return True
    if isinstance(kind, pl.Decimal):
        return kind.scale == 0 or wanted is Kind.TIME
    if wanted is Kind.TIME:
        return kind.is_float() or kind in (pl.Datetime, pl.Date)
    return wanted is Kind.FLAG and kind == pl.Boolean


def _remedy(kind: pl.DataType) -> str:
    if kind.is_float():
        return ", and a float has already merged neighbouring ids; export ids as text"
    return "; export it as text"


def _exact(kind: pl.DataType, name: str) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.Datetime):
        ticks = {"ns": 1_000_000_000, "us": 1_000_000, "ms": 1_000}[kind.time_unit]
        # Clipped to the years 0-9999, which ISO 8601 can write; the range gate refuses both ends anyway.
        ends = (max(-62_167_219_200 * ticks, -(2**63)), min(253_402_300_799 * ticks, 2**63 - 1))
        moment = column.to_physical().clip(*ends).cast(pl.Datetime(kind.time_unit)).dt.cast_time_unit("us")
        return moment.dt.to_string(f"%Y-%m-%dT%H:%M:%S%.6f{'Z' if kind.time_zone else ''}").alias(name)
    if kind.is_float():
        return column.cast(pl.Decimal(38, 6), strict=False).cast(pl.String)
    return column.cast(pl.String)
