"""The records in a run's folder: of whom, in what order, and the same as `run.account` gives."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import Demo
from record_schemas import NAMES, faults
from typer.testing import CliRunner

import graphkit as gk
from graphkit.cli import app


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    text = (folder / "records" / f"{name}.ndjson").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n")[:-1]]


@pytest.fixture(scope="module")
def chinese(quarter_hour: Path, tmp_path_factory: pytest.TempPathFactory) -> gk.Run:
    folder = tmp_path_factory.mktemp("chinese") / "run"
    settings = gk.settings_from({"report": {"language": "zh"}})
    gk.detect(quarter_hour, settings=settings, out=folder)
    return gk.open_run(folder)


def test_every_account_above_clear_and_every_member_has_a_record(demo: Demo) -> None:
    wanted = demo.run.accounts.filter((pl.col("tier") != "clear") | pl.col("ring_id").is_not_null())
    found = lines(demo.folder, "accounts")
    assert [one["account_id"] for one in found] == wanted["account_id"].sort().to_list()
    assert len(found) > 34
    assert [one["ring_id"] for one in lines(demo.folder, "rings")] == demo.run.rings["ring_id"].to_list()


def test_they_are_as_published_and_undecided(demo: Demo) -> None:
    for name in ("accounts", "rings"):
        for one in lines(demo.folder, name):
            assert faults(one) == []
            assert one["decision"] is None
            assert one["run"]["run_id"] == demo.run.manifest["run_id"]


def test_they_are_sealed_like_every_other_file(demo: Demo) -> None:
    assert {"records/accounts.ndjson", "records/rings.ndjson"} <= set(gk.verify_run(demo.folder))


def test_the_opened_run_gives_the_same_records(demo: Demo) -> None:
    of_accounts = lines(demo.folder, "accounts")
    for one in (*of_accounts[:3], *of_accounts[-3:]):
        assert demo.run.account(one["account_id"]) == one
    ring = lines(demo.folder, "rings")[0]
    assert demo.run.ring(ring["ring_id"]) == ring


def test_event_ids_of_a_record_lead_to_events(demo: Demo) -> None:
    known = set(demo.run.events["event_id"])
    cited = {
        event
        for one in lines(demo.folder, "accounts")
        for line in one["evidence"]
        for event in line["event_ids"]
    }
    assert cited
    assert cited <= known


def test_the_run_in_chinese_is_the_same_run(chinese: gk.Run) -> None:
    member = chinese.members["account_id"][0]
    told, english = chinese.account(member), chinese.account(member, language="en")
    assert (told["language"], english["language"]) == ("zh", "en")
    assert told["bits"] == english["bits"]
    assert "同伙" in json.dumps(told["evidence"], ensure_ascii=False)
    # The table keeps its English; every language is made from its numbers.
    assert chinese.evidence["explanation"].str.contains(r"[\u4e00-\u9fff]").sum() == 0


def test_the_same_input_gives_the_same_bytes(quarter_hour: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        gk.detect(quarter_hour, out=tmp_path / name)
    for name in ("accounts", "rings"):
        one, two = ((tmp_path / run / "records" / f"{name}.ndjson").read_bytes() for run in ("one", "two"))
        assert one == two
        assert one


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_is_printed(name: str) -> None:
    answer = CliRunner().invoke(app, ["schema", name])
    assert answer.exit_code == 0
    assert json.loads(answer.output)["properties"]["schema"]["const"] == f"graphkit.{name}/2"


def test_a_hostile_log_gives_records_that_can_be_read(fixtures: Path, tmp_path: Path) -> None:
    gk.detect(
        fixtures / "hostile" / "events.ndjson",
        accounts=fixtures / "hostile" / "accounts.csv",
        out=tmp_path / "run",
    )
    run = gk.open_run(tmp_path / "run")
    for account in run.accounts["account_id"]:
        assert faults(run.account(account)) == []
    text = (tmp_path / "run" / "records" / "accounts.ndjson").read_text(encoding="utf-8")
    assert len(text.splitlines()) == text.count("\n")


@pytest.mark.parametrize("kind", ["svg", "png", "html", "json"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_explain_writes_the_same_file_each_time(kind: str, language: str, demo: Demo, tmp_path: Path) -> None:
    member = demo.run.members["account_id"][0]
    for name in ("one", "two"):
        out = tmp_path / f"{name}.{kind}"
        answer = CliRunner().invoke(
            app, ["explain", str(demo.folder), member, "--out", str(out), "--language", language]
        )
        assert (answer.exit_code, answer.output) == (0, f"{out} tells of account {member}\n")
    assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()


def test_explain_writes_no_other_kind(demo: Demo, tmp_path: Path) -> None:
    member = demo.run.members["account_id"][0]
    answer = CliRunner().invoke(app, ["explain", str(demo.folder), member, "--out", str(tmp_path / "a.docx")])
    assert answer.exit_code == 2
    assert "must end in one of `.html`, `.json`, `.png`, `.svg`" in answer.stderr


def test_explain_says_when_and_where(demo: Demo) -> None:
    """Each line names its first three events; the times are those of the events table."""
    member = demo.run.members["account_id"][0]
    lockstep = demo.run.evidence.filter(account_id=member, signal="lockstep")["event_ids"][0].to_list()
    event = demo.run.events.filter(event_id=lockstep[0])
    answer = CliRunner().invoke(app, ["explain", str(demo.folder), member])
    time = event["timestamp"].dt.strftime("%Y-%m-%d %H:%M:%S%.3f")[0]
    assert f"{time}  comments  {event['object_id'][0][:39]}" in answer.output
    assert f"and {len(lockstep) - 3} more" in answer.output


def test_explain_speaks_chinese(demo: Demo) -> None:
    member = demo.run.members["account_id"][0]
    answer = CliRunner().invoke(app, ["explain", str(demo.folder), member, "--language", "zh"])
    lines_ = answer.output.splitlines()
    assert lines_[0] == f"账号    {member}"
    assert any("与两个或更多同伙在同一对象上" in line for line in lines_)
    assert "决定: 尚未作出；由人作出" in lines_
