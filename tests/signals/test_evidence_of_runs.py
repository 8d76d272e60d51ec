"""Every line of evidence of the runs on the fixtures, recomputed from its event ids by a twin."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from casework import graded, town
from conftest import Demo
from recount_runs import Told, again, memberships

import graphkit as gk
from graphkit.signals import SIGNALS
from graphkit.tables import ACCOUNTS, EVENTS

# Placed on a border within rounding: values are compared to this many parts.
NEAR = 1e-9


def told(run: gk.Run, folder: Path) -> Told:
    """A run beside its whole input: the folder of a run keeps only the events that are spoken of."""
    events = pl.read_parquet(folder / "events.parquet").sort("timestamp", "event_id")
    known = folder / "accounts.parquet"
    accounts = pl.read_parquet(known) if known.exists() else ACCOUNTS.empty()
    return listed(events, accounts, run.members, run.pairs, run.evidence)


def listed(
    events: pl.DataFrame,
    accounts: pl.DataFrame,
    members: pl.DataFrame,
    pairs: pl.DataFrame,
    evidence: pl.DataFrame,
) -> Told:
    """Tables as lists of dicts."""
    return Told(
        events.with_columns(pl.col("channel").cast(pl.String)).to_dicts(),
        {row["account_id"]: row for row in accounts.to_dicts()},
        members.to_dicts(),
        pairs.to_dicts(),
        evidence.with_columns(pl.col("family", "grade").cast(pl.String)).to_dicts(),
    )


@pytest.fixture(scope="module")
def townsfolk() -> Told:
    """The town of the tests, and strangers who share traits and chats with its ring."""
    of = town(7)
    strangers = of.accounts.with_columns(
        pl.format("p0{}", pl.int_range(pl.len())).alias("account_id"),
        pl.when(pl.int_range(pl.len()) < 2).then(pl.col("device_id")).alias("device_id"),
        pl.when(pl.int_range(pl.len()) < 3).then(pl.lit("away")).otherwise("address_id").alias("address_id"),
        pl.col("created_at") + pl.duration(minutes=58),
    )
    accounts = ACCOUNTS.check(pl.concat([of.accounts, strangers]))
    people = pl.col("account_id").str.starts_with("p")
    chats = of.events.filter(people).with_columns(pl.lit("group").alias("channel")).head(400)
    events = EVENTS.check(
        pl.concat(
            [of.events.filter(~people), of.events.filter(people).tail(-400), chats], how="vertical_relaxed"
        )
    )
    asked = replace(of, events=events, accounts=accounts)
    return listed(events, accounts, of.members, of.pairs, graded(asked))


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


def test_every_line_about_a_town_with_every_signal_is_recomputed(townsfolk: Told) -> None:
    lines = {line["signal"]: line for line in townsfolk.evidence}
    assert lines.keys() == {signal.name for signal in SIGNALS}
    # Chance gives something of each, so that a twin that forgets the crowd is noticed.
    for signal in ("chorus", "shared_device", "shared_address", "birth_burst", "serial_names"):
        assert lines[signal]["expected"] > 0, signal
    assert faults(townsfolk) == []


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
