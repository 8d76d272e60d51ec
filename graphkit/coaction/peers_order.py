"""The order in which CooRTweet has its pairs, and which end of an edge its graph puts first for that."""

import polars as pl


def in_peers_order(pairs: pl.DataFrame, shares: pl.DataFrame, min_participation: int) -> pl.DataFrame:
    """PAIRS in the order of CooRTweet: of detect_groups or, where fast ones are marked, of their contents.

    `shares` and `min_participation` are those that the pairs were made with. Where a content comes several
    times on one object and account, its first row is taken for all.
    """
    row = pl.int_range(pl.len(), dtype=pl.Int64)
    # Its first step groups rows by account, in order of first appearance, and leaves out who has too few.
    grouped = (
        shares.with_columns(row.alias("row"))
        .filter(pl.len().over("account_id") >= min_participation)
        .sort(pl.col("row").min().over("account_id"), "row")
        .with_columns(row.alias("row"))
        .with_columns(pl.col("row").min().over("object_id").alias("object_row"))
        .unique(["object_id", "account_id", "content_id"], keep="first", maintain_order=True)
    )
    older = grouped.select("object_id", "account_id", "content_id", "object_row", "row")
    newer = grouped.select("object_id", account_id_y="account_id", content_id_y="content_id", row_y="row")
    placed = pairs.join(older, on=["object_id", "account_id", "content_id"], how="left").join(
        newer, on=["object_id", "account_id_y", "content_id_y"], how="left"
    )
    ordered = placed.sort(
        "object_row",
        pl.max_horizontal("row", "row_y"),
        pl.min_horizontal("row", "row_y"),
        maintain_order=True,
    )
    if any(name.startswith("time_window_") for name in pairs.columns):
        # flag_speed_share leaves its table sorted by the key that it joins on.
        ordered = ordered.sort("content_id", "content_id_y", maintain_order=True)
    return ordered.select(pairs.columns)


def first_ends(edges: pl.DataFrame, pairs: pl.DataFrame) -> pl.Series:
    """For each row of `edges` the end that comes first in the graph that CooRTweet makes of `pairs`.

    Its vertices are the lower ends of all edges in order of first appearance, then what is left of the upper
    ones; whatever end of an edge was given first, the graph names the earlier vertex first.
    """
    lower = pairs.select(pl.min_horizontal("account_id", "account_id_y")).to_series().alias("account_id")
    upper = pairs.select(pl.max_horizontal("account_id", "account_id_y")).to_series().alias("account_id")
    vertices = pl.concat([lower.unique(maintain_order=True), upper]).unique(maintain_order=True)
    place = vertices.to_frame().with_row_index("place")
    ends = edges.join(place.rename({"account_id": "from"}), on="from", how="left", maintain_order="left")
    ends = ends.join(
        place.rename({"account_id": "to", "place": "place_to"}), on="to", how="left", maintain_order="left"
    )
    first = pl.when(pl.col("place") <= pl.col("place_to")).then("from").otherwise("to")
    return ends.select(first.alias("first")).to_series()
