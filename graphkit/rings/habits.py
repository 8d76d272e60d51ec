"""What tells people, who each have habits, from accounts that one tool sends in any order."""

import numpy as np
import polars as pl
from scipy import sparse

from graphkit.engine.reach import MICROSECONDS
from graphkit.rings.hours import LOOSE_S, at_once_share
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Strand

# One-sided 97.5 % of the normal distribution.
_Z = 1.959964


def habits(suspect: Suspect, settings: RingSettings) -> float | None:
    """How far members come in the same order again, at least (97.5 %; see `concordance`).

    One looks in at noon and another after work, one answers at once and another tomorrow: people who come to
    the same posts have habits of their own, and those who are first on one are first on the next. What one
    tool sends comes in any order. None for groups that posts do not carry or that have a script, for those
    who come within a minute of each other, where an order is no habit, and where it hardly ever changes: that
    is a list that is worked through.
    """
    if suspect.carried[Strand.FEED] < 0.5 or suspect.scripted(settings.minimum_texts):
        return None
    at_once = at_once_share(suspect)
    if at_once is None or at_once >= settings.tightness:
        return None
    found = concordance(suspect.network.incidence("feed").filter(pl.col("account").is_in(suspect.codes)))
    if found is None or found[0] >= settings.list_order:
        return None
    return found[0] - _Z * found[1]


def concordance(rows: pl.DataFrame) -> tuple[float, float] | None:
    """The mean rank correlation of two meetings over the accounts of both, and its deviation under the null.

    `rows` are INCIDENCE of the members. A meeting is comings to one key with six hours between one and the
    next at most; in it an account has the mean of its times, since who comes often is also the first one
    often. In a meeting of n their ranks are centred and divided by their deviation: of two
    meetings of the same n accounts the mean product is Spearman's rho, and of m such meetings the mean over
    pairs is (m W - 1) / (m - 1) by Kendall's W (Kendall and Babington Smith 1939). Here each account adds its
    products over the pairs of meetings that it was in. Were all orders of a meeting as likely, whoever came,
    their mean would be 0, and those of two pairs of meetings uncorrelated: with c accounts in common,
    meetings of n and m give the variance c + c (c - 1) / ((n - 1) (m - 1)). None where nobody was in two.
    """
    seats = _seats(rows)
    account, meeting = (np.unique(seats[name], return_inverse=True)[1] for name in ("account", "meeting"))
    each = seats.group_by("account").agg(
        pl.col("rank").sum().alias("sum"), (pl.col("rank") ** 2).sum().alias("squares"), n=pl.len()
    )
    pairs = float((each["n"].cast(pl.Float64) * (each["n"] - 1.0)).sum()) / 2
    if not pairs:
        return None
    products = float((each["sum"] ** 2 - each["squares"]).sort().sum()) / 2
    less = 1.0 / (seats["n"].to_numpy() - 1.0)
    shape = (int(meeting.max()) + 1, int(account.max()) + 1)
    there = sparse.csr_array((np.ones(len(less)), (meeting, account)), shape=shape)
    by_size = sparse.csr_array((less, (meeting, account)), shape=shape)
    # Over pairs of meetings that both of two accounts were in: (sum^2 - sum of squares) / 2, two ways round.
    together, squared = (there.T @ by_size).toarray(), (by_size.T @ by_size).toarray()
    both = together**2 - squared
    variance = pairs + float(both.sum() - np.trace(both)) / 2
    return products / pairs, float(np.sqrt(variance)) / pairs


def _seats(rows: pl.DataFrame) -> pl.DataFrame:
    """Columns account, meeting, n (who met) and rank, standardised; without meetings that have no order."""
    came = rows.select("key", "account", "at").sort("key", "at", "account")
    apart = pl.col("at").diff().over("key") > LOOSE_S * MICROSECONDS
    meeting = (apart.fill_null(value=False) | (pl.col("key") != pl.col("key").shift())).fill_null(value=True)
    times = (
        came.with_columns(meeting.cum_sum().alias("meeting"))
        .group_by("meeting", "account")
        .agg(pl.col("at").mean())
        .sort("meeting", "account")
    )
    ranked = (
        times.with_columns(
            pl.len().over("meeting").cast(pl.Float64).alias("n"),
            pl.col("at").rank().over("meeting").alias("place"),
        )
        .with_columns((pl.col("place") - (pl.col("n") + 1) / 2).alias("centred"))
        .with_columns((pl.col("centred") ** 2).mean().over("meeting").sqrt().alias("deviation"))
    )
    ordered = ranked.filter(pl.col("deviation") > 0)
    return ordered.select("account", "meeting", "n", (pl.col("centred") / pl.col("deviation")).alias("rank"))
