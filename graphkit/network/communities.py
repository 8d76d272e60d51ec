"""Cells of the partition that explains the backbone best, component by component."""

import random

import igraph as ig
import leidenalg
import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse
from scipy.sparse import csgraph

Codes = npt.NDArray[np.uint32]

# Starts of the optimiser; the best of them is kept. Leiden with one seed may stop at a poorer partition; in a
# component of more accounts than the last number the starts differ by two parts in ten thousand, and two do.
_STARTS, _STARTS_IF_LARGE, _LARGE = 5, 2, 2000

# Rounds of the multiplex optimiser, of which small components need three, and of igraph's in a large one: of
# 30,000 accounts the fifteen rounds after it add three parts in ten thousand, as much as another start does.
_ROUNDS = 5

# Nats and resolutions are counted in millionths (2 ** -20).
_UNIT = 2.0**-20

# Rounds of igraph's optimiser in a small component. Asked to go on until a round changes nothing it may never
# end: of seven edges it moved an account to and fro between two partitions of one quality.
_MOST_ROUNDS = 20


def communities(
    edges: pl.DataFrame, *, resolution: float, seed: int, least: int = 2, around: Codes | None = None
) -> list[Codes]:
    """Groups of accounts that maximise the sum over their pairs of (weight - resolution): igraph's CPM.

    `edges` has source, target and weight. Every component is worked through by itself from the same seed, so
    that what is in one cannot change another; its vertices are ordered by strength before id, so that other
    ids give the same groups. Groups of fewer than `least` are left out; sorted by their first account. With
    `around` only the components that hold one of these accounts are worked through.
    """
    found: list[Codes] = []
    for component in components(edges, least, around):
        found += _best(component, resolution, seed, least)
    return sorted(found, key=lambda codes: int(codes[0]))


def components(edges: pl.DataFrame, least: int = 2, around: Codes | None = None) -> list[pl.DataFrame]:
    """`edges` in connected components of `least` accounts or more, in order of their lowest account.

    With `around` only those that hold one of these accounts.
    """
    if not edges.height:
        return []
    vertices = np.unique(np.concatenate([edges["source"].to_numpy(), edges["target"].to_numpy()]))
    ends = np.searchsorted(
        vertices, np.stack([edges["source"].to_numpy(), edges["target"].to_numpy()], axis=1)
    )
    shape = (len(vertices), len(vertices))
    joined = sparse.coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=shape)
    component = csgraph.connected_components(joined, directed=False)[1]
    wanted = np.bincount(component) >= least
    if around is not None:
        wanted &= np.isin(np.arange(len(wanted)), component[np.isin(vertices, around)])
    label = component[ends[:, 0]]
    # Labels are numbered by scipy; numbering by the lowest source keeps the order free of it.
    return (
        edges.with_columns(pl.Series("component", label))
        .filter(pl.Series(wanted[label]))
        .sort("source", "target")
        .partition_by("component", maintain_order=True, include_key=False)
    )


def multiplex(
    edges: pl.DataFrame, strands: list[str], *, resolution: float, seed: int, least: int = 2
) -> list[Codes]:
    """Groups by leidenalg's multiplex optimisation: each strand is a graph of its own and pays for its pairs.

    A strand pays `resolution` times its share of the nats in the component, so that a strand which is silent
    does not veto a group. The second opinion on `communities`, which sees only the sum: components that one
    strand alone holds together are passed over.
    """
    found: list[Codes] = []
    for component in components(edges, least):
        totals = np.array([float(component[strand].sum()) for strand in strands])
        if np.count_nonzero(totals) < 2:
            continue
        order, ends = _ordered(component)
        shares = totals / totals.sum()
        partitions = []
        heard = [(strand, float(share)) for strand, share in zip(strands, shares, strict=True) if share > 0]
        for strand, share in heard:
            weight = _exact(component[strand].to_numpy())
            graph = ig.Graph(n=len(order), edges=ends[weight > 0])
            partitions.append(
                leidenalg.CPMVertexPartition(
                    graph,
                    weights=weight[weight > 0].tolist(),
                    node_sizes=[1] * len(order),
                    resolution_parameter=float(_exact(resolution * share)),
                )
            )
        optimiser = leidenalg.Optimiser()
        optimiser.set_rng_seed(seed)
        optimiser.optimise_partition_multiplex(partitions, n_iterations=_ROUNDS)
        found += _groups(order, np.asarray(partitions[0].membership), least)
    return sorted(found, key=lambda codes: int(codes[0]))


def _exact(nats: npt.NDArray[np.float64] | float) -> npt.NDArray[np.float64]:
    """Nats whose sums and differences are exact in floating point.

    Both optimisers move an account for any gain: of rounding errors alone they moved some in a circle, for
    ever.
    """
    return np.asarray(np.round(np.asarray(nats) / _UNIT) * _UNIT)


def _ordered(component: pl.DataFrame) -> tuple[Codes, npt.NDArray[np.int64]]:
    """Accounts by strength, then code, and the edges' ends as positions in that order."""
    source, target = component["source"].to_numpy(), component["target"].to_numpy()
    vertices, inverse = np.unique(np.concatenate([source, target]), return_inverse=True)
    weight = component["weight"].to_numpy()
    strength = np.bincount(inverse, weights=np.concatenate([weight, weight]))
    order = np.lexsort((vertices, -np.round(strength, 6)))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return vertices[order], place[inverse].reshape(2, -1).T


def _best(component: pl.DataFrame, resolution: float, seed: int, least: int) -> list[Codes]:
    order, ends = _ordered(component)
    # igraph walks edges in the order given: sorted by position, whatever the ids were.
    rank = np.lexsort((ends.max(axis=1), ends.min(axis=1)))
    graph = ig.Graph(n=len(order), edges=ends[rank])
    weight = _exact(component["weight"].to_numpy()[rank]).tolist()
    price = float(_exact(resolution))
    best, quality = np.arange(len(order)), -np.inf
    starts, rounds = (_STARTS, _MOST_ROUNDS) if len(order) <= _LARGE else (_STARTS_IF_LARGE, _ROUNDS)
    for start in range(starts):
        ig.set_random_number_generator(random.Random(seed + start))
        partition = graph.community_leiden(
            objective_function="CPM", weights=weight, resolution=price, n_iterations=rounds
        )
        if round(partition.quality, 9) > quality:
            best, quality = np.asarray(partition.membership), round(partition.quality, 9)
    return _groups(order, best, least)


def _groups(order: Codes, membership: npt.NDArray[np.int64], least: int) -> list[Codes]:
    by_label = np.argsort(membership, kind="stable")
    stops = np.cumsum(np.bincount(membership))
    cells = np.split(order[by_label], stops[:-1])
    return [np.sort(cell) for cell in cells if len(cell) >= least]
