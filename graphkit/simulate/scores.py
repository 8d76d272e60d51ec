"""How well a run told planted rings from look-alikes and background."""

from collections.abc import Collection

import polars as pl

from graphkit.errors import InputError
from graphkit.simulate.world import World
from graphkit.words import Tier

_FLAGS = [tier.value for tier in Tier if tier is not Tier.CLEAR]
_COLUMNS = [
    *("group_id", "kind", "is_ring", "n_accounts", "jaccard", "ring_id"),
    *(f"n_{tier}" for tier in _FLAGS),
    *("n_flagged", "n_in_rings", "n_victims", "victims_flagged"),
    *(f"victims_{tier}" for tier in _FLAGS),
    "victims_in_rings",
]
_NEEDS = {"members": ("account_id", "ring_id"), "tiers": ("account_id", "tier")}


def scored(
    world: World, members: pl.DataFrame, tiers: pl.DataFrame, *, known: Collection[str] = ()
) -> pl.DataFrame:
    """One row for each planted group, and one for the accounts of the background that have no role.

    `known` are accounts of the background that are known to belong to rings: they are in no row.

    Columns: group_id (null for the background), kind, is_ring, n_accounts (members or look-alikes), jaccard
    (best overlap of the members with a found ring, 0 to 1), ring_id (that ring; the first by name of equals),
    `n_<tier>` for each tier above clear, n_flagged (their sum), n_in_rings (accounts in any found ring),
    n_victims, victims_flagged, `victims_<tier>`, victims_in_rings. Accounts absent from `tiers` count as
    clear. Missing columns raise InputError.
    """
    for name, frame in (("members", members), ("tiers", tiers)):
        lacking = [column for column in _NEEDS[name] if column not in frame.columns]
        if lacking:
            raise InputError(f"`{name}` lacks {', '.join(f'`{column}`' for column in lacking)}")
    found = members.select(pl.col("account_id", "ring_id").cast(pl.String)).drop_nulls().unique()
    flagged = tiers.select(pl.col("account_id", "tier").cast(pl.String)).unique("account_id", keep="any")
    cast = pl.concat([world.truth.drop("planted"), _ordinary(world, known)])
    cast = (
        cast.join(flagged, on="account_id", how="left")
        .join(
            found.select(pl.col("account_id").unique(), pl.lit(True).alias("in_ring")),
            on="account_id",
            how="left",
        )
        .with_columns(
            pl.col("in_ring").fill_null(False), pl.col("tier").is_in(_FLAGS).fill_null(False).alias("flagged")
        )
    )
    inside = pl.col("role").is_in(["member", "lookalike", "none"])
    victim = pl.col("role") == "victim"
    counts = cast.group_by("group_id", "kind", "is_ring").agg(
        inside.sum().cast(pl.Int64).alias("n_accounts"),
        *[(inside & (pl.col("tier") == tier)).sum().cast(pl.Int64).alias(f"n_{tier}") for tier in _FLAGS],
        (inside & pl.col("flagged")).sum().cast(pl.Int64).alias("n_flagged"),
        (inside & pl.col("in_ring")).sum().cast(pl.Int64).alias("n_in_rings"),
        victim.sum().cast(pl.Int64).alias("n_victims"),
        (victim & pl.col("flagged")).sum().cast(pl.Int64).alias("victims_flagged"),
        *[
            (victim & (pl.col("tier") == tier)).sum().cast(pl.Int64).alias(f"victims_{tier}")
            for tier in _FLAGS
        ],
        (victim & pl.col("in_ring")).sum().cast(pl.Int64).alias("victims_in_rings"),
    )
    best = _best(world.truth, found)
    return (
        counts.join(best, on="group_id", how="left")
        .with_columns(pl.when(pl.col("group_id").is_not_null()).then(pl.col("jaccard").fill_null(0.0)))
        .select(_COLUMNS)
        .sort("is_ring", "group_id", descending=[True, False], nulls_last=True)
    )


def _ordinary(world: World, known: Collection[str]) -> pl.DataFrame:
    """The accounts that act and have no role, as a group without a name."""
    acting = world.events.select(pl.col("account_id").unique().sort())
    acting = acting.filter(~pl.col("account_id").is_in(list(known)))
    return acting.join(world.truth, on="account_id", how="anti").select(
        "account_id",
        pl.lit(None, pl.String).alias("group_id"),
        pl.lit("background").alias("kind"),
        pl.lit(False).alias("is_ring"),
        pl.lit("none").alias("role"),
    )


def _best(truth: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """For each group the found ring that overlaps it best: |both| / |either|."""
    inside = truth.filter(pl.col("role").is_in(["member", "lookalike"]))
    sizes = inside.group_by("group_id").len("n_group")
    rings = found.group_by("ring_id").len("n_ring")
    return (
        inside.join(found, on="account_id")
        .group_by("group_id", "ring_id")
        .len("n_both")
        .join(sizes, on="group_id")
        .join(rings, on="ring_id")
        .with_columns(
            (
                pl.col("n_both") / (pl.col("n_group").cast(pl.Int64) + pl.col("n_ring") - pl.col("n_both"))
            ).alias("jaccard")
        )
        .sort(["group_id", "jaccard", "ring_id"], descending=[False, True, False])
        .unique("group_id", keep="first", maintain_order=True)
        .select("group_id", "jaccard", "ring_id")
    )
