"""Comma, tab and semicolon separated text, taken apart strictly: nothing is guessed to be whole."""

import csv
import io
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from graphkit.errors import InputError
from graphkit.readers.base import PORTION, Kind, Raw, Reader, faults, opened, strings

_SEPARATORS = ",\t;"

# An unclosed quote would swallow the rest of the file into one field; no field is longer than this.
_LONGEST_FIELD = 4_000_000

_UNDECODED = re.compile("[\udc80-\udcff]")
_SIXTEEN_BITS = ("\udcff\udcfe", "\udcfe\udcff")


@dataclass
class _Portions:
    """Rows on their way into whole columns."""

    wanted: dict[str, int]
    positions: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    frames: list[pl.DataFrame] = field(default_factory=list)
    refused: list[tuple[int, str, str | None]] = field(default_factory=list)

    def take(self, position: int, row: list[str]) -> None:
        """Let a row wait for its portion."""
        self.positions.append(position)
        self.rows.append(row)
        if len(self.rows) >= PORTION:
            self.settle()

    def settle(self) -> None:
        """Turn the waiting rows into columns; rows with bytes that are no UTF-8 are refused."""
        columns = (
            list(zip(*self.rows, strict=True))
            if self.rows
            else [()] * (max(self.wanted.values(), default=0) + 1)
        )
        used = {name: columns[place] for name, place in self.wanted.items()}
        broken = {
            place
            for values in used.values()
            if not _decoded(values)
            for place, value in enumerate(values)
            if _UNDECODED.search(value)
        }
        self.refused.extend((self.positions[place], "invalid_utf8", None) for place in sorted(broken))
        frame = pl.DataFrame([pl.Series("position", self.positions, dtype=pl.Int64)])
        frame = frame.with_columns(strings(name, values) for name, values in used.items())
        kept = pl.Series([place not in broken for place in range(len(self.rows))], dtype=pl.Boolean)
        self.frames.append(frame.filter(kept))
        self.positions, self.rows = [], []


def _decoded(values: Sequence[str]) -> bool:
    """True where every byte of the values was UTF-8."""
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        return False
    return True


def _scan(path: Path, wanted: Mapping[str, Kind]) -> Raw:
    """The rows of a delimited file with the line each begins on (the header is line 1).

    What cannot be taken apart (wrong number of fields, stray or unclosed quotes) is refused line by line.
    """
    longest = csv.field_size_limit(_LONGEST_FIELD)
    try:
        with opened(path) as stream:
            text = io.TextIOWrapper(stream, encoding="utf-8", errors="surrogateescape", newline="\n")
            return _taken_apart(text, path, wanted)
    finally:
        csv.field_size_limit(longest)


def _taken_apart(text: io.TextIOWrapper, path: Path, wanted: Mapping[str, Kind]) -> Raw:
    first = text.readline().removeprefix("\ufeff")
    last = _Last(itertools.chain([first], text))
    separator = max(_SEPARATORS, key=first.count)
    rows = csv.reader(last, delimiter=separator, strict=True)
    header = _header(first, rows, path)
    portions = _Portions({name: header.index(name) for name in wanted if name in header})
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error:
            row = None
        if row is not None and len(row) == len(header):
            portions.take(line, row)
        elif row != []:
            portions.refused.extend((at, "malformed_row", None) for at in range(line, rows.line_num + 1))
    portions.settle()
    notes = (
        ()
        if last.line.endswith("\n")
        else (f"the last line of `{path.name}` has no line end; it may be cut short",)
    )
    return Raw(pl.concat(portions.frames), faults(portions.refused), tuple(header), notes)


class _Last:
    """The lines of a file; `line` is the one given last."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.line = ""

    def __iter__(self) -> "_Last":
        return self

    def __next__(self) -> str:
        self.line = next(self.lines)
        return self.line


def _header(first: str, rows: Iterator[list[str]], path: Path) -> list[str]:
    if not first:
        raise InputError(f"`{path}` is empty; it needs a header line and rows")
    if first.startswith(_SIXTEEN_BITS):
        raise InputError(f"`{path}` is UTF-16; save it as UTF-8")
    if "\r" in first.rstrip("\r\n") or first.endswith("\r"):
        raise InputError(f"`{path}` ends its lines with CR alone; save it with LF or CR LF line ends")
    try:
        header = next(rows)
    except csv.Error as error:
        raise InputError(f"`{path}`: the header line cannot be taken apart: {error}") from error
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise InputError(
            f"`{path}`: column {', '.join(f'`{name}`' for name in twice)} stands twice in the header"
        )
    return header


DELIMITED = Reader("csv", (".csv", ".csv.gz", ".tsv", ".tsv.gz"), _scan)
