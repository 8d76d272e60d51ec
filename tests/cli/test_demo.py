"""What the demo must show on real events: the ring, evidence that exists, equal bytes."""

import json
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from conftest import Demo

import graphkit as gk
from graphkit.words import Subject


@pytest.fixture(scope="module")
def labels(fixtures: Path) -> pl.DataFrame:
    return pl.read_parquet(fixtures / "moltbook" / "labels.parquet")


@pytest.fixture(scope="module")
def events(fixtures: Path) -> pl.DataFrame:
    return pl.read_parquet(fixtures / "moltbook" / "events.parquet")


def _members(run: gk.Run) -> list[set[str]]:
    grouped = run.members.group_by("ring_id", maintain_order=True).agg("account_id")
    return [set(ids) for ids in grouped["account_id"].to_list()]


def test_the_lockstep_ring_is_found(demo: Demo, labels: pl.DataFrame) -> None:
    wanted = set(labels.filter(pl.col("ring_id") == "agent_smith")["account_id"])
    assert len(wanted) == 34
    best = max(len(wanted & ring) / len(wanted | ring) for ring in _members(demo.run))
    assert best >= 0.9


def test_nearly_everybody_else_is_clear(demo: Demo, labels: pl.DataFrame) -> None:
    """Accounts without a label are not known to be innocent; yet few of them may stand out."""
    others = demo.run.accounts.join(labels, on="account_id", how="anti")
    assert others.filter(pl.col("tier") != "clear").height / others.height < 0.02


def test_the_graph_alone_goes_no_further_than_watch(demo: Demo) -> None:
    own = (pl.col("bits_t") > 0) | (pl.col("bits_x") > 0) | (pl.col("bits_a") > 0)
    alone = demo.run.accounts.filter(~own)
    assert set(alone["tier"].unique()) <= {"clear", "watch"}


def test_evidence_names_events_of_the_input(demo: Demo, events: pl.DataFrame) -> None:
    cited = demo.run.evidence.select(pl.col("event_ids").explode(empty_as_null=True).drop_nulls()).to_series()
    assert cited.len() > 0
    assert set(cited) <= set(events["event_id"])


def test_an_accounts_evidence_is_its_own(demo: Demo, events: pl.DataFrame) -> None:
    """Lockstep cites fellow members as well; what is asked of an account alone cites that account alone."""
    alone = [signal.name for signal in gk.SIGNALS if signal.subject is Subject.ACCOUNT]
    told = demo.run.evidence.filter(pl.col("signal").is_in(alone)).drop_nulls("account_id")
    cited = told.select("account_id", event_id="event_ids").explode("event_id").drop_nulls()
    whose = cited.join(events.select("event_id", author="account_id"), on="event_id")
    assert whose.height == cited.height > 0
    assert whose["account_id"].equals(whose["author"])


def test_bits_add_up_to_the_score(demo: Demo) -> None:
    told = demo.run.evidence.drop_nulls("account_id")
    sums = told.group_by("account_id").agg(pl.col("bits").sum())
    both = demo.run.accounts.join(sums, on="account_id")
    assert both.height > 0
    assert (both["score"] - both["bits"]).abs().max() == pytest.approx(0.0, abs=1e-9)


def test_every_account_has_a_tier(demo: Demo, events: pl.DataFrame) -> None:
    assert set(events["account_id"]) <= set(demo.run.accounts["account_id"])


def test_the_manifest_counts_add_up(demo: Demo, events: pl.DataFrame) -> None:
    manifest = json.loads((demo.folder / "manifest.json").read_text(encoding="utf-8"))
    n = manifest["counts"]
    assert n["rows_read"] == n["events"] + n["quarantined"] == events.height
    assert sum(n["tiers"].values()) == n["accounts"] == demo.run.accounts.height


def test_the_folder_verifies(demo: Demo) -> None:
    names = gk.verify_run(demo.folder)
    assert "report.html" in names
    assert len([name for name in names if name.startswith("rings/")]) == demo.run.rings.height


def test_names_are_not_what_finds_the_ring(quarter_hour: Path, fixtures: Path, tmp_path: Path) -> None:
    """The same ring with every account renamed by a number and without a table of accounts."""
    named = gk.detect(quarter_hour, accounts=fixtures / "moltbook" / "accounts.parquet")
    events = pl.read_parquet(quarter_hour)
    ids = pl.concat([events["account_id"], events["target_id"].drop_nulls()]).unique().sort()
    fresh = pl.int_range(len(ids), eager=True).shuffle(seed=5).cast(pl.String).str.zfill(6)
    renamed = events.with_columns(
        pl.col("account_id", "target_id").replace_strict(ids, "a" + fresh, default=None)
    )
    back = dict(zip("a" + fresh, ids, strict=True))
    found = [{back[account] for account in ring} for ring in _members(gk.detect(renamed))]
    assert sorted(map(sorted, found)) == sorted(map(sorted, _members(named)))
    assert found


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.parquet")}


def test_shuffled_rows_give_the_same_bytes(quarter_hour: Path, tmp_path: Path) -> None:
    gk.detect(quarter_hour, out=tmp_path / "once")
    gk.detect(quarter_hour, out=tmp_path / "again")
    events = pl.read_parquet(quarter_hour)
    events.sample(fraction=1.0, shuffle=True, seed=3).write_parquet(tmp_path / "shuffled.parquet")
    gk.detect(tmp_path / "shuffled.parquet", out=tmp_path / "shuffled")
    once = _bytes(tmp_path / "once")
    assert len(once) >= 5
    assert _bytes(tmp_path / "again") == once
    assert _bytes(tmp_path / "shuffled") == once


def test_one_thread_and_four_give_the_same_bytes(
    quarter_hour: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for threads in (1, 4):
        monkeypatch.setattr(pl, "thread_pool_size", partial(int, threads))
        gk.detect(quarter_hour, out=tmp_path / str(threads))
    assert _bytes(tmp_path / "1") == _bytes(tmp_path / "4")
