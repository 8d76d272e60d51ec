"""Waking hours: how much in one hour, and how long without sleep."""

import numpy as np
import polars as pl

from graphkit.engine.clock import HOUR_S, clocked
from graphkit.settings import SignalSettings
from graphkit.signals.base import Case, Ceiling, Signal, by_account, measured, of_asked, timeline
from graphkit.text.spelling import spelled
from graphkit.words import Channel, Direction, Family, Grade, Subject

MINIMUM_EVENTS = 10
_HOUR_S = int(HOUR_S)
# A tap; people like two hundred posts an hour, and answer a live thread as often with a word.
_TAPS = (Channel.REACTION.value, Channel.SHARE.value)


def _most_in_an_hour(case: Case) -> pl.DataFrame:
    """The most turns that fall in one hour; n is the account's events.

    What an account writes on one object in one stretch of `turn_gap_s` (by the clock) is a turn, and what is
    said in the same second, as a message to many is, is one turn. Reactions and shares are taps and stand
    aside, and so do texts of fewer than `typing_novel_keys` keys; what has no text may have been long and
    counts. What belongs to no object is held to be in one place. A clock of whole hours or days cannot tell.
    Listed are the turns of the busiest hour, the first of equals, by their first event.
    """
    # People say in a chat in five lines what is one comment elsewhere; fingers are no faster for it.
    stretch = (pl.col("at") // int(case.settings.turn_gap_s)).alias("stretch")
    short = (pl.col("keys") < case.settings.typing_novel_keys).fill_null(value=False)
    turns = (
        by_account(
            of_asked(case, clocked(spelled(case.events))).filter(
                ~pl.col("channel").cast(pl.String).is_in(_TAPS) & ~short & (pl.col("grain_s") < HOUR_S)
            ),
            "account_id",
            "event_id",
            "object_id",
            pl.col("timestamp").dt.epoch("s").alias("at"),
        )
        .with_columns(pl.len().over("account_id").cast(pl.Int64).alias("events"), stretch)
        .unique(["account_id", "object_id", "stretch"], keep="first", maintain_order=True)
        .unique(["account_id", "at"], keep="first", maintain_order=True)
    )
    group = turns.select(pl.col("account_id").rle_id()).to_series().to_numpy().astype(np.int64)
    line = timeline(turns["at"].to_numpy(), group, _HOUR_S)
    row = np.arange(line.size)
    size = np.searchsorted(line, line + _HOUR_S, side="left") - row
    begin = pl.col("row").get(pl.col("size").arg_max())
    inside = pl.col("row").is_between(begin, begin + pl.col("size").max() - 1).over("account_id")
    return (
        turns.with_columns(pl.Series("size", size), pl.Series("row", row))
        .filter((pl.col("events") >= MINIMUM_EVENTS) & inside)
        .group_by("account_id", maintain_order=True)
        .agg(measured(pl.len(), pl.col("events").first(), pl.col("event_id")))
    )


def _longest_awake(case: Case) -> pl.DataFrame:
    """The hours of the account's longest stretch without a pause of `sleep_h`; n is its events.

    Accounts seen over less than `observed_h` are left out: they cannot show a day. Events whose clock knows
    no more than days stand aside: a date in the night is no waking. Listed are the events of the stretch, the
    first of equals.
    """
    settings = case.settings
    hours = (pl.col("timestamp").last() - pl.col("timestamp").first()).dt.total_microseconds() / 3.6e9
    pause = pl.col("timestamp").diff().dt.total_microseconds() / 3.6e9
    stretches = (
        by_account(
            of_asked(case, clocked(case.events)).filter(pl.col("grain_s") < settings.sleep_h * HOUR_S),
            "account_id",
            "event_id",
            "timestamp",
        )
        .filter(((pl.len() >= MINIMUM_EVENTS) & (hours >= settings.observed_h)).over("account_id"))
        .with_columns(
            (pause >= settings.sleep_h)
            .fill_null(False)
            .cast(pl.Int64)
            .cum_sum()
            .over("account_id")
            .alias("stretch"),
            pl.len().over("account_id").alias("events"),
        )
        .group_by("account_id", "stretch", maintain_order=True)
        .agg(hours.alias("hours"), pl.col("events").first(), pl.col("event_id"))
    )
    longest = pl.col("hours").arg_max()
    return stretches.group_by("account_id", maintain_order=True).agg(
        measured(pl.col("hours").max(), pl.col("events").first(), pl.col("event_id").get(longest))
    )


def _hour_ceiling(settings: SignalSettings) -> Ceiling:
    return Ceiling(moderate=settings.hour_turns, strong=settings.hour_turns)


def _awake_floor(settings: SignalSettings) -> float:
    return settings.floor_awake_h


def _beyond_people(settings: SignalSettings) -> Ceiling:
    # Hands that take turns can stay awake for ever, so this is never strong.
    return Ceiling(moderate=settings.ceiling_awake_h, strong=float("inf"))


def _explain_hour(value: float, n: int) -> str:
    return (
        f"it took {value:.0f} turns in its busiest hour ({n} events in all, without taps and texts of a word "
        "or two; what is written in one half minute of the clock in the same place is one turn)"
    )


def _explain_awake(value: float, n: int) -> str:
    return f"it was active for {value:.1f} hours without a pause long enough for sleep ({n} events in all)"


HOUR_CEILING = Signal(
    name="hour_ceiling",
    family=Family.TIME,
    subject=Subject.ACCOUNT,
    question="does it do more in an hour than a person can?",
    unit="turns/h",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_EVENTS,
    measure=_most_in_an_hour,
    explain=_explain_hour,
    innocent=("several people behind one account", "an import of older texts with the time of the import"),
    ceiling=_hour_ceiling,
)

AWAKE = Signal(
    name="awake",
    family=Family.TIME,
    subject=Subject.ACCOUNT,
    question="does it never sleep?",
    unit="h",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_EVENTS,
    measure=_longest_awake,
    explain=_explain_awake,
    innocent=("several people behind one account", "a sleepless night", "a shop or a newsroom in shifts"),
    beyond=_beyond_people,
    floor=_awake_floor,
    most=Grade.MODERATE,
)
