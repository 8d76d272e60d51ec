"""The edges that each contender wrote, in one form and order, so that they can be compared."""

import sqlite3
from pathlib import Path

import polars as pl

WINDOWS_S = (60, 300, 3600)


def shared(out: Path) -> pl.DataFrame:
    """Edges of shares: from, to, weight, as graphkit and the join in polars write them."""
    found = pl.read_parquet(out / "edges.parquet", columns=["from", "to", "weight"])
    return _sorted(found)


def directed(out: Path) -> pl.DataFrame:
    """The toolkit's directed edges as graphkit writes them, self loops left out."""
    found = pl.read_parquet(out / "edges.parquet").rename({"user_1": "from", "user_2": "to"})
    return _sorted(found.filter(pl.col("from") != pl.col("to")))


def of_toolkit(out: Path) -> pl.DataFrame:
    """The directed edges in the toolkit's database, self loops left out."""
    # The released toolkit compares a message with itself, so its loops, and only those, are too many.
    query = 'select user_1 as "from", user_2 as "to", weight from co_retweet_network where user_1 != user_2'
    schema = {"from": pl.String, "to": pl.String, "weight": pl.Int64}
    with sqlite3.connect(out / "toolkit.db") as connection:
        return _sorted(pl.DataFrame(connection.execute(query).fetchall(), schema=schema, orient="row"))


def of_coortweet(out: Path) -> pl.DataFrame:
    """CooRTweet's edges, the smaller id first."""
    schema = {"from": pl.String, "to": pl.String, "weight": pl.Int64}
    found = pl.read_csv(out / "edges.csv", columns=list(schema), schema_overrides=schema)
    ends = pl.min_horizontal("from", "to"), pl.max_horizontal("from", "to").alias("later")
    return _sorted(found.select(ends[0].alias("from"), ends[1].alias("to"), "weight"))


def of_windows(out: Path) -> pl.DataFrame:
    """Edges of several windows from one pass: window_s, from, to, weight."""
    found = pl.read_parquet(out / "edges.parquet", columns=["window_s", "from", "to", "weight"])
    return found.sort("window_s", "from", "to")


def of_passes(out: Path) -> pl.DataFrame:
    """The same from one pass for each window."""
    found = [
        shared(out / f"window-{window_s}").select(pl.lit(float(window_s)).alias("window_s"), pl.all())
        for window_s in WINDOWS_S
    ]
    return pl.concat(found)


def _sorted(edges: pl.DataFrame) -> pl.DataFrame:
    return edges.select("from", "to", pl.col("weight").cast(pl.Int64)).sort("from", "to")
