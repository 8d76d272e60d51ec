"""A named person's decision about an account or a ring of a run, and the release of a run that is held."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl

from graphkit.errors import ConfigError
from graphkit.run.tables import Run
from graphkit.store import Decision, decided, latest
from graphkit.words import Ruling

DECISIONS = tuple(ruling.value for ruling in Ruling)
_RELEASE = "release"


def decide(
    run: Run,
    subject: str,
    *,
    ledger: Path | str,
    decision: str,
    by: str,
    reason: str,
    kind: str | None = None,
    is_tool_run: bool | None = None,
    territorial_scope: str | None = None,
    duration: str | None = None,
    at: dt.datetime | None = None,
) -> Decision:
    """Add to the ledger what `by` decided about an account or a ring of `run`, with what was recommended.

    `kind` is `account` or `ring`; it is needed only where an account and a ring have the same id. Raises
    ConfigError for an id that is not in the run, an unknown decision, and a name or a reason that is empty.
    """
    if decision not in DECISIONS:
        known = ", ".join(f"`{one}`" for one in DECISIONS)
        raise ConfigError(f"there is no decision `{decision}`; choose one of {known}")
    taken = Decision(
        run_id=run.manifest["run_id"],
        subject=subject,
        decision=decision,
        by=_said(by, "the name of the person"),
        at=at or dt.datetime.now(dt.UTC),
        reason=_said(reason, "the reason"),
        is_tool_run=is_tool_run,
        territorial_scope=territorial_scope,
        duration=duration,
        **_recommended(run, subject, kind),
    )
    decided(Path(ledger), taken)
    return taken


def release(run: Run, *, ledger: Path | str, by: str, reason: str, at: dt.datetime | None = None) -> Decision:
    """Add to the ledger that `by` releases a run which the circuit breaker holds.

    Raises ConfigError for a run that is not held.
    """
    if not run.held:
        raise ConfigError(f"the run `{run.manifest['run_id']}` is not held; there is nothing to release")
    who, why = _said(by, "the name of the person"), _said(reason, "the reason")
    when = at or dt.datetime.now(dt.UTC)
    name = run.manifest["run_id"]
    taken = Decision(run_id=name, kind="run", subject=name, decision=_RELEASE, by=who, at=when, reason=why)
    decided(Path(ledger), taken)
    return taken


def decision_of(run: Run, ledger: Path, kind: str, subject: str) -> dict[str, Any] | None:
    """What the record of an account or a ring says of the last decision about it in this run."""
    found = latest(ledger, run.manifest["run_id"], kind, subject)
    return None if found is None else found.facts()


def _recommended(run: Run, subject: str, kind: str | None) -> dict[str, Any]:
    """Whether `subject` is an account or a ring, and what the run recommends for it."""
    account = run.accounts.filter(pl.col("account_id") == subject).to_dicts()
    ring = run.rings.filter(pl.col("ring_id") == subject).to_dicts()
    if account and ring and kind is None:
        raise ConfigError(f"`{subject}` is an account and a ring of this run; say which with `kind`")
    if account and kind in (None, "account"):
        row = account[0]
        return {"kind": "account", "ring_id": row["ring_id"], "tier": row["tier"], "score": row["score"]}
    if ring and kind in (None, "ring"):
        return {"kind": "ring", "ring_id": subject}
    what = kind or "account or ring"
    raise ConfigError(f"`{subject}` is no {what} of this run; copy an id from its tables")


def _said(text: str, what: str) -> str:
    # A terminal may hand over bytes that are no text; a database of texts takes none.
    shown = text.encode("utf-8", "replace").decode("utf-8").strip()
    if not shown:
        raise ConfigError(f"{what} is missing: a decision is a person's, with a reason")
    return shown
