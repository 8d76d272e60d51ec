"""Prompt leak: words of an assistant, or unfilled slots, in the account's own voice."""

import polars as pl

from graphkit.settings import SignalSettings
from graphkit.signals.base import Case, Ceiling, Signal, by_account, measured, of_asked
from graphkit.text.phrases import asks_for_a_name, braced_in_own
from graphkit.text.spelling import spelled
from graphkit.words import Direction, Family, Grade, Subject

MINIMUM_HITS = 2


def _measure(case: Case) -> pl.DataFrame:
    """The objects on which the account's own words hold such a phrase; n is the texts that do.

    Quotations do not count, nor slots that the platform writes (see `_of_platform`). Accounts with fewer than
    two such texts are left out: to have none is what everyone does, agents among them, and exonerates nobody.
    The texts with a phrase are listed; texts that belong to no object count as one object.
    """
    held = spelled(case.events).filter(pl.col("leaks") > 0)
    own = held.filter(pl.col("leaks") > _of_platform(case, held))
    return (
        by_account(of_asked(case, own))
        .filter((pl.len() >= MINIMUM_HITS).over("account_id"))
        .group_by("account_id", maintain_order=True)
        .agg(measured(pl.col("object_id").n_unique(), pl.len(), pl.col("event_id")))
    )


def _of_platform(case: Case, held: pl.DataFrame) -> pl.Series:
    """How many slots in each text of `held` are written by the platform, since unrelated accounts hold them.

    The members of a ring may well leave the same slot unfilled, and are one holder. Slots for names are
    nobody's but those who left them.
    """
    rings = case.members.select("account_id", "ring_id")
    slots = (
        held.select("account_id", braced_in_own(held["own"]).alias("slot"))
        .with_row_index("row")
        .join(rings, on="account_id", how="left", maintain_order="left")
        .with_columns(pl.coalesce("ring_id", "account_id").alias("holder"))
        .explode("slot", empty_as_null=False)
    )
    often = (pl.col("holder").n_unique() >= case.settings.leak_holders).over("slot")
    shared = slots.filter(often & ~asks_for_a_name(pl.col("slot")))
    counts = shared.group_by("row").len()
    rows = pl.DataFrame({"row": pl.int_range(held.height, dtype=pl.UInt32, eager=True)})
    return rows.join(counts, on="row", how="left", maintain_order="left")["len"].fill_null(0)


def _ceiling(settings: SignalSettings) -> Ceiling:
    # People paste such phrases too, so nothing here is ever strong.
    return Ceiling(moderate=settings.leak_objects, strong=float("inf"))


def _explain(value: float, n: int) -> str:
    return (
        f"{n} of its texts, on {value:.0f} objects, hold a stock phrase of an assistant or an unfilled slot "
        "in its own voice"
    )


SIGNAL = Signal(
    name="prompt_leak",
    family=Family.TEXT,
    subject=Subject.ACCOUNT,
    question="did words of an assistant slip into its texts?",
    unit="objects",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_HITS,
    measure=_measure,
    explain=_explain,
    innocent=(
        "a joke about assistants",
        "an answer of an assistant shown to others without quotation marks",
        "templates discussed among people who write software",
    ),
    ceiling=_ceiling,
    most=Grade.MODERATE,
)
