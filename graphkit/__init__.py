"""graphkit finds rings of AI-operated accounts and leads every finding back to events."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphkit.coaction.coactions import Coactions, coactions
    from graphkit.coaction.edges import coordinated_network
    from graphkit.coaction.inputs import read_messages, read_shares
    from graphkit.coaction.pairs import coaction_pairs, flag_speed_share
    from graphkit.coaction.stats import account_stats, group_stats
    from graphkit.coaction.toolkit import toolkit_network
    from graphkit.errors import GraphkitError
    from graphkit.layers import LAYERS
    from graphkit.readers import READERS, read_accounts, read_events, read_query
    from graphkit.run import Run, detect, open_run
    from graphkit.settings import Settings, read_settings, settings_from
    from graphkit.signals import SIGNALS
    from graphkit.store import verify_run

__version__ = "0.1.0"

# Where each public name lives. A name is imported when it is first asked for: igraph and matplotlib would
# otherwise make even `graphkit --help` wait for seconds.
_HOMES = {
    "Coactions": "graphkit.coaction.coactions",
    "GraphkitError": "graphkit.errors",
    "LAYERS": "graphkit.layers",
    "READERS": "graphkit.readers",
    "Run": "graphkit.run",
    "SIGNALS": "graphkit.signals",
    "Settings": "graphkit.settings",
    "account_stats": "graphkit.coaction.stats",
    "coaction_pairs": "graphkit.coaction.pairs",
    "coactions": "graphkit.coaction.coactions",
    "coordinated_network": "graphkit.coaction.edges",
    "detect": "graphkit.run",
    "flag_speed_share": "graphkit.coaction.pairs",
    "group_stats": "graphkit.coaction.stats",
    "open_run": "graphkit.run",
    "read_accounts": "graphkit.readers",
    "read_events": "graphkit.readers",
    "read_messages": "graphkit.coaction.inputs",
    "read_query": "graphkit.readers",
    "read_settings": "graphkit.settings",
    "read_shares": "graphkit.coaction.inputs",
    "settings_from": "graphkit.settings",
    "toolkit_network": "graphkit.coaction.toolkit",
    "verify_run": "graphkit.store",
}

__all__ = [
    "LAYERS",
    "READERS",
    "SIGNALS",
    "Coactions",
    "GraphkitError",
    "Run",
    "Settings",
    "__version__",
    "account_stats",
    "coaction_pairs",
    "coactions",
    "coordinated_network",
    "detect",
    "flag_speed_share",
    "group_stats",
    "open_run",
    "read_accounts",
    "read_events",
    "read_messages",
    "read_query",
    "read_settings",
    "read_shares",
    "settings_from",
    "toolkit_network",
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
