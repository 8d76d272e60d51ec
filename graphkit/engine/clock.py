"""Clock: in what steps the times of a channel come, and so what may be asked of them."""

from collections.abc import Iterator

import numpy as np
import polars as pl

# Share of a channel's times that must stand at the beginning of a step (a minute's first ten seconds hold a
# sixth by chance).
_SHARE = 0.95
SECOND_S, MINUTE_S, HOUR_S, DAY_S = 1.0, 60.0, 3600.0, 86400.0
# Steps of some minutes, the longest first.
_MINUTES = (30, 20, 15, 10, 5)
_STEPS = {MINUTE_S: "a minute", HOUR_S: "an hour", DAY_S: "a day"}
_STEPS |= {MINUTE_S * n: f"{n} minutes" for n in _MINUTES}
# So many different times that are dates are no accident.
_DATES = 3
_QUARTER_US = 900_000_000
_QUARTERS = 96
# A sixth of a day, as ten seconds are of a minute: summer time moves a midnight by an hour.
_SIXTH = 16


def clocked(events: pl.DataFrame) -> pl.DataFrame:
    """`events` with `grain_s`: the step in seconds in which the times of their channel come.

    What is asked of times must be coarser than their step: on a clock of whole days everybody acts at
    midnight. A frame that has the column already comes back as it is.
    """
    if "grain_s" in events.columns:
        return events
    known = {channel: grain_s(at) for channel, at in _times(events)}
    return events.with_columns(
        pl.col("channel")
        .cast(pl.String)
        .replace_strict(known, default=None, return_dtype=pl.Float64)
        .alias("grain_s")
    )


def coarse(events: pl.DataFrame) -> list[str]:
    """What a run says of channels whose clock does not know seconds, one sentence for each.

    Of fewer than three different times nothing is said: one of them may stand on the hour by accident.
    """
    steps = sorted((channel, grain_s(at)) for channel, at in _times(events) if at.n_unique() >= _DATES)
    return [
        f"times of channel {channel} come in steps of {_STEPS[step]}; what is shorter was not asked of them"
        for channel, step in steps
        if step > SECOND_S
    ]


def without_dates(events: pl.DataFrame) -> pl.DataFrame:
    """`events` without those of channels whose times are dates or whole hours.

    Nobody can be said to have met another at midnight, nor at eight. Three different times at least tell that
    a channel has no other.
    """
    dated = [
        channel
        for channel, at in _times(events)
        if on_dates(at) and grain_s(at) >= HOUR_S and at.n_unique() >= _DATES
    ]
    return events.filter(~pl.col("channel").cast(pl.String).is_in(dated)) if dated else events


def grain_s(at: pl.Series) -> float:
    """The step of times in microseconds: 0, a second, a minute, 5 to 30 minutes, an hour or a day.

    A step holds when 95 % of the times stand at its beginning: on whole seconds, in a minute's first ten
    seconds (some sources tell the order within a minute by them), of those in one quarter of the hour, of
    those in four hours of the day. Which quarter and which hours is left open: an hour or a midnight of
    another time zone begins there.
    """
    if at.is_empty():
        return 0.0
    if _share(at % 60_000_000 < 10_000_000) < _SHARE:
        return SECOND_S if _share(at % 1_000_000 == 0) >= _SHARE else 0.0
    quarters = np.bincount((at // _QUARTER_US % _QUARTERS).to_numpy(), minlength=_QUARTERS)
    needed = _SHARE * len(at)
    if quarters.reshape(-1, 4).sum(axis=0).max() < needed:
        steps = (n for n in _MINUTES if _share(at % (n * 60_000_000) < 10_000_000) >= _SHARE)
        return MINUTE_S * next(steps, 1)
    around = np.cumsum(np.concatenate([[0], quarters, quarters[:_SIXTH]]))
    return DAY_S if (around[_SIXTH:] - around[:-_SIXTH]).max() >= needed else HOUR_S


def on_dates(at: pl.Series) -> bool:
    """Whether 95 % of times in microseconds are dates or whole hours, in whatever time zone."""
    return not at.is_empty() and _share(at % _QUARTER_US == 0) >= _SHARE


def _times(events: pl.DataFrame) -> Iterator[tuple[str, pl.Series]]:
    """Each channel with its times in microseconds."""
    times = events.select(pl.col("channel").cast(pl.String), pl.col("timestamp").dt.epoch("us").alias("at"))
    for (channel,), rows in times.group_by("channel"):
        yield str(channel), rows["at"]


def _share(true: pl.Series) -> float:
    return float(true.sum()) / len(true)
