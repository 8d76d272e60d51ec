"""Scores of planted groups, worked out by hand."""

from datetime import UTC, datetime

import polars as pl
import pytest

from graphkit.errors import InputError
from graphkit.simulate import World, scored

# A ring a b c d with the victim v, friends f g h, and two accounts of the background: v and o.
_TRUTH = pl.DataFrame(
    [
        *[(account, "pod", "pod", True, "member", True) for account in "abcd"],
        ("v", "pod", "pod", True, "victim", False),
        *[(account, "pals", "friends", False, "lookalike", True) for account in "fgh"],
    ],
    schema=["account_id", "group_id", "kind", "is_ring", "role", "planted"],
    orient="row",
)
_EVENTS = pl.DataFrame(
    {
        "event_id": [f"e{i}" for i in range(10)],
        "timestamp": [datetime(2025, 1, 1, 0, i, tzinfo=UTC) for i in range(10)],
        "account_id": list("abcdvfghoo"),
    }
)
_WORLD = World(_EVENTS, _TRUTH)
# r1 holds three of the ring and the background account o; r2 one of the ring and one friend.
_MEMBERS = pl.DataFrame({"account_id": list("abcodf"), "ring_id": ["r1"] * 4 + ["r2"] * 2})
_FLAGS = {"a": "warn", "b": "watch", "c": "limit", "f": "watch", "o": "warn"}
_TIERS = pl.DataFrame(
    {"account_id": list("abcdvfgho"), "tier": [_FLAGS.get(name, "clear") for name in "abcdvfgho"]}
)


def test_a_ring_is_scored_by_its_best_overlap_and_its_tiers() -> None:
    row = scored(_WORLD, _MEMBERS, _TIERS).row(0, named=True)
    # r1: 3 in both, 4 + 4 - 3 = 5 in either: 0.6. r2: 1 in both, 4 + 2 - 1 = 5: 0.2.
    assert (row["group_id"], row["jaccard"], row["ring_id"]) == ("pod", 0.6, "r1")
    assert (row["n_accounts"], row["n_in_rings"], row["n_flagged"]) == (4, 4, 3)
    assert [row[f"n_{tier}"] for tier in ("watch", "warn", "limit", "ban_review")] == [1, 1, 1, 0]
    assert (row["n_victims"], row["victims_flagged"], row["victims_in_rings"]) == (1, 0, 0)


def test_false_flags_are_counted_by_kind_and_for_the_background() -> None:
    pals, rest = scored(_WORLD, _MEMBERS, _TIERS).rows(named=True)[1:]
    # One of three friends is flagged; r2 holds one of them: 1 / (3 + 2 - 1) = 0.25.
    assert (pals["kind"], pals["n_accounts"], pals["n_flagged"], pals["jaccard"]) == ("friends", 3, 1, 0.25)
    # o is all that is left of the background: v has a role.
    assert (rest["kind"], rest["group_id"], rest["n_accounts"]) == ("background", None, 1)
    assert (rest["n_flagged"], rest["n_in_rings"], rest["jaccard"]) == (1, 1, None)


def test_nothing_found_scores_nothing() -> None:
    table = scored(_WORLD, _MEMBERS.clear(), _TIERS.clear())
    assert table["jaccard"].to_list() == [0.0, 0.0, None]
    assert table.select("n_flagged", "n_in_rings", "victims_flagged").sum().row(0) == (0, 0, 0)


def test_a_flagged_victim_is_counted() -> None:
    accused = pl.DataFrame({"account_id": ["v"], "tier": ["watch"]})
    assert scored(_WORLD, _MEMBERS, accused).row(0, named=True)["victims_flagged"] == 1


def test_missing_columns_are_named() -> None:
    with pytest.raises(InputError, match="`members` lacks `ring_id`"):
        scored(_WORLD, _MEMBERS.drop("ring_id"), _TIERS)
