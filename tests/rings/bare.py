"""A network that holds one layer and nothing else, for guards that look at no more."""

from collections.abc import Mapping

import polars as pl

from graphkit.network.build import CODED_EDGES, Network
from graphkit.words import Strand

_ACCOUNTS = 60


def bare(layer: str, incidence: pl.DataFrame, nats: Mapping[Strand, float]) -> Network:
    """INCIDENCE of `layer` in a network of sixty accounts; the nats of its one edge divide as `nats` says."""
    ends = pl.DataFrame({"source": [0], "target": [1]}, schema={"source": pl.UInt32, "target": pl.UInt32})
    pooled = ends.with_columns(
        *(pl.lit(nats.get(one, 0.0)).alias(one.value) for one in Strand), weight=pl.lit(1.0)
    )
    ids = pl.Series([str(account) for account in range(_ACCOUNTS)])
    edges = pl.DataFrame(schema=CODED_EDGES)
    return Network(ids, pl.DataFrame(), {}, {layer: incidence}, {}, edges, pooled)
