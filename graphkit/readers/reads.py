"""From files, frames and databases to EVENTS and ACCOUNTS."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from graphkit.errors import InputError
from graphkit.readers import READERS, Source
from graphkit.readers.accounts import ACCOUNT_KINDS, accounts
from graphkit.readers.base import Kind, Raw, Reader, exact_strings
from graphkit.readers.query import Connection, scanned
from graphkit.readers.reading import EVENT_KINDS, Reading, reading
from graphkit.readers.source import Part, file_digest, parts, renamed, table_digest, wanted
from graphkit.settings import ReadSettings


def read_events(
    source: Source,
    *,
    settings: ReadSettings,
    columns: Mapping[str, str] | None = None,
    readers: Sequence[Reader] = READERS,
) -> Reading:
    """Events of a file, a folder, a glob or a polars frame; every row is kept or refused by name.

    `columns` says under which name a column of EVENTS stands in the input (default: the settings). Raises
    InputError where the source cannot be read as events at all; whether too many rows were refused is for
    `refused` to say.
    """
    columns = renamed(settings.columns) if columns is None else columns
    names = wanted(EVENT_KINDS, columns)
    if isinstance(source, pl.DataFrame | pl.LazyFrame):
        return _identified("frame", _framed(source, names), settings, columns)
    files = parts(source, readers)
    inputs = [(part.name, *file_digest(part.path)) for part in files]
    return reading(_scanned(files, names), settings, columns, inputs)


def read_query(
    query: str,
    connection: Connection,
    *,
    settings: ReadSettings,
    columns: Mapping[str, str] | None = None,
    parameters: Sequence[object] = (),
) -> Reading:
    """Events of a database query, through a DB-API connection that stays open; positions count its rows."""
    columns = renamed(settings.columns) if columns is None else columns
    raw = scanned(query, connection, parameters, wanted(EVENT_KINDS, columns))
    return _identified("query", raw, settings, columns)


def read_accounts(
    source: Source,
    *,
    settings: ReadSettings | None = None,
    columns: Mapping[str, str] | None = None,
    readers: Sequence[Reader] = READERS,
) -> pl.DataFrame:
    """ACCOUNTS of a file, a folder, a glob or a polars frame; raises InputError naming the rows to mend."""
    names = wanted(ACCOUNT_KINDS, columns)
    if isinstance(source, pl.DataFrame | pl.LazyFrame):
        sources = [("frame", _framed(source, names))]
    else:
        sources = _scanned(parts(source, readers), names)
    return accounts(sources, settings or ReadSettings(), columns)


def _scanned(files: Sequence[Part], names: Mapping[str, Kind]) -> list[tuple[str, Raw]]:
    return [(part.name, part.reader.scan(part.path, names)) for part in files]


def _framed(frame: pl.DataFrame | pl.LazyFrame, names: Mapping[str, Kind]) -> Raw:
    try:
        table = frame.lazy().collect()
    except pl.exceptions.PolarsError as error:
        raise InputError(f"the frame cannot be computed: {error}") from error
    return exact_strings(table, names, "the frame")


def _identified(name: str, raw: Raw, settings: ReadSettings, columns: Mapping[str, str] | None) -> Reading:
    """A reading whose input is no file: the events that came of it identify it, in any order of rows."""
    read = reading([(name, raw)], settings, columns, ())
    return replace(read, inputs=((name, *table_digest(read.events)),))
