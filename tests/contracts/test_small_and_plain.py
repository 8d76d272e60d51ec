"""Modules and functions are small, names are plain, and errors say what, where and what to do."""

import ast
import re
from collections.abc import Iterator

import pytest
from source_tree import ROOT, Source, functions, modules, scripts

from graphkit import errors

MODULE_LINES = 300
FUNCTION_LINES = 60
NESTING = 4
FOREIGN_WORDS = {"user", "users", "actor", "actors", "action", "actions", "cluster", "clusters"}
VAGUE_WORDS = {"manager", "handler", "processor", "helper", "helpers", "utils", "util", "misc"}
OWN_ERRORS = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.GraphkitError)
}
# AttributeError is what `__getattr__` must raise; typer.Exit carries the exit code.
OTHER_ERRORS = {"AttributeError", "typer.Exit"}

each_module = pytest.mark.parametrize("source", modules(), ids=lambda source: source.name)


@each_module
def test_a_module_is_at_most_300_lines(source: Source) -> None:
    assert len(source.text.splitlines()) <= MODULE_LINES, f"{source.place}: look for a second subject in it"


@each_module
def test_a_function_is_at_most_60_lines(source: Source) -> None:
    long = {f.name: size for f in functions(source) if (size := _lines(f)) > FUNCTION_LINES}
    assert not long, f"{source.place}: {long}"


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


@each_module
def test_nothing_is_nested_deeply(source: Source) -> None:
    deep = {f.name: depth for f in functions(source) if (depth := _depth(f)) > NESTING}
    assert not deep, f"{source.place}: {deep}"


def _depth(node: ast.AST) -> int:
    blocks = (ast.If, ast.For, ast.While, ast.With, ast.Try)
    below = [
        _depth(child)
        for child in ast.iter_child_nodes(node)
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return max(below, default=0) + isinstance(node, blocks)


@each_module
def test_names_use_the_words_of_the_project(source: Source) -> None:
    wrong = [
        f"line {line}: {name}"
        for name, line in _names(source.tree)
        if _words(name) & (FOREIGN_WORDS | VAGUE_WORDS)
        or name.startswith("get_")
        or re.search(r"_v\d+$", name)
    ]
    assert not wrong, f"{source.place}: {wrong}"
    assert not VAGUE_WORDS & set(source.name.split(".")), source.place


def _names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno


def _words(name: str) -> set[str]:
    return set(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_"))


@each_module
def test_what_is_public_has_a_docstring(source: Source) -> None:
    assert ast.get_docstring(source.tree), f"{source.place} opens with no sentence"
    public = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    bare = [
        node.name
        for parent in [source.tree, *ast.walk(source.tree)]
        if parent is source.tree or (isinstance(parent, ast.ClassDef) and not parent.name.startswith("_"))
        for node in parent.body
        if isinstance(node, public) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert not bare, f"{source.place}: no docstring on {bare}"


@each_module
def test_docstrings_are_sentences_not_forms(source: Source) -> None:
    forms = re.findall(r"^\s*(Args|Arguments|Parameters|Returns|Raises):\s*$", source.text, flags=re.M)
    assert not forms, f"{source.place}: {forms}"


@each_module
def test_whole_columns_never_rows(source: Source) -> None:
    by_row = {"iter_rows", "map_elements", "map_rows", "iterrows", "itertuples"}
    found = [
        f"line {node.lineno}: {node.attr}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in by_row
    ]
    assert not found or source.package == "report", f"{source.place}: {found}"


@each_module
def test_errors_say_what_where_and_what_to_do(source: Source) -> None:
    faults = [
        f"line {node.lineno}: {fault}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Raise) and node.exc is not None
        for fault in _faults(node.exc)
    ]
    assert not faults, f"{source.place}: {faults}"


def _faults(raised: ast.expr) -> Iterator[str]:
    call = raised if isinstance(raised, ast.Call) else None
    name = ast.unparse(call.func if call else raised)
    if name[0].islower() and name not in OTHER_ERRORS:
        return  # a function or a variable holding an error that is checked where it is made
    # A private error never leaves the module that raises it.
    if name not in OWN_ERRORS | OTHER_ERRORS and not name.startswith("_"):
        yield f"`{name}` is not a GraphkitError"
    text = _text(call.args[0]) if call and call.args else ""
    if not text:
        return
    if text[0].isupper():
        yield f"starts with a capital: {text}"
    if text.rstrip().endswith((".", "!")):
        yield f"ends in a full stop: {text}"
    if '"' in text or "\u2018" in text:
        yield f"names stand in backticks, not in quotation marks: {text}"


def _text(message: ast.expr) -> str:
    """The message with a small letter in place of every value, as far as it is written out."""
    if isinstance(message, ast.Constant):
        return message.value if isinstance(message.value, str) else ""
    if isinstance(message, ast.JoinedStr):
        return "".join(_text(part) or "x" for part in message.values)
    return ""


@each_module
def test_nothing_is_asserted_or_caught_wholesale(source: Source) -> None:
    for node in ast.walk(source.tree):
        assert not isinstance(node, ast.Assert), f"{source.place}: line {node.lineno} asserts; raise an error"
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else ""
            assert caught not in ("", "Exception", "BaseException"), f"{source.place}: line {node.lineno}"


@each_module
def test_no_riddles(source: Source) -> None:
    """Nothing that runs text as code, and no loader that does."""
    risky = {"eval", "exec", "pickle", "marshal", "shelve", "yaml"}
    found = {node.id for node in ast.walk(source.tree) if isinstance(node, ast.Name)} & risky
    assert not found, f"{source.place}: {found}"


@pytest.mark.parametrize("source", scripts("pipelines"), ids=lambda source: source.place)
def test_a_pipeline_holds_no_logic(source: Source) -> None:
    assert len(source.text.splitlines()) < 80, source.place
    imported = {
        alias.name.split(".")[0]
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    imported |= {
        (node.module or "").split(".")[0]
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom)
    }
    assert not imported & {"polars", "numpy", "igraph", "networkx"}, f"{source.place}: {imported}"


def test_test_files_have_names_of_their_own() -> None:
    names = [path.stem for path in sorted((ROOT / "tests").rglob("*.py")) if path.stem != "__init__"]
    twice = sorted({name for name in names if names.count(name) > 1})
    assert not twice, "without packages, two test modules of one name hide each other"


@pytest.mark.parametrize("source", scripts("tests"), ids=lambda source: source.place)
def test_every_test_asserts_something(source: Source) -> None:
    idle = [f.name for f in functions(source) if f.name.startswith("test_") and not _checks(f, source)]
    assert not idle, f"{source.place}: {idle}"


def _checks(function: ast.FunctionDef | ast.AsyncFunctionDef, source: Source) -> bool:
    """Whether it asserts, expects an error, or calls a function of its own module that asserts."""
    asserting = {f.name for f in functions(source) if _asserts(f)}
    called = {
        node.func.id
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return (
        _asserts(function) or bool(called & asserting) or any(name.startswith("assert_") for name in called)
    )


def _asserts(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(node, ast.Assert)
        or (isinstance(node, ast.Attribute) and (node.attr == "raises" or node.attr.startswith("assert_")))
        for node in ast.walk(function)
    )
