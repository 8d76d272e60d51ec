"""What the README promises: its commands exist, its files exist, its example runs."""

import re
import shutil
from pathlib import Path

import pytest
from source_tree import ROOT
from typer.main import get_command

from graphkit.cli import app
from graphkit.tables import EDGES, EVENTS, TIERS

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"^```console\n(.*?)^```", README, flags=re.M | re.S)
COMMANDS = [line for block in CONSOLE for line in block.splitlines() if line]


@pytest.mark.parametrize("line", [line for line in COMMANDS if "graphkit " in line])
def test_a_graphkit_command_of_the_readme_exists(line: str) -> None:
    words = line.split("graphkit ", 1)[1].split()
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert words[0] in commands
    options = {name for parameter in commands[words[0]].params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("make ")])
def test_a_make_target_of_the_readme_exists(line: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{line.removeprefix('make ')}:", makefile, flags=re.M)


def test_the_ci_runs_the_test_command_of_the_readme() -> None:
    assert "make test" in COMMANDS
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_file_that_the_readme_names_exists() -> None:
    named = re.findall(r"`((?:graphkit|notebooks|pipelines|fixtures|docs)/[\w./-]+)`", README)
    named += re.findall(r"\]\((docs/[\w./-]+)\)", README)
    missing = [name for name in named if not (ROOT / name).exists()]
    assert named
    assert not missing


@pytest.mark.parametrize("table", [EVENTS, EDGES], ids=lambda table: str(table.__name__))
def test_every_column_is_in_the_readme(table: type[EVENTS]) -> None:
    assert not [name for name in table.column_names() if f"`{name}`" not in README]


def test_every_tier_is_in_the_readme() -> None:
    tiers = TIERS.columns()["tier"].categories  # type: ignore[attr-defined]
    assert not [tier for tier in tiers if f"`{tier}`" not in README]


def test_the_example_runs(
    quarter_hour: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The notebook example, to the letter, on a slice of the extract that it names."""
    (example,) = re.findall(r"^```python\n(.*?)^```", README, flags=re.M | re.S)
    assert sum(1 for line in example.splitlines() if line) <= 10
    (tmp_path / "fixtures" / "moltbook").mkdir(parents=True)
    shutil.copy(quarter_hour, tmp_path / "fixtures" / "moltbook" / "events.parquet")
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})
    assert re.search(r"^\S+: \d+ accounts$", capsys.readouterr().out, flags=re.M)
    assert (tmp_path / "demo-run" / "report.html").is_file()
