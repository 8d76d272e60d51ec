"""Proof of a group on data that did not find it: the other half of the occasions, or another strand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

from graphkit.network.build import Network
from graphkit.network.meetings import meetings, once, pairs_at_once, repetitions
from graphkit.network.scores import time_bins
from graphkit.rings.candidates import inside
from graphkit.settings import NetworkSettings
from graphkit.words import TIMED

Codes = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Proof:
    """How often the members of a group met where nobody had looked, against chance.

    layer and scale_s: where it was tested, chosen by what found the group. observed: meetings, repetition on
    a topic discounted. expected: by the members' activity and the crowds they move in. p_value: Poisson tail.
    tested: the accounts that were tested (what the searched part had found).
    """

    layer: str
    scale_s: int | None
    observed: float
    expected: float
    p_value: float
    tested: Codes

    @property
    def ratio(self) -> float:
        """Observed over expected."""
        return self.observed / self.expected


def proved(
    group: Codes,
    found: Sequence[Codes],
    searched: Network,
    kept_back: Network,
    settings: NetworkSettings,
    *,
    excess: float,
) -> Proof | None:
    """The proof of `group`, by the one of `found` (in `searched`) that overlaps it most, on `kept_back`.

    Only meetings in time prove: the words of one copied text fall into both halves, and so do the few
    sentences of a raffle, which so proved themselves. Of several tests one with `excess` times the expected
    meetings comes first, then the rarest.

    None where nothing that was found covers half of the group or of itself with three accounts or more.
    """
    best = _nearest(group, found)
    if best is None:
        return None
    common = np.intersect1d(group, best)
    if len(common) < max(3, min(len(group), len(best)) / 2):
        return None
    scales = _scales(inside(searched.edges, best), kept_back)
    tests = [meeting_proof(kept_back, layer, scale_s, best, settings) for layer, scale_s in scales]
    # Many meetings within hours are rare enough to hide fewer within minutes that exceed chance more.
    best_test = min(tests, key=lambda test: (test.ratio < excess, test.p_value), default=None)
    # Several tests, one of which is quoted: Bonferroni.
    return best_test and replace(best_test, p_value=min(1.0, best_test.p_value * len(tests)))


def _nearest(group: Codes, found: Sequence[Codes]) -> Codes | None:
    """The one of `found` that shares most accounts with `group`; of several the smallest, then the first."""
    if not found:
        return None
    sizes = np.array([len(other) for other in found])
    owner = np.repeat(np.arange(len(found)), sizes)
    shared = np.bincount(owner[np.isin(np.concatenate(found), group)], minlength=len(found))
    return found[int(np.lexsort((sizes, -shared))[0])]


def _scales(edges: pl.DataFrame, kept_back: Network) -> list[tuple[str, int | None]]:
    """For each layer in which accounts meet in time, the scale that held most nats where the group was found.

    A layer that was silent there (another strand is tested) is tried at every scale that it has.
    """
    totals = (
        edges.group_by("layer", "scale_s")
        .agg(pl.col("weight").sort().sum())
        .sort("layer", "weight", "scale_s")
    )
    chosen = {str(row[0]): row[1] for row in totals.select("layer", "scale_s").rows()}
    answer: list[tuple[str, int | None]] = []
    for name, visited in kept_back.visits.items():
        if kept_back.layers[name].strand not in TIMED or not any(rows.height for rows in visited.values()):
            continue
        if name in chosen:
            answer.append((name, chosen[name]))
        else:
            known = kept_back.edges.filter(pl.col("layer") == name)["scale_s"].unique().sort()
            answer += [(name, scale_s) for scale_s in known]
    return answer


def meeting_proof(
    network: Network, layer: str, scale_s: int | None, codes: Codes, settings: NetworkSettings
) -> Proof:
    """The proof of `codes` on one layer of `network` at one of its scales."""
    visited = network.visits[layer][scale_s]
    met = meetings(visited, window_s=scale_s, chunk_pairs=pairs_at_once(settings), among=codes)
    observed = float((1.0 / repetitions(met)["repetition"].to_numpy()).sum())
    expected = expected_meetings(visited, scale_s, codes, settings)
    # Below the smallest number a float can hold, the tail is not 0: nothing is impossible.
    p_value = max(float(special.gammainc(observed, expected)), 1e-300) if observed > 0 else 1.0
    return Proof(layer, scale_s, observed, max(expected, 1e-12), p_value, codes)


def expected_meetings(
    visited: pl.DataFrame, scale_s: int | None, codes: Codes, settings: NetworkSettings
) -> float:
    """Meetings of `codes` with each other if everybody met whoever else was about, by activity.

    An event of u in time bin b meets its crowd m, of whom v is the share d_vb / M_b: with
    K_ub the sum of m over u's events, lambda_uv = sum over b of (K_ub d_vb + K_vb d_ub) / (2 M_b).
    """
    visited = once(visited) if scale_s is None else visited
    account = visited["account"].to_numpy()
    bins, totals = time_bins(visited["at"].to_numpy(), settings)
    if scale_s is None:
        bins, totals = np.zeros(len(account), np.int64), np.array([float(len(account))])
    member = np.flatnonzero(np.isin(account, codes))
    place = np.searchsorted(codes, account[member])
    shape = (len(codes), len(totals))
    activity, crowds = np.zeros(shape), np.zeros(shape)
    np.add.at(activity, (place, bins[member]), 1.0)
    np.add.at(crowds, (place, bins[member]), visited["crowd"].to_numpy()[member])
    both = crowds @ (activity / totals).T
    return float((both.sum() - np.trace(both)) / 2.0)
