"""The engine as a few lines of polars: a join on (object, bucket of time), without any bound on memory."""

import sys
from pathlib import Path

import polars as pl


def edges(shares: pl.LazyFrame, window_s: int) -> pl.LazyFrame:
    """Edges of accounts with two or more rows: from, to, weight, avg_time_delta; filters as in CooRTweet."""
    rows = (
        shares.filter(pl.len().over("account_id") >= 2)
        .with_columns(bucket=pl.col("timestamp_share") // window_s)
        .rename({"timestamp_share": "at", "account_id": "account", "content_id": "content"})
    )
    # Two rows within a window lie in one bucket or in two that follow each other.
    own = rows.join(rows, on=["object_id", "bucket"], suffix="_y").filter(
        pl.col("content") < pl.col("content_y")
    )
    shifted = rows.with_columns(pl.col("bucket") - 1)
    following = rows.join(shifted, on=["object_id", "bucket"], suffix="_y")
    pairs = pl.concat([own, following]).filter(
        (pl.col("at") - pl.col("at_y")).abs() <= window_s,
        pl.col("account") != pl.col("account_y"),
        pl.col("object_id") != pl.col("content"),
        pl.col("object_id") != pl.col("content_y"),
    )
    return (
        _taking_part(rows, pairs)
        .group_by(
            pl.min_horizontal("account", "account_y").alias("from"),
            pl.max_horizontal("account", "account_y").alias("to"),
        )
        .agg(
            pl.len().cast(pl.Int64).alias("weight"),
            (pl.col("at") - pl.col("at_y")).abs().mean().alias("avg_time_delta"),
        )
        .sort("from", "to")
    )


def _taking_part(rows: pl.LazyFrame, pairs: pl.LazyFrame) -> pl.LazyFrame:
    """Pairs with a content of an account that has two or more contents in any pair."""
    met = pl.concat([pairs.select("content"), pairs.select(content="content_y")]).unique()
    taking = rows.join(met, on="content", how="semi").filter(pl.len().over("account") >= 2).select("content")
    marked = taking.unique().with_columns(taken=pl.lit(value=True))
    return (
        pairs.join(marked, on="content", how="left")
        .join(marked, left_on="content_y", right_on="content", how="left", suffix="_y")
        .filter(pl.col("taken").is_not_null() | pl.col("taken_y").is_not_null())
    )


if __name__ == "__main__":
    source, out, window_s = sys.argv[1:]
    Path(out).mkdir(parents=True, exist_ok=True)
    edges(pl.scan_parquet(source), int(window_s)).sink_parquet(Path(out, "edges.parquet"))
