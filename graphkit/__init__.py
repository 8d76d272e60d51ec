"""graphkit finds rings of AI-operated accounts and leads every finding back to events."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    "GraphkitError": "graphkit.errors",
    "LAYERS": "graphkit.layers",
    "READERS": "graphkit.readers",
    "Run": "graphkit.run",
    "SIGNALS": "graphkit.signals",
    "Settings": "graphkit.settings",
    "detect": "graphkit.run",
    "open_run": "graphkit.run",
    "read_accounts": "graphkit.readers",
    "read_events": "graphkit.readers",
    "read_query": "graphkit.readers",
    "read_settings": "graphkit.settings",
    "settings_from": "graphkit.settings",
    "verify_run": "graphkit.store",
}

__all__ = [
    "LAYERS",
    "READERS",
    "SIGNALS",
    "GraphkitError",
    "Run",
    "Settings",
    "__version__",
    "detect",
    "open_run",
    "read_accounts",
    "read_events",
    "read_query",
    "read_settings",
    "settings_from",
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
