"""What happened when: every member a row, every event a mark, no finer than an eye can see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from graphkit.report.view import Member, RingCase

# Marks nearer than a step of this grid fall on the same half pixel and are drawn once: nothing is lost.
_GRID = 1800
# Rows beyond this are thinner than a line; the others stand in the members' table.
_ROWS = 160
_STEPS_S = (
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200),
    *(86400, 172800, 432000, 864000, 2592000, 7776000, 31536000, 157680000, 315360000),
)


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis, 0 at its beginning and 1 at its end."""

    at: float
    label: str


@dataclass(frozen=True)
class Timeline:
    """Marks by channel as (place from 0 to 1, row from 0); rows are members in the order of their numbers."""

    members: tuple[Member, ...]
    marks: Mapping[str, tuple[tuple[float, int], ...]]
    ticks: tuple[Tick, ...]
    first: datetime
    last: datetime
    n_events: int
    n_marks: int
    n_members_left_out: int


def timeline(case: RingCase) -> Timeline | None:
    """The ring's timeline; none when its members did nothing in the data."""
    if case.events.is_empty():
        return None
    members = case.members[:_ROWS]
    rows = pl.DataFrame(
        {"account_id": [member.account_id for member in members], "row": range(len(members))},
        schema={"account_id": pl.String, "row": pl.Int64},
    )
    first, last = _stamp(case.events["timestamp"].min()), _stamp(case.events["timestamp"].max())
    # A ring seen at one instant still needs an axis.
    span = max((last - first) / timedelta(microseconds=1), 1_000_000.0)
    shown = case.events.join(rows, on="account_id")
    marks = (
        shown.select(
            pl.col("channel").cast(pl.String),
            "row",
            ((pl.col("timestamp") - first).dt.total_microseconds() * _GRID / span)
            .round()
            .cast(pl.Int64)
            .alias("at"),
        )
        .unique()
        .sort("channel", "row", "at")
    )
    return Timeline(
        members=members,
        marks={
            str(channel): tuple(zip((part["at"] / _GRID).to_list(), part["row"].to_list(), strict=True))
            for (channel,), part in sorted(marks.partition_by("channel", as_dict=True).items())
        },
        ticks=time_ticks(first, first + timedelta(microseconds=span)),
        first=first,
        last=last,
        n_events=shown.height,
        n_marks=marks.height,
        n_members_left_out=len(case.members) - len(members),
    )


def time_ticks(first: datetime, last: datetime, *, most: int = 8) -> tuple[Tick, ...]:
    """At most `most` round times between `first` and `last`, labelled as finely as their step needs."""
    span = (last - first).total_seconds()
    step = next((step for step in _STEPS_S if span / step <= most), _STEPS_S[-1])
    start = first.timestamp()
    at = -(-start // step) * step
    ticks = []
    while at <= start + span:
        ticks.append(Tick((at - start) / span if span else 0.0, _label(at, step)))
        at += step
    return tuple(ticks)


def second_ticks(span_s: float, *, most: int = 6) -> tuple[Tick, ...]:
    """Round numbers of seconds from 0 to `span_s`."""
    step = next(
        base * 10.0**power
        for power in range(-3, 9)
        for base in (1, 2, 5)
        if span_s / (base * 10.0**power) <= most
    )
    count = int(span_s / step + 1e-9)
    return tuple(Tick(n * step / span_s, f"{n * step:g}") for n in range(count + 1))


def _label(at: float, step: int) -> str:
    when = datetime.fromtimestamp(at, tz=UTC)
    if step >= 86400 * 28:
        return f"{when:%Y-%m}"
    if step >= 86400:
        return f"{when:%m-%d}"
    if step >= 3600:
        return f"{when:%m-%d}" if when.hour == 0 else f"{when:%H:%M}"
    return f"{when:%H:%M}" if step >= 60 else f"{when:%H:%M:%S}"


def _stamp(value: object) -> datetime:
    if not isinstance(value, datetime):
        return datetime.fromtimestamp(0, tz=UTC)
    return value
