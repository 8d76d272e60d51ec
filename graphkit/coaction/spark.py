"""Pairs, edges and communities of SHARES by Spark, for logs too large for one machine: docs/cluster.md."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw
import polars as pl

from graphkit.coaction.bucket_crowds import Frame
from graphkit.coaction.bucket_join import bucket_edges, bucket_pairs, marked_edges
from graphkit.coaction.edges import checked_quantile
from graphkit.coaction.memberships import checked_resolution
from graphkit.coaction.pairs import checked_window
from graphkit.coaction.spark_components import spark_communities
from graphkit.coaction.spark_session import spark_session, worked_out
from graphkit.coaction.spark_shares import SparkShares, SparkSource, spark_shares
from graphkit.engine.crowding import MOST_PAIRS
from graphkit.errors import ConfigError, InputError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame as SparkFrame
    from pyspark.sql import SparkSession

# More rows than this are no answer to look at, and may not fit into the memory of the driver.
MOST_ROWS = 5_000_000

_TABLES = ("pairs", "edges", "communities")


@dataclass(frozen=True)
class SparkCoactions:
    """What `spark_coactions` found: tables of Spark, in no order, and what was counted on the way.

    pairs, edges: as `coactions` gives them; communities: account_id and community, None where no resolution
    was given. left_out: object_id, rows, pairs that the crowd limit left out, a table of polars. n_counted:
    pairs within the window before loops and participation, None where a rough count showed that they fit.
    """

    pairs: SparkFrame
    edges: SparkFrame
    communities: SparkFrame | None
    left_out: pl.DataFrame
    crowd_limit: int | None
    n_rows: int
    n_counted: int | None
    n_pairs: int
    n_edges: int

    def table(self, name: str, *, most_rows: int = MOST_ROWS) -> pl.DataFrame:
        """`pairs`, `edges` or `communities` brought here, sorted by its columns.

        Raises ConfigError for another name or a table that was not made, InputError above `most_rows` rows.
        """
        frame: SparkFrame | None = getattr(self, name) if name in _TABLES else None
        if frame is None:
            raise ConfigError(f"there is no table `{name}`; take one of {', '.join(_TABLES)} that was made")
        return local_table(frame, most_rows=most_rows)


def spark_coactions(
    source: SparkSource | SparkFrame,
    *,
    window_s: float,
    min_participation: int = 2,
    remove_loops: bool = True,
    edge_weight: float = 0.5,
    subgraph: int = 0,
    resolution: float | None = None,
    seed: int = 0,
    most_pairs: int = MOST_PAIRS,
    out: str | os.PathLike[str] | None = None,
    session: SparkSession | None = None,
) -> SparkCoactions:
    """`coactions` on Spark: who shared the same object within `window_s` seconds, row by row the same.

    `source` is what `spark_shares` reads. `subgraph` 1 keeps the edges above the quantile `edge_weight` of
    all weights; `resolution` also parts the edges that are kept into communities. With `out`, a folder that
    Spark can write to, pairs.parquet, edges.parquet, communities.parquet and left_out.parquet are written
    there (as folders of parts, in place of what is there), each before the next is made from it; without it
    they are kept by Spark. `session` is the running one, or one on this machine.

    Raises InputError for an input that cannot be read, ConfigError for options that do not fit together or
    where Spark cannot run.
    """
    _checked(window_s, edge_weight, subgraph, resolution)
    session = session or spark_session()
    shares = spark_shares(source, session)
    made = bucket_pairs(
        nw.from_native(shares.frame),
        whole=shares.whole,
        window_s=window_s,
        min_participation=min_participation,
        remove_loops=remove_loops,
        most_pairs=most_pairs,
        hold=_hold,
    )
    pairs = _settled(made.pairs.to_native(), out, "pairs")
    edges = _settled(_edges(pairs, shares, edge_weight, subgraph), out, "edges")
    parted = None
    if resolution is not None:
        parted = _settled(spark_communities(edges, resolution=resolution, seed=seed), out, "communities")
    if out is not None:
        _settled(session.createDataFrame(made.left_out.to_arrow()).coalesce(1), out, "left_out")
    return SparkCoactions(
        *(pairs, edges, parted, made.left_out, made.crowd_limit, shares.n_rows, made.n_counted),
        n_pairs=pairs.count(),
        n_edges=edges.count(),
    )


def local_table(frame: SparkFrame, *, most_rows: int = MOST_ROWS) -> pl.DataFrame:
    """A table of Spark as one of polars, sorted by its columns; InputError where it has more rows."""
    n_rows = frame.count()
    if n_rows > most_rows:
        raise InputError(
            f"{n_rows:,} rows are more than the {most_rows:,} that are brought to one machine; write them"
            " with `out`, or raise `most_rows`"
        )
    table = pl.DataFrame(frame.toArrow())
    return table.sort(table.columns)


def _checked(window_s: float, edge_weight: float, subgraph: int, resolution: float | None) -> None:
    """Say what is wrong before hours of work, not after."""
    checked_window(window_s)
    checked_quantile(edge_weight)
    if subgraph not in (0, 1):
        raise ConfigError(f"`subgraph` is {subgraph}; on Spark it is 0 (all edges) or 1 (those above)")
    if resolution is not None:
        checked_resolution(resolution)


def _edges(pairs: SparkFrame, shares: SparkShares, edge_weight: float, subgraph: int) -> SparkFrame:
    summed = _hold(bucket_edges(nw.from_native(pairs), whole=shares.whole))
    marked: SparkFrame = marked_edges(summed, edge_weight).to_native()
    return marked.filter("weight_threshold = 1") if subgraph == 1 else marked


def _hold(frame: Frame) -> Frame:
    return nw.from_native(worked_out(frame.to_native()))


def _settled(frame: SparkFrame, out: str | os.PathLike[str] | None, name: str) -> SparkFrame:
    """`frame` worked out once: written and read again, or kept by Spark."""
    if out is None:
        return worked_out(frame)
    place = f"{os.fspath(out).rstrip('/')}/{name}.parquet"
    frame.write.mode("overwrite").parquet(place)
    return frame.sparkSession.read.parquet(place)
