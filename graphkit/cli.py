"""The command line: options in, a run folder out, one line for every fault, an exit code at the end."""

# Everything heavy is imported inside the command that needs it, so that `graphkit --help` answers at once.
# ruff: noqa: PLC0415

import sys
import traceback
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphkit import __version__
from graphkit.coaction.peers import Peer, ToolkitNetwork
from graphkit.errors import ConfigError, GraphkitError, HeldError, InputError
from graphkit.settings import Settings, read_settings

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import polars as pl

    from graphkit.run import Run

app = typer.Typer(
    name="graphkit",
    help="Find rings of AI-operated accounts in comments, private messages and group chats, with evidence.",
    epilog="Exit codes: 0 done, 1 failed, 2 wrong use, 3 too many rows quarantined, 4 held for release.",
    no_args_is_help=True,
    add_completion=False,
    # Names and texts in messages are written by the accused: no markup is interpreted, no locals are shown.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Language(StrEnum):
    """Languages that the pages can be written in."""

    EN = "en"
    ZH = "zh"


class TimeUnit(StrEnum):
    """Units that integer timestamps may count in; auto decides once for the whole input."""

    AUTO = "auto"
    S = "s"
    MS = "ms"
    US = "us"
    NS = "ns"


Told = Callable[[str, float], None]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]
Folder = Annotated[Path, typer.Argument(metavar="RUN", help="The folder that `graphkit detect` wrote.")]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"graphkit {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Find rings of AI-operated accounts in comments, private messages and group chats, with evidence."""


@app.command()
def detect(
    events: Annotated[Path, typer.Argument(help="Events: csv, ndjson or parquet; a file, folder or glob.")],
    out: Annotated[Path, typer.Option(help="Folder to write the run into.")],
    accounts: Annotated[Path | None, typer.Option(help="What is known of the accounts, if anything.")] = None,
    settings: Annotated[Path | None, typer.Option(help="Settings as TOML, laid over the defaults.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random choice.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Zone of times without one, such as UTC.")] = None,
    time_unit: Annotated[TimeUnit | None, typer.Option(help="Unit of times given as integers.")] = None,
    policy: Annotated[str | None, typer.Option(help="Rules that turn evidence into tiers.")] = None,
    previous: Annotated[Path | None, typer.Option(help="An earlier run, whose rings keep their ids.")] = None,
    language: Annotated[Language | None, typer.Option(help="Language of the pages.")] = None,
    show_private_text: Annotated[
        bool, typer.Option("--show-private-text", help="Quote private texts.")
    ] = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Find the rings in an event log and write tables, evidence and a report."""
    with _faults_told(debug=debug):
        given = read_settings(settings) if settings else Settings()
        quoted = show_private_text or given.report.show_private_text
        chosen = replace(
            given,
            seed=given.seed if seed is None else seed,
            read=replace(
                given.read,
                time_zone=time_zone or given.read.time_zone,
                time_unit=time_unit.value if time_unit else given.read.time_unit,
            ),
            judgement=replace(given.judgement, policy=policy or given.judgement.policy),
            report=replace(
                given.report,
                language=language.value if language else given.report.language,
                show_private_text=quoted,
            ),
        )
        _detect(events, accounts, chosen, out, quiet=quiet, previous=previous)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder to write the run into.")] = Path("demo-run"),
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Run on the extract of real events that comes with graphkit, and name the report to open."""
    with _faults_told(debug=debug):
        extract = _extract()
        _detect(extract / "events.parquet", extract / "accounts.parquet", Settings(), out, quiet=quiet)


@app.command()
def explain(
    run: Folder,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="An account_id of the run.")],
    debug: Debug = False,
) -> None:
    """Say what was seen of one account, what it weighs, and which rules fired or failed."""
    with _faults_told(debug=debug):
        from graphkit.judgement.records import waterfall
        from graphkit.run import open_run

        _say(waterfall(open_run(run).account(account)))


@app.command()
def verify(run: Folder, debug: Debug = False) -> None:
    """Check that no file of a run is missing, altered or added since it was written."""
    with _faults_told(debug=debug):
        from graphkit.store import verify_run

        names = verify_run(run)
        _say(f"{len(names)} files of {run} are as they were written")


