"""Imports go down only; siblings are strangers; heavy libraries stay behind their fence."""

import ast
import subprocess
import sys

import pytest
from source_tree import Source, functions, imports, is_module, modules

import graphkit

# From the roof to the ground; parts in one row do not know each other, save the ground, which is one floor.
FLOORS = (
    ("", "__main__"),
    ("cli",),
    ("evaluate",),
    ("run",),
    ("store",),
    ("report",),
    ("judgement",),
    ("signals",),
    ("rings",),
    ("coaction",),
    ("network",),
    ("readers", "layers"),
    ("text",),
    ("tables", "engine"),
    ("settings",),
    ("ring_settings", "overlay", "sentences", "errors", "words"),
)
FLOOR = {part: number for number, parts in enumerate(FLOORS) for part in parts}
GROUND = set(FLOORS[-1])
# Stands beside the house: it plants rings and must know nothing of how they are found.
SIMULATE = {"simulate", "tables", *GROUND}
FENCES = {
    "igraph": {"network"},
    "leidenalg": {"network"},
    "matplotlib": {"report"},
    "networkx": {"report"},
    "jinja2": {"report"},
    "typer": {"cli"},
    "rich": {"cli"},
    "ahocorasick": {"text"},
    "sqlite3": {"store", "readers"},
}
PLUGINS = {"readers": "READERS", "layers": "LAYERS", "signals": "SIGNALS", "report": "EXPORTERS"}

each_module = pytest.mark.parametrize("source", modules(), ids=lambda source: source.name)


@each_module
def test_imports_go_down_only(source: Source) -> None:
    wrong = [f"line {line}: {name}" for name, line in imports(source) if not _may(source.package, name)]
    assert not wrong, f"{source.place} imports upwards or sideways: {wrong}"


def _may(package: str, name: str) -> bool:
    if name == "graphkit":  # the version and the lazy names
        return package in ("cli", "run", "store", "report", "__main__")
    if not name.startswith("graphkit."):
        return True
    wanted = name.split(".")[1]
    if "simulate" in (package, wanted):
        return wanted in SIMULATE and package in ("simulate", "", "run", "evaluate", "cli")
    same_floor = wanted == package or {wanted, package} <= GROUND
    return same_floor or FLOOR.get(wanted, -1) > FLOOR.get(package, -1)


def test_every_part_of_the_house_has_a_floor() -> None:
    homeless = {source.package for source in modules()} - set(FLOOR) - {"simulate"}
    assert not homeless, f"say in FLOORS what {homeless} may import"


@each_module
def test_heavy_libraries_stay_behind_their_fence(source: Source) -> None:
    wrong = [
        name
        for name, _ in imports(source)
        if source.package not in FENCES.get(name.split(".")[0], {source.package})
    ]
    assert not wrong, f"{source.place} may not import {wrong}"


@each_module
def test_imports_stand_at_the_top(source: Source) -> None:
    at_top = set(imports(source, within_functions=False))
    inside = [name for name, line in imports(source) if (name, line) not in at_top]
    assert source.package == "cli" or not inside, f"{source.place} imports inside a function: {inside}"


@pytest.mark.parametrize("package", PLUGINS)
def test_plugins_import_only_their_base(package: str) -> None:
    home = next(source for source in modules() if source.name == f"graphkit.{package}")
    plugins = _plugins(home, PLUGINS[package])
    for source in modules():
        if source.name in plugins:
            own = {name for name, _ in imports(source) if name.startswith(f"graphkit.{package}")}
            strangers = own & plugins
            assert not strangers, f"{source.place} imports its siblings {sorted(strangers)}"


def _plugins(home: Source, tuple_name: str) -> set[str]:
    """The modules whose objects stand in the tuple that lists a package's plug-ins."""
    listed: set[str] = set()
    for node in home.tree.body:
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and node.target.id == tuple_name
        ):
            listed = {leaf.id for leaf in ast.walk(node.value or node) if isinstance(leaf, ast.Name)}
    return {
        deeper if is_module(deeper := f"{node.module}.{alias.name}") else node.module or ""
        for node in home.tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (alias.asname or alias.name) in listed
    }


@pytest.mark.parametrize("package", ["readers", "layers", "signals"])
def test_plugins_are_listed_in_a_tuple(package: str) -> None:
    home = next(source for source in modules() if source.name == f"graphkit.{package}")
    assert len(_plugins(home, PLUGINS[package])) >= 2


@each_module
def test_time_comes_in_as_an_argument(source: Source) -> None:
    clocks = {"now", "utcnow", "today", "time_ns"}
    read = [
        node.lineno
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in clocks
    ]
    assert not read or source.package in ("run", "store", "cli"), f"{source.place} reads the clock: {read}"


@each_module
def test_no_state_is_kept_between_calls(source: Source) -> None:
    kept = [node.lineno for node in ast.walk(source.tree) if isinstance(node, ast.Global | ast.Nonlocal)]
    assert not kept, f"{source.place} keeps state: lines {kept}"
    caches = {"cache", "functools.cache", "lru_cache", "functools.lru_cache"}
    cached = [
        function.name
        for function in functions(source)
        for decorator in function.decorator_list
        if ast.unparse(decorator).partition("(")[0] in caches
    ]
    # Fonts and strings that lie in the package are the same at every call.
    assert not cached or source.package == "report", f"{source.place} caches {cached}"


def test_every_public_name_can_be_imported() -> None:
    missing = [name for name in graphkit.__all__ if getattr(graphkit, name, None) is None]
    assert not missing
    assert set(graphkit.__all__) == {*graphkit._HOMES, "__version__"}


def test_the_names_for_the_type_checker_are_the_public_names() -> None:
    home = next(source for source in modules() if source.name == "graphkit")
    guarded = next(node for node in home.tree.body if isinstance(node, ast.If))
    told = {
        alias.name: node.module
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told == graphkit._HOMES


@pytest.mark.parametrize("arguments", [["--help"], ["detect", "--help"], ["--version"]], ids=" ".join)
def test_help_needs_nothing_heavy(arguments: list[str]) -> None:
    """What makes `--help` answer at once: no library of tables, graphs or pictures is imported for it."""
    heavy = ["polars", "numpy", "igraph", "leidenalg", "matplotlib", "networkx", "scipy", "dataframely"]
    code = (
        "import sys, graphkit\n"
        "from graphkit.cli import app\n"
        f"app({arguments!r}, standalone_mode=False)\n"
        f"found = [name for name in {heavy!r} if name in sys.modules]\n"
        "sys.exit(f'imported {found}' if found else 0)\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
