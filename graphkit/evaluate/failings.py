"""What was asked of the detector, whether it was met, and every place where it was not."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

Tables = Mapping[str, pl.DataFrame]

# What is asked: recall of rings over all plans and of each, precision of accounts, and the most that may be
# flagged of look-alikes and (in 10,000) of accounts of the background.
RECALL, PLAN_RECALL, PRECISION, LOOKALIKES, ORDINARY = 0.95, 0.8, 0.99, 0.01, 5.0


@dataclass(frozen=True)
class Verdict:
    """One thing that is asked, with the number that answers it."""

    asked: str
    measured: str
    met: bool


def verdicts(tables: Tables, labelled: Collection[str] = ()) -> Iterator[Verdict]:
    """Every target that these tables can answer.

    Of the `labelled` backgrounds, which hold rings of their own, nothing is asked where nothing is planted.
    """
    honest = ~pl.col("place").is_in(list(labelled))
    yield from _as_it_is(tables["found"].filter(honest))
    yield from _of_rings(tables["rings"])
    yield from _of_accounts(tables)
    yield from _of_lookalikes(tables["lookalikes"])
    yield from _of_ordinary(tables["backgrounds"].filter(honest))


def _as_it_is(found: pl.DataFrame) -> Iterator[Verdict]:
    for row in found.to_dicts():
        watched = 10_000 * row["watch"] / max(row["n_accounts"], 1)
        told = (
            f"{row['rings']} rings, {watched:.1f} in 10,000 at `watch`, {row['above_watch']} accounts above"
        )
        met = row["rings"] == 0 and watched < ORDINARY and row["above_watch"] == 0
        yield Verdict(
            f"{row['place']} as it is: no ring, none above `watch`, under {ORDINARY:g} in 10,000 at it",
            told,
            met,
        )


def _of_rings(rings: pl.DataFrame) -> Iterator[Verdict]:
    whole = rings.filter(pl.col("place").is_null(), pl.col("plan").is_null()).to_dicts()
    for row in whole:
        low = f"{row['recall']:.3f}, fifth percentile {row['recall_p05']:.3f}"
        yield Verdict(f"ring recall {RECALL} or better over all plans", low, row["recall"] >= RECALL)
    plans = (
        rings.filter(pl.col("place").is_null(), pl.col("plan").is_not_null())
        .sort("recall", "plan")
        .to_dicts()
    )
    if plans:
        under = [row for row in plans if row["recall"] < PLAN_RECALL]
        told = ", ".join(f"{row['plan']} {row['recall']:.2f}" for row in under or plans[:1])
        yield Verdict(f"no plan under {PLAN_RECALL}", ("" if under else "least: ") + told, not under)
    for row in whole:
        told = f"{row['victims_flagged']:,} of {row['n_victims']:,}"
        yield Verdict("victims flagged: none", told, row["victims_flagged"] == 0)


def _of_accounts(tables: Tables) -> Iterator[Verdict]:
    wanted = tables["accounts"].filter(
        pl.col("place").is_null(), pl.col("said").is_in(["in a ring", "watch", "warn"])
    )
    for row in wanted.filter(pl.col("precision").is_not_null()).to_dicts():
        said = "in a ring" if row["said"] == "in a ring" else f"`{row['said']}` or above"
        told = f"{row['precision']:.4f} ({row['wrong']:,} wrong of {row['right'] + row['wrong']:,})"
        yield Verdict(f"account precision {PRECISION}, {said}", told, row["precision"] >= PRECISION)


def _of_lookalikes(lookalikes: pl.DataFrame) -> Iterator[Verdict]:
    for row in lookalikes.filter(pl.col("place").is_null(), pl.col("plan").is_null()).to_dicts():
        yield Verdict(
            f"members of look-alikes flagged: under {LOOKALIKES:.0%}",
            f"{row['flagged']:.2%}",
            row["flagged"] < LOOKALIKES,
        )


def _of_ordinary(backgrounds: pl.DataFrame) -> Iterator[Verdict]:
    for row in backgrounds.filter(pl.col("flagged").is_not_null()).to_dicts():
        told = f"{row['flagged']:.1f}, above `watch` {row['above_watch']:.1f}"
        met = row["flagged"] < ORDINARY and row["above_watch"] == 0
        yield Verdict(
            f"{row['place']}: under {ORDINARY:g} accounts in 10,000 at `watch`, none above", told, met
        )


def failings(tables: Tables) -> Iterator[str]:
    """One sentence for each place in which something was missed or somebody wrongly flagged, worst first."""
    both = tables["rings"].drop_nulls(["place", "plan"])
    for row in both.filter(pl.col("recall") < PLAN_RECALL).sort("recall", "place", "plan").to_dicts():
        missed = row["n_groups"] - round(row["recall"] * row["n_groups"])
        yield (
            f"`{row['plan']}` in {row['place']}: {missed} of {row['n_groups']} rings missed "
            f"(mean Jaccard {row['jaccard']:.2f})"
        )
    for row in both.filter(pl.col("victims_flagged") > 0).to_dicts():
        told = f"{row['victims_flagged']} of {row['n_victims']} victims flagged"
        yield f"`{row['plan']}` in {row['place']}: {told}"
    alike = tables["lookalikes"].drop_nulls(["place", "plan"]).filter(pl.col("flagged") >= LOOKALIKES)
    for row in alike.sort(["flagged", "place", "plan"], descending=[True, False, False]).to_dicts():
        yield (
            f"look-alike `{row['plan']}` in {row['place']}: {row['flagged']:.1%} of its accounts flagged, "
            f"{row['above_watch']:.1%} above `watch`"
        )
    for row in tables["backgrounds"].to_dicts():
        if row["flagged"] is not None and (row["flagged"] >= ORDINARY or row["above_watch"] > 0):
            yield (
                f"{row['place']}: {row['flagged']:.1f} ordinary accounts in 10,000 flagged, "
                f"{row['above_watch']:.1f} above `watch`, {row['false_rings']:.2f} false rings a world"
            )
    yield from _not_measured(tables["worlds"])


def _not_measured(worlds: pl.DataFrame) -> Iterator[str]:
    lost = worlds.filter(pl.col("status") != "done").group_by("place", "status", "why").len("n")
    for row in lost.sort("place", "status", "why").to_dicts():
        yield f"{row['place']}: {row['n']} worlds were not measured: {row['why']}"
