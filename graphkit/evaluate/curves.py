"""Recall curves: one number of a plan, or the size of the background, taken through its range."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from graphkit.errors import ConfigError
from graphkit.simulate import PLANS, Plan
from graphkit.simulate.plans import Held, channels_for

# Groups planted by one plan at each point of a curve: more rings for one run of `detect`.
COPIES = 2


@dataclass(frozen=True)
class Curve:
    """From easy to hard: `field` of a plan takes each of `values`, or a part of the background does."""

    name: str
    title: str
    field: str
    values: tuple[float, ...]
    plans: tuple[str, ...]

    @property
    def is_of_the_background(self) -> bool:
        """Whether the background is cut down instead of a plan changed."""
        return self.field in ("accounts", "period")


_FOLLOWED = ("pod_minutes", "jitter", "chorus", "fan_out")
CURVES = (
    Curve(
        "jitter",
        "members act within (s)",
        "latency_s",
        (1, 60, 600, 3600, 14400),
        ("pod_seconds", "jitter", "chorus"),
    ),
    Curve("camouflage", "ordinary events for each of the ring's", "elsewhere", (0, 0.5, 1, 2, 4), _FOLLOWED),
    Curve(
        "participation",
        "share of occasions a member is at",
        "participation",
        (0.1, 0.2, 0.35, 0.5, 0.8),
        _FOLLOWED,
    ),
    Curve("habits", "spread of the members' own latencies", "habits", (0, 0.25, 0.5, 1.0), _FOLLOWED),
    Curve("size", "members", "n_accounts", (5, 6, 8, 12, 20, 40, 100), _FOLLOWED),
    Curve("accounts", "share of the background's accounts", "accounts", (0.1, 0.25, 0.5, 1), _FOLLOWED),
    Curve("period", "share of the background's period", "period", (0.1, 0.25, 0.5, 1), _FOLLOWED),
)
BY_NAME = {curve.name: curve for curve in CURVES}


def curves(names: Sequence[str]) -> tuple[Curve, ...]:
    """The curves of these names; `all` for every one."""
    if "all" in names:
        return CURVES
    strange = [name for name in names if name not in BY_NAME]
    if strange:
        raise ConfigError(
            f"unknown curve `{strange[0]}`; there are {', '.join(f'`{name}`' for name in BY_NAME)}"
        )
    return tuple(curve for curve in CURVES if curve.name in names)


def points(curve: Curve, what: Held) -> Iterator[tuple[float, dict[str, Plan]]]:
    """Each value of a curve with the groups to plant there, as far as the background can take them."""
    able = {name: PLANS[name] for name in curve.plans if _can_take(PLANS[name], what)}
    for value in curve.values if able else ():
        plans = {
            name: plan if curve.is_of_the_background else _at(plan, curve.field, value)
            for name, plan in able.items()
        }
        yield value, {f"{name}-{copy}": plan for name, plan in plans.items() for copy in range(1, COPIES + 1)}


def _at(plan: Plan, field: str, value: float) -> Plan:
    exact: Mapping[str, object] = {field: int(value) if field == "n_accounts" else float(value)}
    return replace(plan, **exact)  # type: ignore[arg-type]


def _can_take(plan: Plan, what: Held) -> bool:
    try:
        return not channels_for(plan, what)[1]
    except ConfigError:
        return False


def part(events: pl.DataFrame, field: str, share: float, seed: int) -> pl.DataFrame:
    """A `share` of EVENTS: of its accounts, drawn by lot, or of its period, one stretch of it."""
    if share >= 1:
        return events
    rng = np.random.default_rng([seed, round(share * 1000)])
    if field == "accounts":
        names = events["account_id"].unique().sort()
        kept = names.gather(
            np.sort(rng.choice(len(names), size=max(1, round(share * len(names))), replace=False))
        )
        return events.filter(pl.col("account_id").is_in(kept.implode()))
    # By rows, so that a stretch holds about that share of the events wherever it lies.
    n = max(1, round(share * events.height))
    return events.slice(int(rng.integers(events.height - n + 1)), n)
