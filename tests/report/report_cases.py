"""Views for the tests of the report: a small ring worked out by hand, and one made of hostile strings."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import polars as pl

from graphkit.readers.reads import read_accounts, read_events
from graphkit.report.view import ReportView
from graphkit.settings import Settings
from graphkit.tables import (
    ACCOUNTS,
    CANDIDATES,
    EDGES,
    EVENTS,
    EVIDENCE,
    MEMBERS,
    PAIRS,
    QUARANTINE,
    RINGS,
    TIERS,
    TRACE,
    Table,
)

HOSTILE = Path(__file__).parents[2] / "fixtures" / "hostile"
NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SCRIPTED = ("a", "b", "c", "d")


def small() -> ReportView:
    """Four members a, b, c, d; two posts of `owner`; one dm and one group text that nobody may read.

    post1: a at 0 s, b at 0.5 s, c at 1.5 s, d at 2 s, and the stranger at 40 s.
    post2: a at 3600 s, b at 3601 s, c at 3604 s (4 s from first to last).
    """
    events = [
        *_event("e0", 0 - 60, "post", "owner", None, "post1", "hello"),
        *_event("e1", 0, "comment", "a", "owner", "post1", "great product"),
        *_event("e2", 0.5, "comment", "b", "owner", "post1", "great product"),
        *_event("e3", 1.5, "comment", "c", "owner", "post1", "great product"),
        *_event("e4", 2, "comment", "d", "owner", "post1", "我也买了"),
        *_event("e5", 40, "comment", "stranger", "owner", "post1", "what is this"),
        *_event("e6", 3600, "comment", "a", "owner", "post2", "love it"),
        *_event("e7", 3601, "comment", "b", "owner", "post2", "love it"),
        *_event("e8", 3604, "comment", "c", "owner", "post2", "love it"),
        *_event("e9", 7200, "dm", "a", "b", "dm:a:b", "SECRET-DM wire it tonight"),
        *_event("e10", 7300, "group", "d", None, "chat1", "SECRET-GROUP boost these"),
    ]
    accounts: list[dict[str, object]] = [
        {"account_id": name, "name": f"name {name}"} for name in ("a", "b", "c", "d")
    ]
    pairs = [(x, y) for x in SCRIPTED for y in SCRIPTED if x < y]
    return ReportView(
        events=EVENTS.check(pl.DataFrame(events)),
        accounts=filled(ACCOUNTS, accounts),
        edges=filled(EDGES, [_edge(x, y) for x, y in pairs]),
        pairs=filled(PAIRS, [_receipt()]),
        candidates=filled(CANDIDATES, [_candidate("r1", "ring"), _candidate("fans", "lookalike")]),
        members=filled(MEMBERS, [_member(name) for name in SCRIPTED]),
        rings=filled(RINGS, [ring()]),
        evidence=filled(EVIDENCE, _evidence()),
        tiers=filled(TIERS, [_tier(name) for name in ("a", "b", "c", "d", "owner", "stranger")]),
        trace=filled(TRACE, [_rule("a")]),
        quarantine=filled(QUARANTINE, [{"source": "x.csv", "position": 7, "rule": "bad_timestamp"}]),
        rows_read=12,
        settings=Settings(),
        version="0.1.0",
        strands={"feed": "feed", "text": "content"},
        questions={"output_rate": "how fast does it write?"},
        innocent={"output_rate": ("texts pasted from elsewhere",)},
    )


def hostile() -> ReportView:
    """The accounts of fixtures/hostile as one ring; every string that a page shows was written by them."""
    settings = Settings()
    reading = read_events(HOSTILE / "events.ndjson", settings=settings.read)
    accounts = read_accounts(HOSTILE / "accounts.csv")
    ids = sorted(accounts["account_id"])
    one, two = ids[0], ids[1]
    return replace(
        small(),
        events=reading.events,
        accounts=accounts,
        edges=filled(EDGES, [_edge(x, y) for x, y in pairwise(ids)]),
        pairs=filled(
            PAIRS, [{**_receipt(), "source": one, "target": two, "met_on": "post </td><script>x()"}]
        ),
        members=filled(MEMBERS, [_member(name) for name in ids]),
        evidence=filled(EVIDENCE, [{**row, "explanation": "<img src=x onerror=x()>"} for row in _evidence()]),
        tiers=filled(TIERS, [_tier(name) for name in ids]),
        trace=filled(TRACE, [{**_rule(one), "observed": "\x1b[31m</script>"}]),
        quarantine=reading.quarantine,
        rows_read=reading.rows_read,
        notes=("\u202enote </p>",),
    )


def filled(table: type[Table], rows: list[dict[str, object]]) -> pl.DataFrame:
    """`rows` as the declared table, columns that are not given null."""
    schema = table.empty().schema
    frame = pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=dict(schema))
    return table.check(frame)


def shuffled(view: ReportView, seed: int) -> ReportView:
    """The same view with the rows of every table in another order."""
    names = (
        "events",
        "accounts",
        "edges",
        "pairs",
        "candidates",
        "members",
        "rings",
        "evidence",
        "tiers",
        "trace",
    )
    return replace(view, **{n: getattr(view, n).sample(fraction=1.0, shuffle=True, seed=seed) for n in names})


def ring() -> dict[str, object]:
    return {
        "ring_id": "r1",
        "kind": "coordinated",
        "n_members": 4,
        "q_value": 0.002,
        "kinds": ["lockstep"],
        "channels": ["comment", "dm"],
        "first_seen": NOON,
        "last_seen": NOON + timedelta(hours=2),
        "density": 1.0,
        "beneficiary_id": "owner",
        "beneficiary_share": 0.78,
    }


@dataclass
class Page(HTMLParser):
    """What a browser would see: elements, attributes and the text outside of the style sheet."""

    elements: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.open.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self.open = self.open[:-1] if self.open and self.open[-1] == tag else self.open

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def parsed(page: str) -> Page:
    found = Page()
    found.feed(page)
    found.close()
    return found


def _event(
    event_id: str, after: float, channel: str, account: str, target: str | None, where: str, text: str
) -> list[dict[str, object]]:
    return [
        {
            "event_id": event_id,
            "timestamp": NOON + timedelta(seconds=after),
            "channel": channel,
            "account_id": account,
            "target_id": target,
            "object_id": where,
            "parent_id": None,
            "text": text,
        }
    ]


def _edge(source: str, target: str) -> dict[str, object]:
    return {
        "layer": "feed",
        "source": source,
        "target": target,
        "count": 2,
        "expected": 0.25,
        "p_value": 0.001,
        "q_value": 0.002,
        "weight": 15.0,
    }


def _receipt() -> dict[str, object]:
    return {
        "layer": "feed",
        "source": "a",
        "target": "b",
        "source_event_id": "e1",
        "target_event_id": "e2",
        "ring_id": "r1",
        "met_on": "post post1",
        "gap_s": 0.5,
        "crowd": 3,
        "repetition": 1,
    }


def _candidate(name: str, verdict: str) -> dict[str, object]:
    return {
        "candidate_id": name,
        "ring_id": "r1" if verdict == "ring" else None,
        "verdict": verdict,
        "reason": "most shared objects belong to one owner" if verdict != "ring" else "coordination holds",
        "n_members": 9,
        "observed": 0.93,
        "required": 0.85,
        "members": ["x", "y"],
    }


def _member(name: str) -> dict[str, object]:
    return {
        "account_id": name,
        "ring_id": "r1",
        "role": "periphery" if name == "d" else "core",
        "stability": 0.95,
    }


def _tier(name: str) -> dict[str, object]:
    warned, inside = name == "a", name not in ("owner", "stranger")
    return {
        "account_id": name,
        "ring_id": "r1" if inside else None,
        "role": "core" if inside else None,
        "stability": 0.95 if inside else None,
        "tier": "warn" if warned else "watch" if inside else "clear",
        "score": 6.0 if warned else 2.0 if inside else 0.0,
        "bits_g": 2.0 if inside else 0.0,
        "bits_t": 4.0 if warned else -0.5,
        "bits_x": 0.0,
        "bits_c": 0.0,
        "bits_a": 0.0,
    }


def _evidence() -> list[dict[str, object]]:
    line = {"ring_id": "r1", "family": "T", "unit": "keys/s", "n": 12, "quantile": 0.001}
    return [
        {
            "account_id": "a",
            **line,
            "signal": "output_rate",
            "value": 23.4,
            "grade": "strong",
            "bits": 4.0,
            "explanation": "its texts follow at 23.4 keys a second; ordinary accounts type 0.7 to 1.5",
            "event_ids": [f"e{n}" for n in range(9)],
        },
        {
            "account_id": "b",
            **line,
            "signal": "output_rate",
            "value": 1.1,
            "grade": "none",
            "bits": -0.5,
            "explanation": "its texts follow at 1.1 keys a second, as those of ordinary accounts do",
            "event_ids": ["e2"],
        },
        {
            "account_id": None,
            **line,
            "signal": "ring_lockstep",
            "value": 0.5,
            "grade": "strong",
            "bits": 0.0,
            "explanation": "in two threads three or more members came within seconds",
            "event_ids": ["e1", "e2"],
        },
    ]


def _rule(account: str) -> dict[str, object]:
    return {
        "account_id": account,
        "tier": "warn",
        "condition": "two families at moderate",
        "holds": True,
        "observed": "T strong, X none",
        "required": "two families",
    }
