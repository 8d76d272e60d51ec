"""Chorus: whether the members turn up together in several chats."""

import polars as pl

from graphkit.engine.clock import MINUTE_S, clocked
from graphkit.settings import SignalSettings
from graphkit.signals.base import Case, Ceiling, Signal, measured
from graphkit.words import Channel, Direction, Family, Subject

MINIMUM_TOGETHER = 3
MINIMUM_SESSIONS = 5


def _measure(case: Case) -> pl.DataFrame:
    """The sessions in which three or more members write, where that happens in `chorus_chats` chats; else 0.

    A session is one chat in one stretch of `chorus_session_min`; n is the sessions with a member at all.
    `expected` counts the sessions that chance gives, were members to turn up in all sessions of the platform
    in proportion to how many accounts are in each (Poisson). A clock with steps as long as a session cannot
    tell one from another. All the ring's chat events are listed.
    """
    settings = case.settings
    slot = pl.col("timestamp").dt.truncate(f"{settings.chorus_session_min}m").alias("slot")
    written = (
        clocked(case.events)
        .filter(pl.col("channel").cast(pl.String) == Channel.GROUP.value)
        .filter(pl.col("grain_s") < settings.chorus_session_min * MINUTE_S)
        .drop_nulls("object_id")
        .select("event_id", "account_id", "object_id", "timestamp", slot)
        .join(case.members.select("account_id", "ring_id"), on="account_id", how="left")
    )
    chat = ["object_id", "slot"]
    sizes = written.group_by(chat).agg(pl.col("account_id").n_unique().cast(pl.Float64).alias("size"))
    ours = written.filter(pl.col("ring_id").is_not_null()).sort("ring_id", "timestamp", "event_id")
    sessions = ours.group_by("ring_id", *chat).agg(
        pl.col("account_id").n_unique().cast(pl.Int64).alias("members")
    )
    together = pl.col("members") >= MINIMUM_TOGETHER
    wide = pl.col("object_id").filter(together).n_unique() >= settings.chorus_chats
    counted = (
        sessions.group_by("ring_id")
        .agg(
            pl.when(wide).then(together.sum()).otherwise(0).alias("together"),
            pl.len().alias("sessions"),
            pl.col("members").sum().alias("visits"),
        )
        .filter(pl.col("sessions") >= MINIMUM_SESSIONS)
    )
    return (
        ours.join(counted.join(_by_chance(counted, sizes), on="ring_id"), on="ring_id")
        .group_by(pl.col("ring_id").alias("account_id"), maintain_order=True)
        .agg(
            measured(
                pl.col("together").first(),
                pl.col("sessions").first(),
                pl.col("event_id"),
                pl.col("chance").first(),
            )
        )
    )


def _by_chance(counted: pl.DataFrame, sizes: pl.DataFrame) -> pl.DataFrame:
    """How many sessions of `sizes` would hold three members by chance: ring_id and chance."""
    alike = sizes.group_by("size").agg(pl.len().alias("count")).sort("size")
    total = float((alike["size"] * alike["count"]).sum())
    mean = pl.col("visits") * pl.col("size") / max(total, 1.0)
    three = 1.0 - (-mean).exp() * (1.0 + mean + mean**2 / 2.0)
    return (
        counted.select("ring_id", "visits")
        .join(alike, how="cross")
        .sort("ring_id", "size")
        .group_by("ring_id", maintain_order=True)
        .agg((three.clip(lower_bound=0.0) * pl.col("count")).sum().alias("chance"))
    )


def _ceiling(settings: SignalSettings) -> Ceiling:
    return Ceiling(MINIMUM_SESSIONS, MINIMUM_SESSIONS, settings.chorus_times)


def _explain(value: float, n: int) -> str:
    return f"in {value:.0f} of the {n} chat sessions that members take part in, three or more of them do"


SIGNAL = Signal(
    name="chorus",
    family=Family.COORDINATION,
    subject=Subject.RING,
    question="do its members turn up together in several chats?",
    unit="sessions",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_SESSIONS,
    measure=_measure,
    explain=_explain,
    innocent=("friends or colleagues who share several chats", "a weekly event that spans several chats"),
    ceiling=_ceiling,
)
