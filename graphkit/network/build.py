"""From events to one graph: every layer's edges, and what they sum to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.threads import side_by_side
from graphkit.layers.base import INCIDENCE, Layer
from graphkit.layers.contact import Contact
from graphkit.network.cohorts import with_cohorts
from graphkit.network.contacts import mutual
from graphkit.network.meetings import crowded, telling, visits
from graphkit.network.pool import pooled, q_values
from graphkit.network.scores import scored
from graphkit.settings import NetworkSettings
from graphkit.tables import EDGES

Made = TypeVar("Made")

# The visits of one layer by scale in seconds; None: no window.
Visited = Mapping[int | None, pl.DataFrame]

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

    ids: the account_id of each code. events: coded events. incidences: INCIDENCE by layer name. visits: what
    of it begins a visit, by layer name and scale (None: no window). edges: CODED_EDGES. pooled:
    source, target, capped nats by strand and their sum, weight.
    """

    ids: pl.Series
    events: pl.DataFrame
    layers: Mapping[str, Layer]
    incidences: Mapping[str, pl.DataFrame]
    visits: Mapping[str, Visited]
    edges: pl.DataFrame
    pooled: pl.DataFrame
    # Asked for of every candidate, and the same for all.
    _quiet: dict[tuple[str, int | None], pl.DataFrame] = field(default_factory=dict, init=False, repr=False)
    _filling: dict[tuple[str, int | None], pl.Series] = field(default_factory=dict, init=False, repr=False)

    def quiet(self, layer: str, scale_s: int | None) -> pl.DataFrame:
        """The visits of a layer at one scale in no large crowd: account, at, key."""
        if (layer, scale_s) not in self._quiet:
            visited = self.visits[layer][scale_s].lazy().filter(~pl.col("large"))
            self._quiet[layer, scale_s] = visited.select("account", "at", "key").collect()
        return self._quiet[layer, scale_s]

    def filling(self, layer: str, scale_s: int | None) -> pl.Series:
        """The accounts of cohorts that were in large crowds of a layer at one scale."""
        if (layer, scale_s) not in self._filling:
            large = self.visits[layer][scale_s].lazy().filter("large", pl.col("cohort") > 0)
            self._filling[layer, scale_s] = large.select("account").unique().collect()["account"]
        return self._filling[layer, scale_s]

    def incidence(self, layer: str) -> pl.DataFrame:
        """INCIDENCE of a layer; empty where the run was asked for other layers."""
        return self.incidences.get(layer, pl.DataFrame(schema=INCIDENCE))

    def backbone(self, edge_nats: float) -> pl.DataFrame:
        """Pairs of accounts that chance does not explain."""
        return self.pooled.filter(pl.col("weight") >= edge_nats)


def network(
    events: pl.DataFrame, layers: Sequence[Layer], contacts: Sequence[Contact], settings: NetworkSettings
) -> Network:
    """The interaction graph of coded events (see `layers.base.coded`)."""
    codes = events.select("account_id", "account").unique().sort("account")
    by_name = {layer.name: layer for layer in layers}
    built = _each(by_name, lambda layer: _built(layer, events, settings))
    incidences = {name: incidence for name, (incidence, _, _) in built.items()}
    visited = {name: layer_visits for name, (_, layer_visits, _) in built.items()}
    found = {name: layer_edges for name, (_, _, layer_edges) in built.items()}
    found |= {contact.name: _contact_edges(contact, events, codes) for contact in contacts}
    edges = _together(found)
    return Network(codes["account_id"], events, by_name, incidences, visited, edges, pooled(edges, settings))


def _built(
    layer: Layer, events: pl.DataFrame, settings: NetworkSettings
) -> tuple[pl.DataFrame, Visited, pl.DataFrame]:
    """A layer's incidence, its visits at each scale, and its edges."""
    rows = layer.incidence(events, settings)
    visited = _visited(layer, rows, settings)
    return rows, visited, _layer_edges(layer, visited, settings)


