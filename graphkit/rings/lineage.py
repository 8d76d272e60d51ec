"""Rings keep their ids from run to run: a ring takes the id of the earlier ring that it shares most with."""

import polars as pl


def inherited(members: pl.DataFrame, previous: pl.DataFrame, *, overlap: float) -> dict[str, str]:
    """The earlier id for each ring id of `members` that continues a ring of `previous` (both MEMBERS).

    A ring continues an earlier one when their Jaccard index is at least `overlap`; the most alike pair is
    matched first, and every ring is matched at most once.
    """
    sizes = members.group_by("ring_id").len("n")
    earlier = previous.select("account_id", pl.col("ring_id").alias("earlier"))
    shared = (
        members.join(earlier, on="account_id")
        .group_by("ring_id", "earlier")
        .len("both")
        .join(sizes, on="ring_id")
        .join(earlier.group_by("earlier").len("m"), on="earlier")
        .with_columns(pl.col("both") / (pl.col("n").cast(pl.Int64) + pl.col("m") - pl.col("both")))
        .filter(pl.col("both") >= overlap)
        .sort(["both", "earlier", "ring_id"], descending=[True, False, False])
    )
    answer: dict[str, str] = {}
    for ring_id, before in shared.select("ring_id", "earlier").rows():
        if ring_id not in answer and before not in answer.values():
            answer[ring_id] = before
    return answer
