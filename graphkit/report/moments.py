"""Moments: several members on one object within seconds; the picture that no reader forgets."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from graphkit.report.timeline import Tick, second_ticks, time_ticks
from graphkit.report.view import Member, ReportView, RingCase

# A moment ends where no member follows for a minute: a thread's visitors come minutes to hours apart.
_PAUSE_S = 60
# Fewer members than this in one moment is company, not a chorus.
_TOGETHER = 3
# What takes longer is a conversation, and a picture of its seconds would say nothing.
_LONGEST_S = 600
_ROWS = 60
_OTHERS = 600
_GRID = 1800


@dataclass(frozen=True)
class Moment:
    """One moment seen from near: for each member the seconds after the first, and the others' marks.

    `context` are places from 0 to 1 in the object's whole life (`ring`, `others`), with `ticks` for it.
    """

    object_id: str
    channel: str
    start: datetime
    spread_s: float
    span_s: float
    members: tuple[tuple[Member, tuple[float, ...]], ...]
    others: tuple[float, ...]
    context_ring: tuple[float, ...]
    context_others: tuple[float, ...]
    context_ticks: tuple[Tick, ...]
    ticks: tuple[Tick, ...]
    n_object_events: int
    n_members: int


def moments(case: RingCase) -> pl.DataFrame:
    """Every moment of the ring: object_id, channel, start, n_members and spread_s from the first to the last.

    A member counts once in a moment, at its first event; the largest and then the tightest stand first.
    """
    pause = pl.col("timestamp").diff().over("object_id") > timedelta(seconds=_PAUSE_S)
    return (
        case.events.filter(pl.col("object_id").is_not_null())
        .sort("object_id", "timestamp", "event_id")
        .with_columns(pause.fill_null(value=True).cum_sum().alias("moment"))
        .group_by("object_id", "moment", "account_id")
        .agg(pl.col("timestamp").min(), pl.col("channel").cast(pl.String).min())
        .group_by("object_id", "moment")
        .agg(
            pl.col("channel").min(),
            pl.col("timestamp").min().alias("start"),
            pl.len().cast(pl.Int64).alias("n_members"),
            (pl.col("timestamp").max() - pl.col("timestamp").min())
            .dt.total_microseconds()
            .alias("spread_us"),
        )
        .filter((pl.col("n_members") >= _TOGETHER) & (pl.col("spread_us") <= _LONGEST_S * 1_000_000))
        .select("object_id", "channel", "start", "n_members", (pl.col("spread_us") / 1e6).alias("spread_s"))
        .sort("n_members", "spread_s", "start", "object_id", descending=[True, False, False, False])
    )


def moment(view: ReportView, case: RingCase) -> Moment | None:
    """The largest and tightest moment, drawn from near; none when members never come together so."""
    table = moments(case)
    if table.is_empty():
        return None
    top = table.row(0, named=True)
    start: datetime = top["start"]
    whole = view.events.filter(pl.col("object_id") == top["object_id"]).sort("timestamp", "event_id")
    numbers = case.numbers
    is_member = pl.col("account_id").is_in(list(numbers))
    # A little of what came after is shown, so that the moment's end is seen and not only asserted.
    span = max(top["spread_s"] * 1.35, 1.0)
    near = whole.with_columns(
        ((pl.col("timestamp") - start).dt.total_microseconds() / 1e6).alias("after")
    ).filter(pl.col("after").is_between(0.0, span))
    rows = (
        near.filter(is_member)
        .group_by("account_id")
        .agg(pl.col("after").sort())
        .sort(pl.col("after").list.first(), "account_id")
    )
    first, last = whole["timestamp"][0], whole["timestamp"][-1]
    return Moment(
        object_id=top["object_id"],
        channel=top["channel"],
        start=start,
        spread_s=top["spread_s"],
        span_s=span,
        members=tuple(
            (case.members[numbers[account] - 1], tuple(after))
            for account, after in rows.head(_ROWS).iter_rows()
        ),
        others=tuple(near.filter(~is_member)["after"].head(_OTHERS).to_list()),
        context_ring=_places(whole, is_member),
        context_others=_places(whole, ~is_member),
        context_ticks=time_ticks(first, max(last, first + timedelta(seconds=1)), most=6),
        ticks=second_ticks(span),
        n_object_events=whole.height,
        n_members=top["n_members"],
    )


def _places(whole: pl.DataFrame, which: pl.Expr) -> tuple[float, ...]:
    """Where in the object's life the events of `which` stand, from 0 to 1, on a grid of half pixels."""
    span = (pl.col("timestamp").max() - pl.col("timestamp").min()).dt.total_microseconds()
    place = (pl.col("timestamp") - pl.col("timestamp").min()).dt.total_microseconds() / pl.max_horizontal(
        span, pl.lit(1_000_000)
    )
    shown = whole.with_columns((place * _GRID).round().alias("place")).filter(which)["place"].unique().sort()
    return tuple((shown / _GRID).to_list())
