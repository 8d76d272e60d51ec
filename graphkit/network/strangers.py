"""What chance gives in a group that may be most of the crowd wherever it comes."""

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.reach import MICROSECONDS, Codes, Int64s, reach
from graphkit.network.bins import Floats, by_bin, products, time_bins
from graphkit.network.meetings import judging
from graphkit.settings import NetworkSettings


class Strangers:
    """Expected meetings of a group with itself, by the strangers that its members come among.

    A large group is most of its own crowd, so the crowd is that of strangers: were members there by chance,
    an event of u in time bin b with s strangers around it would meet v with s d_vb / (M_b - G_b), M_b the
    activity of all in the bin and G_b that of the group. Where other members are around, half a stranger is
    added, so that nothing is impossible where only members come; where nobody else is about at all,
    M_b - G_b counts as one. With K_ub the sum of s over u's events,
    lambda_uv = sum over b of (K_ub d_vb + K_vb d_ub) / (2 (M_b - G_b)).
    """

    def __init__(
        self,
        visited: pl.DataFrame,
        scale_s: int,
        codes: Codes,
        settings: NetworkSettings,
        groups: npt.NDArray[np.uint32] | None = None,
    ) -> None:
        """Of the visits at one scale; `codes` are sorted, with `groups` a number for each: several groups."""
        visited = judging(visited, codes)
        account, key, at, crowd = (visited[name].to_numpy() for name in ("account", "key", "at", "crowd"))
        bins, totals = time_bins(at, settings)
        group = np.zeros(len(codes), np.int64) if groups is None else groups.astype(np.int64)
        own = np.flatnonzero(np.isin(account, codes))
        place = np.searchsorted(codes, account[own])
        order = np.argsort(group[place], kind="stable")
        own, place = own[order], place[order]
        keys = group[place] * (int(key.max(initial=0)) + 1) + key[own]
        low, high = reach(keys, at[own], scale_s * MICROSECONDS)
        # The crowd was counted of all visits, those of members that tell nothing too.
        members = high - low - 1
        strangers = np.maximum(crowd[own] - members, 0) + 0.5 * (members > 0)
        ours = np.zeros((int(group.max(initial=0)) + 1, len(totals)))
        np.add.at(ours, (group[place], bins[own]), 1.0)
        others = np.maximum(totals - ours, 1.0)
        shape = (len(codes), len(totals))
        self._codes = codes
        self._around = by_bin(place, bins[own], strangers, shape)
        self._share = by_bin(place, bins[own], 1.0 / others[group[place], bins[own]], shape)
        # The same of all bins at once: the least that is expected of two who are about at other times.
        all_others = np.maximum(totals.sum() - ours.sum(axis=1), 1.0)
        self._overall = np.bincount(place, minlength=len(codes)) / all_others[group]
        self._crowds = np.asarray(self._around.sum(axis=1))

    def among(self) -> float:
        """Expected meetings of all pairs; of one group only, since pairs of two would count."""
        crowds, shares = np.asarray(self._around.sum(axis=0)), np.asarray(self._share.sum(axis=0))
        return float(crowds @ shares - (self._around * self._share).sum()) / 2.0

    def of_pairs(self, source: Codes | Int64s, target: Codes | Int64s) -> Floats:
        """The lambda of pairs of members (account codes), at least that of all bins at once."""
        first, second = np.searchsorted(self._codes, source), np.searchsorted(self._codes, target)
        in_bins = products(self._around, self._share, first, second)
        in_bins += products(self._around, self._share, second, first)
        overall = self._crowds[first] * self._overall[second] + self._crowds[second] * self._overall[first]
        return np.asarray(np.maximum(in_bins, overall) / 2.0)
