"""Every line of evidence of the runs on the fixtures, recomputed from its event ids by a twin."""

import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import Demo
from recount_runs import Told, again, memberships

import graphkit as gk

# Placed on a border within rounding: values are compared to this many parts.
NEAR = 1e-9


def told(run: gk.Run, folder: Path) -> Told:
    """A run beside its whole input: the folder of a run keeps only the events that are spoken of."""
    events = pl.read_parquet(folder / "events.parquet").sort("timestamp", "event_id")
    known = folder / "accounts.parquet"
    names = dict(pl.read_parquet(known).select("account_id", "name").rows()) if known.exists() else {}
    evidence = run.evidence.with_columns(pl.col("family", "grade").cast(pl.String))
    return Told(
        events.with_columns(pl.col("channel").cast(pl.String)).to_dicts(),
        names,
        run.members.to_dicts(),
        run.pairs.to_dicts(),
        evidence.to_dicts(),
    )


@pytest.fixture(scope="module")
def agents(demo: Demo, fixtures: Path) -> Told:
    return told(demo.run, fixtures / "moltbook")


@pytest.fixture(scope="module")
def chatters(people: gk.Run, fixtures: Path) -> Told:
    return told(people, fixtures / "irc")


def near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=NEAR, abs_tol=NEAR)


def faults(of: Told) -> list[dict[str, Any]]:
    """The lines whose value, n or crowd comes out differently."""
    found = []
    for line in of.evidence:
        if line["signal"] in ("ring_membership", "ring_evidence"):
            continue
        value, n, expected = again(of, line)
        same = near(value, line["value"]) and n == line["n"] and near(expected, line["expected"])
        if not same:
            whose = line["account_id"] or line["ring_id"]
            found.append(
                {"line": (line["signal"], whose), "was": (line["value"], line["n"], line["expected"])}
            )
            found[-1]["is"] = (value, n, expected)
    return found


def test_every_line_about_the_agents_is_recomputed(agents: Told) -> None:
    signals = {line["signal"] for line in agents.evidence}
    assert {"lockstep", "hour_ceiling", "ring_lockstep", "shared_script", "shared_beneficiary"} <= signals
    assert len(agents.evidence) > 250
    assert faults(agents) == []


def test_every_line_about_the_people_is_recomputed(chatters: Told) -> None:
    assert len(chatters.evidence) > 50
    assert faults(chatters) == []


def test_lines_of_membership_come_from_members_receipts_and_the_rings_lines(agents: Told) -> None:
    lines = list(memberships(agents))
    assert len(lines) == 2 * len(agents.members)
    for line, value, size, events in lines:
        assert (line["value"], line["n"]) == (pytest.approx(value), size)
        assert line["event_ids"] == events
        assert line["expected"] is None


def test_a_twin_that_is_wrong_is_noticed(agents: Told) -> None:
    """The same lines with one event less: hardly any comes out the same."""
    line = next(one for one in agents.evidence if one["signal"] == "hour_ceiling" and one["value"] > 165)
    fewer = {**line, "event_ids": line["event_ids"][1:]}
    assert again(agents, fewer)[0] != line["value"]


def test_receipts_are_two_events_that_met(agents: Told) -> None:
    """Members, on the same object where the layer is a feed, as far apart as it says."""
    for row in agents.pairs[::37]:
        one, two = (agents.events[agents.by_id[row[f"{side}_event_id"]]] for side in ("source", "target"))
        assert (one["account_id"], two["account_id"]) == (row["source"], row["target"])
        assert row["gap_s"] == pytest.approx(abs((one["timestamp"] - two["timestamp"]).total_seconds()))
        if row["layer"] == "feed":
            assert one["object_id"] == two["object_id"]
