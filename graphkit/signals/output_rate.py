"""Output rate: how fast new text follows the account's own previous event."""

import polars as pl

from graphkit.engine.clock import clocked
from graphkit.settings import SignalSettings
from graphkit.signals.base import Case, Signal, by_account, measured, of_asked, written
from graphkit.words import Direction, Family, Subject

MINIMUM_EVENTS = 10
MINIMUM_USABLE = 5
# Shorter pauses count as this, and a clock with longer steps cannot time typing.
_SHORTEST_PAUSE_S = 1.0


def _measure(case: Case) -> pl.DataFrame:
    """The median keys a second of the account's usable texts; n is their number.

    A text is usable when it comes within `typing_gap_s` of the account's previous event anywhere and brings
    `typing_novel_keys` keys of new text: keys times the share of 5-grams that the account never used before.
    Its rate is new keys / max(pause, 1 s): a lower bound of the speed, since nobody types before the pause
    began, unless the text was at hand. All events up to the last usable text are listed, since novelty and
    pauses are counted over them. Where the clock of its channel, or of the event before, knows only minutes,
    a text is not usable.
    """
    return _rates(case, MINIMUM_EVENTS, MINIMUM_USABLE)


def _fewer(case: Case) -> pl.DataFrame:
    """The same of accounts with any usable text: a median of few scatters more."""
    return _rates(case, 1, 1)


def _rates(case: Case, n_events: int, n_usable: int) -> pl.DataFrame:
    settings = case.settings
    novel = pl.col("keys") * pl.col("novelty")
    timed = pl.col("grain_s") <= _SHORTEST_PAUSE_S
    usable = (
        (pl.col("gap_s") < settings.typing_gap_s)
        & (novel >= settings.typing_novel_keys)
        & timed
        & timed.shift(1).over("account_id")
    ).fill_null(False)
    rate = novel / pl.max_horizontal(pl.col("gap_s"), _SHORTEST_PAUSE_S)
    order = pl.int_range(pl.len()).over("account_id")
    return (
        by_account(
            of_asked(case, clocked(written(case.events))),
            "account_id",
            "event_id",
            "grain_s",
            "keys",
            "novelty",
            "gap_s",
        )
        .with_columns(usable.alias("usable"), rate.alias("rate"), order.alias("order"))
        .filter((pl.len() >= n_events).over("account_id"))
        .filter((pl.col("usable").sum() >= n_usable).over("account_id"))
        .filter((pl.col("order") <= pl.col("order").filter(pl.col("usable")).max()).over("account_id"))
        .group_by("account_id", maintain_order=True)
        .agg(
            measured(
                pl.col("rate").filter(pl.col("usable")).median(), pl.col("usable").sum(), pl.col("event_id")
            )
        )
    )


def _floor(settings: SignalSettings) -> float:
    return settings.floor_keys_s


def _strong_floor(settings: SignalSettings) -> float:
    return settings.floor_strong_keys_s


def _explain(value: float, n: int) -> str:
    return f"its new texts follow its own previous event at {value:.1f} keys a second (median of {n})"


SIGNAL = Signal(
    name="output_rate",
    family=Family.TIME,
    subject=Subject.ACCOUNT,
    question="does it write faster than a person types?",
    unit="keys/s",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_USABLE,
    measure=_measure,
    explain=_explain,
    innocent=(
        "texts written elsewhere and pasted",
        "promoters or moderators who send prepared texts",
        "dictation or a translation tool",
        "several people behind one account",
    ),
    floor=_floor,
    strong_floor=_strong_floor,
    settles=True,
    stand_ins=_fewer,
)
