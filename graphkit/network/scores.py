"""The pair score: a meeting weighed by its own crowd, summed over meetings and compared with chance."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse, special

from graphkit.engine.order import packed
from graphkit.engine.reach import Codes
from graphkit.network.bins import by_bin, products, time_bins
from graphkit.network.meetings import meetings, once, pairs_at_once, repetitions
from graphkit.network.strangers import Strangers
from graphkit.settings import NetworkSettings

Floats = npt.NDArray[np.float64]

# So often lambda is taken anew: in five logs as many candidates come of eight rounds.
_ROUNDS = 3
_LEAST = 1e-12


def scored(
    visited: Mapping[int | None, pl.DataFrame], settings: NetworkSettings, *, conversing: bool = False
) -> pl.DataFrame:
    """Edges of one layer: pairs of accounts that meet more than chance explains, each at its best scale.

    `visited` has the visits of the layer at each of its scales (None: no window). Columns: source, target
    (account codes, source < target), count (meetings), effective (meetings with the n-th on a topic counted
    1/n: T), expected (lambda), p_value, weight (S in nats), scale_s. With C the two accounts' expected
    encounters (see `Encounters`) and m the crowd of a meeting, ln lambda = mean of ln(C m) weighted by 1/n;
    of two accounts of one cohort lambda is that of `Strangers`. Where there are windows m is the crowd that
    chance would give (see `_in_chance_company`), but for a `conversing` layer, where one comes because
    another is there. S = T ln(T / lambda) - (T - lambda) - ln(number of scales): the log-likelihood ratio of
    a Poisson rate. Kept where T ln(T / lambda) - T - ln(number of scales) is above 0, so that T is at least e
    times lambda: of a large lambda a small excess is soon significant, and honest people are never quite
    independent. p is the Poisson tail of T, times the number of scales.
    """
    scales = sorted(visited, key=lambda scale_s: scale_s or 0)
    return _best(
        [
            _at_scale(visited[scale_s], scale_s, len(scales), settings, conversing=conversing)
            for scale_s in scales
        ]
    )


class Encounters:
    """Expected encounters C of two accounts in a layer, from their activity d, visits in no large crowd.

    C = d_u d_v / M, M the activity of all; where the layer has windows the larger of that and the sum over
    time bins of d_ub d_vb / M_b, so that being awake, or alive, at the same time is expected, not evidence.
    """

    def __init__(self, visited: pl.DataFrame, settings: NetworkSettings, *, timed: bool) -> None:
        size = int(visited["account"].max()) + 1 if visited.height else 0  # type: ignore[arg-type]
        visited = visited.filter(~pl.col("large"))
        visited = visited if timed else once(visited)
        account = visited["account"].to_numpy().astype(np.int64)
        self._activity = np.bincount(account, minlength=size).astype(np.float64)
        # Where all crowds are large nobody is expected to meet.
        self._total = max(float(len(account)), 1.0)
        self._by_bin: sparse.csr_array | None = None
        if timed and len(account):
            bins, totals = time_bins(visited["at"].to_numpy(), settings)
            counts = by_bin(account, bins, np.ones(len(account)), (size, len(totals)))
            self._by_bin = sparse.csr_array(counts @ sparse.diags_array(1.0 / np.sqrt(totals)))

    def overall(self, source: Codes, target: Codes) -> Floats:
        """d_u d_v / M: the lower bound, cheap."""
        return np.asarray(self._activity[source] * self._activity[target] / self._total)

    def expected(self, source: Codes, target: Codes) -> Floats:
        """C for each pair of account codes."""
        overall = self.overall(source, target)
        if self._by_bin is None:
            return overall
        return np.maximum(overall, products(self._by_bin, self._by_bin, source, target))


def _best(scales: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """One row for each pair: of the scale with the most nats, of equals the shortest; by source, target.

    `scales` are edges at one scale each, by source, target, the shortest scale first.
    """
    if len(scales) == 1:
        return scales[0]
    every = pl.concat(scales)
    pair = packed(every["source"], every["target"])
    # The stable sort of numpy merges what comes in sorted stretches.
    order = np.argsort(pair, kind="stable")
    fresh = np.diff(pair[order], prepend=-1) != 0
    weight = every["weight"].to_numpy()[order]
    most = np.maximum.reduceat(weight, np.flatnonzero(fresh)) if len(order) else weight
    number = np.cumsum(fresh) - 1
    heaviest = np.flatnonzero(weight == most[number])
    first = np.diff(number[heaviest], prepend=-1) != 0
    best: pl.DataFrame = every[order[heaviest[first]]]
    return best


def _at_scale(
    visited: pl.DataFrame,
    window_s: int | None,
    n_scales: int,
    settings: NetworkSettings,
    *,
    conversing: bool,
) -> pl.DataFrame:
    activity = Encounters(visited, settings, timed=window_s is not None)
    met = repetitions(meetings(visited, window_s=window_s, chunk_pairs=pairs_at_once(settings)))
    sums = _summed(met)
    if window_s is not None and not conversing:
        sums = _in_chance_company(met, sums, activity, settings)
    source, target = sums["source"].to_numpy(), sums["target"].to_numpy()
    effective, log_crowd = sums["effective"].to_numpy(), sums["log_crowd"].to_numpy()
    known = _by_strangers(visited, window_s, source, target, settings)
    cheap = _log_expected(known, activity.overall(source, target), log_crowd)
    # The binned expectation only raises lambda: what fails with the cheap one fails with both.
    promising = np.flatnonzero(_nats(effective, cheap, n_scales) > 0)
    source, target, known = source[promising], target[promising], known[promising]
    effective, log_crowd = effective[promising], log_crowd[promising]
    log_expected = _log_expected(known, activity.expected(source, target), log_crowd)
    weight = _nats(effective, log_expected, n_scales)
    kept = np.flatnonzero((weight > 0) & (np.log(effective) > log_expected))
    expected = np.exp(log_expected[kept])
    # Without lambda a ring that is much of its data, and so of its own expectation, would weigh too little:
    # in a quarter of an hour of the real extract (22 accounts, 18 % of the events) its pairs have T of 35 and
    # lambda of 12 on average.
    weight = weight + np.exp(log_expected)
    tail = np.minimum(1.0, special.gammainc(effective[kept], expected) * n_scales)
    return pl.DataFrame(
        {
            "source": source[kept],
            "target": target[kept],
            "count": sums["count"].to_numpy()[promising][kept],
            "effective": effective[kept],
            "expected": expected,
            "p_value": tail,
            "weight": weight[kept],
            "scale_s": pl.Series([window_s] * len(kept), dtype=pl.Int64),
        }
    )


def _in_chance_company(
    met: pl.DataFrame, sums: pl.DataFrame, activity: Encounters, settings: NetworkSettings
) -> pl.DataFrame:
    """The sums of meetings (`met`, `_summed` to `sums`) in the crowds that chance would have given.

    A ring is its own crowd: of fifteen who write to the same strangers each has fourteen around it, and among
    so many anybody is expected. So a companion counts as often as chance has it there: of the T meetings of u
    and w, where chance gives lambda, each adds max(lambda, 1) / T to the crowd of u, at most 1, if they are
    as sure of each other as a group asks of its pairs (`resolution_nats`); else it is one of the crowd, as is
    who was met once. A bystander at a ring's posts is sure of none of it and meets its whole crowd. In the
    score of u and v, v counts as 1. Each round takes lambda from the crowds of the one before.
    """
    effective, counts = sums["effective"].to_numpy(), sums["count"].to_numpy()
    again = np.flatnonzero(effective > 1)
    if not len(again):
        return sums
    encounters = activity.expected(sums["source"].to_numpy()[again], sums["target"].to_numpy()[again])
    ends = [met[name].to_numpy() for name in ("source_event", "target_event")]
    crowd, size = met["crowd"].to_numpy(), int(max(end.max() for end in ends)) + 1
    for _ in range(_ROUNDS):
        # Of a cohort, which meets in large crowds, none may be expected.
        expected = np.maximum(encounters * np.exp(sums["log_crowd"].to_numpy()[again]), _LEAST)
        met_often = effective[again]
        sure = _nats(met_often, np.log(expected), 1) + expected >= settings.resolution_nats
        beyond = np.zeros(len(effective))
        beyond[again] = np.where(sure, 1.0 - np.minimum(1.0, np.maximum(expected, 1.0) / met_often), 0.0)
        each = np.repeat(beyond, counts)
        less = np.bincount(ends[0], each, size) + np.bincount(ends[1], each, size)
        # Of the two crowds the one that loses least; the other of the two stays in it.
        left = crowd - np.minimum(less[ends[0]], less[ends[1]]) + each
        sums = _summed(met.with_columns(pl.Series("crowd", left)))
    return sums


def _by_strangers(
    visited: pl.DataFrame, window_s: int | None, source: Codes, target: Codes, settings: NetworkSettings
) -> Floats:
    """The lambda of the pairs of one cohort, by the strangers around it; of others not a number."""
    known = np.full(len(source), np.nan)
    members = visited.filter(pl.col("cohort") > 0).select("cohort", "account").unique()
    if window_s is None or not members.height:
        return known
    cohort = np.zeros(int(visited["account"].max()) + 1, np.uint32)  # type: ignore[arg-type]
    cohort[members["account"].to_numpy()] = members["cohort"].to_numpy()
    for number in members["cohort"].unique().sort():
        codes = np.flatnonzero(cohort == number).astype(np.uint32)
        pairs = np.flatnonzero((cohort[source] == number) & (cohort[target] == number))
        chance = Strangers(visited, window_s, codes, settings)
        known[pairs] = chance.of_pairs(source[pairs], target[pairs])
    return known


def _log_expected(known: Floats, encounters: Floats, log_crowd: Floats) -> Floats:
    """The log of lambda: of a cohort's pairs as it is, of others C times the crowds of their meetings."""
    of_cohort = ~np.isnan(known)
    return np.log(np.where(of_cohort, known, encounters)) + np.where(of_cohort, 0.0, log_crowd)


