"""Proof of a group on data that did not find it: the other half of the occasions, or another strand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

from graphkit.network.build import Network
from graphkit.network.meetings import marked, meetings, pairs_at_once, repetitions, tells
from graphkit.network.strangers import Strangers
from graphkit.rings.candidates import inside
from graphkit.settings import NetworkSettings
from graphkit.words import TIMED

Codes = npt.NDArray[np.uint32]

_NOBODY = pl.DataFrame(schema={"account": pl.UInt32, "cohort": pl.UInt32})


@dataclass(frozen=True)
class Proof:
    """How often the members of a group met where nobody had looked, against chance.

    layer and scale_s: where it was tested, chosen by what found the group. observed: meetings, repetition on
    a topic discounted. expected: by the members' activity and the strangers around them. p_value: Poisson
    tail. tested: the accounts that were tested (what the searched part had found).
    """

    layer: str
    scale_s: int
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

    None where nothing that was found covers half of the group or of itself with three accounts or more, or
    where no layer of `kept_back` has meetings in time.
    """
    best = _nearest(group, found)
    if best is None:
        return None
    common = np.intersect1d(group, best)
    if len(common) < max(3, min(len(group), len(best)) / 2):
        return None
    scales = _scales(inside(searched.edges, best), kept_back)
    tests = [
        meeting_proof(kept_back, layer, scale_s, best, settings, _filling(searched, layer, scale_s, best))
        for layer, scale_s in scales
    ]
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


def _scales(edges: pl.DataFrame, kept_back: Network) -> list[tuple[str, int]]:
    """For each layer in which accounts meet in time, the scale that held most nats where the group was found.

    A layer that was silent there (another strand is tested) is tried at every scale at which `kept_back` has
    edges.
    """
    totals = (
        edges.group_by("layer", "scale_s")
        .agg(pl.col("weight").sort().sum())
        .sort("layer", "weight", "scale_s")
    )
    timed = totals.filter(pl.col("scale_s").is_not_null())
    chosen = {str(layer): int(scale_s) for layer, scale_s in timed.select("layer", "scale_s").rows()}
    answer: list[tuple[str, int]] = []
    for name, visited in kept_back.visits.items():
        if kept_back.layers[name].strand not in TIMED or not any(tells(rows) for rows in visited.values()):
            continue
        if name in chosen:
            answer.append((name, chosen[name]))
        else:
            known = kept_back.edges.filter(pl.col("layer") == name)["scale_s"].unique().sort()
            answer += [(name, scale_s) for scale_s in known]
    return answer


def _filling(searched: Network, layer: str, scale_s: int, codes: Codes) -> pl.DataFrame:
    """Columns account, cohort: those of `codes` that are of a cohort in the half that was searched."""
    # A network of content alone has no layer in which accounts meet in time.
    visited = searched.visits.get(layer, {}).get(scale_s)
    if visited is None:
        return _NOBODY
    inside = visited.filter(pl.col("cohort") > 0).filter(pl.col("account").is_in(codes))
    return inside.select("account", "cohort").unique("account")


def meeting_proof(
    network: Network,
    layer: str,
    scale_s: int,
    codes: Codes,
    settings: NetworkSettings,
    filling: pl.DataFrame = _NOBODY,
) -> Proof:
    """The proof of `codes` on one layer of `network` at one of its scales.

    In large crowds those of one cohort of `filling` (account, cohort) meet, who fill crowds elsewhere; by
    default nobody.
    """
    visited = marked(network.visits[layer][scale_s], filling)
    met = meetings(visited, window_s=scale_s, chunk_pairs=pairs_at_once(settings), among=codes)
    observed = float((1.0 / repetitions(met)["repetition"].to_numpy()).sum())
    expected = Strangers(visited, scale_s, codes, settings).among()
    # Below the smallest number a float can hold, the tail is not 0: nothing is impossible.
    p_value = max(float(special.gammainc(observed, expected)), 1e-300) if observed > 0 else 1.0
    return Proof(layer, scale_s, observed, max(expected, 1e-12), p_value, codes)
