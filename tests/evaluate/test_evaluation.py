"""An evaluation: goes on where it stopped, lets no world spoil another, and sums up what was scored."""

import json
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from graphkit.cli import app
from graphkit.errors import ConfigError, GraphkitError
from graphkit.evaluate.backgrounds import Background, backgrounds
from graphkit.evaluate.curves import COPIES, CURVES, curves, part, points
from graphkit.evaluate.failings import failings, verdicts
from graphkit.evaluate.journal import append, records
from graphkit.evaluate.page import text
from graphkit.evaluate.runs import outcomes
from graphkit.evaluate.summary import FLAGS, Results, summed
from graphkit.evaluate.worlds import EVERY_PLAN, Task, tasks
from graphkit.settings import ReadSettings, Settings
from graphkit.simulate import PLANS, Kind, Plan
from graphkit.simulate.plans import Held
from graphkit.words import Channel

_FEED = Held(frozenset({Channel.COMMENT}), 0)
_PLACE = Background("here", "here.parquet", "0" * 64, 10_000, 1_000, _FEED, ())


@pytest.fixture(scope="module")
def slice_of_chat(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small background in a folder of its own, with one account that is known to be in a ring."""
    folder = tmp_path_factory.mktemp("worlds") / "slice"
    folder.mkdir()
    events = pl.read_parquet(fixtures / "moltbook" / "events.parquet").sort("timestamp").slice(2_000, 4_000)
    events.write_parquet(folder / "events.parquet")
    events.select("account_id").head(1).write_parquet(folder / "labels.parquet")
    return folder / "events.parquet"


def test_a_background_is_named_after_its_folder_or_as_asked(slice_of_chat: Path) -> None:
    (one,) = backgrounds([str(slice_of_chat)], ReadSettings())
    assert (one.name, one.n_events, len(one.known)) == ("slice", 4_000, 1)
    (other,) = backgrounds([f"mine={slice_of_chat}"], ReadSettings())
    assert (other.name, other.sha256) == ("mine", one.sha256)
    with pytest.raises(ConfigError, match="two backgrounds are called `slice`"):
        backgrounds([str(slice_of_chat)] * 2, ReadSettings())


def _tasks(plans: dict[str, Plan], **options: Any) -> list[Task]:
    given: dict[str, Any] = {"seeds": [1], "curve_seeds": [], "made_up": False, **options}
    return tasks([_PLACE], plans, given.pop("lines", ()), **given)


def test_groups_stay_a_small_part_of_their_world() -> None:
    plans = {f"p{i}": Plan(Kind.POD, 40, events=4) for i in range(6)}
    worlds = _tasks(plans)
    # Two groups of 40 are a tenth of 1,000 accounts at most, three are more.
    assert [len(world.plans) for world in worlds] == [2, 2, 2]
    assert sorted(name for world in worlds for name in world.plans) == sorted(plans)
    assert [len(world.plans) for world in _tasks({"large": Plan(Kind.POD, 400)})] == [1]


def test_made_up_channels_have_worlds_of_their_own() -> None:
    plans = {name: PLANS[name] for name in ("pod_seconds", "fan_out", "thin")}
    as_they_are = _tasks(plans)
    assert {name: world.made_up for world in as_they_are for name in world.plans} == {
        "pod_seconds": False,
        "thin": True,
    }
    every = _tasks(plans, made_up=True)
    assert {name for world in every if world.made_up for name in world.plans} == {"fan_out", "thin"}


def test_the_key_of_a_world_changes_with_all_that_decides_its_outcome() -> None:
    one, two = _tasks({"pod_seconds": PLANS["pod_seconds"]}, seeds=[1, 2])
    (other,) = _tasks({"pod_seconds": PLANS["pod_minutes"]})
    keys = [world.key("code", {}) for world in (one, two, other)]
    keys += [one.key("other code", {}), one.key("code", {"crowd": 5})]
    assert len(set(keys)) == len(keys)
    assert one.key("code", {}) == _tasks({"pod_seconds": PLANS["pod_seconds"]})[0].key("code", {})


def test_a_curve_changes_one_number_of_plans_that_the_background_takes() -> None:
    (curve,) = curves(["size"])
    found = dict(points(curve, _FEED))
    assert list(found) == list(curve.values)
    for x, plans in found.items():
        assert {plan.n_accounts for plan in plans.values()} == {x}
        assert set(plans) == {
            f"{name}-{i}" for name in ("pod_minutes", "jitter") for i in range(1, COPIES + 1)
        }
    assert curves(["all"]) == CURVES
    with pytest.raises(ConfigError, match="unknown curve `length`"):
        curves(["length"])


@pytest.mark.parametrize("field", ["accounts", "period"])
def test_a_part_of_a_background_is_smaller_and_the_same_each_time(slice_of_chat: Path, field: str) -> None:
    events = pl.read_parquet(slice_of_chat)
    small = part(events, field, 0.25, seed=3)
    assert small.equals(part(events, field, 0.25, seed=3))
    assert part(events, field, 1, seed=3).equals(events)
    if field == "period":
        assert small.height == 1_000
    else:
        assert small["account_id"].n_unique() == round(events["account_id"].n_unique() / 4)


def test_a_line_that_was_half_written_is_lost_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "worlds.jsonl"
    append(path, {"key": "a", "n": 1})
    with path.open("ab") as stream:
        stream.write(b'{"key": "b", "n"')
    append(path, {"key": "c", "n": 3})
    append(path, {"key": "a", "n": 4})
    assert {key: record["n"] for key, record in records(path).items()} == {"a": 4, "c": 3}
    assert records(tmp_path / "none") == {}


def _behave(task: Task, settings: Settings) -> dict[str, Any]:
    """Stands for `measured` in another process."""
    if task.seed == 2:
        raise GraphkitError("the world is flat")
    if task.seed == 3:
        time.sleep(600)
    if task.seed == 4:
        raise SystemExit(7)
    return {"rows": [task.seed]}


def test_no_world_takes_another_with_it() -> None:
    todo = _tasks({"pod_seconds": PLANS["pod_seconds"]}, seeds=[1, 2, 3, 4])
    found = {
        task.seed: told for task, told in outcomes(todo, Settings(), jobs=2, limit_s=60, measure=_behave)
    }
    assert {seed: told["status"] for seed, told in found.items()} == {
        1: "done",
        2: "failed",
        3: "late",
        4: "failed",
    }
    assert found[1]["rows"] == [1]
    assert found[2]["why"] == "the world is flat"
    assert found[4]["why"] == "the process ended with code 7"


_ENDLESS = """
import time
from graphkit.evaluate.runs import outcomes
from graphkit.evaluate.worlds import Task
from graphkit.settings import Settings

def endless(task, settings):
    print("began", flush=True)
    time.sleep(600)

if __name__ == "__main__":
    task = Task("here", "here.parquet", "0", (), "plans", None, "", 1, False, {})
    list(outcomes([task], Settings(), jobs=1, limit_s=600, measure=endless))
"""


def test_a_world_ends_with_the_evaluation_even_if_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "endless.py"
    script.write_text(_ENDLESS)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as evaluation:
        assert evaluation.stdout is not None
        assert evaluation.stdout.readline() == b"began\n"
        evaluation.kill()
        # Both write to one pipe, which has an end when neither is left.
        assert select.select([evaluation.stdout], [], [], 60)[0]
        assert evaluation.stdout.read() == b""


def _row(plan: str | None, n: int, jaccard: float | None, **counts: int) -> dict[str, Any]:
    ring = plan in PLANS and PLANS[plan].is_ring
    none = dict.fromkeys([*(f"n_{tier}" for tier in FLAGS), *(f"victims_{tier}" for tier in FLAGS)], 0)
    none |= dict.fromkeys(["n_flagged", "n_in_rings", "n_victims", "victims_flagged", "victims_in_rings"], 0)
    kind = "background" if plan is None else plan
    told = {
        "group_id": plan,
        "plan": plan,
        "kind": kind,
        "is_ring": ring,
        "n_accounts": n,
        "jaccard": jaccard,
    }
    return none | told | counts


def _record(seed: int, rows: list[dict[str, Any]], **told: Any) -> dict[str, Any]:
    facts = {"background": "here", "suite": EVERY_PLAN, "x": None, "seed": seed, "made_up": False}
    ended = {"status": "done", "why": None, "seconds": 2.0, "n_events": 10, "n_accounts": 10}
    return {**facts, **ended, "n_rings": 1, "n_false_rings": 0, "rows": rows, **told}


@pytest.fixture(scope="module")
def results() -> Results:
    found = [
        _record(
            1,
            [
                _row("pod_seconds", 10, 0.9, n_in_rings=9, n_flagged=9, n_watch=9),
                _row("friends", 8, 0.0),
                _row(None, 1000, None, n_flagged=1, n_warn=1),
            ],
        ),
        _record(
            2,
            [
                _row("pod_seconds", 10, 0.4, n_in_rings=4, n_flagged=4, n_watch=4, n_victims=2),
                _row("friends", 8, 0.0, n_flagged=2, n_watch=2),
                _row(None, 1000, None),
            ],
        ),
        _record(3, [], status="late", why="no end within 9 s"),
        _record(1, [_row("jitter", 14, 0.7)], suite="jitter", x=60),
    ]
    return summed(found, [], {})


def test_means_and_percentiles_are_over_seeds(results: Results) -> None:
    whole = (
        results.tables["rings"].filter(pl.col("place").is_null(), pl.col("plan").is_null()).row(0, named=True)
    )
    # Found with .9, missed with .4; the fifth percentile lies a twentieth of the way from the lower value.
    assert (whole["n_seeds"], whole["recall"], whole["jaccard"]) == (2, 0.5, pytest.approx(0.65))
    assert whole["jaccard_p05"] == pytest.approx(0.425)
    alike = results.tables["lookalikes"].row(0, named=True)
    assert (alike["plan"], alike["flagged"], alike["flagged_p95"]) == (
        "friends",
        0.125,
        pytest.approx(0.2375),
    )


def test_precision_counts_everybody_wrongly_flagged(results: Results) -> None:
    table = results.tables["accounts"].filter(pl.col("place").is_null())
    rows = {row["said"]: row for row in table.to_dicts()}
    # At watch: 9 of 10 right in the one world, 4 of 6 in the other; at warn only an ordinary account.
    assert rows["watch"]["precision"] == pytest.approx((0.9 + 4 / 6) / 2)
    assert (rows["in a ring"]["precision"], rows["in a ring"]["recall"]) == (1.0, pytest.approx(0.65))
    assert (rows["warn"]["precision"], rows["warn"]["wrong"]) == (0.0, 1)
    assert rows["ban_review"]["precision"] is None


def test_a_background_with_rings_of_its_own_speaks_for_its_planted_accounts_only() -> None:
    rows = [_row("pod_seconds", 10, 0.9, n_in_rings=9), _row(None, 1000, None, n_in_rings=30, n_flagged=30)]
    labelled = summed([_record(1, rows)], [{"background": "here", "n_known": 12}], {})
    table = labelled.tables["accounts"].filter(pl.col("said") == "in a ring")
    # 9 planted members are right; 30 others may be of the background's own rings.
    assert dict(table.select("place", "precision").rows()) == {"here": pytest.approx(9 / 39), None: 1.0}
    asked = [verdict.asked for verdict in verdicts(labelled.tables, labelled.labelled)]
    assert not any(line.startswith("here") for line in asked)
    assert any(line.startswith("here") for line in (verdict.asked for verdict in verdicts(labelled.tables)))


def test_the_page_says_what_fails(results: Results) -> None:
    told = list(failings(results.tables))
    assert "`pod_seconds` in here: 1 of 2 rings missed (mean Jaccard 0.65)" in told
    assert "look-alike `friends` in here: 12.5% of its accounts flagged, 0.0% above `watch`" in told
    assert "here: 1 worlds were not measured: no end within 9 s" in told
    assert any("5.0 ordinary accounts in 10,000 flagged" in line for line in told)
    assert {verdict.met for verdict in verdicts(results.tables)} == {True, False}
    page = text(results)
    assert all(line in page for line in told)
    assert "| jitter | here | jitter | 60: 1.00 |" in page


def test_an_evaluation_goes_on_where_it_stopped(slice_of_chat: Path, tmp_path: Path) -> None:
    out, page = tmp_path / "out", tmp_path / "docs" / "found.md"
    call = ["evaluate", str(slice_of_chat), "--out", str(out), "--plan", "lockstep", "--plan", "friends"]
    call += ["--seeds", "1", "--page", str(page), "--set", "*.n_accounts=6"]
    first = CliRunner().invoke(app, call, catch_exceptions=False)
    assert first.exit_code == 0, first.output
    assert "1 planted rings: recall" in first.output
    journal = (out / "worlds.jsonl").read_text(encoding="utf-8")
    facts = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert facts["plans"]["lockstep"]["n_accounts"] == 6
    assert facts["worlds"] == {"done": len(journal.splitlines())}
    (found,), formulas = facts["found"], {row["layer"]: row for row in facts["formulas"]}
    events = pl.read_parquet(slice_of_chat)
    # All but the one that is known to be in a ring.
    assert found["n_accounts"] == events["account_id"].n_unique() - 1
    assert found["candidates"] == found["lookalikes"] + found["unproved"] + found["rings"]
    for row in formulas.values():
        assert row["pairs"] == row["n_accounts"] * (row["n_accounts"] - 1) // 2
        assert row["discovered_pairs"] <= row["rare_pairs"] <= row["pairs"]
    assert (formulas["feed"]["groups"], formulas["rare_token"]["groups"]) == (300, 0)
    assert formulas["feed"]["proved_groups"] == 0
    assert "## Logs as they are" in page.read_text(encoding="utf-8")
    again = CliRunner().invoke(app, call, catch_exceptions=False)
    assert again.exit_code == 0
    assert (out / "worlds.jsonl").read_text(encoding="utf-8") == journal
    assert page.read_bytes() == (out / "evaluation.md").read_bytes().replace(b"evaluation_", b"found_")
    assert (page.parent / "found_recall.png").read_bytes()[:4] == b"\x89PNG"
