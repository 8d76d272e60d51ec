"""What every command says: results, one line for every fault, an exit code, and how far it is."""

# rich is imported inside the function that needs it, so that `graphkit --help` answers at once.
# ruff: noqa: PLC0415

import sys
import traceback
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphkit.errors import GraphkitError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

Told = Callable[[str, float], None]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]
Folder = Annotated[Path, typer.Argument(metavar="RUN", help="The folder that `graphkit detect` wrote.")]


@contextmanager
def faults_told(*, debug: bool) -> Iterator[None]:
    """Turns an error into a message on stderr and its exit code; other exceptions are bugs and show fully."""
    try:
        yield
    except (GraphkitError, OSError) as error:
        if debug:
            traceback.print_exc()
        say(f"graphkit: {error}", to_stderr=True)
        raise typer.Exit(getattr(error, "exit_code", 1)) from None


def progress(*, quiet: bool) -> "AbstractContextManager[Told | None]":
    """What a command is told its stages by: a bar on a terminal, nothing elsewhere."""
    return nullcontext() if quiet or not sys.stderr.isatty() else _bar()


@contextmanager
def _bar() -> Iterator[Told]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=1.0)

        def told(stage: str, fraction: float) -> None:
            progress.update(task, description=stage, completed=fraction)

        yield told


def say(text: str, *, to_stderr: bool = False) -> None:
    """Prints `text` with every character that could act on a terminal named instead of sent."""
    stream = sys.stderr if to_stderr else sys.stdout
    shown = "".join(letter if letter == "\n" else _harmless(letter) for letter in text)
    encoding = stream.encoding or "utf-8"
    typer.echo(shown.encode(encoding, "backslashreplace").decode(encoding), err=to_stderr)


def _harmless(letter: str) -> str:
    # C is every kind of control: ESC, direction marks, lone surrogates, private use, unassigned.
    hidden = unicodedata.category(letter).startswith("C") or letter in "\u2028\u2029"
    return f"‹U+{ord(letter):04X}›" if hidden else letter
