"""Length variation: whether the account's texts vary in length as people's do."""

import polars as pl

from graphkit.settings import SignalSettings
from graphkit.signals.base import Case, Signal, by_account, measured, of_asked, written
from graphkit.words import Channel, Direction, Family, Subject

MINIMUM_TEXTS = 20
# Spread over mean of fewer texts says next to nothing.
_FEW_TEXTS = 5
# A text this near to the longest of its channel may have been cut.
_AT_LIMIT = 0.98
# Titles and the few words beside a share have lengths of their own.
_CHANNELS = (Channel.COMMENT.value, Channel.DM.value, Channel.GROUP.value)


def _measure(case: Case) -> pl.DataFrame:
    """The coefficient of variation (standard deviation over mean) of the keys of texts that are no copies.

    Comments and messages only; a text with less than `copy_novelty` new 5-grams copies an earlier one.
    Accounts of whose texts more than `capped_share` end at the channel's longest length are left out: there
    the platform decides how long they are. Every text up to the last counted one is listed, since novelty
    is counted over them.
    """
    return _variations(case, MINIMUM_TEXTS)


def _fewer(case: Case) -> pl.DataFrame:
    """The same of accounts with a few texts, whose spread is low by chance more often."""
    return _variations(case, _FEW_TEXTS)


def _variations(case: Case, n_texts: int) -> pl.DataFrame:
    length = pl.col("text").str.len_chars()
    counted = pl.col("channel").cast(pl.String).is_in(_CHANNELS) & (
        pl.col("novelty") >= case.settings.copy_novelty
    )
    keys = pl.col("keys").filter(pl.col("counted"))
    # How long texts may be on a channel is told by all texts, whoever is asked.
    texts = (
        written(case.events)
        .filter(pl.col("text").is_not_null())
        .with_columns(
            counted.fill_null(False).alias("counted"),
            (length >= _AT_LIMIT * length.max().over("channel")).alias("capped"),
        )
    )
    return (
        by_account(of_asked(case, texts), "account_id", "event_id", "keys", "counted", "capped")
        .with_columns(pl.int_range(pl.len()).over("account_id").alias("order"))
        .filter((pl.col("counted").sum() >= n_texts).over("account_id"))
        .filter(
            (pl.col("capped").filter(pl.col("counted")).mean() <= case.settings.capped_share).over(
                "account_id"
            )
        )
        .filter((pl.col("order") <= pl.col("order").filter(pl.col("counted")).max()).over("account_id"))
        .group_by("account_id", maintain_order=True)
        .agg(measured(keys.std(ddof=0) / keys.mean(), pl.col("counted").sum(), pl.col("event_id")))
    )


def _floor(settings: SignalSettings) -> float:
    return settings.floor_variation


def _explain(value: float, n: int) -> str:
    return f"the lengths of its {n} different texts vary by {100 * value:.0f} % of their mean"


SIGNAL = Signal(
    name="length_variation",
    family=Family.TEXT,
    subject=Subject.ACCOUNT,
    question="do its texts vary in length as people's do?",
    unit="standard deviation/mean",
    direction=Direction.LOW,
    minimum_n=MINIMUM_TEXTS,
    measure=_measure,
    explain=_explain,
    innocent=(
        "a form or a fixed kind of message (greetings, orders, check-ins)",
        "a length limit of the place it writes in",
        "help of a translation or writing tool",
    ),
    floor=_floor,
    settles=True,
    stand_ins=_fewer,
)
