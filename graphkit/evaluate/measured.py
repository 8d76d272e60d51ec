"""One world measured: planted, put to `detect`, scored."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import polars as pl

from graphkit.evaluate.backgrounds import read_background
from graphkit.evaluate.curves import part
from graphkit.evaluate.honest import as_it_is
from graphkit.evaluate.victims import hurt
from graphkit.evaluate.worlds import AS_IT_IS, EVERY_PLAN, Task
from graphkit.layers import CONTACTS, LAYERS
from graphkit.layers.base import coded
from graphkit.network.build import network
from graphkit.rings.findings import findings
from graphkit.run import detect
from graphkit.settings import Settings
from graphkit.simulate import World, planted, scored
from graphkit.tables import TIERS

# A found ring is a planted one when they share this much (Jaccard), and nobody's when less of its members
# than this are planted or known.
MATCH = 0.5


def measured(task: Task, settings: Settings) -> dict[str, Any]:
    """What came of one world, ready for JSON: a row for each group, and what was found beside them.

    Worlds of every plan go through the whole of `detect`; the points of curves only as far as rings.
    """
    background = read_background(task.path, settings.read)
    if task.suite == AS_IT_IS:
        size = {"n_events": background.height, "n_accounts": background["account_id"].n_unique()}
        return {**size, "rows": [], **as_it_is(background, task.known, task.seed, settings)}
    if task.x is not None:
        background = part(background, task.field, task.x, task.seed) if _cut(task) else background
    world = planted(background, task.plans, seed=task.seed, exclude=task.known)
    members, tiers = _found(world, settings, whole=task.suite == EVERY_PLAN)
    rows = scored(world, members, tiers, known=task.known)
    harmed = hurt(world, members, tiers)
    return {
        "n_events": world.events.height,
        "n_accounts": world.events["account_id"].n_unique(),
        "rows": [
            {**row, "plan": _plan(row["group_id"]), "hurt": harmed.get(row["group_id"], [])}
            for row in rows.to_dicts()
        ],
        **_rings(world, members, task.known),
    }


def _cut(task: Task) -> bool:
    return task.field in ("accounts", "period")


def _plan(group_id: str | None) -> str | None:
    """The preset that a group is a copy of."""
    return None if group_id is None else re.sub(r"-\d+$", "", group_id)


def _found(world: World, settings: Settings, *, whole: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """MEMBERS and TIERS; of a world that is not judged, no tiers."""
    if whole:
        run = detect(world.events, accounts=world.accounts, settings=settings)
        return run.members, run.accounts
    graph = network(coded(world.events), LAYERS, CONTACTS, settings.network)
    said = world.accounts.filter(pl.col("automation_disclosed").fill_null(value=False))["account_id"]
    exempt = pl.Series(graph.ids.is_in(said.implode())).arg_true().cast(pl.UInt32).to_numpy()
    return findings(graph, exempt, settings).members, TIERS.empty()


def _rings(world: World, members: pl.DataFrame, known: tuple[str, ...]) -> dict[str, Any]:
    """How many rings were found, and how many of them are nobody's: mostly accounts that are in none."""
    guilty = world.truth.filter("is_ring", pl.col("role").is_in(["member", "beneficiary"]))["account_id"]
    inside = pl.col("account_id").is_in(guilty.implode()) | pl.col("account_id").is_in(list(known))
    shares = members.group_by("ring_id").agg(inside.mean().alias("share"))
    return {"n_rings": shares.height, "n_false_rings": int((shares["share"] < MATCH).sum())}


def facts(task: Task) -> Mapping[str, Any]:
    """What the journal says of a world beside its outcome."""
    told = asdict(task)
    return {name: told[name] for name in ("background", "suite", "x", "seed", "made_up", "plans")}
