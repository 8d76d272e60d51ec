"""Which worlds are measured: for each background and seed the plans it can take, and the points of curves."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from graphkit.errors import ConfigError
from graphkit.evaluate.backgrounds import Background
from graphkit.evaluate.curves import Curve, points
from graphkit.simulate import PLANS, Plan
from graphkit.simulate.plans import channels_for

# Suite of the worlds that hold one group of each plan; the others are curves.
EVERY_PLAN = "plans"
# Suite of the backgrounds with nothing planted in them.
AS_IT_IS = "as it is"
# Groups of one world bring at most this share of its accounts and of its events: a ring that is most of its
# data masks its own expectation, and twenty rings at once would be such a ring.
_LARGEST_SHARE = 0.1


@dataclass(frozen=True)
class Task:
    """One world to measure, with all that decides its outcome but the code."""

    background: str
    path: str
    sha256: str
    known: tuple[str, ...]
    suite: str
    x: float | None
    field: str
    seed: int
    made_up: bool
    plans: Mapping[str, Plan]

    def key(self, code: str, settings: Mapping[str, Any]) -> str:
        """A name of the outcome: the same whenever the same world would be measured by the same code."""
        facts = {**asdict(self), "code": code, "settings": dict(settings)}
        del facts["path"]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:24]

    @property
    def sentence(self) -> str:
        """What is measured, in a few words."""
        where = "" if self.x is None else f" at {self.x:g}"
        return f"{self.background}, {self.suite}{where}, seed {self.seed}"


def tasks(
    places: Sequence[Background],
    plans: Mapping[str, Plan],
    lines: Sequence[Curve],
    *,
    seeds: Sequence[int],
    curve_seeds: Sequence[int],
    made_up: bool,
    as_it_is: bool = False,
) -> list[Task]:
    """All worlds, seed by seed over all backgrounds, so that an early end still shows the whole.

    With `as_it_is` each background comes first with nothing planted.
    """
    found: list[Task] = []
    if as_it_is:
        found += [_task(place, AS_IT_IS, None, "", 0, {}, made_up=False) for place in places]
    for seed in dict.fromkeys([*seeds, *curve_seeds]):
        for place in places:
            if seed in seeds:
                found += _of_plans(place, plans, seed, made_up=made_up)
            if seed in curve_seeds:
                found += _of_curves(place, lines, seed)
    return found


def takes(
    plans: Mapping[str, Plan], place: Background, *, made_up: bool
) -> tuple[dict[str, Plan], dict[str, Plan]]:
    """The plans that a background can take as it is, and those that it can with a channel made up."""
    whole, lacking = {}, {}
    for name, plan in plans.items():
        asked = replace(plan, mixed=True) if made_up else plan
        try:
            missing = channels_for(asked, place.held)[1]
        except ConfigError:
            continue
        if missing:
            lacking[name] = asked
        else:
            whole[name] = plan
    return whole, lacking


def _of_plans(place: Background, plans: Mapping[str, Plan], seed: int, *, made_up: bool) -> Iterator[Task]:
    whole, lacking = takes(plans, place, made_up=made_up)
    for group in _dealt(place, whole, seed):
        yield _task(place, EVERY_PLAN, None, "", seed, group, made_up=False)
    # A made-up channel changes the background, so those plans have worlds of their own.
    for group in _dealt(place, lacking, seed):
        yield _task(place, EVERY_PLAN, None, "", seed, group, made_up=True)


def _of_curves(place: Background, lines: Sequence[Curve], seed: int) -> Iterator[Task]:
    for curve in lines:
        for x, plans in points(curve, place.held):
            for group in _dealt(place, plans, seed):
                yield _task(place, curve.name, x, curve.field, seed, group, made_up=False)


def _task(
    place: Background,
    suite: str,
    x: float | None,
    field: str,
    seed: int,
    plans: Mapping[str, Plan],
    *,
    made_up: bool,
) -> Task:
    return Task(place.name, place.path, place.sha256, place.known, suite, x, field, seed, made_up, plans)


def _dealt(place: Background, plans: Mapping[str, Plan], seed: int) -> list[dict[str, Plan]]:
    """Plans dealt to as few worlds as keep their groups a small part of each, by lot: company varies."""
    names = list(plans)
    order = np.random.default_rng([seed, len(names)]).permutation(len(names))
    worlds: list[dict[str, Plan]] = []
    rooms: list[list[float]] = []
    for name in (names[i] for i in order):
        plan = plans[name]
        needs = [plan.n_accounts, plan.n_accounts * plan.events * (1 + plan.elsewhere)]
        whole = [_LARGEST_SHARE * place.n_accounts, _LARGEST_SHARE * place.n_events]
        fitting = [i for i, room in enumerate(rooms) if all(n <= r for n, r in zip(needs, room, strict=True))]
        if not fitting:
            worlds.append({})
            rooms.append(list(whole))
        i = fitting[0] if fitting else len(worlds) - 1
        worlds[i][name] = plan
        rooms[i] = [r - n for n, r in zip(needs, rooms[i], strict=True)]
    return [{name: world[name] for name in sorted(world)} for world in worlds]


def presets() -> dict[str, Plan]:
    """Every preset."""
    return dict(PLANS)
