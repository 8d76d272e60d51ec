"""Policies: rules as data, read from TOML, so that a person can recompute and argue with every tier."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, get_args, get_type_hints

import polars as pl

from graphkit.errors import ConfigError
from graphkit.judgement.observed import GRADE_RANK, OBSERVED, Aspect, Kind, wanted
from graphkit.words import Family, Grade, Tier

T = TypeVar("T")
_SHIPPED = Path(__file__).parent / "policies"


@dataclass(frozen=True)
class Condition:
    """One number of a case held against one required number."""

    observed: str
    at_least: float | None = None
    at_most: float | None = None

    def holds(self) -> pl.Expr:
        """True for the cases that meet the condition; a number that is not known never meets it."""
        value = pl.col(self.observed)
        met = value >= self.at_least if self.at_least is not None else value <= self.at_most
        return met.fill_null(value=False)

    def required(self) -> str:
        """The required number in words."""
        if self.at_least is not None:
            return wanted(self.observed, self.at_least, least=True)
        return wanted(self.observed, self.at_most or 0.0, least=False)


@dataclass(frozen=True)
class Rule:
    """A tier and the conditions that must all hold; for a cap, the tier is the highest that is left."""

    name: str
    tier: Tier
    reason: str
    conditions: tuple[Condition, ...]

    def holds(self) -> pl.Expr:
        """True for the cases that meet every condition."""
        return pl.all_horizontal([condition.holds() for condition in self.conditions])


@dataclass(frozen=True)
class Bits:
    """What a grade is worth, in bits."""

    none: float
    weak: float
    moderate: float
    strong: float
    text_cap: float
    exonerating: tuple[str, ...]


@dataclass(frozen=True)
class Tails:
    """The share of ordinary accounts at least as unusual, at most, for a grade."""

    weak: float
    moderate: float
    strong: float


@dataclass(frozen=True)
class Aspects:
    """Which aspect of the events a family, a signal of the group or a kind of meeting speaks of."""

    families: Mapping[str, str]
    signals: Mapping[str, str]
    kinds: Mapping[str, str]


@dataclass(frozen=True)
class RingRules:
    """When a ring counts as confirmed, how it is graded, and when it is called AI-operated."""

    confirmed_q: float
    confirmed_stability: float
    strong_q: float
    strong_stability: float
    automated_share: float
    automated_signals: tuple[str, ...]


@dataclass(frozen=True)
class Spam:
    """Signals that find spam, which is no evidence of automation, and the signals that spam voids."""

    signals: tuple[str, ...]
    voids: tuple[str, ...]


@dataclass(frozen=True)
class Functional:
    """Signals that find what an account is there for, which is no evidence: only a cap looks at them."""

    signals: tuple[str, ...]


@dataclass(frozen=True)
class Windows:
    """Into what a period of data is divided to see whether evidence lasts."""

    number: int
    minimum_hours: float


@dataclass(frozen=True)
class Breaker:
    """When a run is held: too many grave recommendations at once, or one signal behind most of them."""

    times: float
    trailing: int
    minimum_accounts: int
    one_signal_share: float
    one_signal_findings: int


@dataclass(frozen=True)
class Policy:
    """A complete policy; `worth` is what a signal is worth beside others of its family (1 if not named)."""

    name: str
    version: str
    basis: str
    redress: str
    not_observable: tuple[str, ...]
    bits: Bits
    tails: Tails
    worth: Mapping[str, float]
    aspects: Aspects
    ring: RingRules
    spam: Spam
    functional: Functional
    windows: Windows
    breaker: Breaker
    rules: tuple[Rule, ...]
    caps: tuple[Rule, ...]


def policy(name: str) -> Policy:
    """The shipped policy of that name, or the policy in the TOML file at that path.

    Raises ConfigError when there is none, when a key is unknown (its nearest is named) or missing.
    """
    return policy_from(_read(name), where=f"policy `{name}`")


def policy_from(values: Mapping[str, Any], *, where: str = "policy") -> Policy:
    """The policy that `values` describe; `extends` names a policy that they are laid over."""
    values = _extended(values)
    built = _built(Policy, {**values, "rules": (), "caps": ()}, where)
    groups = {key: _rules(values.get(key, ()), f"{where}: {key}") for key in ("rules", "caps")}
    return Policy(**{**{item.name: getattr(built, item.name) for item in fields(Policy)}, **groups})


def shipped() -> list[str]:
    """The names of the policies that come with graphkit."""
    return sorted(path.stem for path in _SHIPPED.glob("*.toml"))


def _read(name: str) -> dict[str, Any]:
    path = _SHIPPED / f"{name}.toml" if name in shipped() else Path(name)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        known = ", ".join(f"`{item}`" for item in shipped())
        raise ConfigError(
            f"policy `{name}` is neither one of {known} nor a readable file: {error.strerror}"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"policy `{name}` is not valid TOML: {error}") from error


def _extended(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` laid over the policy they extend: tables key by key, rules and caps by name."""
    merged = dict(values)
    if "extends" not in merged:
        return merged
    base = _extended(_read(str(merged.pop("extends"))))
    for key, value in merged.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), Mapping):
            base[key] = {**base[key], **value}
        elif key in ("rules", "caps") and isinstance(value, list):
            named = {rule.get("name"): rule for rule in (*base.get(key, ()), *value)}
            base[key] = list(named.values())
        else:
            base[key] = value
    return base


