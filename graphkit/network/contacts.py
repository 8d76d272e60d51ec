"""Mutual contact, weighed by how often it would arise between accounts as active and as sought as these."""

import numpy as np
import polars as pl


def mutual(contacts: pl.DataFrame, codes: pl.DataFrame) -> pl.DataFrame:
    """Edges between accounts that contacted each other, in both directions.

    `contacts` has the columns account_id and target_id, one row for each event; `codes` account_id and
    account. Columns of the answer: source, target (codes, source < target), count (contacts both ways),
    effective, expected, p_value, weight (nats), scale_s (null). One direction is expected
    e = min(d_out(u) d_in(v), d_out(v) d_in(u)) / E times, E the number of contacts, d counted in contacts; it
    is answered at the channel's own rate r. So p = min(1, e r) and S = -ln p; kept where S > 0.
    `expected` and `p_value` are both p, the chance of mutual contact and not a number of contacts;
    `effective` is 1.
    """
    both = _answered(contacts)
    rate = both.height / max(contacts.select("account_id", "target_id").n_unique(), 1)
    out = contacts.group_by("account_id").agg(pl.len().cast(pl.Float64).alias("d_out"))
    into = contacts.group_by("target_id").agg(pl.len().cast(pl.Float64).alias("d_in"))
    ends = (
        both.join(codes.rename({"account": "u"}), on="account_id")
        .join(
            codes.select(pl.col("account_id").alias("target_id"), pl.col("account").alias("v")),
            on="target_id",
        )
        .filter(pl.col("u") < pl.col("v"))
        .join(out, on="account_id")
        .join(into, on="target_id")
        .join(out.rename({"account_id": "target_id", "d_out": "back_out"}), on="target_id")
        .join(into.rename({"target_id": "account_id", "d_in": "back_in"}), on="account_id")
        .sort("u", "v")
    )
    one_way = np.minimum(
        (ends["d_out"] * ends["d_in"]).to_numpy(), (ends["back_out"] * ends["back_in"]).to_numpy()
    ) / max(contacts.height, 1)
    chance = np.minimum(1.0, one_way * rate)
    return (
        ends.select(
            pl.col("u").alias("source"),
            pl.col("v").alias("target"),
            (pl.col("there") + pl.col("back")).alias("count"),
            pl.lit(1.0).alias("effective"),
            pl.Series("expected", chance, dtype=pl.Float64),
            pl.Series("p_value", chance, dtype=pl.Float64),
            pl.Series("weight", -np.log(chance), dtype=pl.Float64),
            pl.lit(None, dtype=pl.Int64).alias("scale_s"),
        )
        .filter(pl.col("weight") > 0)
        .sort("source", "target")
    )


def _answered(contacts: pl.DataFrame) -> pl.DataFrame:
    """Directed pairs that were answered: account_id, target_id, there and back (contacts each way)."""
    directed = contacts.group_by("account_id", "target_id").agg(pl.len().cast(pl.Int64).alias("there"))
    answers = directed.select(
        pl.col("target_id").alias("account_id"),
        pl.col("account_id").alias("target_id"),
        pl.col("there").alias("back"),
    )
    return directed.join(answers, on=["account_id", "target_id"])
