"""CooRTweet's network: pairs summed for two accounts, a threshold on their weights, and its subgraphs."""

import math
from collections.abc import Mapping

import polars as pl

from graphkit.coaction.pairs import fast_pairs
from graphkit.coaction.peers import Peer
from graphkit.engine.reach import MICROSECONDS
from graphkit.errors import ConfigError

_MEASURES = ("weight", "avg_time_delta", "n_content_id", "n_content_id_y", "edge_symmetry_score")
_SUBGRAPHS: Mapping[int, str] = {
    0: "all edges",
    1: "edges above the threshold",
    2: "edges above the threshold in the fast window",
    3: "the accounts of those, and their neighbours",
}


def coordinated_network(
    pairs: pl.DataFrame,
    *,
    edge_weight: float = 0.5,
    subgraph: int = 0,
    fast: bool = False,
    like: Peer | None = None,
) -> pl.DataFrame:
    """Edges of PAIRS: generate_coordinated_network of CooRTweet, one row for two accounts, `from` <= `to`.

    weight: pairs; avg_time_delta: their mean in seconds; n_content_id and n_content_id_y: distinct contents
    of `from` and of `to`; edge_symmetry_score: the smaller of these over the larger. CooRTweet (`like`)
    counts older contents against newer ones instead, whoever shared them. weight_threshold is 1 where the
    weight lies above the quantile `edge_weight` of all weights.

    `fast` needs the column of `flag_speed_share`: every measure then comes twice, `_full` of all pairs and
    `_fast` of the marked ones, null where an edge has none. `subgraph` 1 keeps the edges above the threshold,
    2 those above the fast threshold, 3 the accounts of these with their neighbours and all edges among them.

    Raises ConfigError for a quantile outside 0 to 1, an unknown subgraph or one that needs `fast`, InputError
    where the fast pairs are not marked.
    """
    checked_network(edge_weight, subgraph, fast=fast)
    edges = _fast_edges(pairs, edge_weight, like) if fast else _marked(_summed(pairs, like), edge_weight, "")
    return _subgraph(edges, subgraph).sort("from", "to")


def checked_network(edge_weight: float, subgraph: int, *, fast: bool) -> None:
    """ConfigError for a quantile outside 0 to 1, an unknown subgraph, or one that does not fit `fast`."""
    checked_quantile(edge_weight)
    if subgraph not in _SUBGRAPHS:
        known = ", ".join(f"{number} ({what})" for number, what in _SUBGRAPHS.items())
        raise ConfigError(f"`subgraph` is {subgraph}; it must be one of {known}")
    if subgraph in (2, 3) and not fast:
        raise ConfigError(
            f"`subgraph` {subgraph} needs a fast window: give one (`--fast-window`;"
            " in code pairs that are marked, and `fast`)"
        )
    if subgraph == 1 and fast:
        raise ConfigError(
            "`subgraph` 1 has one threshold, a network with a fast window two; take 2, or no `fast`"
        )


def checked_quantile(edge_weight: float) -> None:
    """ConfigError unless `edge_weight` lies between 0 and 1."""
    if not 0 <= edge_weight <= 1:
        raise ConfigError(f"`edge_weight` is {edge_weight:g}; a quantile of the weights lies between 0 and 1")


def quantile(weights: pl.Series, share: float) -> float:
    """The quantile as R computes it (type 7), to the last bit: strict comparisons hang on it; 0 of none."""
    ordered = weights.drop_nulls().sort()
    return counted_quantile(ordered, pl.ones(len(ordered), pl.Int64, eager=True), share)


def counted_quantile(weights: pl.Series, counts: pl.Series, share: float) -> float:
    """`quantile` of weights, in order, of which each comes `counts` times."""
    if weights.is_empty():
        return 0.0
    reached = counts.cum_sum()
    place = (int(reached[-1]) - 1) * share
    low, high = (
        float(weights[int(reached.search_sorted(bound + 1))])
        for bound in (math.floor(place), math.ceil(place))
    )
    part = place - math.floor(place)
    return low if low == high else (1 - part) * low + part * high


