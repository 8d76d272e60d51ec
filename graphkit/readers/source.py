"""From what a caller names (file, folder, glob, frame, query) to strings with their source and position."""

import glob
import hashlib
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from graphkit.errors import ConfigError, InputError
from graphkit.readers.base import Kind, Raw, Reader


@dataclass(frozen=True)
class Part:
    """One file of the input and the name under which it is recorded: the same on every machine."""

    path: Path
    name: str
    reader: Reader


def parts(source: str | os.PathLike[str], readers: Sequence[Reader]) -> list[Part]:
    """The files of a path, a folder (with all below it) or a glob, in order of their names.

    In folders and globs hidden files, names that begin with `_` and other kinds of files are passed over.
    """
    path = Path(source)
    endings = ", ".join(suffix for reader in readers for suffix in reader.suffixes)
    if path.is_file():
        found = [path]
        if not _reader(path, readers):
            raise InputError(f"`{path}` is of no known kind; its name must end in one of {endings}")
    elif path.is_dir():
        found = [item for item in path.rglob("*") if item.is_file()]
    else:
        found = [Path(item) for item in glob.glob(str(source), recursive=True) if Path(item).is_file()]
    root = (
        path
        if path.is_dir()
        else Path(os.path.commonpath([item.parent for item in found]))
        if found
        else path
    )
    chosen = [
        Part(item, item.relative_to(root).as_posix(), reader)
        for item in found
        if (reader := _reader(item, readers)) and (len(found) == 1 or not item.name.startswith((".", "_")))
    ]
    if not chosen:
        missing = "holds no file to read" if path.exists() else "does not exist"
        raise InputError(f"`{source}` {missing}; give a file, a folder or a glob of {endings}")
    return sorted(chosen, key=lambda part: part.name)


def _reader(path: Path, readers: Sequence[Reader]) -> Reader | None:
    return next((reader for reader in readers if reader.matches(path)), None)


def renamed(columns: Sequence[str]) -> dict[str, str]:
    """The name that each of our columns bears in the input, from pairs such as `timestamp=created_utc`."""
    pairs = [one.partition("=") for one in columns]
    for one, (ours, _, theirs) in zip(columns, pairs, strict=True):
        if not (ours and theirs):
            raise ConfigError(f"`{one}` names no column for another; write it like `timestamp=created_utc`")
    names = {ours: theirs for ours, _, theirs in pairs}
    if len(names) < len(pairs):
        raise ConfigError("a column is named twice; say once which column of the input stands for it")
    return names


def wanted(kinds: Mapping[str, Kind], columns: Mapping[str, str] | None) -> dict[str, Kind]:
    """The names that columns bear in the input, each with what it holds."""
    given = columns or {}
    unknown = sorted(set(given) - set(kinds))
    if unknown:
        raise ConfigError(f"`{unknown[0]}` is no column of this table; its columns are {', '.join(kinds)}")
    names = {given.get(name, name): kind for name, kind in kinds.items()}
    if len(names) < len(kinds):
        raise ConfigError("two columns are read from the same column of the input; give each its own")
    return names


def fitted(
    raw: Raw,
    kinds: Mapping[str, Kind],
    columns: Mapping[str, str] | None,
    required: Sequence[str],
    where: str,
    *,
    by: str = "`columns`",
) -> pl.DataFrame:
    """`position` and every column of `kinds` under its own name; what the source has not is null.

    Raises InputError naming all missing columns together, and `by` what a column can be named.
    """
    theirs_of = {name: (columns or {}).get(name, name) for name in kinds}
    needed = [name for name in kinds if name in required or name in (columns or {})]
    missing = [theirs_of[name] for name in needed if theirs_of[name] not in raw.found]
    if missing:
        raise InputError(
            f"{where} lacks the column {', '.join(f'`{name}`' for name in missing)};"
            f" it has {', '.join(f'`{name}`' for name in raw.found) or 'none'};"
            f" rename it, or say which column stands for which ({by})"
        )
    have = set(raw.frame.columns)
    return raw.frame.select(
        "position",
        *(
            (pl.col(theirs) if theirs in have else pl.lit(None, dtype=pl.String)).alias(ours)
            for ours, theirs in theirs_of.items()
        ),
    )


def file_digest(path: Path) -> tuple[str, int]:
    """SHA-256 and size in bytes of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), path.stat().st_size


def table_digest(table: pl.DataFrame) -> tuple[str, int]:
    """SHA-256 and size in bytes of a table written as csv: what identifies an input that is no file."""
    stream = io.BytesIO()
    # Text, because the bytes of Arrow and Parquet may depend on how a column lies in memory.
    table.write_csv(stream)
    return hashlib.sha256(stream.getbuffer()).hexdigest(), stream.getbuffer().nbytes
