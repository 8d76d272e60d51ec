"""Backgrounds: event logs that groups are planted into."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from graphkit.errors import ConfigError, InputError
from graphkit.readers.reads import read_events
from graphkit.settings import ReadSettings
from graphkit.simulate.plans import Held, held

# A table of this name beside a background says which of its accounts are known to belong to rings.
KNOWN = "labels.parquet"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Background:
    """One event log by name, and what had to be looked up in it before anything was planted."""

    name: str
    path: str
    sha256: str
    n_events: int
    n_accounts: int
    held: Held
    known: tuple[str, ...]


def backgrounds(given: Sequence[str], settings: ReadSettings) -> list[Background]:
    """The backgrounds of paths or `name=path`; without a name the folder's, or the file's, is taken.

    Accounts that `labels.parquet` beside the file names are known to belong to rings of its own: they lend no
    history, play no victim, and finding them is no false flag.
    """
    pairs = [named(one) for one in given]
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"two backgrounds are called `{twice[0]}`; write `name=path` for one of them")
    return [_looked_at(name, path, settings) for name, path in pairs]


def named(given: str) -> tuple[str, Path]:
    """Name and path of `name=path`; of a path alone the folder's name, or the file's."""
    name, equals, place = given.partition("=")
    if equals and _NAME.fullmatch(name):
        return name, Path(place)
    path = Path(given)
    return (path.resolve().parent.name if path.stem == "events" else path.stem), path


def _looked_at(name: str, path: Path, settings: ReadSettings) -> Background:
    events = read_background(str(path), settings)
    if not events.height:
        raise InputError(f"`{path}` holds no event; give a log with ordinary accounts to plant into")
    return Background(
        name,
        str(path),
        digest(path, events),
        events.height,
        events["account_id"].n_unique(),
        held(events),
        _known(path),
    )


def read_background(path: str, settings: ReadSettings) -> pl.DataFrame:
    """EVENTS of a background; rows that are no events are left out."""
    return read_events(path, settings=settings).events


def digest(path: Path, events: pl.DataFrame) -> str:
    """SHA-256 of the file; of a folder or glob, of the sorted ids of its events."""
    if path.is_file():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    return hashlib.sha256("\n".join(events["event_id"].sort()).encode()).hexdigest()


def _known(path: Path) -> tuple[str, ...]:
    labels = path.parent / KNOWN
    if not labels.is_file():
        return ()
    table = pl.read_parquet(labels, glob=False)
    if "account_id" not in table.columns:
        raise InputError(f"`{labels}` has no column `account_id`; name the known accounts in one")
    return tuple(table["account_id"].cast(pl.String).drop_nulls().unique().sort())
