"""What lies in the tree: no trace of any machine, no stored outputs, nothing from outside."""

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest
from source_tree import ROOT, files, imports, modules

# Written in pieces, so that this file does not find itself.
HOMES = "|".join(["work", "root", "home", "Users", "opt", "mnt", "private"])
MACHINE_PATH = re.compile(rf"(?<![\w.~$}}/-])/(?:{HOMES})/[\w.-]+")
OUTSIDE = re.compile(r"\.\." + r"/shared")
LARGEST = 6_000_000
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def _texts() -> list[tuple[Path, str]]:
    found = []
    for path in files():
        try:
            found.append((path, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_no_file_names_a_path_of_a_machine() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path, text in _texts()
        for pattern in (MACHINE_PATH, OUTSIDE)
        for match in pattern.finditer(text)
    ]
    assert not wrong


def test_the_lock_names_no_mirror() -> None:
    hosts = set(re.findall(r'https?://([^/"]+)', (ROOT / "uv.lock").read_text(encoding="utf-8")))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}


def test_no_file_is_large() -> None:
    large = [path.relative_to(ROOT).as_posix() for path in files() if path.stat().st_size > LARGEST]
    assert not large


def test_no_file_is_a_link_out_of_the_tree() -> None:
    assert not [path for path in files() if not path.resolve().is_relative_to(ROOT)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_hold_no_outputs(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    stored = [
        number
        for number, cell in enumerate(cells, 1)
        if cell["cell_type"] == "code" and (cell["outputs"] or cell["execution_count"] is not None)
    ]
    assert not stored, f"cells {stored} have outputs; clear them before committing"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_define_no_long_function(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and re.search(r"^def ", source, flags=re.M):
            assert len(source.splitlines()) <= 12, "a function longer than ten lines belongs into graphkit"


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


def test_every_dependency_is_declared_and_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=]", line)[0] for line in project["dependencies"]}
    imported = {name.split(".")[0] for source in modules() for name, _ in imports(source)}
    distributions = {"ahocorasick": "pyahocorasick", "fontTools": "fonttools"}
    outside = {name for name in imported if name not in sys.stdlib_module_names and name != "graphkit"}
    assert {distributions.get(name, name) for name in outside} == declared


def test_the_licence_fits_its_dependencies() -> None:
    """igraph and leidenalg are GPL, so graphkit is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "GPL-3.0-or-later"
    assert "GNU GENERAL PUBLIC LICENSE" in (ROOT / "LICENSE").read_text(encoding="utf-8")
