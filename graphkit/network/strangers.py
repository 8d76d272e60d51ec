"""What chance gives in a group that may be most of the crowd wherever it comes."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse

from graphkit.engine.reach import MICROSECONDS, Codes, Int64s, reach
from graphkit.network.bins import Floats, by_bin, products, time_bins
from graphkit.settings import NetworkSettings


@dataclass(frozen=True)
class _Side:
    """One half of what is expected: around (K_ub) and share (d_vb / (M_b - G_b)) by member and bin.

    crowds and overall: the same of all bins at once.
    """

    around: sparse.csr_array
    share: sparse.csr_array
    crowds: Floats
    overall: Floats


class Strangers:
    """Expected meetings of a group with itself, by the strangers that its members come among.

    A large group is most of its own crowd, so the crowd is that of strangers: were members there by chance,
    an event of u in time bin b with s strangers around it would meet v with s d_vb / (M_b - G_b), M_b the
    activity of all in the bin and G_b that of the group. Where other members are around, half a stranger is
    added, so that nothing is impossible where only members come; where nobody else is about at all,
    M_b - G_b counts as one. With K_ub the sum of s over u's events,
    lambda_uv = sum over b of (K_ub d_vb + K_vb d_ub) / (2 (M_b - G_b)).

    Of events in no large crowd d, M and G are of such events as well: elsewhere nobody could be met. In large
    crowds members of a cohort meet, who were found where anybody may be, so there they are of all events.
    """

    def __init__(self, visited: pl.DataFrame, scale_s: int, codes: Codes, settings: NetworkSettings) -> None:
        """Of the visits of a layer at one scale; `codes` are sorted."""
        names = ("account", "key", "at", "crowd", "large", "cohort")
        rows = visited.select(names)
        small = rows.filter(~pl.col("large"))
        self._codes = codes
        self._sides = [_side(small, codes, codes, scale_s, settings, large=False)]
        of_cohort = rows.filter(pl.col("cohort") > 0, pl.col("account").is_in(codes))
        # Who is at the edge of a large crowd, and never in one, meets those who are in it.
        if of_cohort["large"].any():
            filling = of_cohort["account"].unique().to_numpy()
            self._sides.append(_side(rows, codes, filling, scale_s, settings, large=True))

    def among(self) -> float:
        """Expected meetings of all pairs."""
        total = 0.0
        for side in self._sides:
            crowds, shares = np.asarray(side.around.sum(axis=0)), np.asarray(side.share.sum(axis=0))
            total += float(crowds @ shares - (side.around * side.share).sum()) / 2.0
        return total

    def of_pairs(self, source: Codes | Int64s, target: Codes | Int64s) -> Floats:
        """The lambda of pairs of members (account codes), at least that of all bins at once."""
        first, second = np.searchsorted(self._codes, source), np.searchsorted(self._codes, target)
        expected = np.zeros(len(first))
        for side in self._sides:
            in_bins = products(side.around, side.share, first, second)
            in_bins += products(side.around, side.share, second, first)
            overall = side.crowds[first] * side.overall[second] + side.crowds[second] * side.overall[first]
            expected += np.maximum(in_bins, overall) / 2.0
        return expected


def _side(
    rows: pl.DataFrame,
    codes: Codes,
    meeting: Codes,
    scale_s: int,
    settings: NetworkSettings,
    *,
    large: bool,
) -> _Side:
    """K of the visits of `meeting` (with `large` of those in large crowds), and their share of all rows."""
    account, key, at, crowd = (rows[name].to_numpy() for name in ("account", "key", "at", "crowd"))
    bins, totals = time_bins(at, settings)
    shape = (len(codes), len(totals))
    own = np.flatnonzero(np.isin(account, codes))
    place = np.searchsorted(codes, account[own])
    low, high = reach(key[own], at[own], scale_s * MICROSECONDS)
    members = high - low - 1
    strangers = crowd[own] - members + 0.5 * (members > 0)
    others = np.maximum(totals - np.bincount(bins[own], minlength=len(totals)), 1.0)
    meet = np.isin(account[own], meeting)
    here = meet & rows["large"].to_numpy()[own] if large else meet
    around = by_bin(place[here], bins[own][here], strangers[here].astype(np.float64), shape)
    share = by_bin(place[meet], bins[own][meet], 1.0 / others[bins[own][meet]], shape)
    at_once = np.bincount(place[meet], minlength=len(codes)) / max(float(len(account) - len(own)), 1.0)
    return _Side(around, share, np.asarray(around.sum(axis=1)), at_once)
