"""Outcomes of worlds summed into tables: by plan and background, by tier, and along curves."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import polars as pl

from graphkit.evaluate.honest import honest_tables
from graphkit.evaluate.journal import Record
from graphkit.evaluate.measured import MATCH
from graphkit.evaluate.victims import blamed, flagged_before
from graphkit.evaluate.worlds import EVERY_PLAN
from graphkit.simulate import Plan
from graphkit.words import Tier

FLAGS = tuple(tier.value for tier in Tier if tier is not Tier.CLEAR)
# From how little is said of an account to how much.
SAID = ("in a ring", *FLAGS)
# What is told of the unlucky end of the seeds.
_LOW, _HIGH = 0.05, 0.95
# Marks a background in which a channel was made up.
MADE_UP = "*"
_GROUP = {
    "place": pl.String,
    "suite": pl.String,
    "x": pl.Float64,
    "seed": pl.Int64,
    "group_id": pl.String,
    "plan": pl.String,
    "kind": pl.String,
    "is_ring": pl.Boolean,
    "n_accounts": pl.Int64,
    "jaccard": pl.Float64,
    "n_flagged": pl.Int64,
    "n_in_rings": pl.Int64,
    **{f"n_{tier}": pl.Int64 for tier in FLAGS},
    "n_victims": pl.Int64,
    "victims_flagged": pl.Int64,
    "victims_in_rings": pl.Int64,
    **{f"victims_{tier}": pl.Int64 for tier in FLAGS},
}
_WORLD = {
    **{"place": pl.String, "suite": pl.String, "x": pl.Float64, "seed": pl.Int64, "status": pl.String},
    **{"why": pl.String, "seconds": pl.Float64, "n_events": pl.Int64, "n_accounts": pl.Int64},
    **{"n_rings": pl.Int64, "n_false_rings": pl.Int64},
}


@dataclass(frozen=True)
class Results:
    """All tables of an evaluation, and the facts that results.json holds."""

    tables: dict[str, pl.DataFrame]
    facts: dict[str, Any]

    @property
    def labelled(self) -> frozenset[str]:
        """Backgrounds known to hold rings of their own: what else is found there may be right."""
        return _labelled(self.facts["logs"])


def summed(
    found: Sequence[Record], places: Sequence[Mapping[str, Any]], plans: Mapping[str, Plan]
) -> Results:
    """The tables of these records; the same whatever order the worlds came in."""
    done = [record for record in found if record["status"] == "done"]
    before = flagged_before(done)
    groups = pl.DataFrame(
        [
            {**blamed(row, before.get(record["background"], ())), **_place(record)}
            for record in done
            for row in record["rows"]
        ],
        schema=_GROUP,
    ).sort("place", "suite", "x", "seed", "group_id", nulls_last=True)
    worlds = pl.DataFrame(
        [{**{name: record.get(name) for name in _WORLD}, **_place(record)} for record in found], schema=_WORLD
    ).sort("place", "suite", "x", "seed", "n_events", nulls_last=True)
    every = groups.filter(pl.col("suite") == EVERY_PLAN)
    # Nobody knows whether an unlabelled account of such a background is innocent.
    unknown = pl.col("place").is_in(_labelled(places)) & pl.col("group_id").is_null()
    tables = {
        "rings": _rings(every.filter("is_ring")),
        "lookalikes": _lookalikes(every.filter(~pl.col("is_ring"), pl.col("group_id").is_not_null())),
        "accounts": _accounts(every, every.filter(~unknown)),
        "backgrounds": _backgrounds(every, worlds.filter(pl.col("suite") == EVERY_PLAN)),
        "curves": _curves(groups.filter(pl.col("suite") != EVERY_PLAN)),
        "groups": groups,
        "worlds": worlds,
        **honest_tables(found),
    }
    names = ("found", "formulas", "rings", "lookalikes", "accounts", "backgrounds", "curves")
    facts = {
        "version": version("graphkit"),
        "logs": list(places),
        "plans": {name: asdict(plan) for name, plan in plans.items()},
        "seeds": every["seed"].unique().sort().to_list(),
        "curve_seeds": groups.filter(pl.col("suite") != EVERY_PLAN)["seed"].unique().sort().to_list(),
        "worlds": dict(worlds["status"].value_counts().sort("status").rows()),
        **{name: tables[name].to_dicts() for name in names},
    }
    return Results(tables, facts)


def _labelled(places: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    names = [str(place["background"]) for place in places if place["n_known"]]
    return frozenset([*names, *(name + MADE_UP for name in names)])


def _place(record: Record) -> dict[str, Any]:
    mark = MADE_UP if record["made_up"] else ""
    return {
        "place": record["background"] + mark,
        **{name: record[name] for name in ("suite", "seed")},
        "x": None if record["x"] is None else float(record["x"]),
    }


def _levels(rows: pl.DataFrame, *names: str) -> pl.DataFrame:
    """`rows` four times: by place and plan, by place, by plan and as a whole; null stands for all."""
    some = [(), *((name,) for name in names), names]
    return pl.concat(
        rows.with_columns([pl.lit(None, pl.String).alias(name) for name in names if name not in kept])
        for kept in some
    )


def _rings(rings: pl.DataFrame) -> pl.DataFrame:
    """Recall, overlap and victims of each plan in each place: means over seeds and the fifth percentile."""
    by_seed = (
        _levels(rings, "place", "plan")
        .group_by("place", "plan", "seed")
        .agg(
            pl.len().alias("n_groups"),
            (pl.col("jaccard") >= MATCH).mean().alias("recall"),
            pl.col("jaccard").mean(),
            (pl.col("n_in_rings").sum() / pl.col("n_accounts").sum()).alias("in_rings"),
            (pl.col("n_flagged").sum() / pl.col("n_accounts").sum()).alias("flagged"),
            pl.col("n_victims", "victims_flagged", "victims_in_rings").sum(),
        )
    )
    return (
        by_seed.group_by("place", "plan")
        .agg(
            pl.len().cast(pl.Int64).alias("n_seeds"),
            pl.col("n_groups").sum().cast(pl.Int64),
            pl.col("recall").mean(),
            _low("recall"),
            pl.col("jaccard").mean(),
            _low("jaccard"),
            pl.col("in_rings", "flagged").mean(),
            pl.col("n_victims", "victims_flagged", "victims_in_rings").sum(),
        )
        .sort("place", "plan", nulls_last=True)
    )


def _lookalikes(groups: pl.DataFrame) -> pl.DataFrame:
    """The share of the members of look-alikes that was flagged, by plan and place."""
    above = pl.col("n_flagged") - pl.col("n_watch")
    by_seed = (
        _levels(groups, "place", "plan")
        .group_by("place", "plan", "seed")
        .agg(
            pl.len().alias("n_groups"),
            pl.col("n_accounts").sum(),
            (pl.col("n_flagged").sum() / pl.col("n_accounts").sum()).alias("flagged"),
            (above.sum() / pl.col("n_accounts").sum()).alias("above_watch"),
            (pl.col("n_in_rings").sum() / pl.col("n_accounts").sum()).alias("in_rings"),
            (pl.col("jaccard") >= MATCH).mean().alias("taken_for_ring"),
        )
    )
    return (
        by_seed.group_by("place", "plan")
        .agg(
            pl.len().cast(pl.Int64).alias("n_seeds"),
            pl.col("n_groups").sum().cast(pl.Int64),
            pl.col("n_accounts").sum(),
            pl.col("flagged").mean(),
            _high("flagged"),
            pl.col("above_watch", "in_rings", "taken_for_ring").mean(),
        )
        .sort("place", "plan", nulls_last=True)
    )


def _accounts(every: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Precision and recall over accounts, for each thing that may be said of one, counted upwards.

    For each place by `every` row, as a whole by those of which the truth is `told`.
    """
    by_place = pl.concat([every, told.with_columns(pl.lit(None, pl.String).alias("place"))])
    parts = []
    for level, said in enumerate(SAID):
        own = ["n_in_rings"] if level == 0 else [f"n_{tier}" for tier in FLAGS[level - 1 :]]
        theirs = ["victims_in_rings"] if level == 0 else [f"victims_{tier}" for tier in FLAGS[level - 1 :]]
        hit, hurt = pl.sum_horizontal(own), pl.sum_horizontal(theirs)
        ring = pl.col("is_ring").fill_null(value=False)
        by_seed = by_place.group_by("place", "seed").agg(
            hit.filter(ring).sum().alias("right"),
            (hit.filter(~ring).sum() + hurt.sum()).alias("wrong"),
            pl.col("n_accounts").filter(ring).sum().alias("n_members"),
        )
        parts.append(
            by_seed.with_columns(
                # Where nobody is flagged there is no precision; where nobody was planted, no recall.
                _ratio("right", pl.col("right") + pl.col("wrong"), "precision"),
                _ratio("right", pl.col("n_members"), "recall"),
            )
            .group_by("place")
            .agg(
                pl.len().cast(pl.Int64).alias("n_seeds"),
                pl.col("precision").mean(),
                _low("precision"),
                pl.col("recall").mean(),
                _low("recall"),
                pl.col("right", "wrong").sum(),
            )
            .with_columns(pl.lit(said).alias("said"), pl.lit(level).alias("level"))
        )
    return pl.concat(parts).sort("place", "level", nulls_last=True).drop("level")


