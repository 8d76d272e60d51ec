"""Shared beneficiary: whether the ring's work is aimed at one account."""

import polars as pl

from graphkit.settings import SignalSettings
from graphkit.signals.base import Case, Ceiling, Signal, measured
from graphkit.words import Direction, Family, Grade, Subject

MINIMUM_EVENTS = 20
MINIMUM_AUTHORS = 3


def _measure(case: Case) -> pl.DataFrame:
    """The largest share of the ring's aimed events that three or more members aim at one account.

    An event is aimed when its target is another account; n is the number of the ring's aimed events.
    `expected` is the share of strangers' aimed events that the same account gets. All aimed events of the
    ring are listed; of targets with equal shares the lowest id counts.
    """
    aimed = (
        case.events.filter(pl.col("target_id").is_not_null() & (pl.col("target_id") != pl.col("account_id")))
        .select("event_id", "account_id", "target_id", "timestamp")
        .join(case.members.select("account_id", "ring_id"), on="account_id", how="left")
    )
    ours = aimed.filter(pl.col("ring_id").is_not_null()).sort("ring_id", "timestamp", "event_id")
    ours = ours.filter((pl.len() >= MINIMUM_EVENTS).over("ring_id"))
    strangers = aimed.filter(pl.col("ring_id").is_null())
    given = strangers.group_by("target_id").agg((pl.len() / max(strangers.height, 1)).alias("given"))
    authors = pl.col("account_id").filter(pl.col("account_id") != pl.col("target_id")).n_unique()
    top = (
        ours.group_by("ring_id", "target_id")
        .agg(pl.len().cast(pl.Int64).alias("count"), authors.alias("authors"))
        .filter(pl.col("authors") >= MINIMUM_AUTHORS)
        .join(given, on="target_id", how="left")
        .sort(["ring_id", "count", "target_id"], descending=[False, True, False])
        .unique("ring_id", keep="first", maintain_order=True)
    )
    return (
        ours.join(top.select("ring_id", "count", "given"), on="ring_id", how="left")
        .group_by(pl.col("ring_id").alias("account_id"), maintain_order=True)
        .agg(
            measured(
                pl.col("count").first().fill_null(0) / pl.len(),
                pl.len(),
                pl.col("event_id"),
                pl.col("given").first().fill_null(0.0),
            )
        )
    )


def _ceiling(settings: SignalSettings) -> Ceiling:
    return Ceiling(settings.beneficiary_share, float("inf"), settings.beneficiary_times)


def _explain(value: float, n: int) -> str:
    return f"{100 * value:.0f} % of its {n} events that have a target are aimed at one account"


SIGNAL = Signal(
    name="shared_beneficiary",
    family=Family.COORDINATION,
    subject=Subject.RING,
    question="is its work aimed at one account?",
    unit="share of events",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_EVENTS,
    measure=_measure,
    explain=_explain,
    innocent=("fans of one author", "a helpdesk or a teacher whom everyone answers"),
    ceiling=_ceiling,
    # Fans do the same.
    most=Grade.MODERATE,
)
