"""What tells people, who each have habits, from accounts that one tool sends in any order."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from graphkit.engine.normal import Z
from graphkit.engine.reach import MICROSECONDS
from graphkit.rings.hours import LOOSE_S, minutes_share, takes_its_time
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Strand

_DAY = 24 * 3600 * MICROSECONDS
# Meetings of other thirds of the day weigh so much: of 53 planted communities and 63 rings 47 and 2 are let
# go, 45 and 1 if they weigh 1, 46 and 4 if they do not count.
_OTHER_HOURS = 0.4


@dataclass(frozen=True)
class Concordance:
    """How alike the orders of meetings are, in parts (see `concordance`).

    Of each account the sum of its products, its pairs of meetings by weight and by squared weight, which is
    what they add to the variance; and of each two what they add to it together.
    """

    products: npt.NDArray[np.float64]
    pairs: npt.NDArray[np.float64]
    variances: npt.NDArray[np.float64]
    crossed: sparse.csr_array

    def without(self, spared: int) -> tuple[float, float] | None:
        """The mean and its deviation without the `spared` accounts that add most; None if no pair is left."""
        kept = np.sort(np.argsort(self.products, kind="stable")[: max(len(self.products) - spared, 0)])
        pairs = float(self.pairs[kept].sum())
        if not pairs:
            return None
        both = self.crossed[kept][:, kept]
        # Two accounts stand there two ways round, as they count.
        variance = float(self.variances[kept].sum()) + float(both.sum() - both.diagonal().sum())
        return float(self.products[kept].sum()) / pairs, float(np.sqrt(variance)) / pairs


def habits(suspect: Suspect, settings: RingSettings) -> float | None:
    """How far members come in the same order again (see `concordance`), 0 where that may be chance (2.5 %).

    One looks in at noon and another after work, one answers at once and another tomorrow: people who come to
    the same posts have habits of their own, and those who are first on one are first on the next, above all
    of the same hours: who sleeps late is first at night and last in the morning. What one tool sends comes in
    any order. The account that adds most is left out: one mouthpiece that is always first gives the others no
    habits. None for groups that posts do not carry or that have a script, for those who come within a minute
    of each other, where an order is no habit, and for those whose order within minutes hardly ever changes:
    that is a list that is worked through.
    """
    if suspect.carried[Strand.FEED] < 0.5 or not takes_its_time(suspect, settings):
        return None
    orders = concordance(
        seats(suspect.network.incidence("feed").filter(pl.col("account").is_in(suspect.codes)))
    )
    every, found = orders.without(0), orders.without(1)
    if every is None or found is None:
        return None
    within_minutes = (minutes_share(suspect) or 0.0) >= settings.tightness
    is_list = within_minutes and every[0] >= settings.list_order
    if is_list:
        return None
    return found[0] if every[0] > Z * every[1] else 0.0


def concordance(came: pl.DataFrame, other_hours: float = _OTHER_HOURS) -> Concordance:
    """The mean rank correlation of two meetings over the accounts of both, and its deviation under the null.

    Two meetings (see `seats`) weigh 1 if they begin in the same third of the day (UTC), else `other_hours`.
    Of two meetings of the same n accounts the mean product of ranks is Spearman's rho, and of m such meetings
    with equal weights the mean over pairs is (m W - 1) / (m - 1) by Kendall's W (Kendall and Babington Smith
    1939). Here each account adds its products over the pairs of meetings that it was in. Were all orders of a
    meeting as likely, whoever came, the mean over all accounts would be 0, and those of two pairs of meetings
    uncorrelated: with c accounts in common, meetings of n and m of the weight w give the variance
    w^2 (c + c (c - 1) / ((n - 1) (m - 1))).
    """
    account, meeting = (np.unique(came[name], return_inverse=True)[1] for name in ("account", "meeting"))
    third = came["begun"].to_numpy() * 3 // _DAY % 3
    rank, less = came["rank"].to_numpy(), 1.0 / (came["n"].to_numpy() - 1.0)
    n_meetings, n_accounts = came["meeting"].n_unique(), came["account"].n_unique()
    products, pairs, variances = np.zeros(n_accounts), np.zeros(n_accounts), np.zeros(n_accounts)
    crossed = sparse.csr_array((n_accounts, n_accounts))
    # All pairs of meetings, and once more those of the same third, which come to the weight 1 in all.
    weight, squared = other_hours, other_hours**2
    compared = [(np.ones_like(third, dtype=np.bool_), weight, squared)]
    compared += [(third == one, 1 - weight, 1 - squared) for one in np.unique(third)]
    for then, weight, squared in compared:
        who, where, ranks = account[then], meeting[then], rank[then]
        # Over pairs of meetings: (sum^2 - sum of squares) / 2.
        added, n = np.bincount(who, ranks, n_accounts), np.bincount(who, minlength=n_accounts)
        products += weight * (added**2 - np.bincount(who, ranks**2, n_accounts)) / 2
        pairs += weight * n * (n - 1) / 2
        variances += squared * n * (n - 1) / 2
        there, by_size = (
            sparse.csr_array((values, (where, who)), shape=(n_meetings, n_accounts))
            for values in (np.ones(len(who)), less[then])
        )
        # The same over those that both of two accounts were in.
        together, alone = there.T @ by_size, by_size.T @ by_size
        crossed += squared * (together.multiply(together) - alone).tocsr() / 2
    return Concordance(products, pairs, variances, crossed)


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
