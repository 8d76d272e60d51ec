"""Self-reuse: whether the account repeats its own texts; a finding of spam, and none of automation."""

import polars as pl

from graphkit.settings import SignalSettings
from graphkit.signals.base import Case, Ceiling, Signal, by_account, measured, of_asked, written
from graphkit.words import Direction, Family, Subject

MINIMUM_TEXTS = 10


def _measure(case: Case) -> pl.DataFrame:
    """The share of texts whose normalised form the account used before; n is the number of texts.

    Texts below `script_keys` keys are left out: everyone says thanks twice. All texts counted are listed.
    """
    texts = by_account(
        of_asked(case, written(case.events))
        .select("account_id", "event_id", "timestamp", "turn", "keys", "form")
        .filter(pl.col("keys") >= case.settings.script_keys)
        .filter((pl.len() >= MINIMUM_TEXTS).over("account_id"))
    )
    return (
        texts.with_columns(pl.struct("account_id", "form").is_first_distinct().alias("new"))
        .group_by("account_id", maintain_order=True)
        .agg(measured((~pl.col("new")).mean(), pl.len(), pl.col("event_id")))
    )


def _spam(settings: SignalSettings) -> Ceiling:
    # People reach any share of repeats by hand, so nothing here is ever strong.
    return Ceiling(moderate=settings.spam_share, strong=float("inf"))


def _explain(value: float, n: int) -> str:
    return (
        f"{100 * value:.0f} % of its {n} longer texts repeat an earlier one of its own "
        "(people do that by pasting; it is no sign of a machine)"
    )


SIGNAL = Signal(
    name="self_reuse",
    family=Family.TEXT,
    subject=Subject.ACCOUNT,
    question="does it repeat its own texts?",
    unit="share of texts",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_TEXTS,
    measure=_measure,
    explain=_explain,
    innocent=(
        "a standing answer to a standing question (support, moderation, shops)",
        "a form that the platform fills in",
        "a greeting or a prayer that is meant to be repeated",
    ),
    ceiling=_spam,
)
