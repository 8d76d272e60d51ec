"""Rings and look-alikes planted into a background."""

from graphkit.simulate.given import chosen_plans, read_plans, with_changes
from graphkit.simulate.plans import NEEDS, PLANS, RING_KINDS, Kind, Plan, fitting_plans, plans_for
from graphkit.simulate.scores import scored
from graphkit.simulate.world import World, planted

__all__ = [
    "NEEDS",
    "PLANS",
    "RING_KINDS",
    "Kind",
    "Plan",
    "World",
    "chosen_plans",
    "fitting_plans",
    "plans_for",
    "planted",
    "read_plans",
    "scored",
    "with_changes",
]
