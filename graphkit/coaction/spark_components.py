"""Connected components and communities on Spark: what `memberships` finds here, found there."""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, cast

import polars as pl

from graphkit.coaction.memberships import COMMUNITIES, checked_resolution, communities_of
from graphkit.coaction.spark_session import worked_out

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame as SparkFrame

_COMMUNITIES = "account_id string, community string"


def spark_components(edges: SparkFrame) -> SparkFrame:
    """account_id and component of edges (`from`, `to`): `components_of`, in no order.

    Alternating large star and small star (Kiveris, Lattanzi, Mirrokni, Rastogi, Vassilvitskii: Connected
    components in MapReduce and beyond, SoCC 2014): each account hangs its neighbours on the lowest account it
    knows, until everything hangs on the lowest account of its component. A round moves about as many rows as
    there are edges; a path of n accounts takes about log2 n rounds, networks with short ways 3 to 5.
    """
    named = edges.selectExpr("greatest(`from`, `to`) as node", "least(`from`, `to`) as low")
    links = worked_out(named.filter("node > low").distinct())
    while not _all_stars(links):
        links = worked_out(_small_star(_large_star(links)))
    roots = named.selectExpr("low as account_id").unionAll(named.selectExpr("node as account_id")).distinct()
    hung = links.selectExpr("node as account_id", "low as component")
    found = roots.join(hung, "account_id", "left")
    return found.selectExpr("account_id", "coalesce(component, account_id) as component")


def spark_communities(
    edges: SparkFrame, *, resolution: float, seed: int = 0, bins: int | None = None
) -> SparkFrame:
    """account_id and community of edges (`from`, `to`, `weight`): `communities_of`, in no order.

    Components are packed into `bins` (by default as many as the session has shuffle partitions), and each bin
    is worked through by one Python process of an executor, component by component; graphkit must be installed
    there. The largest component is the work of one process: about 0.5 GB and, where groups are hard to tell
    apart, five minutes for a million edges.

    Raises ConfigError unless `resolution` is above 0.
    """
    checked_resolution(resolution)
    bins = bins or int(edges.sparkSession.conf.get("spark.sql.shuffle.partitions") or 200)
    joined = edges.filter("`from` != `to`").select("from", "to", "weight")
    component = spark_components(joined).withColumnRenamed("account_id", "from")
    # The hash deals components out and no more: two in one bin are still two.
    dealt = joined.join(component, "from").selectExpr(
        "`from`", "`to`", "weight", f"pmod(xxhash64(component), {bins}) as bin"
    )

    def found(table: pa.Table) -> pa.Table:
        part = cast(pl.DataFrame, pl.from_arrow(table))
        return _plain(communities_of(part, resolution=resolution, seed=seed))

    with warnings.catch_warnings():
        # Only Arrow goes between Java and Python here; Spark asks for pandas all the same.
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        return dealt.groupBy("bin").applyInArrow(found, _COMMUNITIES)


def _plain(table: pl.DataFrame) -> pa.Table:
    """`table` with texts in the one form that Spark takes."""
    arrow = importlib.import_module("pyarrow")
    columns = {name: arrow.array(table[name].to_list(), arrow.string()) for name in COMMUNITIES}
    return cast("pa.Table", arrow.table(columns))


def _large_star(links: SparkFrame) -> SparkFrame:
    """Every account hangs its higher neighbours on the lowest of itself and its neighbours."""
    ends = links.selectExpr("node as here", "low as there").unionAll(
        links.selectExpr("low as here", "node as there")
    )
    lowest = ends.groupBy("here").agg({"there": "min"})
    lowest = lowest.selectExpr("here", "least(here, `min(there)`) as low")
    return ends.filter("there > here").join(lowest, "here").selectExpr("there as node", "low").distinct()


def _small_star(links: SparkFrame) -> SparkFrame:
    """Every account hangs itself and its lower neighbours on the lowest of them."""
    lowest = links.groupBy("node").agg({"low": "min"}).withColumnRenamed("min(low)", "lowest")
    others = links.join(lowest, "node").filter("low > lowest").selectExpr("low as node", "lowest as low")
    return lowest.selectExpr("node", "lowest as low").unionAll(others).distinct()


def _all_stars(links: SparkFrame) -> bool:
    """Whether every account hangs on one account only, which hangs on none: nothing moves any more."""
    ends = links.selectExpr("node as here", "1 as hangs", "0 as holds").unionAll(
        links.selectExpr("low as here", "0 as hangs", "1 as holds")
    )
    counts = ends.groupBy("here").agg({"hangs": "sum", "holds": "max"})
    return counts.filter("`sum(hangs)` > 1 or (`sum(hangs)` = 1 and `max(holds)` = 1)").isEmpty()
