"""graphkit finds rings of AI-operated accounts and leads every finding back to events."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphkit.coaction.coactions import Coactions, StreamedCoactions, coactions, streamed_coactions
    from graphkit.coaction.cosine import CosineNetwork, cosine_network
    from graphkit.coaction.edges import coordinated_network
    from graphkit.coaction.inputs import read_messages, read_shares
    from graphkit.coaction.interval import CoordinationInterval, coordination_interval
    from graphkit.coaction.memberships import communities_of, components_of
    from graphkit.coaction.pairs import coaction_pairs, flag_speed_share
    from graphkit.coaction.projection import ValidatedProjection, validated_projection
    from graphkit.coaction.spark import spark_coactions
    from graphkit.coaction.stats import account_stats, group_stats
    from graphkit.coaction.sweep import QuantileSweep, quantile_sweep
    from graphkit.coaction.toolkit import ToolkitCoactions, toolkit_coactions, toolkit_network
    from graphkit.errors import GraphkitError
    from graphkit.layers import LAYERS
    from graphkit.readers import READERS
    from graphkit.readers.reads import read_accounts, read_events, read_query
    from graphkit.run import Run, decide, detect, explained, open_run, release
    from graphkit.run.reference import fit_reference
    from graphkit.settings import Settings, read_settings, settings_from
    from graphkit.signals import SIGNALS
    from graphkit.signals.known import Reference, read_reference
    from graphkit.store import decisions, verify_run

__version__ = "0.1.0"

# Where each public name lives. A name is imported when it is first asked for: igraph and matplotlib would
# otherwise make even `graphkit --help` wait for seconds.
_HOMES = {
    "Coactions": "graphkit.coaction.coactions",
    "CoordinationInterval": "graphkit.coaction.interval",
    "CosineNetwork": "graphkit.coaction.cosine",
    "GraphkitError": "graphkit.errors",
    "LAYERS": "graphkit.layers",
    "QuantileSweep": "graphkit.coaction.sweep",
    "READERS": "graphkit.readers",
    "Reference": "graphkit.signals.known",
    "Run": "graphkit.run",
    "SIGNALS": "graphkit.signals",
    "Settings": "graphkit.settings",
    "StreamedCoactions": "graphkit.coaction.coactions",
    "ToolkitCoactions": "graphkit.coaction.toolkit",
    "ValidatedProjection": "graphkit.coaction.projection",
    "account_stats": "graphkit.coaction.stats",
    "coaction_pairs": "graphkit.coaction.pairs",
    "coactions": "graphkit.coaction.coactions",
    "communities_of": "graphkit.coaction.memberships",
    "components_of": "graphkit.coaction.memberships",
    "coordinated_network": "graphkit.coaction.edges",
    "coordination_interval": "graphkit.coaction.interval",
    "cosine_network": "graphkit.coaction.cosine",
    "decide": "graphkit.run",
    "decisions": "graphkit.store",
    "detect": "graphkit.run",
    "explained": "graphkit.run",
    "fit_reference": "graphkit.run.reference",
    "flag_speed_share": "graphkit.coaction.pairs",
    "group_stats": "graphkit.coaction.stats",
    "open_run": "graphkit.run",
    "quantile_sweep": "graphkit.coaction.sweep",
    "read_accounts": "graphkit.readers.reads",
    "read_events": "graphkit.readers.reads",
    "read_messages": "graphkit.coaction.inputs",
    "read_query": "graphkit.readers.reads",
    "read_reference": "graphkit.signals.known",
    "read_settings": "graphkit.settings",
    "read_shares": "graphkit.coaction.inputs",
    "release": "graphkit.run",
    "settings_from": "graphkit.settings",
    "spark_coactions": "graphkit.coaction.spark",
    "streamed_coactions": "graphkit.coaction.coactions",
    "toolkit_coactions": "graphkit.coaction.toolkit",
    "toolkit_network": "graphkit.coaction.toolkit",
    "validated_projection": "graphkit.coaction.projection",
    "verify_run": "graphkit.store",
}

__all__ = [
    "LAYERS",
    "READERS",
    "SIGNALS",
    "Coactions",
    "CoordinationInterval",
    "CosineNetwork",
    "GraphkitError",
    "QuantileSweep",
    "Reference",
    "Run",
    "Settings",
    "StreamedCoactions",
    "ToolkitCoactions",
    "ValidatedProjection",
    "__version__",
    "account_stats",
    "coaction_pairs",
    "coactions",
    "communities_of",
    "components_of",
    "coordinated_network",
    "coordination_interval",
    "cosine_network",
    "decide",
    "decisions",
    "detect",
    "explained",
    "fit_reference",
    "flag_speed_share",
    "group_stats",
    "open_run",
    "quantile_sweep",
    "read_accounts",
    "read_events",
    "read_messages",
    "read_query",
    "read_reference",
    "read_settings",
    "read_shares",
    "release",
    "settings_from",
    "spark_coactions",
    "streamed_coactions",
    "toolkit_coactions",
    "toolkit_network",
    "validated_projection",
    "verify_run",
]


def __getattr__(name: str) -> object:
    """The public name `name`, imported from the module it lives in (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module `graphkit` has no public name `{name}`; see `graphkit.__all__`")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    """The public names, so that completion in a notebook shows them before they are imported."""
    return sorted(__all__)
