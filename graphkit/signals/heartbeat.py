"""Heartbeat: whether the account wakes up on a timer."""

import numpy as np
import polars as pl

from graphkit.engine.clock import MINUTE_S, clocked
from graphkit.settings import SignalSettings
from graphkit.signals.base import Case, Signal, by_account, measured, of_asked, timeline
from graphkit.words import Channel, Direction, Family, Subject

MINIMUM_BURSTS = 10
# Shorter pauses between bursts are talk, and on a clock of whole minutes they agree by chance.
_SHORTEST_BEAT_S = 240.0


def _measure(case: Case) -> pl.DataFrame:
    """The share of pauses between bursts that agree with one length, where the bursts keep to a period.

    A burst begins after `burst_gap_s` of silence; counted are those of the account's busiest window of
    `heartbeat_window_h`. The value is 0 unless their phases pass a Rayleigh test for one of the periods
    (Bonferroni over the periods), else the largest share of pauses within `heartbeat_tolerance` of one
    length. Posts stand aside: platforms set their pace; so do channels whose clock knows no more than the
    shortest period. Listed are the first events of the bursts counted.
    """
    settings = case.settings
    bursts = _window(_bursts(case), settings.heartbeat_window_h)
    if bursts.is_empty():
        return bursts.group_by("account_id").agg(measured(pl.col("at").sum(), pl.len(), pl.col("event_id")))
    shares = bursts.with_columns((pl.col("at").diff().over("account_id") / 1e6).alias("pause"))
    pauses = shares.filter(pl.col("pause").is_not_null()).sort("account_id", "pause")
    alike = pauses.with_columns(_alike(pauses, settings.heartbeat_tolerance))
    agreeing = alike.group_by("account_id").agg(pl.col("alike").max() / pl.len())
    locked = bursts.group_by("account_id").agg(_rayleigh(settings.heartbeat_periods_min).alias("p"))
    steady = pl.when(pl.col("p") <= settings.heartbeat_p).then(pl.col("alike")).otherwise(0.0)
    return (
        bursts.group_by("account_id", maintain_order=True)
        .agg(pl.col("event_id"), pl.len().alias("bursts"))
        .join(agreeing, on="account_id")
        .join(locked, on="account_id")
        .select("account_id", *measured(steady, pl.col("bursts"), pl.col("event_id")))
    )


def _bursts(case: Case) -> pl.DataFrame:
    """The first events of bursts: account_id, event_id, `at` (microseconds), sorted by account and time."""
    settings = case.settings
    gap = pl.col("at").diff().over("account_id")
    timed = pl.col("grain_s") < MINUTE_S * min(settings.heartbeat_periods_min)
    return by_account(
        of_asked(case, clocked(case.events)).filter(
            (pl.col("channel").cast(pl.String) != Channel.POST.value) & timed
        ),
        "account_id",
        "event_id",
        pl.col("timestamp").dt.epoch("us").alias("at"),
    ).filter(gap.is_null() | (gap >= settings.burst_gap_s * 1e6))


def _window(bursts: pl.DataFrame, hours: float) -> pl.DataFrame:
    """The bursts of each account's busiest window, the first of equals, if there are enough in it."""
    group = bursts["account_id"].rank("dense").to_numpy().astype(np.int64)
    reach = int(hours * 3.6e9)
    line = timeline(bursts["at"].to_numpy(), group, reach)
    last = np.searchsorted(line, line + reach, side="left")
    size = last - np.arange(line.size)
    return (
        bursts.with_columns(pl.Series("size", size), pl.Series("row", np.arange(line.size)))
        .with_columns(
            pl.col("row").get(pl.col("size").arg_max()).over("account_id").alias("begin"),
            pl.col("size").max().over("account_id"),
        )
        .filter(
            (pl.col("size") >= MINIMUM_BURSTS)
            & (pl.col("row") >= pl.col("begin"))
            & (pl.col("row") < pl.col("begin") + pl.col("size"))
        )
    )


def _alike(pauses: pl.DataFrame, tolerance: float) -> pl.Series:
    """How many of the account's pauses lie within `tolerance` of one length whose lower end this pause is."""
    account = (pauses["account_id"].rank("dense")).to_numpy().astype(np.float64)
    # Logarithms: pauses are at most a window long, so accounts a hundred apart can share one line.
    line = account * 100.0 + np.log(pauses["pause"].to_numpy())
    width = np.log((1 + tolerance) / (1 - tolerance))
    last = np.searchsorted(line, line + width, side="right")
    alike = (last - np.arange(line.size)).astype(np.float64)
    alike[pauses["pause"].to_numpy() < _SHORTEST_BEAT_S] = 0.0
    return pl.Series("alike", alike)


def _rayleigh(periods_min: tuple[int, ...]) -> pl.Expr:
    """The smallest p of the Rayleigh tests times their number (Zar, Biostatistical Analysis, 27.1)."""
    tests = []
    n = pl.len().cast(pl.Float64)
    for period in periods_min:
        phase = (pl.col("at") % (period * 60_000_000)) * (2 * np.pi / (period * 60_000_000))
        squared = phase.cos().sum() ** 2 + phase.sin().sum() ** 2
        tests.append(((1 + 4 * n + 4 * (n**2 - squared)).sqrt() - (1 + 2 * n)).exp())
    return pl.min_horizontal(tests) * len(periods_min)


def _floor(settings: SignalSettings) -> float:
    return settings.floor_heartbeat


def _explain(value: float, n: int) -> str:
    if value == 0:
        return f"its {n} bursts of activity keep to no period"
    return f"{100 * value:.0f} % of the pauses between its {n} bursts of activity agree within 2 %"


SIGNAL = Signal(
    name="heartbeat",
    family=Family.TIME,
    subject=Subject.ACCOUNT,
    question="does it wake up on a timer?",
    unit="share of pauses",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_BURSTS,
    measure=_measure,
    explain=_explain,
    innocent=(
        "a feed or an announcement that a person scheduled",
        "a limit of the platform that makes everyone wait equally long",
        "work in fixed turns (classes, shifts, matches)",
    ),
    floor=_floor,
)
