"""Does evidence last? The period of the data in windows, and how many of them hold evidence of an account."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from graphkit.judgement.bits import own_bits, ranked
from graphkit.judgement.observed import GRADE_RANK
from graphkit.judgement.policy import Policy
from graphkit.words import Grade

_MODERATE = GRADE_RANK[Grade.MODERATE]


def periods(events: pl.DataFrame, policy: Policy) -> list[tuple[datetime, datetime]]:
    """The equal windows (from, before) that divide the period of EVENTS; none when they would be too short.

    One look at one period cannot say whether evidence lasts; three looks at its three parts can, if each is
    long enough to be another occasion (`windows.minimum_hours` of the policy).
    """
    first, last = events["timestamp"].min(), events["timestamp"].max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return []
    # The last event belongs to the last window: a window holds what comes before its end.
    step = (last - first + timedelta(microseconds=policy.windows.number)) / policy.windows.number
    if step < timedelta(hours=policy.windows.minimum_hours):
        return []
    starts = [first + step * part for part in range(policy.windows.number)]
    return [(start, start + step) for start in starts]


def windows(parts: Sequence[pl.DataFrame], policy: Policy) -> pl.DataFrame:
    """How many windows hold evidence of each account, from the EVIDENCE measured in each window.

    Columns: account_id, n_windows (in which something of its own could be measured), n_windows_with_evidence
    (in which two of its own families were moderate or strong).
    """
    own = [
        own_bits(ranked(part, policy), policy.bits).select("account_id", "rank", pl.lit(i).alias("window"))
        for i, part in enumerate(parts)
    ]
    if not own:
        return pl.DataFrame(schema={"account_id": pl.String, **dict.fromkeys(_COUNTS, pl.Int64)})
    found = (pl.col("rank") >= _MODERATE).sum() >= 2
    return (
        pl.concat(own)
        .group_by("account_id", "window")
        .agg(found.alias("found"))
        .group_by("account_id")
        .agg(
            pl.len().cast(pl.Int64).alias("n_windows"),
            pl.col("found").sum().cast(pl.Int64).alias("n_windows_with_evidence"),
        )
        .sort("account_id")
    )


_COUNTS = ("n_windows", "n_windows_with_evidence")