def _ratio(right: str, of: pl.Expr, name: str) -> pl.Expr:
    return pl.when(of > 0).then(pl.col(right) / of).alias(name)


def _backgrounds(every: pl.DataFrame, worlds: pl.DataFrame) -> pl.DataFrame:
    """Flags among accounts of the background without a role, in 10,000, and rings that are nobody's."""
    ordinary = every.filter(pl.col("group_id").is_null())
    by_seed = ordinary.group_by("place", "seed").agg(
        pl.col("n_accounts").sum(),
        (10_000 * pl.col("n_flagged").sum() / pl.col("n_accounts").sum()).alias("flagged"),
        (10_000 * (pl.col("n_flagged") - pl.col("n_watch")).sum() / pl.col("n_accounts").sum()).alias(
            "above_watch"
        ),
        (10_000 * pl.col("n_in_rings").sum() / pl.col("n_accounts").sum()).alias("in_rings"),
    )
    counts = worlds.group_by("place").agg(
        pl.len().cast(pl.Int64).alias("n_worlds"),
        (pl.col("status") != "done").sum().cast(pl.Int64).alias("n_not_done"),
        pl.col("n_false_rings").mean().alias("false_rings"),
        pl.col("seconds").median(),
    )
    numbers = by_seed.group_by("place").agg(
        pl.col("flagged").mean(), _high("flagged"), pl.col("above_watch", "in_rings").mean()
    )
    return counts.join(numbers, on="place", how="left").sort("place")


def _curves(groups: pl.DataFrame) -> pl.DataFrame:
    """Recall and overlap at each point of each curve."""
    return (
        groups.filter("is_ring")
        .group_by("suite", "place", "plan", "x")
        .agg(
            pl.len().cast(pl.Int64).alias("n_groups"),
            (pl.col("jaccard") >= MATCH).mean().alias("recall"),
            pl.col("jaccard").mean(),
            _low("jaccard"),
        )
        .sort("suite", "place", "plan", "x")
    )


def _low(name: str) -> pl.Expr:
    return pl.col(name).quantile(_LOW, "linear").alias(f"{name}_p05")


def _high(name: str) -> pl.Expr:
    return pl.col(name).quantile(_HIGH, "linear").alias(f"{name}_p95")
