"""Bytes that are on the disk when a call returns, and never half there under their final name."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from graphkit.errors import GraphkitError

# Plain names only, at most one folder deep: what a page is called never comes from an account id.
_SAFE_NAME = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_-]*/)?[A-Za-z0-9][A-Za-z0-9_.-]*")

# One size of row groups, one level of compression: only the content decides the bytes.
PARQUET: Any = {"compression": "zstd", "compression_level": 3, "row_group_size": 262_144}


def safe_name(name: str) -> bool:
    """True where a name stays inside the folder on every system."""
    return bool(_SAFE_NAME.fullmatch(name)) and len(name) <= 200 and ".." not in name


def digest(content: bytes) -> dict[str, str | int]:
    """What the manifest records of a file: SHA-256 and size in bytes."""
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """What the system refuses inside is told as a GraphkitError that names the folder."""
    try:
        yield
    except OSError as error:
        place = error.filename or folder
        raise GraphkitError(
            f"`{place}`: {error.strerror}; check space and permissions of `{folder}`"
        ) from error


def write_bytes(path: Path, content: bytes) -> None:
    """Put `content` at `path`: after a crash the old file is there or the new one, never a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.waiting")
    with waiting.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(waiting, path)
    sync_folder(path.parent)


def write_table(path: Path, table: pl.DataFrame, options: Any = PARQUET) -> None:
    """Write a table as Parquet, durably; the same table gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        # In one chunk, for the same reason.
        table.rechunk().write_parquet(stream, **options)
        stream.flush()
        os.fsync(stream.fileno())
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can open folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def files_below(folder: Path) -> list[str]:
    """Every file and link below a folder by its name from there, in order."""
    return sorted(
        PurePosixPath(path.relative_to(folder)).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    )
