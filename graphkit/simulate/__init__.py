"""Rings and look-alikes planted into a background."""

from graphkit.simulate.plans import NEEDS, PLANS, RING_KINDS, Kind, Plan, plans_for
from graphkit.simulate.scores import scored
from graphkit.simulate.world import World, planted

__all__ = ["NEEDS", "PLANS", "RING_KINDS", "Kind", "Plan", "World", "plans_for", "planted", "scored"]
