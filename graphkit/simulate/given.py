"""Plans as a person gives them: names of presets, changes such as `pod_hours.n_accounts=20`, a TOML file."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from graphkit.errors import ConfigError
from graphkit.simulate.plans import PLANS, Kind, Plan

_WORDS = {"true": True, "false": False}


def chosen_plans(names: Sequence[str], known: Mapping[str, Plan] = PLANS) -> dict[str, Plan]:
    """The plans of these names; one that is named more than once is planted as often, numbered from 2."""
    found: dict[str, Plan] = {}
    times: dict[str, int] = {}
    for name in names:
        if name not in known:
            raise ConfigError(f"unknown plan `{name}`; did you mean `{_near(name, known)}`?")
        times[name] = times.get(name, 0) + 1
        found[name if times[name] == 1 else f"{name}-{times[name]}"] = known[name]
    return found


def with_changes(plans: Mapping[str, Plan], changes: Sequence[str]) -> dict[str, Plan]:
    """`plans` with each change `plan.field=value` made; `*.field=value` changes every plan."""
    changed = dict(plans)
    for change in changes:
        place, equals, value = change.partition("=")
        name, dot, key = place.strip().rpartition(".")
        if not equals or not dot or not name:
            raise ConfigError(
                f"`{change}` is no change; write `plan.field=value`, such as `pod_hours.events=20`"
            )
        if name != "*" and name not in changed:
            raise ConfigError(
                f"`{change}`: no plan `{name}` is planted; did you mean `{_near(name, changed)}`?"
            )
        for one in list(changed) if name == "*" else [name]:
            changed[one] = _changed(changed[one], {key: _read(value.strip())}, f"`{change}`")
    return changed


def read_plans(path: Path) -> dict[str, Plan]:
    """The plans of a TOML file: one table for each, with `like` (a preset) or `kind`, and what differs."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"`{path}` cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"`{path}` is not valid TOML: {error}") from error
    return {name: _plan(values, f"{path}: `{name}`") for name, values in tables.items()}


def _plan(values: Any, where: str) -> Plan:
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where} must be a table, such as `[{where.split('`')[1]}]` with `like` in it")
    given = dict(values)
    like, kind = given.pop("like", None), given.pop("kind", None)
    if (like is None) == (kind is None):
        raise ConfigError(f"{where} must hold either `like`, the name of a preset, or `kind`")
    if like is not None:
        if like not in PLANS:
            raise ConfigError(f"{where}: unknown plan `{like}`; did you mean `{_near(str(like), PLANS)}`?")
        return _changed(PLANS[like], given, where)
    kinds = [one.value for one in Kind]
    if kind not in kinds:
        raise ConfigError(f"{where}: unknown kind `{kind}`; did you mean `{_near(str(kind), kinds)}`?")
    if "n_accounts" not in given:
        raise ConfigError(f"{where} must say `n_accounts`")
    return _changed(Plan(Kind(kind), 2), given, where)


def _changed(plan: Plan, values: Mapping[str, Any], where: str) -> Plan:
    kinds = {item.name: type(getattr(plan, item.name)) for item in fields(plan) if item.name != "kind"}
    fitting: dict[str, Any] = {}
    for key, value in values.items():
        if key not in kinds:
            raise ConfigError(f"{where}: a plan has no `{key}`; did you mean `{_near(key, kinds)}`?")
        wanted = kinds[key]
        exact = float(value) if wanted is float and type(value) is int else value
        if type(exact) is not wanted:
            raise ConfigError(f"{where}: `{key}` must be {wanted.__name__}, not {type(value).__name__}")
        fitting[key] = exact
    return replace(plan, **fitting)


def _read(value: str) -> Any:
    if value in _WORDS:
        return _WORDS[value]
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value


def _near(name: str, known: Iterable[str]) -> str:
    return difflib.get_close_matches(name, list(known), n=1, cutoff=0.0)[0]
