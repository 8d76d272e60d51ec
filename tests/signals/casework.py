"""Small cases for the tests of signals: events from short rows, and a town that answers every signal."""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

from graphkit.settings import SignalSettings
from graphkit.signals import SIGNALS
from graphkit.signals.base import Case, Signal
from graphkit.signals.evidence import evidence, measures
from graphkit.signals.known import Reference
from graphkit.signals.standing import ranked, yardstick
from graphkit.tables import ACCOUNTS, EVENTS, MEMBERS, PAIRS
from graphkit.words import Role

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# (seconds after noon, account, object, text) and, where they matter, target and channel.
Row = tuple[float, str, str | None, str | None]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LEAK = "**Great** — as an AI language model"
WORDS = (
    "river",
    "lamp",
    "stone",
    "morning",
    "window",
    "garden",
    "paper",
    "silver",
    "under",
    "bright",
    "quiet",
    "letter",
    "copper",
    "evening",
    "bridge",
    "harbour",
    "cloud",
    "winter",
    "little",
    "green",
    "story",
    "market",
    "engine",
    "yellow",
    "circle",
    "summer",
    "forest",
    "hidden",
    "mirror",
    "planet",
)


def table(rows: Sequence[Row], *, channel: str = "comment", target: str | None = None) -> pl.DataFrame:
    """EVENTS from rows; ids e000, e001, ... in the order given."""
    return EVENTS.check(
        pl.DataFrame(
            {
                "event_id": [f"e{index:05d}" for index in range(len(rows))],
                "timestamp": [NOON + timedelta(seconds=row[0]) for row in rows],
                "channel": [channel] * len(rows),
                "account_id": [row[1] for row in rows],
                "target_id": [target] * len(rows),
                "object_id": [row[2] for row in rows],
                "parent_id": [None] * len(rows),
                "text": [row[3] for row in rows],
            },
            schema_overrides={
                "target_id": pl.String,
                "object_id": pl.String,
                "parent_id": pl.String,
                "text": pl.String,
            },
        )
    )


def ring(names: Iterable[str], ring_id: str = "r1") -> pl.DataFrame:
    """MEMBERS of one ring, all core."""
    listed = sorted(names)
    return MEMBERS.check(
        pl.DataFrame({"account_id": listed}).with_columns(
            pl.lit(ring_id).alias("ring_id"),
            pl.lit(Role.CORE.value).alias("role"),
            pl.lit(1.0).alias("stability"),
        )
    )


def case(
    events: pl.DataFrame, members: pl.DataFrame | None = None, accounts: pl.DataFrame | None = None
) -> Case:
    """A case about `events`."""
    return Case(
        events=events,
        accounts=ACCOUNTS.empty() if accounts is None else accounts,
        members=MEMBERS.empty() if members is None else members,
        pairs=PAIRS.empty(),
        settings=SignalSettings(),
    )


def answers(signal: Signal, of: Case) -> dict[str, tuple[float, int]]:
    """Value and n by account."""
    measured = signal.measure(of)
    return {row[0]: (row[1], row[2]) for row in measured.select("account_id", "value", "n").rows()}


def graded(of: Case, signals: Sequence[Signal] = SIGNALS, reference: Reference | None = None) -> pl.DataFrame:
    """EVIDENCE of a case: asked, held against its yardstick, put into words."""
    asked = measures(of, signals=signals)
    marks = yardstick(of, asked, reference=reference, signals=signals)
    return evidence(of, ranked(asked, marks, of.settings, signals=signals), signals=signals)


def sentence(chance: random.Random, words: int) -> str:
    """So many words."""
    return " ".join(chance.choice(WORDS) for _ in range(words))


def town(seed: int) -> Case:
    """Thirty people, six members in lockstep, one account on a timer and a fast one: every signal answers."""
    chance = random.Random(seed)
    members = [f"m{member}" for member in range(6)]
    rows: list[Row] = []
    for person in range(30):
        at = 0.0
        for _ in range(45):
            at += chance.expovariate(1 / 4000) if chance.random() < 0.5 else chance.uniform(5, 250)
            thread, text = f"o{chance.randrange(40)}", sentence(chance, chance.randrange(3, 30))
            rows.append((at, f"p{person:02d}", thread, text))
    for volley in range(14):
        at, text = volley * 9000.0 + chance.random() * 4000, sentence(chance, 12)
        rows += [(at + chance.random(), member, f"o{volley}", text) for member in members]
    for beat in range(100):
        rows.append((beat * 1800.0 + chance.random(), "timer", f"o{beat % 40}", LEAK))
    # A third under one post, with which its crowd stays awake, the others each under a post of its own.
    for step in range(240):
        text = "".join(chance.choices(LETTERS, k=150))
        rows.append((50.0 + 15 * step, "fast", "o1" if step % 3 == 0 else f"p{step}", text))
    chats: list[Row] = [
        (meeting * 7200.0 + chance.random() * 60, member, f"chat{meeting % 4}", "on my way")
        for meeting in range(12)
        for member in members
    ]
    aimed = pl.when(pl.col("account_id").is_in(members)).then(pl.lit("star"))
    events = [
        table(rows).with_columns(aimed.alias("target_id")),
        table(chats, channel="group").with_columns(pl.concat_str(pl.lit("g"), "event_id").alias("event_id")),
    ]
    return case(EVENTS.check(pl.concat(events)), ring(members), _registered(members))


def _registered(members: Sequence[str]) -> pl.DataFrame:
    """ACCOUNTS of members that were opened a minute apart, on one device, under numbered names."""
    known = pl.DataFrame(
        {
            "account_id": members,
            "name": [f"Lily_{number}" for number in range(len(members))],
            "created_at": [NOON + timedelta(minutes=number) for number in range(len(members))],
            "device_id": ["phone"] * len(members),
            "address_id": ["home"] * len(members),
        }
    )
    return ACCOUNTS.check(
        known.with_columns(
            pl.lit(None, pl.Boolean).alias(name) for name in ("automation_disclosed", "verified")
        )
    )