def half(whole: Network, side: int, *, seed: int, settings: NetworkSettings) -> Network:
    """The network of one half of the occasions (`side` 0 or 1); contacts, which have no object, are left out.

    Windowed layers are split by topic (an author's posts, a day of a chat), the others by key: what two
    halves share is the accounts alone. The side depends on when the topic began, never on ids or on other
    topics.
    """
    sides = {
        name: _side(rows, whole.layers[name], side, seed, settings) for name, rows in whole.incidences.items()
    }
    halves = {
        name: {
            # Cohorts too are found in this half alone.
            scale_s: with_cohorts(rows.filter(sides[name](rows)), scale_s, settings, 0.5)
            for scale_s, rows in visited.items()
        }
        for name, visited in whole.visits.items()
    }
    edges = _together(_each(whole.layers, lambda layer: _layer_edges(layer, halves[layer.name], settings)))
    return replace(whole, visits=halves, edges=edges, pooled=pooled(edges, settings))


def published(whole: Network, codes: npt.NDArray[np.uint32], edge_nats: float) -> pl.DataFrame:
    """EDGES with ids: the backbone, and every edge among the accounts `codes`."""
    strong = whole.backbone(edge_nats).select("source", "target")
    inside = pl.col("source").is_in(codes) & pl.col("target").is_in(codes)
    kept = pl.concat([strong, whole.pooled.filter(inside).select("source", "target")]).unique()
    chosen = whole.edges.join(kept, on=["source", "target"], how="semi")
    return EDGES.check(
        chosen.with_columns(whole.ids.gather(chosen[end]).alias(end) for end in ("source", "target"))
    )


def crowds(whole: Network, settings: NetworkSettings) -> pl.DataFrame:
    """What is shared in crowds too large for evidence even at a layer's shortest scale.

    Columns: layer, met_on (what is shared, in words), visits that were left out; the most first.
    """
    parts = [pl.DataFrame(schema={"layer": pl.String, "met_on": pl.String, "visits": pl.Int64})]
    for name, layer in whole.layers.items():
        shortest = min(layer.scales_s(settings), default=None)
        gone = crowded(whole.visits[name][shortest])
        known = whole.incidences[name].unique(["key", "event"])
        rows = gone.join(known, on=["key", "event"], how="left", maintain_order="left")
        met_on = layer.met_on(whole.events, rows)
        parts.append(gone.select(pl.lit(name).alias("layer"), met_on.alias("met_on"), "visits"))
    return pl.concat(parts)


def _each(layers: Mapping[str, Layer], do: Callable[[Layer], Made]) -> dict[str, Made]:
    """`do` of every layer, side by side."""
    answers = side_by_side([partial(do, layer) for layer in layers.values()])
    return dict(zip(layers, answers, strict=True))


def _visited(layer: Layer, incidence: pl.DataFrame, settings: NetworkSettings) -> Visited:
    scales_s: tuple[int | None, ...] = layer.scales_s(settings) or (None,)
    return {
        scale_s: with_cohorts(visits(incidence, scale_s, settings.crowd), scale_s, settings)
        for scale_s in scales_s
    }


def _side(
    incidence: pl.DataFrame, layer: Layer, side: int, seed: int, settings: NetworkSettings
) -> Callable[[pl.DataFrame], pl.Series]:
    """Tells of rows of a layer whether they are of this half."""
    column = "topic" if layer.scales_s(settings) else "key"
    began = incidence.group_by(column).agg(pl.col("at").min()).sort(column)
    mixed = ((began["at"].to_numpy().astype(np.uint64) + np.uint64(seed)) * _MIX) >> np.uint64(40)
    chosen = began.filter(pl.Series(mixed % np.uint64(2) == side))[column].implode()
    return lambda rows: rows[column].is_in(chosen)


def _layer_edges(layer: Layer, visited: Visited, settings: NetworkSettings) -> pl.DataFrame:
    accounts = pl.concat(
        rows.select(pl.col("account").filter(telling())) for rows in visited.values()
    ).n_unique()
    edges = scored(visited, settings, conversing=layer.conversing)
    return _named(edges, layer.name, layer.strand.value, accounts)


def _together(found: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The edges of all layers by layer, source, target; those of one layer already lie by source, target."""
    return pl.concat([found[name] for name in sorted(found)], rechunk=True)


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
