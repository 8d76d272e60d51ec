"""Which component and which community of an edge list each account belongs to."""

import hashlib

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from graphkit.engine.reach import Codes
from graphkit.errors import ConfigError
from graphkit.network.communities import communities

# A component goes by its first account in order of text, a community by a hash of its members.
COMPONENTS = pl.Schema({"account_id": pl.String, "component": pl.String})
COMMUNITIES = pl.Schema({"account_id": pl.String, "community": pl.String})


def components_of(edges: pl.DataFrame) -> pl.DataFrame:
    """COMPONENTS of edges (`from`, `to`), a row for each account, sorted by account."""
    ids = _accounts(edges)
    source, target = _codes(edges, ids)
    graph = coo_array((np.ones(len(source), np.int8), (source, target)), shape=(len(ids), len(ids)))
    label = connected_components(graph, directed=False)[1] if len(ids) else np.zeros(0, np.int32)
    # Accounts stand in order, so the first of a label is the lowest.
    first = np.unique(label, return_index=True)[1].astype(np.uint32)
    return pl.DataFrame({"account_id": ids, "component": ids.gather(first[label])}, schema=COMPONENTS)


def communities_of(edges: pl.DataFrame, *, resolution: float, seed: int = 0) -> pl.DataFrame:
    """COMMUNITIES of edges (`from`, `to`, `weight`; each two accounts once), sorted by account.

    Leiden with the constant Potts model, component by component, as everywhere in graphkit: a community pays
    `resolution` for each pair of its accounts and is paid their weight. Accounts in no community of two or
    more have no row; an account's edge with itself says nothing and is passed over.

    Raises ConfigError unless `resolution` is above 0: at 0 every component is one community.
    """
    checked_resolution(resolution)
    joined = edges.filter(pl.col("from") != pl.col("to"))
    ids = _accounts(joined)
    source, target = _codes(joined, ids)
    coded = pl.DataFrame(
        {
            "source": np.minimum(source, target),
            "target": np.maximum(source, target),
            "weight": joined["weight"],
        }
    )
    found = communities(coded, resolution=resolution, seed=seed) if len(coded) else []
    names = pl.Series([community_name(ids.gather(codes)) for codes in found], dtype=pl.String)
    sizes = np.array([len(codes) for codes in found], dtype=np.int64)
    member = np.concatenate([np.zeros(0, np.uint32), *found])
    group = np.repeat(np.arange(len(found), dtype=np.uint32), sizes)
    table = pl.DataFrame({"account_id": ids.gather(member), "community": names.gather(group)})
    return table.cast(COMMUNITIES).sort("account_id")


def community_name(members: pl.Series) -> str:
    """The name of a community: `c` and 16 digits of a SHA-256 of its members in order of text."""
    lengths_and_ids = "".join(f"{len(name)}:{name}" for name in members.sort().to_list())
    return "c" + hashlib.sha256(lengths_and_ids.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def checked_resolution(resolution: float) -> None:
    """ConfigError unless `resolution` is a number above 0."""
    if not 0 < resolution < float("inf"):
        raise ConfigError(
            f"`resolution` is {resolution:g}; it is what a community pays for each pair of its accounts,"
            " a weight above 0"
        )


def _accounts(edges: pl.DataFrame) -> pl.Series:
    return pl.concat([edges["from"], edges["to"].alias("from")]).unique().sort()


def _codes(edges: pl.DataFrame, ids: pl.Series) -> tuple[Codes, Codes]:
    """The places of both ends among the sorted `ids`."""
    source, target = (ids.search_sorted(edges[end]).to_numpy() for end in ("from", "to"))
    return source.astype(np.uint32), target.astype(np.uint32)
