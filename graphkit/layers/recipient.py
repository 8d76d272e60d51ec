"""Meeting at a recipient: two accounts message the same account for the first time, within a month."""

import polars as pl

from graphkit.engine.clock import without_dates
from graphkit.layers.base import Layer, incidence
from graphkit.settings import NetworkSettings
from graphkit.words import Channel, Strand


def _incidence(events: pl.DataFrame, _settings: NetworkSettings) -> pl.DataFrame:
    # Only the first message of a conversation counts, and only for its sender: later ones, and answers, are
    # no choice of recipient.
    private = without_dates(
        events.filter(
            (pl.col("channel") == Channel.DM.value)
            & pl.col("target_id").is_not_null()
            & (pl.col("target_id") != pl.col("account_id"))
        )
    )
    ends = (pl.min_horizontal("account_id", "target_id"), pl.max_horizontal("account_id", "target_id"))
    first = private.sort("event").unique(ends, keep="first", maintain_order=True)
    recipient = pl.col("target_id")
    return incidence(first, recipient, recipient, recipient)


def _met_on(events: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    return "recipient " + events["target_id"].gather(rows["event"])


def _scales_s(settings: NetworkSettings) -> tuple[int, ...]:
    return settings.recipient_scales_s


RECIPIENT = Layer(
    name="recipient",
    strand=Strand.RECIPIENT,
    question="do they message the same accounts for the first time at about the same time",
    incidence=_incidence,
    scales_s=_scales_s,
    met_on=_met_on,
)