@app.command()
def coactions(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Shares or messages: csv or parquet.")],
    like: Annotated[Peer, typer.Option(help="Whose columns to read and whose numbers to give.")],
    window: Annotated[float, typer.Option(help="Seconds between two rows, both ends included.")],
    out: Annotated[Path, typer.Option(help="Folder to write pairs.parquet and edges.parquet into.")],
    min_participation: Annotated[int, typer.Option(help="coortweet: rows that an account needs.")] = 2,
    keep_loops: Annotated[bool, typer.Option("--keep-loops", help="coortweet: keep loops.")] = False,
    edge_weight: Annotated[float, typer.Option(help="coortweet: quantile of the weight threshold.")] = 0.5,
    fast_window: Annotated[float | None, typer.Option(help="coortweet: seconds of a faster window.")] = None,
    subgraph: Annotated[int, typer.Option(help="coortweet: 0 all edges, 1 strong, 2 fast, 3 near fast.")] = 0,
    network: Annotated[ToolkitNetwork | None, typer.Option(help="toolkit: what messages share.")] = None,
    min_edge_weight: Annotated[int, typer.Option(help="toolkit: messages that an edge needs.")] = 2,
    similarity: Annotated[float, typer.Option(help="toolkit: words in common over words in either.")] = 0.8,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Say who shared the same within a window, in the numbers of CooRTweet or the coordination toolkit."""
    with _faults_told(debug=debug):
        from graphkit.coaction.coactions import coactions as shared
        from graphkit.coaction.inputs import read_messages
        from graphkit.coaction.toolkit import toolkit_network

        if like is Peer.TOOLKIT:
            if network is None:
                raise ConfigError(f"`--like toolkit` needs `--network`, one of {', '.join(ToolkitNetwork)}")
            edges = toolkit_network(
                read_messages(file),
                network,
                window_s=window,
                min_edge_weight=min_edge_weight,
                similarity=similarity,
            )
            _written(out, {"edges": edges}, quiet=quiet)
            return
        found = shared(
            file,
            window_s=window,
            min_participation=min_participation,
            remove_loops=not keep_loops,
            edge_weight=edge_weight,
            fast_window_s=fast_window,
            subgraph=subgraph,
            like=like,
        )
        _written(out, {"pairs": found.pairs, "edges": found.edges}, quiet=quiet)


def _written(out: Path, tables: "dict[str, pl.DataFrame]", *, quiet: bool) -> None:
    from graphkit.store.durable import told, write_table

    with told(out):
        for name, table in tables.items():
            write_table(out / f".{name}.waiting", table)
            (out / f".{name}.waiting").replace(out / f"{name}.parquet")
    if not quiet:
        counts = ", ".join(f"{table.height:,} {name}" for name, table in tables.items())
        _say(f"{counts}: {out}")


def _detect(
    events: Path,
    accounts: Path | None,
    settings: Settings,
    out: Path,
    *,
    quiet: bool,
    previous: Path | None = None,
) -> None:
    from graphkit.run import detect, open_run

    with _progress(quiet=quiet) as told:
        before = None if previous is None else open_run(previous).members
        run = detect(events, accounts=accounts, settings=settings, out=out, previous=before, progress=told)
    if not quiet:
        _say("\n".join([*_summary(run), f"report: {out / 'report.html'}"]))
    if run.held:
        raise HeldError(f"the run is written but held until a named person releases it: {run.held}")


def _summary(run: "Run") -> Iterator[str]:
    n = run.manifest["counts"]
    yield f"{n['events']:,} events of {n['accounts']:,} accounts; {n['quarantined']:,} rows quarantined"
    for ring in run.rings.to_dicts():
        size, kind, q = ring["n_members"], ring["kind"], ring["q_value"]
        yield f"ring {ring['ring_id']}: {size} accounts, {kind}, q = {q:.2g}"
    if run.rings.is_empty():
        yield "no ring was found"
    tiers = run.accounts["tier"].value_counts(sort=True).to_dicts()
    yield "accounts by tier: " + ", ".join(f"{tier['tier']} {tier['count']:,}" for tier in tiers)


@contextmanager
def _faults_told(*, debug: bool) -> Iterator[None]:
    """Turns an error into a message on stderr and its exit code; other exceptions are bugs and show fully."""
    try:
        yield
    except (GraphkitError, OSError) as error:
        if debug:
            traceback.print_exc()
        _say(f"graphkit: {error}", to_stderr=True)
        raise typer.Exit(getattr(error, "exit_code", 1)) from None


def _progress(*, quiet: bool) -> "AbstractContextManager[Told | None]":
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


def _extract() -> Path:
    """The folder of the shipped extract: inside an installed package, or in a checkout beside it."""
    package = Path(__file__).parent
    for folder in (package / "_demo", package.parent / "fixtures" / "moltbook"):
        if (folder / "events.parquet").is_file():
            return folder
    raise InputError(f"the extract for the demo is neither in `{package}` nor beside it; reinstall graphkit")


def _say(text: str, *, to_stderr: bool = False) -> None:
    """Prints `text` with every character that could act on a terminal named instead of sent."""
    stream = sys.stderr if to_stderr else sys.stdout
    shown = "".join(letter if letter == "\n" else _harmless(letter) for letter in text)
    encoding = stream.encoding or "utf-8"
    typer.echo(shown.encode(encoding, "backslashreplace").decode(encoding), err=to_stderr)


def _harmless(letter: str) -> str:
    # C is every kind of control: ESC, direction marks, lone surrogates, private use, unassigned.
    hidden = unicodedata.category(letter).startswith("C") or letter in "\u2028\u2029"
    return f"‹U+{ord(letter):04X}›" if hidden else letter
