"""The circuit breaker: a run that would accuse unusually many, or all for one reason, waits for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import polars as pl

from graphkit.judgement.observed import GRADE_RANK, TIER_RANK
from graphkit.judgement.policy import Breaker
from graphkit.words import Grade, Tier

_LIMIT = TIER_RANK[Tier.LIMIT]
_MODERATE = GRADE_RANK[Grade.MODERATE]


@dataclass(frozen=True)
class HeldReason:
    """Why a run is held, with the number seen and the number allowed."""

    rule: str
    observed: float
    allowed: float
    sentence: str


def held(
    final: pl.DataFrame,
    own: pl.DataFrame,
    breaker: Breaker,
    *,
    history: Sequence[int] = (),
    members: pl.DataFrame | None = None,
) -> HeldReason | None:
    """Why the run waits for release, or None.

    `final` has account_id and the rank of the tier, `own` the signal that carries each own family,
    `history` the numbers of accounts at limit or ban_review in earlier runs, the oldest first, `members` says
    who is in which ring. The members of one ring are one finding, which a person reads as a whole: one signal
    holds a run only when it stands behind `one_signal_findings` of them. Below
    `minimum_accounts` such accounts nothing is held: a person reads so few anyway, and a median of nothing
    must not hold the first.
    """
    grave = final.filter(pl.col("rank") >= _LIMIT)
    if grave.height < breaker.minimum_accounts:
        return None
    trailing = list(history)[-breaker.trailing :]
    if trailing and grave.height > breaker.times * median(trailing):
        allowed = breaker.times * median(trailing)
        return HeldReason(
            "trailing median",
            grave.height,
            allowed,
            f"{grave.height} accounts at limit or ban_review, more than {breaker.times:g} times the median "
            f"of the last {len(trailing)} runs ({median(trailing):g})",
        )
    return (
        None if _findings(grave, members) < breaker.one_signal_findings else _one_signal(grave, own, breaker)
    )


def _findings(grave: pl.DataFrame, members: pl.DataFrame | None) -> int:
    if members is None:
        return grave.height
    named = grave.join(members.select("account_id", "ring_id"), on="account_id", how="left")
    return named.select(pl.coalesce("ring_id", "account_id")).to_series().n_unique()


def _one_signal(grave: pl.DataFrame, own: pl.DataFrame, breaker: Breaker) -> HeldReason | None:
    behind = (
        own.filter(pl.col("rank") >= _MODERATE)
        .join(grave.select("account_id"), on="account_id", how="semi")
        .group_by("signal")
        .agg(pl.col("account_id").n_unique().alias("count"))
        .sort(["count", "signal"], descending=[True, False])
        .head(1)
    )
    if behind.is_empty():
        return None
    signal, count = behind.row(0)
    allowed = breaker.one_signal_share * grave.height
    if count <= allowed:
        return None
    return HeldReason(
        "one signal",
        float(count),
        allowed,
        f"`{signal}` stands behind {count} of {grave.height} accounts at limit or ban_review: "
        "if that one signal is wrong, so are they",
    )
