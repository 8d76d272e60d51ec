"""From events to one graph: every layer's edges, and what they sum to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.layers.base import Layer
from graphkit.layers.contact import Contact
from graphkit.network.contacts import mutual
from graphkit.network.pool import pooled, q_values
from graphkit.network.scores import scored
from graphkit.settings import NetworkSettings
from graphkit.tables import EDGES

# Columns of edges inside the network: account codes in place of ids, and what the score was made of.
CODED_EDGES = {
    "layer": pl.String,
    "strand": pl.String,
    "source": pl.UInt32,
    "target": pl.UInt32,
    "count": pl.Int64,
    "effective": pl.Float64,
    "expected": pl.Float64,
    "p_value": pl.Float64,
    "q_value": pl.Float64,
    "weight": pl.Float64,
    "scale_s": pl.Int64,
}

# Knuth's multiplicative constant: times that differ by little land on either side.
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Network:
    """All that lies between accounts.

    ids: the account_id of each code. events: coded events. incidences: INCIDENCE by layer name.
    edges: CODED_EDGES. pooled: source, target, capped nats by strand and their sum, weight.
    """

    ids: pl.Series
    events: pl.DataFrame
    layers: Mapping[str, Layer]
    incidences: Mapping[str, pl.DataFrame]
    edges: pl.DataFrame
    pooled: pl.DataFrame

    def backbone(self, edge_nats: float) -> pl.DataFrame:
        """Pairs of accounts that chance does not explain."""
        return self.pooled.filter(pl.col("weight") >= edge_nats)


def network(
    events: pl.DataFrame, layers: Sequence[Layer], contacts: Sequence[Contact], settings: NetworkSettings
) -> Network:
    """The interaction graph of coded events (see `layers.base.coded`)."""
    codes = events.select("account_id", "account").unique().sort("account")
    incidences = {layer.name: layer.incidence(events, settings) for layer in layers}
    by_name = {layer.name: layer for layer in layers}
    found = [_layer_edges(layer, incidences[layer.name], settings) for layer in layers]
    found += [_contact_edges(contact, events, codes) for contact in contacts]
    edges = pl.concat(found).sort("layer", "source", "target")
    return Network(codes["account_id"], events, by_name, incidences, edges, pooled(edges, settings))


def half(whole: Network, side: int, *, seed: int, settings: NetworkSettings) -> Network:
    """The network of one half of the occasions (`side` 0 or 1); contacts, which have no object, are left out.

    Windowed layers are split by topic (an author's posts, a day of a chat), the others by key: what two
    halves share is the accounts alone. The side depends on when the topic began, never on ids or on other
    topics.
    """
    halves = {
        name: _half(rows, whole.layers[name], side, seed, settings) for name, rows in whole.incidences.items()
    }
    found = [_layer_edges(whole.layers[name], rows, settings) for name, rows in halves.items()]
    edges = pl.concat(found).sort("layer", "source", "target")
    return replace(whole, incidences=halves, edges=edges, pooled=pooled(edges, settings))


def published(whole: Network, codes: npt.NDArray[np.uint32], edge_nats: float) -> pl.DataFrame:
    """EDGES with ids: the backbone, and every edge among the accounts `codes`."""
    strong = whole.backbone(edge_nats).select("source", "target")
    inside = pl.col("source").is_in(codes) & pl.col("target").is_in(codes)
    kept = pl.concat([strong, whole.pooled.filter(inside).select("source", "target")]).unique()
    chosen = whole.edges.join(kept, on=["source", "target"], how="semi")
    return EDGES.check(
        chosen.with_columns(whole.ids.gather(chosen[end]).alias(end) for end in ("source", "target"))
    )


def _half(rows: pl.DataFrame, layer: Layer, side: int, seed: int, settings: NetworkSettings) -> pl.DataFrame:
    column = "topic" if layer.scales_s(settings) else "key"
    began = rows.select(pl.col("at").min().over(column)).to_series().to_numpy().astype(np.uint64)
    mixed = ((began + np.uint64(seed)) * _MIX) >> np.uint64(40)
    return rows.filter(pl.Series(mixed % np.uint64(2) == side))


def _layer_edges(layer: Layer, rows: pl.DataFrame, settings: NetworkSettings) -> pl.DataFrame:
    edges = scored(rows, layer.scales_s(settings), settings)
    return _named(edges, layer.name, layer.strand.value, rows["account"].n_unique())


def _contact_edges(contact: Contact, events: pl.DataFrame, codes: pl.DataFrame) -> pl.DataFrame:
    made = contact.contacts(events)
    return _named(mutual(made, codes), contact.name, contact.strand.value, made["account_id"].n_unique())


def _named(edges: pl.DataFrame, layer: str, strand: str, n_accounts: int) -> pl.DataFrame:
    q = q_values(edges["p_value"].to_numpy(), n_accounts * (n_accounts - 1) // 2)
    return edges.with_columns(
        pl.lit(layer).alias("layer"),
        pl.lit(strand).alias("strand"),
        pl.Series("q_value", q, dtype=pl.Float64),
    ).select(pl.col(name).cast(dtype) for name, dtype in CODED_EDGES.items())
