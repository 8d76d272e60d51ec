"""The examples in docs/examples are what the code makes of the fixtures, and say what a reviewer needs."""

import json
import re
import runpy
from collections.abc import Callable
from pathlib import Path

import polars as pl
from conftest import ROOT, Demo
from record_schemas import faults

import graphkit as gk

FOLDER = ROOT / "docs" / "examples"
# The glyphs of a page are cut from a font whose version is not ours; the name of a run and the digest of its
# settings change with every setting that is added, whatever it does.
APART = re.compile(
    r"url\(data:font/woff;base64,[^)]*\)|run-[0-9a-f]{20}|(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"
)
Write = Callable[[gk.Run, Path], None]


def script(name: str) -> Write:
    written: Write = runpy.run_path(str(ROOT / "pipelines" / "examples.py"))[name]
    return written


def assert_up_to_date(folder: Path, *names: str) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    for name in names:
        made, kept = ((place / name).read_text(encoding="utf-8") for place in (folder, FOLDER))
        assert APART.sub("", made) == APART.sub("", kept), f"`make examples` writes another {name}"


def test_the_dossier_of_the_ring_is_up_to_date(demo: Demo, tmp_path: Path) -> None:
    script("write_ring")(demo.run, tmp_path)
    assert_up_to_date(tmp_path, "agent_smith.en.html", "agent_smith.zh.html")


def test_the_page_of_the_lookalike_is_up_to_date(people: gk.Run, tmp_path: Path) -> None:
    script("write_lookalike")(people, tmp_path)
    assert_up_to_date(tmp_path, "notifier.en.html", "notifier.zh.html", "notifier.json")


def test_no_other_file_lies_there() -> None:
    names = {path.name for path in FOLDER.iterdir()}
    pages = {f"{name}.{language}.html" for name in ("agent_smith", "notifier") for language in ("en", "zh")}
    assert names == pages | {"README.md", "notifier.json"}


def test_the_lookalike_is_held_at_watch_and_the_page_says_why() -> None:
    record = json.loads((FOLDER / "notifier.json").read_text(encoding="utf-8"))
    assert faults(record) == []
    assert record["tier"] == "watch"
    assert [cap["cap"] for cap in record["capped_by"]] == ["functional"]
    # What explains it stands first.
    assert record["speaks_against"][0].startswith("100 % of its 75 texts hold a link and address nobody")
    assert "ask whoever runs the place" in record["next_steps"][0]
    # Chats are private: no text of theirs is shown.
    page = (FOLDER / "notifier.en.html").read_text(encoding="utf-8")
    assert "bugzilla" not in page


def test_nobody_among_people_is_warned_and_no_ring_is_found(people: gk.Run) -> None:
    """120,000 messages of 9,534 people and a few open bots."""
    above = people.accounts.filter(~pl.col("tier").is_in(["clear", "watch"]))
    assert above.height == 0
    assert people.rings.height == 0


def test_a_stored_run_draws_the_same_dossier(demo: Demo, tmp_path: Path) -> None:
    """The folder keeps every event that a picture shows, strangers' without their texts."""
    ring = demo.run.rings["ring_id"][0]
    gk.explained(demo.run, demo.run.ring(ring), tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == (demo.folder / "rings" / f"{ring}.html").read_bytes()
    noted = demo.run.accounts.filter((pl.col("tier") != "clear") | pl.col("ring_id").is_not_null())
    strangers = demo.run.events.join(noted, on="account_id", how="anti")
    assert strangers.height > 0
    assert strangers["text"].null_count() == strangers.height
