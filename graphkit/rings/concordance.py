"""Whether accounts come to meetings in an order that returns: concordance where each comes to some."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse

from graphkit.engine.reach import MICROSECONDS

_DAY = 24 * 3600 * MICROSECONDS
# The longest time between two comings that meet; those further apart are meetings of their own.
LOOSE_S = 21600
# Meetings of other thirds of the day weigh so much: of 53 planted communities and 63 rings 47 and 2 are let
# go, 45 and 1 if they weigh 1, 46 and 4 if they do not count.
_OTHER_HOURS = 0.4


@dataclass(frozen=True)
class Concordance:
    """How alike the orders of meetings are (see `concordance`): a value, its deviation, and who adds most."""

    value: float
    deviation: float
    most: int


def concordance(came: pl.DataFrame, other_hours: float = _OTHER_HOURS) -> Concordance | None:
    """The mean rank correlation of two meetings over the accounts of both, and its deviation under the null.

    Two meetings (see `seats`) weigh 1 if they begin in the same third of the day (UTC), else `other_hours`.
    Of two meetings of the same n accounts the mean product of ranks is Spearman's rho, and of m such meetings
    with equal weights the mean over pairs is (m W - 1) / (m - 1) by Kendall's W (Kendall and Babington Smith
    1939). Here each account adds its products over the pairs of meetings that it was in. Were all orders of a
    meeting as likely, whoever came, the mean over all accounts would be 0, and those of two pairs of meetings
    uncorrelated: with c accounts in common, meetings of n and m of the weight w give the variance
    w^2 (c + c (c - 1) / ((n - 1) (m - 1))). None where no account was in two meetings.
    """
    codes, account = np.unique(came["account"], return_inverse=True)
    meeting = np.unique(came["meeting"], return_inverse=True)[1]
    third = came["begun"].to_numpy() * 3 // _DAY % 3
    rank, less = came["rank"].to_numpy(), 1.0 / (came["n"].to_numpy() - 1.0)
    n_meetings, n_accounts = came["meeting"].n_unique(), len(codes)
    products, pairs, variance = np.zeros(n_accounts), 0.0, 0.0
    # All pairs of meetings, and once more those of the same third, which come to the weight 1 in all.
    weight, squared = other_hours, other_hours**2
    compared = [(np.ones_like(third, dtype=np.bool_), weight, squared)]
    compared += [(third == one, 1 - weight, 1 - squared) for one in np.unique(third)]
    for then, weight, squared in compared:
        who, where, ranks = account[then], meeting[then], rank[then]
        # Over pairs of meetings: (sum^2 - sum of squares) / 2.
        added, n = np.bincount(who, ranks, n_accounts), np.bincount(who, minlength=n_accounts)
        products += weight * (added**2 - np.bincount(who, ranks**2, n_accounts)) / 2
        pairs += weight * float((n * (n - 1)).sum()) / 2
        variance += squared * float((n * (n - 1)).sum()) / 2
        there, by_size = (
            sparse.csr_array((values, (where, who)), shape=(n_meetings, n_accounts))
            for values in (np.ones(len(who)), less[then])
        )
        # The same over those that both of two were in, who stand there two ways round, as they count.
        together, alone = there.T @ by_size, by_size.T @ by_size
        crossed = together.multiply(together) - alone
        variance += squared * float(crossed.sum() - crossed.diagonal().sum()) / 2
    if not pairs:
        return None
    most = int(codes[np.argmax(products)])
    return Concordance(float(products.sum()) / pairs, float(np.sqrt(variance)) / pairs, most)


def seats(rows: pl.DataFrame) -> pl.DataFrame:
    """Who came to which meeting in which place: account, meeting, begun (microseconds), n (who met) and rank.

    `rows` are INCIDENCE of the members. A meeting is comings to one key with six hours between one and the
    next at most; in it an account has the median of its times, since who comes often is also the first one
    often. The ranks of a meeting are centred and divided by their deviation; one without an order is none.
    """
    came = rows.select("key", "account", "at").sort("key", "at", "account")
    apart = pl.col("at").diff().over("key") > LOOSE_S * MICROSECONDS
    meeting = (apart.fill_null(value=False) | (pl.col("key") != pl.col("key").shift())).fill_null(value=True)
    met = came.with_columns(meeting.cum_sum().alias("meeting")).with_columns(
        pl.col("at").min().over("meeting").alias("begun")
    )
    times = (
        met.group_by("meeting", "account")
        .agg(pl.col("begun").first(), pl.col("at").median())
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
    rank = (pl.col("centred") / pl.col("deviation")).alias("rank")
    return ordered.select("account", "meeting", "begun", "n", rank)
