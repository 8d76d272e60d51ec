"""Commands around a run: detect, demo, verify."""

# Everything heavy is imported inside the command that needs it, so that `graphkit --help` answers at once.
# ruff: noqa: PLC0415

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphkit.cli.speech import Debug, Folder, Quiet, faults_told, progress, say
from graphkit.errors import HeldError, InputError
from graphkit.settings import Settings, read_settings
from graphkit.words import Language

if TYPE_CHECKING:
    from graphkit.run import Run


class TimeUnit(StrEnum):
    """Units that integer timestamps may count in; auto decides once for the whole input."""

    AUTO = "auto"
    S = "s"
    MS = "ms"
    US = "us"
    NS = "ns"


def detect(
    events: Annotated[Path, typer.Argument(help="Events: csv, ndjson or parquet; a file, folder or glob.")],
    out: Annotated[Path, typer.Option(help="Folder to write the run into.")],
    accounts: Annotated[Path | None, typer.Option(help="What is known of the accounts, if anything.")] = None,
    settings: Annotated[Path | None, typer.Option(help="Settings as TOML, laid over the defaults.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random choice.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Zone of times without one, such as UTC.")] = None,
    time_unit: Annotated[TimeUnit | None, typer.Option(help="Unit of times given as integers.")] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="Column for another, as `timestamp=created_utc`; again for more.")
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(help="Ordinary accounts that `graphkit reference` kept.")
    ] = None,
    platform: Annotated[
        str, typer.Option(help="Name of this platform: a reference of the same one is its own, others rank.")
    ] = "",
    calibration: Annotated[
        Path | None, typer.Option(help="Probabilities that `graphkit calibrate` learnt on this platform.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option(help="Rules for tiers: generic, xiaohongshu-2026-03, or a TOML file.")
    ] = None,
    previous: Annotated[Path | None, typer.Option(help="An earlier run, whose rings keep their ids.")] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="Ledger of runs: keeps this one; the circuit breaker's past.")
    ] = None,
    language: Annotated[Language | None, typer.Option(help="Language of the pages.")] = None,
    show_private_text: Annotated[
        bool, typer.Option("--show-private-text", help="Show texts of messages and group chats, too.")
    ] = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Find the rings in an event log and write tables, evidence and a report."""
    with faults_told(debug=debug):
        given = read_settings(settings) if settings else Settings()
        quoted = show_private_text or given.report.show_private_text
        chosen = replace(
            given,
            seed=given.seed if seed is None else seed,
            read=replace(
                given.read,
                time_zone=time_zone or given.read.time_zone,
                columns=tuple(column or given.read.columns),
                time_unit=time_unit.value if time_unit else given.read.time_unit,
            ),
            judgement=replace(given.judgement, policy=policy or given.judgement.policy),
            report=replace(
                given.report,
                language=language.value if language else given.report.language,
                show_private_text=quoted,
            ),
        )
        kept = (reference, platform, calibration)
        _detect(events, accounts, chosen, out, quiet=quiet, previous=previous, ledger=ledger, kept=kept)


def demo(
    out: Annotated[Path, typer.Option(help="Folder to write the run into.")] = Path("demo-run"),
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Run on the extract of real events that comes with graphkit, and name the report to open."""
    with faults_told(debug=debug):
        extract = _extract()
        _detect(extract / "events.parquet", extract / "accounts.parquet", Settings(), out, quiet=quiet)


def verify(run: Folder, debug: Debug = False) -> None:
    """Check that no file of a run is missing, altered or added since it was written."""
    with faults_told(debug=debug):
        from graphkit.store import verify_run

        names = verify_run(run)
        say(f"{len(names)} files of {run} are as they were written")


def _detect(
    events: Path,
    accounts: Path | None,
    settings: Settings,
    out: Path,
    *,
    quiet: bool,
    previous: Path | None = None,
    ledger: Path | None = None,
    kept: tuple[Path | None, str, Path | None] = (None, "", None),
) -> None:
    from graphkit.judgement import policy
    from graphkit.judgement.calibration import read_calibration
    from graphkit.run import detect, open_run
    from graphkit.signals.known import read_reference

    with progress(quiet=quiet) as told:
        before = None if previous is None else open_run(previous).members
        reference, platform, curve = kept
        rules = policy(settings.judgement.policy)
        named = f"{rules.name} {rules.version}"
        measure = None if reference is None else read_reference(reference, settings.signals)
        said = None if curve is None else read_calibration(curve, platform=platform, policy=named)
        run = detect(
            events,
            accounts=accounts,
            settings=settings,
            out=out,
            reference=measure,
            platform=platform,
            calibration=said,
            previous=before,
            ledger=ledger,
            progress=told,
        )
    if not quiet:
        say("\n".join([*_summary(run), f"report: {out / 'report.html'}"]))
    if run.held:
        raise HeldError(
            f"the run is written but held until a named person releases it (`graphkit release`): {run.held}"
        )


def _summary(run: "Run") -> Iterator[str]:
    n = run.manifest["counts"]
    yield f"{n['events']:,} events of {n['accounts']:,} accounts; {n['quarantined']:,} rows quarantined"
    for ring in run.rings.to_dicts():
        size, kind, q = ring["n_members"], ring["kind"], ring["q_value"]
        yield f"ring {ring['ring_id']}: {size} accounts, {kind}, q = {q:.2g}"
    if run.rings.is_empty():
        yield "no ring was found"
    for note in run.manifest["notes"]:
        yield f"note: {note}"
    tiers = run.accounts["tier"].value_counts(sort=True).to_dicts()
    yield "accounts by tier: " + ", ".join(f"{tier['tier']} {tier['count']:,}" for tier in tiers)


def _extract() -> Path:
    """The folder of the shipped extract: inside an installed package, or in a checkout beside it."""
    package = Path(__file__).parent.parent
    for folder in (package / "_demo", package.parent / "fixtures" / "moltbook"):
        if (folder / "events.parquet").is_file():
            return folder
    raise InputError(f"the extract for the demo is neither in `{package}` nor beside it; reinstall graphkit")
