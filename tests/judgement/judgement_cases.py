"""Small findings to judge, written by hand."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from graphkit.judgement import Findings
from graphkit.tables import ACCOUNTS, EVENTS, EVIDENCE, MEMBERS, RINGS

START = datetime(2026, 1, 1, tzinfo=UTC)


def events(counts: Mapping[str, int], *, days: float = 30.0, channel: str = "comment") -> pl.DataFrame:
    """So many events of each account, evenly over `days`: ids are `<account>-<i>`."""
    rows = [
        {
            "event_id": f"{account}-{i}",
            "timestamp": START + timedelta(days=days) * (i / max(n - 1, 1)),
            "channel": channel,
            "account_id": account,
        }
        for account, n in counts.items()
        for i in range(n)
    ]
    blank = dict.fromkeys(EVENTS.column_names())
    return EVENTS.check(pl.DataFrame([{**blank, **row} for row in rows], schema=EVENTS.empty().schema))


def line(
    account: str | None,
    family: str,
    grade: str,
    *,
    signal: str = "",
    ring: str | None = None,
    quantile: float | None = None,
    event_ids: Sequence[str] = (),
    outside: bool | None = None,
    quantile_here: float | None = None,
) -> dict[str, Any]:
    """One row of EVIDENCE."""
    return {
        "account_id": account,
        "ring_id": ring,
        "signal": signal or f"signal_{family.lower()}",
        "family": family,
        "value": 1.0,
        "unit": "keys/s",
        "n": 30,
        "quantile": quantile,
        "grade": grade,
        "bits": 0.0,
        "explanation": "something was seen",
        "event_ids": list(event_ids),
        "outside": outside,
        "quantile_here": quantile_here,
    }


def evidence(*rows: dict[str, Any]) -> pl.DataFrame:
    return EVIDENCE.check(pl.DataFrame(list(rows), schema=EVIDENCE.empty().schema))


def members(*rows: tuple[str, str, str, float]) -> pl.DataFrame:
    """account, ring, role, stability."""
    names = ["account_id", "ring_id", "role", "stability"]
    return MEMBERS.check(
        pl.DataFrame(
            list(rows), schema=dict.fromkeys(names, pl.String) | {names[3]: pl.Float64}, orient="row"
        )
    )


def ring(
    ring_id: str, n: int = 5, *, kinds: Sequence[str] = ("feed",), q_value: float = 0.001
) -> dict[str, Any]:
    return {
        "ring_id": ring_id,
        "kind": "coordinated",
        "n_members": n,
        "q_value": q_value,
        "kinds": list(kinds),
        "channels": ["comment"],
        "first_seen": START,
        "last_seen": START,
        "automation_share": None,
        "density": 1.0,
        "reciprocity_excess": None,
        "insularity": None,
        "beneficiary_id": None,
        "beneficiary_share": None,
    }


def rings(*rows: dict[str, Any]) -> pl.DataFrame:
    return RINGS.check(pl.DataFrame(list(rows), schema=RINGS.empty().schema))


def accounts(**declared: dict[str, Any]) -> pl.DataFrame:
    blank = dict.fromkeys(ACCOUNTS.column_names())
    rows = [{**blank, "account_id": account, **values} for account, values in declared.items()]
    return ACCOUNTS.check(pl.DataFrame(rows, schema=ACCOUNTS.empty().schema))


def lasting(**counts: int) -> pl.DataFrame:
    """The windows with evidence, three looked at."""
    rows = [(account, 3, n) for account, n in counts.items()]
    names = ["account_id", "n_windows", "n_windows_with_evidence"]
    return pl.DataFrame(
        rows, schema={names[0]: pl.String, names[1]: pl.Int64, names[2]: pl.Int64}, orient="row"
    )


def findings(
    *rows: dict[str, Any],
    n_events: Mapping[str, int] | None = None,
    days: float = 30.0,
    belongs: pl.DataFrame | None = None,
    found: pl.DataFrame | None = None,
    declared: pl.DataFrame | None = None,
    **more: Any,
) -> Findings:
    """Findings about account `a` (150 events in 30 days unless told otherwise)."""
    return Findings(
        events=more.pop("log", None) if "log" in more else events(n_events or {"a": 150}, days=days),
        accounts=ACCOUNTS.empty() if declared is None else declared,
        members=members() if belongs is None else belongs,
        rings=rings() if found is None else found,
        evidence=evidence(*rows),
        **more,
    )


IN_RING: dict[str, Any] = {
    "belongs": members(("a", "r", "core", 0.9)),
    "found": rings(ring("r")),
}
