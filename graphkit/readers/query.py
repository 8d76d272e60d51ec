"""Rows of a database query, through any connection that follows Python's DB-API (PEP 249)."""

import datetime as dt
import decimal
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import polars as pl

from graphkit.errors import InputError
from graphkit.readers.base import PORTION, Kind, Raw, faults, strings


class Cursor(Protocol):
    """What PEP 249 asks of a cursor, as far as it is needed."""

    @property
    def description(self) -> Any:
        """A sequence for each column; its first item is the name."""

    def execute(self, query: str, parameters: Any = ..., /) -> Any:
        """Run a query."""

    def fetchmany(self, size: int, /) -> Sequence[Sequence[object]]:
        """The next rows, none at the end."""

    def close(self) -> None:
        """Let go of the cursor."""


class Connection(Protocol):
    """What PEP 249 asks of a connection, as far as it is needed."""

    def cursor(self) -> Any:
        """A new cursor."""


def scanned(
    query: str, connection: Connection, parameters: Sequence[object], wanted: Mapping[str, Kind]
) -> Raw:
    """The rows of a query as exact strings; where each value has a type (SQLite) they may differ.

    Raises InputError where the query fails, names a column twice or gives floats as ids.
    """
    failure: type[Exception] = getattr(connection, "Error", sqlite3.Error)
    try:
        cursor: Cursor = connection.cursor()
        try:
            cursor.execute(query, tuple(parameters))
            if cursor.description is None:
                raise InputError("the query gives no rows to read; write a SELECT")
            found = tuple(str(column[0]) for column in cursor.description)
            twice = sorted({name for name in found if found.count(name) > 1})
            if twice:
                raise InputError(f"the query names the column `{twice[0]}` twice; name each once")
            frames = _portions(cursor, found, wanted)
        finally:
            cursor.close()
    except failure as error:
        raise InputError(f"the query failed: {error}") from error
    return Raw(pl.concat(frames), faults(()), found)


def _portions(cursor: Cursor, found: tuple[str, ...], wanted: Mapping[str, Kind]) -> list[pl.DataFrame]:
    frames: list[pl.DataFrame] = []
    read = 0
    while True:
        rows = cursor.fetchmany(PORTION)
        columns = list(zip(*rows, strict=True)) or [()] * len(found)
        position = pl.Series("position", range(read + 1, read + len(rows) + 1), dtype=pl.Int64)
        values = [
            strings(name, _exact(name, columns[place], wanted[name]))
            for place, name in enumerate(found)
            if name in wanted
        ]
        frames.append(pl.DataFrame([position, *values]))
        read += len(rows)
        if not rows:
            return frames


def _exact(name: str, values: Sequence[object], kind: Kind) -> list[str | None]:
    """Values as they would be written, digit by digit; InputError for types that cannot be exact."""
    types = set(map(type, values)) - {type(None)}
    unfit = [item for item in types if not _fits(item, kind)]
    if unfit:
        names = ", ".join(sorted(item.__name__ for item in unfit))
        raise InputError(f"the query gives `{name}` as {names}; cast it to text in the query")
    if types <= {str}:
        return list(values)  # type: ignore[arg-type]
    return [None if value is None else _written(value) for value in values]


def _fits(item: type, kind: Kind) -> bool:
    if item in (str, int, uuid.UUID) or issubclass(item, str):
        return True
    if kind is Kind.TIME:
        return item in (float, decimal.Decimal, dt.datetime, dt.date)
    return kind is Kind.FLAG and item is bool


def _written(value: object) -> str:
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(dt.UTC)
        return value.isoformat()
    if isinstance(value, float | decimal.Decimal):
        return f"{value:.6f}"
    return str(value).lower() if isinstance(value, bool) else str(value)
