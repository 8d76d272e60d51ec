"""A run in the ledger: begun before the work, ended after it, and the past that the breaker looks at."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from graphkit.store import finished, history, started


@dataclass
class Entry:
    """What is known of earlier runs, and what the ledger is to say of this one."""

    history: tuple[int, ...] = ()
    status: str = "done"
    counts: Mapping[str, int] = field(default_factory=dict)


@contextmanager
def entered(ledger: Path | None, run: str) -> Iterator[Entry]:
    """Records the start of `run` in the ledger and, however the block ends, its end.

    Of a process that is killed the start remains, with the status `running`. Nothing without a ledger.
    """
    if ledger is None:
        yield Entry()
        return
    begun = dt.datetime.now(dt.UTC)
    ledger.parent.mkdir(parents=True, exist_ok=True)
    entry = Entry(tuple(history(ledger, run, at=begun)))
    started(ledger, run, at=begun)
    status = "failed"
    try:
        yield entry
        status = entry.status
    finally:
        at = dt.datetime.now(dt.UTC)
        finished(ledger, run, begun=begun, at=at, status=status, counts=entry.counts)