def _nats(effective: Floats, log_expected: Floats, n_scales: int) -> Floats:
    return effective * (np.log(effective) - log_expected) - effective - math.log(n_scales)


def _summed(met: pl.DataFrame) -> pl.DataFrame:
    """Meetings by pair: count, T (`effective`) and the mean of ln m weighted by 1/n (`log_crowd`)."""
    source, target = met["source"].to_numpy(), met["target"].to_numpy()
    if not len(source):
        return pl.DataFrame(
            schema={"source": pl.UInt32, "target": pl.UInt32, "count": pl.Int64}
            | dict.fromkeys(("effective", "log_crowd"), pl.Float64)
        )
    # Sorted by pair, so that sums run in one fixed order and their last bits never vary.
    starts = np.flatnonzero(np.r_[True, (source[1:] != source[:-1]) | (target[1:] != target[:-1])])
    share = 1.0 / met["repetition"].to_numpy()
    effective = np.add.reduceat(share, starts)
    return pl.DataFrame(
        {
            "source": source[starts],
            "target": target[starts],
            "count": np.diff(np.r_[starts, len(source)]).astype(np.int64),
            "effective": effective,
            "log_crowd": np.add.reduceat(share * np.log(met["crowd"].to_numpy()), starts) / effective,
        }
    )
