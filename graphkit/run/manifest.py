"""The manifest: all that tells one run from another, and that its counts add up."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import polars as pl

from graphkit.engine.budget import budget
from graphkit.engine.clock import coarse
from graphkit.judgement import Judgement, Policy
from graphkit.network.build import Network, crowds
from graphkit.readers.reading import Reading
from graphkit.settings import Settings
from graphkit.store import run_id
from graphkit.words import Tier

# Places with the largest crowds that are named.
_MOST = 20

_LIBRARIES = ("polars", "numpy", "scipy", "igraph", "leidenalg", "networkx", "matplotlib")


def manifest(
    name: str,
    read: Reading,
    settings: Settings,
    graph: Network,
    edges: pl.DataFrame,
    judgement: Judgement,
    missing: Mapping[str, int],
    reference: Mapping[str, Any],
) -> dict[str, Any]:
    """The manifest of a run, ready for JSON, before its stages and its files are known."""
    tiers = dict(judgement.tiers["tier"].cast(pl.String).value_counts().sort("tier").rows())
    return {
        "status": "held" if judgement.held else "done",
        "held": judgement.held.sentence if judgement.held else None,
        "breaker": asdict(judgement.held) if judgement.held else None,
        "versions": {"graphkit": version("graphkit")} | {name: version(name) for name in _LIBRARIES},
        "settings": asdict(settings),
        "seed": settings.seed,
        "policy": {
            "name": judgement.policy.name,
            "version": judgement.policy.version,
            "sha256": policy_sha256(judgement.policy),
        },
        "run_id": name,
        "settings_sha256": settings_sha256(settings),
        "reference": dict(reference),
        "inputs": [{"name": name, "sha256": sha256, "bytes": size} for name, sha256, size in read.inputs],
        "notes": [*read.notes, *coarse(read.events), *_nothing_to_look_at(read, graph)],
        "strands": {name: layer.strand.value for name, layer in graph.layers.items()}
        | dict(graph.edges.select("layer", "strand").unique().sort("layer").rows()),
        "counts": {
            "rows_read": read.rows_read,
            "events": read.events.height,
            "quarantined": read.quarantine.height,
            "accounts": judgement.tiers.height,
            "incidence": {name: rows.height for name, rows in graph.incidences.items()},
            "edges": edges.height,
            "rings": judgement.rings.height,
            "tiers": tiers,
        },
        "memory": budget(settings.network.memory_mib).facts(),
        "crowds": _crowds(graph, settings),
        "left_out": {
            "edges too thin to publish": graph.edges.height - edges.height,
            **{
                f"accounts with too few events for {name}": count
                for name, count in sorted(missing.items())
                if count
            },
        },
    }


def _nothing_to_look_at(read: Reading, graph: Network) -> list[str]:
    """What must be said where finding no ring says nothing: layers had no rows."""
    looked = sorted(name for name, rows in graph.incidences.items() if rows.height)
    named = read.events["object_id"].is_not_null().any()
    if read.events.is_empty() or (named and looked):
        return []
    cause = "" if named else "no event names an object (`object_id`): "
    if looked:
        return [f"{cause}only the layers {', '.join(looked)} had anything to look at"]
    return [f"{cause}no layer had anything to look at, so that no ring could have been found"]


def run_name(
    read: Reading, settings: Settings, rules: Policy, beside: Mapping[str, pl.DataFrame | None]
) -> str:
    """The id of a run by what goes into it: events, the tables `beside` them, settings, rules, version."""
    inputs = {f"events {name}": sha256 for name, sha256, _ in read.inputs}
    inputs |= {name: _table_sha256(table) for name, table in beside.items() if table is not None}
    inputs |= {"policy": policy_sha256(rules), "graphkit": version("graphkit")}
    return run_id(inputs, asdict(settings))


def ledger_counts(manifest: Mapping[str, Any]) -> dict[str, int]:
    """What the ledger keeps of a run: how many events, rings, and accounts at each tier."""
    counts = manifest["counts"]
    tiers = {tier.value: counts["tiers"].get(tier.value, 0) for tier in Tier}
    return {name: counts[name] for name in ("events", "accounts", "rings")} | tiers


def settings_sha256(settings: Settings) -> str:
    """SHA-256 of every setting, written as JSON with sorted keys."""
    return _digest(json.dumps(asdict(settings), sort_keys=True))


def policy_sha256(rules: Policy) -> str:
    """SHA-256 of every rule and number of a policy, in the order in which it has them."""
    return _digest(repr(rules))


def _table_sha256(table: pl.DataFrame) -> str:
    # Text, because the bytes of Arrow and Parquet may depend on how a column lies in memory; not csv, which
    # knows no lists.
    stream = io.BytesIO()
    table.write_ndjson(stream)
    return hashlib.sha256(stream.getbuffer()).hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _crowds(graph: Network, settings: Settings) -> dict[str, Any]:
    """What is shared in crowds too large for evidence: for each layer how much, and where most of it lies."""
    gone = crowds(graph, settings.network)
    return {
        str(layer[0]): {
            "places": rows.height,
            "visits": int(rows["visits"].sum()),
            "most": rows.head(_MOST).select("met_on", "visits").to_dicts(),
        }
        for layer, rows in gone.partition_by("layer", as_dict=True, maintain_order=True).items()
    }
