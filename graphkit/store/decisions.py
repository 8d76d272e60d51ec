"""Decisions of named persons in the ledger: added, never changed, exported as labels."""

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from graphkit.store.durable import PARQUET, told, write_bytes
from graphkit.store.ledger import transaction, written_time

KINDS = ("account", "ring", "run")
_COLUMNS = (
    *("run_id", "kind", "subject", "ring_id", "decision", "is_tool_run", "decided_by", "at", "reason"),
    *("territorial_scope", "duration", "tier", "score"),
)


@dataclass(frozen=True)
class Decision:
    """What a named person decided about an account, a ring or a run, with what was recommended then.

    `is_tool_run` is what the person found, null where that was left open. `ring_id` is the account's ring.
    """

    run_id: str
    kind: str
    subject: str
    decision: str
    by: str
    at: dt.datetime
    reason: str
    is_tool_run: bool | None = None
    ring_id: str | None = None
    territorial_scope: str | None = None
    duration: str | None = None
    tier: str | None = None
    score: float | None = None

    def facts(self) -> dict[str, Any]:
        """What a record says of it, ready for JSON."""
        names = ("decision", "is_tool_run", "by", "reason", "territorial_scope", "duration")
        return {**{name: getattr(self, name) for name in names}, "at": self.at.isoformat()}


def decided(ledger: Path, decision: Decision) -> None:
    """Add a decision to the ledger; when the call returns it is on the disk."""
    row = {**asdict(decision), "decided_by": decision.by, "at": written_time(decision.at)}
    flag = decision.is_tool_run
    row["is_tool_run"] = None if flag is None else int(flag)
    marks = ", ".join("?" for _ in _COLUMNS)
    with transaction(ledger) as base:
        base.execute(
            f"insert into decisions ({', '.join(_COLUMNS)}) values ({marks})",
            [row[name] for name in _COLUMNS],
        )


def decisions(ledger: Path) -> list[Decision]:
    """Every decision in the ledger, in the order in which they were taken; none where there is no ledger."""
    if not Path(ledger).exists():
        return []
    with transaction(ledger) as base:
        rows = base.execute(f"select {', '.join(_COLUMNS)} from decisions order by number").fetchall()
    return [_read(dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def latest(ledger: Path, run: str, kind: str, subject: str) -> Decision | None:
    """The last decision about one account, ring or run in one run, or None."""
    found = [one for one in decisions(ledger) if (one.run_id, one.kind, one.subject) == (run, kind, subject)]
    return found[-1] if found else None


def decisions_table(taken: Sequence[Decision]) -> pl.DataFrame:
    """Decisions about accounts and rings as labels for calibration, one row each, in order.

    account_id is null for a ring; `is_tool_run` null where nobody said; `superseded` where a later row speaks
    of the same account or ring.
    """
    rows = [one for one in taken if one.kind != "run"]
    last = {(one.kind, one.subject): place for place, one in enumerate(rows)}
    return pl.DataFrame(
        [
            {
                "account_id": one.subject if one.kind == "account" else None,
                "ring_id": one.subject if one.kind == "ring" else one.ring_id,
                "decision": one.decision,
                "is_tool_run": one.is_tool_run,
                "by": one.by,
                "at": one.at,
                "reason": one.reason,
                "tier": one.tier,
                "score": one.score,
                "run_id": one.run_id,
                "superseded": last[one.kind, one.subject] != place,
            }
            for place, one in enumerate(rows)
        ],
        schema={
            **dict.fromkeys(("account_id", "ring_id", "decision"), pl.String),
            "is_tool_run": pl.Boolean,
            "by": pl.String,
            "at": pl.Datetime("us", "UTC"),
            **dict.fromkeys(("reason", "tier"), pl.String),
            "score": pl.Float64,
            "run_id": pl.String,
            "superseded": pl.Boolean,
        },
    )


def write_labels(path: Path, table: pl.DataFrame) -> None:
    """Write labels as Parquet: after a crash the old file is there or the new one, never a part of it."""
    stream = io.BytesIO()
    table.rechunk().write_parquet(stream, **PARQUET)
    with told(path.parent):
        write_bytes(path, stream.getvalue())


def _read(row: dict[str, Any]) -> Decision:
    flag = row.pop("is_tool_run")
    by, at = row.pop("decided_by"), dt.datetime.fromisoformat(row.pop("at"))
    return Decision(**row, by=by, at=at, is_tool_run=None if flag is None else bool(flag))
