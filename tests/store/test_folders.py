"""Run folders: the same bytes twice, whole or known not to be, every fault named."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from graphkit.errors import ConfigError, GraphkitError, IntegrityError
from graphkit.store import durable, read_run, verify_run, write_run

TABLES = {
    "accounts": pl.DataFrame({"account_id": ["007", "账号"], "tier": ["clear", "watch"]}),
    "rings": pl.DataFrame({"ring_id": ["r1"], "kinds": [["feed", "content"]], "q_value": [0.25]}),
}
PAGES = {"report.html": "<p>账号</p>", "rings/r1.html": "<p>half \ud83d</p>"}
MANIFEST = {"seed": 7, "settings": {"read": {"time_unit": "auto"}}, "counts": {"events": 12}}


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in durable.files_below(folder)}


def test_a_run_comes_back_as_it_was_written(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "out", TABLES, PAGES, MANIFEST)
    assert verify_run(folder) == ("accounts.parquet", "report.html", "rings.parquet", "rings/r1.html")
    stored = read_run(folder)
    assert stored.tables.keys() == TABLES.keys()
    assert all(stored.tables[name].equals(table) for name, table in TABLES.items())
    assert stored.manifest["counts"] == {"events": 12}
    assert (folder / "rings/r1.html").read_text() == "<p>half ?</p>"
    assert sorted(contents(folder)) == [
        "accounts.parquet",
        "manifest.json",
        "report.html",
        "rings.parquet",
        "rings/r1.html",
    ]


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    first = contents(write_run(tmp_path / "a", TABLES, PAGES, MANIFEST))
    pieces = {name: pl.concat([table[:1], table[1:]], rechunk=False) for name, table in TABLES.items()}
    assert contents(write_run(tmp_path / "b", pieces, PAGES, MANIFEST)) == first
    assert contents(write_run(tmp_path / "a", TABLES, PAGES, MANIFEST)) == first


def test_a_new_run_replaces_the_old_one_and_its_other_files(tmp_path: Path) -> None:
    folder = write_run(tmp_path, TABLES, PAGES, MANIFEST)
    write_run(folder, {"accounts": TABLES["accounts"]}, {"report.html": "new"}, MANIFEST)
    assert verify_run(folder) == ("accounts.parquet", "report.html")
    assert sorted(contents(folder)) == ["accounts.parquet", "manifest.json", "report.html"]
    assert not (folder / "rings").exists()


def test_all_faults_are_named_together(tmp_path: Path) -> None:
    folder = write_run(tmp_path, TABLES, PAGES, MANIFEST)
    (folder / "accounts.parquet").unlink()
    (folder / "report.html").write_text("<p>another</p>")
    (folder / "notes.txt").write_text("mine")
    for check in (verify_run, read_run):
        with pytest.raises(IntegrityError) as caught:
            check(folder)
        for fault in ("`accounts.parquet` is missing", "`report.html` was altered", "`notes.txt` is extra"):
            assert fault in str(caught.value)
        assert "rings.parquet" not in str(caught.value)


def test_every_flipped_bit_is_found(tmp_path: Path) -> None:
    # Parquet has no checksum of its own: most flipped bits would read back as other numbers.
    folder = write_run(tmp_path, TABLES, PAGES, MANIFEST)
    chance = random.Random(5)
    for name, whole in contents(folder).items():
        for place in chance.sample(range(len(whole)), k=min(len(whole), 40)):
            broken = bytearray(whole)
            broken[place] ^= 1 << chance.randrange(8)
            (folder / name).write_bytes(broken)
            with pytest.raises(IntegrityError):
                read_run(folder)
        (folder / name).write_bytes(whole)
    assert len(verify_run(folder)) == 4


def test_a_table_swapped_for_a_link_is_missing(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "out", TABLES, {}, MANIFEST)
    elsewhere = tmp_path / "elsewhere.parquet"
    os.replace(folder / "rings.parquet", elsewhere)
    (folder / "rings.parquet").symlink_to(elsewhere)
    with pytest.raises(IntegrityError, match=r"`rings.parquet` is missing"):
        verify_run(folder)


@pytest.mark.parametrize(
    "name",
    [
        "../out.html",
        "/etc/x.html",
        "a/b/c.html",
        "",
        ".hidden",
        "con\x00.html",
        "账号.html",
        "manifest.json",
        "a\\b",
    ],
)
def test_names_that_leave_the_folder_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no name for a file of a run"):
        write_run(tmp_path / "out", {}, {name: "x"}, {})
    assert not (tmp_path / "out").exists()


def test_what_is_no_run_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years")
    with pytest.raises(ConfigError, match="holds files that are of no run"):
        write_run(tmp_path, TABLES, PAGES, MANIFEST)
    with pytest.raises(ConfigError, match="is a file"):
        write_run(tmp_path / "thesis.txt", TABLES, PAGES, MANIFEST)
    with pytest.raises(ConfigError, match="manifest is no JSON"):
        write_run(tmp_path / "out", TABLES, PAGES, {"share": float("nan")})
    with pytest.raises(IntegrityError, match="it is no run folder"):
        verify_run(tmp_path)
    with pytest.raises(IntegrityError, match="is no folder"):
        verify_run(tmp_path / "nowhere")
    assert contents(tmp_path) == {"thesis.txt": b"ten years"}


def test_a_manifest_that_is_not_ours_is_damaged(tmp_path: Path) -> None:
    folder = write_run(tmp_path, TABLES, {}, MANIFEST)
    manifest = json.loads((folder / "manifest.json").read_text())
    for content, message in (
        ("{", "is damaged"),
        ("[]", "is damaged"),
        (json.dumps({**manifest, "seed": 8}), "was altered"),
    ):
        (folder / "manifest.json").write_text(content)
        with pytest.raises(IntegrityError, match=message):
            verify_run(folder)


def test_a_stop_at_any_step_leaves_a_whole_run_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stop after the n-th durable step, for every n: whole old run, whole new run, or known to be broken."""
    folder = write_run(tmp_path, TABLES, PAGES, MANIFEST)
    states = []
    for stop in range(1, 60):
        write_run(folder, TABLES, PAGES, MANIFEST)
        stopped = _stopped_rewrite(folder, stop, monkeypatch)
        states.append(_state(folder))
        if not stopped:
            break
        write_run(folder, TABLES, PAGES, MANIFEST)
        assert sorted(contents(folder)) == sorted([*verify_run(folder), "manifest.json"])
    # The old run stands until the last moment, then none, then the new one.
    assert states == sorted(states, key=["old", "broken", "new"].index)
    assert set(states) == {"old", "broken", "new"}


