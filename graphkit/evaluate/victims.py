"""Victims: who of them is flagged for what others do to them, and not for what they do themselves."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl

from graphkit.evaluate.journal import Record
from graphkit.simulate import World
from graphkit.words import Tier

Row = dict[str, Any]


def hurt(world: World, members: pl.DataFrame, tiers: pl.DataFrame) -> dict[str, list[Row]]:
    """The victims of each group who are flagged or in a ring: account_id, tier (null: none), in_ring."""
    victims = world.truth.filter(pl.col("role") == "victim").select("group_id", "account_id")
    inside = members.select("account_id", pl.lit(True).alias("in_ring")).unique()
    said = tiers.select("account_id", pl.col("tier").cast(pl.String)).filter(
        pl.col("tier") != Tier.CLEAR.value
    )
    found = (
        victims.join(said, on="account_id", how="left")
        .join(inside, on="account_id", how="left")
        .with_columns(pl.col("in_ring").fill_null(value=False))
        .filter(pl.col("in_ring") | pl.col("tier").is_not_null())
        .sort("group_id", "account_id")
    )
    groups = found.partition_by("group_id", as_dict=True, include_key=False, maintain_order=True)
    return {str(key[0]): rows.to_dicts() for key, rows in groups.items()}


def flagged_before(found: Sequence[Record]) -> Mapping[str, frozenset[str]]:
    """By background the accounts that `detect` flags in the log as it is, where that was measured."""
    return {record["background"]: frozenset(record["flagged"]) for record in found if "flagged" in record}


def blamed(row: Row, before: Collection[str]) -> Row:
    """`row` of a group with its victims counted less those who are flagged without it (`before`).

    Such an account is flagged for its own deeds, right or wrong, so it cannot show whether the deeds of
    others would have it flagged.
    """
    own = [victim for victim in row.get("hurt", ()) if victim["account_id"] in before]
    answer = {name: count for name, count in row.items() if name != "hurt"}
    for victim in own:
        flagged = victim["tier"] is not None
        answer["n_victims"] -= 1
        answer["victims_flagged"] -= flagged
        answer["victims_in_rings"] -= victim["in_ring"]
        if flagged:
            answer[f"victims_{victim['tier']}"] -= 1
    return answer
