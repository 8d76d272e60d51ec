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

# Decisions are added and never changed: who decides otherwise later adds another.
_TABLES = (
    """
create table if not exists runs (
    run_id text not null,
    started text not null,
    finished text,
    status text not null check (status in ('running', 'done', 'failed', 'held')),
    counts text not null default '{}',
    primary key (run_id, started)
) strict, without rowid
""",
    """
create table if not exists decisions (
    number integer primary key,
    run_id text not null,
    kind text not null check (kind in ('account', 'ring', 'run')),
    subject text not null,
    ring_id text,
    decision text not null,
    is_tool_run integer check (is_tool_run in (0, 1)),
    decided_by text not null check (decided_by != ''),
    at text not null,
    reason text not null check (reason != ''),
    territorial_scope text,
    duration text,
    tier text,
    score real
) strict
""",
    """
create trigger if not exists decisions_stay before update on decisions
begin select raise(abort, 'decisions are only added'); end
""",
    """
create trigger if not exists decisions_remain before delete on decisions
begin select raise(abort, 'decisions are only added'); end
""",
)


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
    with transaction(ledger) as base:
        base.execute(
            "insert or replace into runs (run_id, started, status) values (?, ?, 'running')",
            (run, written_time(at)),
        )


def finished(
    ledger: Path, run: str, *, begun: dt.datetime, at: dt.datetime, status: str, counts: Mapping[str, int]
) -> None:
    """Record how a run ended (done, failed or held) and what it counted; it must have been started."""
    with transaction(ledger) as base:
        changed = base.execute(
            "update runs set finished = ?, status = ?, counts = ? where run_id = ? and started = ?",
            (written_time(at), status, json.dumps(dict(counts), sort_keys=True), run, written_time(begun)),
        ).rowcount
    if changed != 1:
        raise GraphkitError(
            f"`{ledger}` knows no run `{run}` begun at {written_time(begun)}; record its start first"
        )


def history(ledger: Path, run: str, *, at: dt.datetime) -> list[int]:
    """The numbers of accounts at limit or above in the runs done before `run` first began, oldest first.

    Of a run that was done again the latest execution counts. What came after the first execution of `run`
    does not, so that a day that is run again is held against the same past. Held runs count once they were
    released.
    """
    entries = recorded(ledger)
    released = _released(ledger)
    first = min([at, *(entry.started for entry in entries if entry.run_id == run)])
    done = {
        entry.run_id: entry
        for entry in entries
        if entry.status == "done" or (entry.status == "held" and entry.run_id in released)
        if entry.run_id != run and entry.started < first
    }
    return [
        entry.counts.get("limit", 0) + entry.counts.get("ban_review", 0)
        for entry in sorted(done.values(), key=lambda entry: (entry.started, entry.run_id))
    ]


def recorded(ledger: Path) -> list[LedgerEntry]:
    """Every execution in the ledger, the latest last; none where there is no ledger yet."""
    if not Path(ledger).exists():
        return []
    with transaction(ledger) as base:
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


def _released(ledger: Path) -> set[str]:
    """The runs that a named person released."""
    if not Path(ledger).exists():
        return set()
    with transaction(ledger) as base:
        rows = base.execute("select subject from decisions where kind = 'run' and decision = 'release'")
        return {subject for (subject,) in rows.fetchall()}


@contextmanager
def transaction(ledger: Path) -> Iterator[sqlite3.Connection]:
    """One transaction on the ledger; other jobs wait for it, readers do not."""
    base = None
    try:
        base = sqlite3.connect(ledger, timeout=30)
        base.execute("pragma journal_mode = wal")
        base.execute("pragma synchronous = full")
        with base:
            for table in _TABLES:
                base.execute(table)
            yield base
    except sqlite3.Error as error:
        raise GraphkitError(
            f"the ledger `{ledger}` cannot be used: {error}; check the file and its folder"
        ) from error
    finally:
        if base is not None:
            base.close()


def written_time(at: dt.datetime) -> str:
    """A time as the ledger writes it: UTC, sorted like text."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")
