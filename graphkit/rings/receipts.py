"""Receipts: the meetings behind a group's edges, made again for its members alone."""

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.reach import MICROSECONDS
from graphkit.network.build import Network
from graphkit.network.meetings import meetings, pairs_at_once, repetitions
from graphkit.rings.candidates import inside
from graphkit.settings import NetworkSettings
from graphkit.tables import PAIRS

Codes = npt.NDArray[np.uint32]


def receipts(network: Network, codes: Codes, settings: NetworkSettings) -> pl.DataFrame:
    """The meetings of `codes` with each other that their edges sum, by layer, each at its edge's own scale.

    Columns: layer, strand and those of `network.meetings.meetings` with repetition; sorted by layer, source,
    target, at.
    """
    edges = inside(network.edges, codes)
    parts = [
        repetitions(met).join(edge.select("source", "target", "layer", "strand"), on=["source", "target"])
        for name, edge in _by_layer(edges)
        for met in [_met(network, name, edge, codes, settings)]
    ]
    if not parts:
        return pl.DataFrame(schema=_SCHEMA)
    return (
        pl.concat(parts)
        .select(pl.col(name).cast(dtype) for name, dtype in _SCHEMA.items())
        .sort("layer", "source", "target", "at", "occasion")
    )


_SCHEMA = {
    "layer": pl.String,
    "strand": pl.String,
    "source": pl.UInt32,
    "target": pl.UInt32,
    "occasion": pl.UInt32,
    "topic": pl.UInt32,
    "at": pl.Int64,
    "source_event": pl.UInt32,
    "target_event": pl.UInt32,
    "gap": pl.Int64,
    "crowd": pl.Int64,
    "repetition": pl.Int64,
}


def _by_layer(edges: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """Edges of one layer and scale at a time; contacts have no meetings."""
    parts = edges.partition_by(["layer", "scale_s"], as_dict=True, maintain_order=True)
    return [(str(key[0]), part) for key, part in parts.items()]


def _met(
    network: Network, layer: str, edge: pl.DataFrame, codes: Codes, settings: NetworkSettings
) -> pl.DataFrame:
    scale_s = edge["scale_s"][0]
    visited = network.visits.get(layer)
    if visited is None:
        return pl.DataFrame(schema=_SCHEMA).drop("layer", "strand", "repetition")
    return meetings(visited[scale_s], window_s=scale_s, chunk_pairs=pairs_at_once(settings), among=codes)


def published_receipts(network: Network, found: pl.DataFrame, ring_id: str) -> pl.DataFrame:
    """PAIRS of one ring, with ids in place of codes."""
    events = network.events
    parts = []
    for name, part in found.partition_by("layer", as_dict=True, maintain_order=True).items():
        layer = network.layers[str(name[0])]
        earlier = part.select(pl.min_horizontal("source_event", "target_event").alias("event"), "occasion")
        parts.append(part.with_columns(layer.met_on(events, earlier).alias("met_on")))
    if not parts:
        return PAIRS.empty()
    rows = pl.concat(parts)
    # By the clock of the log: of two events of one moment it is 0, though one answers the other.
    times = [events["timestamp"].gather(rows[f"{end}_event"]).dt.epoch("us") for end in ("source", "target")]
    gap = (times[0] - times[1]).abs()
    return PAIRS.check(
        rows.with_columns(
            pl.lit(ring_id).alias("ring_id"),
            (gap / MICROSECONDS).alias("gap_s"),
            *(network.ids.gather(rows[end]).alias(end) for end in ("source", "target")),
            *(
                events["event_id"].gather(rows[f"{end}_event"]).alias(f"{end}_event_id")
                for end in ("source", "target")
            ),
        )
    )
