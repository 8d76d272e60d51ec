"""The ledger of runs: one SQLite file beside the run folders, written in single transactions."""

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphkit.errors import GraphkitError

_TABLE = """
create table if not exists runs (
    run_id text not null,
    started text not null,
    finished text,
    status text not null check (status in ('running', 'done', 'failed', 'held')),
    counts text not null default '{}',
    primary key (run_id, started)
) strict, without rowid
"""


@dataclass(frozen=True)
class LedgerEntry:
    """One execution of a run; `finished` is null while it runs, and for ever if it was killed."""

    run_id: str
    started: dt.datetime
    finished: dt.datetime | None
    status: str
    counts: dict[str, int]


def run_id(inputs: Mapping[str, str], settings: Mapping[str, Any]) -> str:
    """The name of a run by what goes into it: SHA-256 of its inputs (by name) and of every setting."""
    content = json.dumps([dict(inputs), dict(settings)], sort_keys=True, ensure_ascii=True, allow_nan=False)
    return "run-" + hashlib.sha256(content.encode()).hexdigest()[:20]


def started(ledger: Path, run: str, *, at: dt.datetime) -> None:
    """Record that a run begins; one begun at the same moment is the same execution."""
    with _transaction(ledger) as base:
        base.execute(
            "insert or replace into runs (run_id, started, status) values (?, ?, 'running')",
            (run, _written(at)),
        )


def finished(
    ledger: Path, run: str, *, begun: dt.datetime, at: dt.datetime, status: str, counts: Mapping[str, int]
) -> None:
    """Record how a run ended (done, failed or held) and what it counted; it must have been started."""
    with _transaction(ledger) as base:
        changed = base.execute(
            "update runs set finished = ?, status = ?, counts = ? where run_id = ? and started = ?",
            (_written(at), status, json.dumps(dict(counts), sort_keys=True), run, _written(begun)),
        ).rowcount
    if changed != 1:
        raise GraphkitError(
            f"`{ledger}` knows no run `{run}` begun at {_written(begun)}; record its start first"
        )


def recorded(ledger: Path) -> list[LedgerEntry]:
    """Every execution in the ledger, the latest last; none where there is no ledger yet."""
    if not Path(ledger).exists():
        return []
    with _transaction(ledger) as base:
        rows = base.execute(
            "select run_id, started, finished, status, counts from runs order by started, run_id"
        ).fetchall()
    return [
        LedgerEntry(
            run_id=run,
            started=dt.datetime.fromisoformat(begun),
            finished=None if ended is None else dt.datetime.fromisoformat(ended),
            status=status,
            counts=json.loads(counts),
        )
        for run, begun, ended, status, counts in rows
    ]


@contextmanager
def _transaction(ledger: Path) -> Iterator[sqlite3.Connection]:
    """One transaction on the ledger; other jobs wait for it, readers do not."""
    base = None
    try:
        base = sqlite3.connect(ledger, timeout=30)
        base.execute("pragma journal_mode = wal")
        base.execute("pragma synchronous = full")
        with base:
            base.execute(_TABLE)
            yield base
    except sqlite3.Error as error:
        raise GraphkitError(
            f"the ledger `{ledger}` cannot be used: {error}; check the file and its folder"
        ) from error
    finally:
        if base is not None:
            base.close()


def _written(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")
