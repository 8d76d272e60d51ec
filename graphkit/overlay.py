"""Frozen dataclasses with the values of a mapping laid over their defaults."""

import difflib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from graphkit.errors import ConfigError

T = TypeVar("T")


def overlaid(defaults: T, values: Mapping[str, Any], where: str) -> T:
    """`defaults` with `values` in place of its own, dataclasses within it alike.

    `where` names the source for messages. Raises ConfigError for an unknown key, naming its nearest, and for
    a value of another type than the default has.
    """
    names = [item.name for item in fields(defaults)]  # type: ignore[arg-type]
    changes: dict[str, Any] = {}
    for key, value in values.items():
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1, cutoff=0.0)[0]
            raise ConfigError(f"{where}: unknown setting `{key}`; did you mean `{near}`?")
        changes[key] = _converted(getattr(defaults, key), value, f"{where}: `{key}`")
    return replace(defaults, **changes)  # type: ignore[type-var]


def _converted(default: Any, value: Any, where: str) -> Any:
    if is_dataclass(default):
        if not isinstance(value, Mapping):
            raise ConfigError(f"{where} must be a table of settings")
        return overlaid(default, value, where)
    if isinstance(default, tuple) and isinstance(value, list | tuple):
        # Of a list that is empty unless it is given only words are known to be meant.
        return tuple(_converted(default[0] if default else "", item, where) for item in value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        raise ConfigError(f"{where} must be {type(default).__name__}, not {type(value).__name__}")
    return value
