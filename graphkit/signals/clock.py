"""Clock: in what steps the times of a channel come, and so what may be asked of them."""

import numpy as np
import polars as pl

from graphkit.settings import SignalSettings

SECOND_S, MINUTE_S, HOUR_S, DAY_S = 1.0, 60.0, 3600.0, 86400.0
_QUARTER_US = 900_000_000
_QUARTERS = 96
# A sixth of a day, as ten seconds are of a minute: summer time moves a midnight by an hour.
_SIXTH = 16


def clocked(events: pl.DataFrame, settings: SignalSettings) -> pl.DataFrame:
    """`events` with `grain_s`: the step in seconds in which the times of their channel come.

    What is asked of times must be coarser than their step: on a clock of whole days everybody acts at
    midnight. A frame that has the column already comes back as it is.
    """
    if "grain_s" in events.columns:
        return events
    channel = pl.col("channel").cast(pl.String)
    times = events.select(channel, pl.col("timestamp").dt.epoch("us").alias("at"))
    known = {
        str(name): grain_s(rows["at"], settings.coarse_clock_share)
        for (name,), rows in times.group_by("channel")
    }
    return events.with_columns(
        channel.replace_strict(known, default=None, return_dtype=pl.Float64).alias("grain_s")
    )


def grain_s(at: pl.Series, share: float) -> float:
    """The step of times in microseconds: 0, a second, a minute, an hour or a day.

    A step holds when `share` of the times stand at its beginning: on whole seconds, in a minute's first ten
    seconds (some sources tell the order within a minute by them), of those in one quarter of the hour, of
    those in four hours of the day. Which quarter and which hours is left open: an hour or a midnight of
    another time zone begins there.
    """
    if at.is_empty():
        return 0.0
    if _share(at % 60_000_000 < 10_000_000) < share:
        return SECOND_S if _share(at % 1_000_000 == 0) >= share else 0.0
    quarters = np.bincount((at // _QUARTER_US % _QUARTERS).to_numpy(), minlength=_QUARTERS)
    needed = share * len(at)
    if quarters.reshape(-1, 4).sum(axis=0).max() < needed:
        return MINUTE_S
    around = np.cumsum(np.concatenate([[0], quarters, quarters[:_SIXTH]]))
    return DAY_S if (around[_SIXTH:] - around[:-_SIXTH]).max() >= needed else HOUR_S


def on_dates(at: pl.Series, share: float) -> bool:
    """Whether `share` of times in microseconds are dates or whole hours, in whatever time zone."""
    return not at.is_empty() and _share(at % _QUARTER_US == 0) >= share


def _share(true: pl.Series) -> float:
    return float(true.sum()) / len(true)