def _summed(pairs: pl.DataFrame, like: Peer | None) -> pl.DataFrame:
    """The measures of every two accounts of `pairs`."""
    delta = pl.col("time_delta")
    # A sum of whole seconds or microseconds is the same in any order, a sum of floats is not.
    whole = pairs.schema["time_delta"].is_integer()
    gap = delta if whole else (delta * MICROSECONDS).round().cast(pl.Int64)
    return summed(pairs.with_columns(gap.alias("gap")), like, whole=whole)


def summed(pairs: pl.DataFrame, like: Peer | None, *, whole: bool) -> pl.DataFrame:
    """The measures of every two accounts, sorted by `from`, `to`.

    `pairs` has account_id, account_id_y, content_id and content_id_y, as texts or as codes in the order of
    texts, and gap, in seconds where they are `whole` and else in microseconds.
    """
    forward = pl.col("account_id") <= pl.col("account_id_y")
    n, n_y = pl.col("n_content_id"), pl.col("n_content_id_y")
    # Divided by a column: polars multiplies by the inverse of a literal, which is off in the last bit.
    ticks = pl.len() if whole else pl.len().cast(pl.Int64) * MICROSECONDS
    return (
        pairs.select(
            pl.when(forward).then("account_id").otherwise("account_id_y").alias("from"),
            pl.when(forward).then("account_id_y").otherwise("account_id").alias("to"),
            *_contents(forward, like),
            "gap",
        )
        .group_by("from", "to")
        .agg(
            pl.len().cast(pl.Int64).alias("weight"),
            (pl.col("gap").sum() / ticks).alias("avg_time_delta"),
            pl.col("content_id").n_unique().cast(pl.Int64).alias("n_content_id"),
            pl.col("content_id_y").n_unique().cast(pl.Int64).alias("n_content_id_y"),
        )
        .with_columns((pl.min_horizontal(n, n_y) / pl.max_horizontal(n, n_y)).alias("edge_symmetry_score"))
        .sort("from", "to")
    )


def _contents(forward: pl.Expr, like: Peer | None) -> list[pl.Expr]:
    if like == Peer.COORTWEET:
        return [pl.col("content_id"), pl.col("content_id_y")]
    return [
        pl.when(forward).then("content_id").otherwise("content_id_y").alias("content_id"),
        pl.when(forward).then("content_id_y").otherwise("content_id").alias("content_id_y"),
    ]


def _marked(edges: pl.DataFrame, share: float, suffix: str) -> pl.DataFrame:
    weights = edges[f"weight{suffix}"]
    above = weights > quantile(weights, share)
    return edges.with_columns(above.cast(pl.Int64).alias(f"weight_threshold{suffix}"))


def _fast_edges(pairs: pl.DataFrame, share: float, like: Peer | None) -> pl.DataFrame:
    chosen = fast_pairs(pairs)
    sides = {"_full": _summed(pairs, like), "_fast": _summed(chosen, like)}
    full, quick = (
        edges.rename({name: f"{name}{suffix}" for name in _MEASURES}) for suffix, edges in sides.items()
    )
    both = full.join(quick, on=["from", "to"], how="left").sort("from", "to")
    marked = _marked(_marked(both, share, "_full"), share, "_fast")
    return marked.select(
        "from",
        "to",
        *(f"{name}{suffix}" for name in (*_MEASURES, "weight_threshold") for suffix in ("_full", "_fast")),
    )


def _subgraph(edges: pl.DataFrame, subgraph: int) -> pl.DataFrame:
    if subgraph == 0:
        return edges
    column = "weight_threshold" if subgraph == 1 else "weight_threshold_fast"
    strong = edges.filter(pl.col(column) == 1)
    if subgraph != 3:
        return strong
    core = pl.concat([strong["from"], strong["to"]]).unique().implode()
    touching = edges.filter(pl.col("from").is_in(core) | pl.col("to").is_in(core))
    context = pl.concat([touching["from"], touching["to"]]).unique().implode()
    return edges.filter(pl.col("from").is_in(context) & pl.col("to").is_in(context))
