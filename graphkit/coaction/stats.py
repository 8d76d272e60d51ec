"""What CooRTweet says of the objects and of the accounts of a network."""

import polars as pl

from graphkit.coaction.pairs import fast_pairs
from graphkit.coaction.peers import Peer, Threshold
from graphkit.coaction.peers_order import first_ends, in_peers_order
from graphkit.errors import InputError

_AVERAGES = {"avg_time_delta": "avg_time_delta", "edge_symmetry_score": "avg_edge_symmetry_score"}


def group_stats(
    edges: pl.DataFrame,
    pairs: pl.DataFrame,
    *,
    threshold: Threshold = Threshold.NONE,
    like: Peer | None = None,
    shares: pl.DataFrame | None = None,
    min_participation: int = 2,
) -> pl.DataFrame:
    """object_id, num_accounts: how many accounts shared each object along the edges; most accounts first.

    `threshold` takes the edges above it alone, FAST also the fast pairs alone. CooRTweet (`like`) takes an
    object_id with a comma for several objects and counts one end of each edge: the account that comes first
    in its graph, which hangs on the order of its pairs. Give the `shares` and `min_participation` that they
    were made with to have its numbers; without `shares` the pairs are taken in the order that they have.
    """
    chosen = _ends(_chosen(edges, threshold)).unique()
    forward = pl.col("account_id") <= pl.col("account_id_y")
    met = (fast_pairs(pairs) if threshold == Threshold.FAST else pairs).select(
        "object_id",
        pl.when(forward).then("account_id").otherwise("account_id_y").alias("from"),
        pl.when(forward).then("account_id_y").otherwise("account_id").alias("to"),
    )
    shared = met.join(chosen, on=["from", "to"], how="semi")
    sides = ["from", "to"]
    if like == Peer.COORTWEET:
        ordered = pairs if shares is None else in_peers_order(pairs, shares, min_participation)
        shared = shared.select(pl.col("object_id").str.split(","), first_ends(shared, ordered))
        shared, sides = shared.explode("object_id"), ["first"]
    accounts = pl.concat([shared.select("object_id", account_id=side) for side in sides])
    return (
        accounts.group_by("object_id")
        .agg(pl.col("account_id").n_unique().cast(pl.Int64).alias("num_accounts"))
        .sort("num_accounts", "object_id", descending=[True, False])
    )


def account_stats(
    edges: pl.DataFrame,
    pairs: pl.DataFrame,
    *,
    threshold: Threshold = Threshold.NONE,
    like: Peer | None = None,
) -> pl.DataFrame:
    """One row for each account of the edges: the means of its edges' measures, and its distinct contents.

    avg_time_delta (seconds) and avg_edge_symmetry_score, with `_full` and `_fast` where the network has both,
    null where the account has no such edge; unique_shares_count: contents of the account in any pair (FAST:
    in the fast ones). CooRTweet (`like`) takes edges of an account with equal measures for one.
    """
    chosen = _chosen(edges, threshold)
    suffixes = ("_full", "_fast") if "weight_full" in edges.columns else ("",)
    averages = {f"{name}{end}": f"{mean}{end}" for name, mean in _AVERAGES.items() for end in suffixes}
    # An edge of an account with itself is one edge of it, not two.
    both = pl.concat(
        [
            chosen.select(pl.col("from").alias("account_id"), *averages),
            chosen.filter(pl.col("from") != pl.col("to")).select(pl.col("to").alias("account_id"), *averages),
        ]
    )
    if like == Peer.COORTWEET:
        both = both.unique()
    # Sorted, so that sums of floats come out the same.
    means = (
        both.sort(both.columns)
        .group_by("account_id", maintain_order=True)
        .agg(pl.col(name).mean().alias(mean) for name, mean in averages.items())
    )
    met = fast_pairs(pairs) if threshold == Threshold.FAST else pairs
    shares = pl.concat(
        [
            met.select("account_id", "content_id"),
            met.select(account_id="account_id_y", content_id="content_id_y"),
        ]
    )
    counts = shares.group_by("account_id").agg(
        pl.col("content_id").n_unique().cast(pl.Int64).alias("unique_shares_count")
    )
    return means.join(counts, on="account_id", how="inner").sort("account_id")


def _ends(edges: pl.DataFrame) -> pl.DataFrame:
    return edges.select("from", "to")


def _chosen(edges: pl.DataFrame, threshold: Threshold) -> pl.DataFrame:
    if threshold == Threshold.NONE:
        return edges
    full = "weight_threshold_full" if "weight_full" in edges.columns else "weight_threshold"
    column = full if threshold == Threshold.FULL else "weight_threshold_fast"
    if column not in edges.columns:
        raise InputError(f"`edges` has no column `{column}`; make the network with `fast`")
    return edges.filter(pl.col(column) == 1)