def _built(kind: type[T], values: Mapping[str, Any], where: str) -> T:
    """A dataclass from a table of TOML that must have exactly its keys."""
    hints = get_type_hints(kind)
    _known(values, hints, where)
    missing = [name for name in hints if name not in values]
    if missing:
        raise ConfigError(f"{where}: lacks {', '.join(f'`{name}`' for name in missing)}")
    return kind(**{name: _value(hints[name], values[name], f"{where}: `{name}`") for name in hints})


def _value(hint: Any, value: Any, where: str) -> Any:
    if isinstance(hint, type) and hasattr(hint, "__dataclass_fields__"):
        return _built(hint, _table(value, where), where)
    origin = getattr(hint, "__origin__", hint)
    if origin is tuple:
        return tuple(value)
    if origin is Mapping or str(origin).endswith("Mapping"):
        table = _table(value, where)
        if get_args(hint)[1] is float:
            return MappingProxyType(
                {key: _value(float, worth, f"{where}: `{key}`") for key, worth in table.items()}
            )
        for key, aspect in table.items():
            _word(aspect, [item.value for item in Aspect], f"{where}: `{key}`")
        return MappingProxyType(dict(table))
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or isinstance(value, bool):
        raise ConfigError(f"{where} must be {hint.__name__}, not {type(value).__name__}")
    return value


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{where} must be a table")
    return value


def _known(values: Iterable[str], names: Iterable[str], where: str) -> None:
    known = list(names)
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)[0]
            raise ConfigError(f"{where}: unknown key `{key}`; did you mean `{near}`?")


def _word(value: Any, words: Iterable[str], where: str) -> str:
    known = list(words)
    if value not in known:
        near = difflib.get_close_matches(str(value), known, n=1, cutoff=0.0)[0]
        raise ConfigError(f"{where}: unknown word `{value}`; did you mean `{near}`?")
    return str(value)


def _rules(values: Iterable[Mapping[str, Any]], where: str) -> tuple[Rule, ...]:
    rules = []
    for value in values:
        here = f"{where}: `{value.get('name', '?')}`"
        _known(value, [item.name for item in fields(Rule)], here)
        absent = [item.name for item in fields(Rule) if not value.get(item.name)]
        if absent:
            raise ConfigError(f"{here}: lacks {', '.join(f'`{name}`' for name in absent)}")
        conditions = tuple(_condition(item, here) for item in value["conditions"])
        tier = Tier(_word(value["tier"], [item.value for item in Tier], here))
        rules.append(Rule(value["name"], tier, value["reason"], conditions))
        if len({item.observed for item in conditions}) < len(conditions):
            raise ConfigError(f"{here}: looks at the same number twice; make two rules of it")
    return tuple(rules)


def _condition(value: Mapping[str, Any], where: str) -> Condition:
    _known(value, [item.name for item in fields(Condition)], where)
    observed = _word(value.get("observed"), OBSERVED, where)
    bounds = [key for key in ("at_least", "at_most") if key in value]
    if len(bounds) != 1:
        raise ConfigError(f"{where}: `{observed}` needs either `at_least` or `at_most`")
    number = value[bounds[0]]
    if OBSERVED[observed].kind is Kind.GRADE:
        number = GRADE_RANK[Grade(_word(number, [item.value for item in Grade], f"{where}: `{observed}`"))]
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise ConfigError(f"{where}: `{observed}` must be held against a number, not `{number}`")
    return Condition(observed, **{bounds[0]: float(number)})


def bits_of(bits: Bits, family: Family, rank: pl.Expr) -> pl.Expr:
    """What ranks of grades are worth to an account in `family`; only some families exonerate."""
    ordinary = bits.none if family.value in bits.exonerating else 0.0
    worth = {0: 0.0, 1: ordinary, 2: bits.weak, 3: bits.moderate, 4: bits.strong}
    return rank.replace_strict(worth, return_dtype=pl.Float64)
