"""The network at every quantile of its weights, and how long each account stays in it."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse
from scipy.sparse import csgraph

from graphkit.coaction.incidence import Floats
from graphkit.engine.names import coded
from graphkit.engine.reach import Int64s
from graphkit.errors import InputError

# The quantiles 0, .01, ..., 1.
LEVELS = 101


@dataclass(frozen=True)
class QuantileSweep:
    """What `quantile_sweep` found.

    levels, a row for each quantile: quantile (0 to 1), threshold (the weight there), n_accounts, n_edges,
    n_components, largest_component (accounts), density (edges over pairs of accounts), lowest_quantile
    (the lowest one with the same threshold: where it is lower, ties made several levels one).

    accounts, sorted by account_id: n_edges, weight (of its strongest edge), coordination_score (the last
    quantile at which it still has an edge), lowest_score (the same without what ties give for nothing: the
    lowest quantile with that threshold).
    """

    levels: pl.DataFrame
    accounts: pl.DataFrame


def quantile_sweep(edges: pl.DataFrame, *, weight: str = "weight") -> QuantileSweep:
    """Take the weakest edges away, one hundredth after the other, and see which accounts stay.

    `edges` has `from`, `to` and the column `weight` (or another: `similarity`, `weight_full`), each two
    accounts once; edges of an account with itself are passed over. At quantile q the edges with a weight at
    or above the type-7 quantile q of all weights stay, and the accounts that still have one. The coordination
    score of Nizzoli et al. 2021 (Coordinated behavior on social media in 2019 UK general election,
    doi:10.1609/icwsm.v15i1.18074) is the last quantile that an account survives, from 0 to 1.

    Where many weights are equal, many quantiles are one threshold: if 60 of 100 edges have weight 1, an
    account with nothing but such edges survives to .59. Its lowest_score says 0.

    Raises InputError where a column is missing, a weight is no number or two accounts come twice.
    """
    table = _checked(edges, weight)
    ids, both = coded(pl.concat([table["from"], table["to"]]))
    ends = both.to_numpy().astype(np.int64)
    first, second = ends[: table.height], ends[table.height :]
    _once(ids, first, second)
    value = table["weight"].to_numpy()
    thresholds = _quantiles(np.sort(value))
    best = np.full(len(ids), -np.inf)
    np.maximum.at(best, first, value)
    np.maximum.at(best, second, value)
    quantiles = np.arange(LEVELS) / (LEVELS - 1)
    lowest = quantiles[np.searchsorted(thresholds, thresholds, side="left")]
    last = np.searchsorted(thresholds, best, side="right") - 1
    accounts = pl.DataFrame(
        {
            "account_id": ids,
            "n_edges": np.bincount(ends, minlength=len(ids)).astype(np.int64),
            "weight": best,
            "coordination_score": quantiles[last],
            "lowest_score": lowest[last],
        },
        schema_overrides={"account_id": pl.String},
    )
    levels = _levels(first, second, value, best, thresholds)
    return QuantileSweep(
        levels.with_columns(
            pl.Series("quantile", quantiles[: levels.height]),
            pl.Series("lowest_quantile", lowest[: levels.height]),
        ).select("quantile", *levels.columns, "lowest_quantile"),
        accounts,
    )


def _checked(edges: pl.DataFrame, weight: str) -> pl.DataFrame:
    """The ends and the weight of the edges between two accounts."""
    missing = [name for name in ("from", "to", weight) if name not in edges.columns]
    if missing:
        raise InputError(
            f"`edges` lacks the column {', '.join(f'`{name}`' for name in missing)};"
            f" it has {', '.join(f'`{name}`' for name in edges.columns) or 'none'}; rename it or name another"
        )
    if not edges.schema[weight].is_numeric():
        raise InputError(
            f"`{weight}` is {edges.schema[weight]}, not a number; name the column of the weights"
        )
    table = edges.filter(pl.col("from") != pl.col("to")).select(
        "from", "to", pl.col(weight).cast(pl.Float64).alias("weight")
    )
    if not table["weight"].is_finite().fill_null(False).all():
        raise InputError(f"`{weight}` of `edges` is empty or no finite number in some rows; leave them out")
    return table


def _once(ids: pl.Series, first: Int64s, second: Int64s) -> None:
    """InputError where two accounts have more than one edge, whichever way it runs."""
    pairs = np.sort(np.minimum(first, second) * max(len(ids), 1) + np.maximum(first, second))
    twice = pairs[1:][pairs[1:] == pairs[:-1]]
    if len(twice):
        one, other = divmod(int(twice[0]), len(ids))
        raise InputError(
            f"`{ids[one]}` and `{ids[other]}` have more than one edge; add up the directions, or choose one"
        )


def _quantiles(ordered: Floats) -> Floats:
    """The type-7 quantiles 0, .01, ..., 1 of sorted weights."""
    if not len(ordered):
        return np.zeros(0)
    # In whole numbers first: .29 x 100 is 28.999999999999996, but a quantile at a weight is that weight.
    place, part = np.divmod(np.arange(LEVELS) * (len(ordered) - 1), LEVELS - 1)
    low, high = ordered[place], ordered[np.minimum(place + 1, len(ordered) - 1)]
    share = part / (LEVELS - 1)
    return np.where((part == 0) | (low == high), low, (1 - share) * low + share * high)


def _levels(first: Int64s, second: Int64s, value: Floats, best: Floats, thresholds: Floats) -> pl.DataFrame:
    """What is left at each threshold, from the highest down: edges are added and parts joined, none twice."""
    order = np.argsort(-value, kind="stable")
    first, second = first[order], second[order]
    n_edges = len(value) - np.searchsorted(np.sort(value), thresholds, side="left")
    n_accounts = len(best) - np.searchsorted(np.sort(best), thresholds, side="left")
    part = np.arange(len(best), dtype=np.int64)
    n_components, largest = np.zeros_like(n_edges), np.zeros_like(n_edges)
    done = 0
    for level in range(len(thresholds) - 1, -1, -1):
        if level < len(thresholds) - 1 and n_edges[level] == done:
            n_components[level], largest[level] = n_components[level + 1], largest[level + 1]
            continue
        added = slice(done, int(n_edges[level]))
        part, sizes = _joined(part, first[added], second[added])
        done = int(n_edges[level])
        # Accounts without an edge are parts of one, which no account with an edge is.
        n_components[level], largest[level] = int((sizes > 1).sum()), int(sizes.max())
    return pl.DataFrame(
        {
            "threshold": thresholds,
            "n_accounts": n_accounts.astype(np.int64),
            "n_edges": n_edges.astype(np.int64),
            "n_components": n_components.astype(np.int64),
            "largest_component": largest.astype(np.int64),
            "density": n_edges / np.maximum(n_accounts * (n_accounts - 1) / 2, 1),
        }
    )


def _joined(part: Int64s, first: Int64s, second: Int64s) -> tuple[Int64s, Int64s]:
    """The part of each account once the edges are added, numbered from 0, and the size of each part."""
    n = int(part.max()) + 1
    links = sparse.coo_array((np.ones(len(first), dtype=np.int8), (part[first], part[second])), shape=(n, n))
    _, label = csgraph.connected_components(links, directed=False)
    joined = label[part].astype(np.int64)
    return joined, np.bincount(joined).astype(np.int64)
