"""Victims count as flagged where a ring had them flagged, not where they were flagged without it."""

from typing import Any

import polars as pl

from graphkit.evaluate.victims import blamed, flagged_before, hurt
from graphkit.simulate import World
from graphkit.tables import EVENTS, TIERS

_TRUTH = pl.DataFrame(
    [("a", "ring", "member"), ("v", "ring", "victim"), ("w", "ring", "victim"), ("x", "ring", "victim")],
    schema=["account_id", "group_id", "role"],
    orient="row",
)
_WORLD = World(EVENTS.empty(), _TRUTH)
_TIERS = TIERS.empty().select("account_id", "tier")
_SAID = pl.concat(
    [
        _TIERS,
        pl.DataFrame({"account_id": ["a", "v", "w"], "tier": ["watch", "warn", "clear"]}).cast(_TIERS.schema),
    ]
)
_MEMBERS = pl.DataFrame({"account_id": ["a", "w"], "ring_id": ["r", "r"]})


def test_the_hurt_are_victims_who_are_flagged_or_in_a_ring() -> None:
    assert hurt(_WORLD, _MEMBERS, _SAID) == {
        "ring": [
            {"account_id": "v", "tier": "warn", "in_ring": False},
            {"account_id": "w", "tier": None, "in_ring": True},
        ]
    }
    assert hurt(_WORLD, _MEMBERS.clear(), _TIERS) == {}


def test_who_is_flagged_without_the_ring_is_no_victim_of_it() -> None:
    row: dict[str, Any] = {"n_victims": 3, "victims_flagged": 1, "victims_in_rings": 1, "victims_warn": 1}
    row["hurt"] = hurt(_WORLD, _MEMBERS, _SAID)["ring"]
    told = {name: count for name, count in row.items() if name != "hurt"}
    assert blamed(row, ()) == told
    assert blamed(row, {"x", "a"}) == told
    one = blamed(row, {"v"})
    assert (one["n_victims"], one["victims_flagged"], one["victims_warn"], one["victims_in_rings"]) == (
        2,
        0,
        0,
        1,
    )
    both = blamed(row, {"v", "w"})
    assert (both["n_victims"], both["victims_flagged"], both["victims_in_rings"]) == (1, 0, 0)
    # Records of earlier versions do not name them.
    assert blamed(told, {"v"}) == told


def test_only_logs_as_they_are_say_who_was_flagged_before() -> None:
    found = [{"background": "here", "flagged": ["v"]}, {"background": "here", "rows": []}]
    assert flagged_before(found) == {"here": frozenset({"v"})}