class _Stop(BaseException):
    """What a power cut is to a test."""


def _stopped_rewrite(folder: Path, stop: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    steps = 0

    def counted(step: Callable[..., object]) -> Callable[..., object]:
        def stopping(*given: object, **named: object) -> object:
            nonlocal steps
            steps += 1
            if steps == stop:
                raise _Stop
            return step(*given, **named)

        return stopping

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", counted(os.replace))
        patched.setattr(os, "fsync", counted(os.fsync))
        try:
            write_run(
                folder, {"accounts": TABLES["accounts"]}, {"report.html": "new"}, {**MANIFEST, "seed": 8}
            )
        except _Stop:
            return True
    return False


def _state(folder: Path) -> str:
    try:
        return {7: "old", 8: "new"}[read_run(folder).manifest["seed"]]
    except IntegrityError as error:
        return "broken" if "interrupted" in str(error) else f"unrecognised: {error}"


_ENDLESS = """
import sys
from pathlib import Path
import polars as pl
from graphkit.store import write_run
table = pl.DataFrame({"n": range(20_000)})
turn = 0
while True:
    turn += 1
    tables = {"a": table + turn, "b": table - turn}
    write_run(Path(sys.argv[1]), tables, {"p.html": str(turn)}, {"turn": turn})
    print(turn, flush=True)
"""


@pytest.mark.parametrize("wait_ms", [1, 4, 9])
def test_a_killed_job_loses_nothing_that_it_claims(wait_ms: int, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    job = subprocess.Popen([sys.executable, "-c", _ENDLESS, str(folder)], stdout=subprocess.PIPE)
    with job:
        assert job.stdout is not None
        assert int(job.stdout.readline()) == 1
        time.sleep(wait_ms / 1000)
        job.send_signal(signal.SIGKILL)
    if not (folder / "manifest.json").exists():
        with pytest.raises(IntegrityError, match="the run was interrupted"):
            verify_run(folder)
    else:
        stored = read_run(folder)
        turn = stored.manifest["turn"]
        assert stored.tables["a"]["n"][0] == turn
        assert stored.tables["b"]["n"][0] == -turn
    write_run(folder, TABLES, PAGES, MANIFEST)
    assert sorted(contents(folder)) == sorted([*verify_run(folder), "manifest.json"])


def test_a_disk_that_refuses_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        GraphkitError, match=r"No space left on device; check space and permissions of `.*out`"
    ):
        write_run(tmp_path / "out", TABLES, PAGES, MANIFEST)
