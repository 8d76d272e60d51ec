"""The project's own files, read as syntax trees, for the tests that hold its rules."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "graphkit"
TOP = ("graphkit", "tests", "pipelines", "notebooks", "fixtures", "benchmarks", "docs", ".ci")
CACHES = {"__pycache__", ".ipynb_checkpoints"}


@dataclass(frozen=True)
class Source:
    """One Python module of the project."""

    path: Path
    name: str
    text: str
    tree: ast.Module

    @property
    def place(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def package(self) -> str:
        """The part of graphkit that it belongs to: `signals`, `cli`; empty for `graphkit/__init__.py`."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""


@cache
def modules() -> tuple[Source, ...]:
    """Every module of graphkit, in order of its path."""
    return tuple(_source(path) for path in sorted(PACKAGE.rglob("*.py")))


@cache
def scripts(folder: str) -> tuple[Source, ...]:
    """Every Python file of another folder of the project."""
    return tuple(_source(path) for path in sorted((ROOT / folder).rglob("*.py")))


def files() -> Iterator[Path]:
    """Every file that is or will be committed."""
    yield from (path for path in sorted(ROOT.iterdir()) if path.is_file() and path.name != ".git")
    for top in TOP:
        for path in sorted((ROOT / top).rglob("*")):
            if path.is_file() and not CACHES & set(path.parts):
                yield path


def imports(source: Source, *, within_functions: bool = True) -> Iterator[tuple[str, int]]:
    """The absolute names of the modules that `source` imports, with line numbers; types do not count."""
    for node in _live(source.tree, within_functions):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            stem = node.module or ""
            for alias in node.names:
                deeper = f"{stem}.{alias.name}"
                yield (deeper if is_module(deeper) else stem), node.lineno


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def is_module(name: str) -> bool:
    """Whether the project has a module of this absolute name."""
    path = ROOT / Path(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _live(node: ast.AST, within_functions: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and not within_functions:
            continue
        yield child
        yield from _live(child, within_functions)


def _source(path: Path) -> Source:
    relative = path.relative_to(ROOT).with_suffix("")
    parts = relative.parts[:-1] if relative.name == "__init__" else relative.parts
    text = path.read_text(encoding="utf-8")
    return Source(path, ".".join(parts), text, ast.parse(text, str(path)))
