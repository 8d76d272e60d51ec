"""Commands around a reference: reference."""

# Everything heavy is imported inside the command that needs it, so that `graphkit --help` answers at once.
# ruff: noqa: PLC0415

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from graphkit.cli.speech import Debug, Quiet, faults_told, say
from graphkit.settings import Settings, read_settings


def reference(
    events: Annotated[Path, typer.Argument(help="Events: csv, ndjson or parquet; a file, folder or glob.")],
    out: Annotated[Path, typer.Option(help="File to write the reference to (Parquet).")],
    platform: Annotated[
        str,
        typer.Option(help="Name of the platform; `detect --platform` says it again to use it as its own."),
    ],
    accounts: Annotated[Path | None, typer.Option(help="What is known of the accounts, if anything.")] = None,
    candidates: Annotated[
        Path | None,
        typer.Option(help="Accounts to leave out: a run (its rings, and whoever is warned) or a table."),
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="Settings as TOML, laid over the defaults.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Zone of times without one, such as UTC.")] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Keep how the ordinary accounts of a platform answer every signal, for `detect --reference`.

    Holds values and counts, no account, text or time of an event. The same input gives the same bytes.
    """
    with faults_told(debug=debug):
        from graphkit.run.reference import fit_reference, suspects_of
        from graphkit.signals.known import content
        from graphkit.store.durable import write_bytes

        given = read_settings(settings) if settings else Settings()
        chosen = replace(given, read=replace(given.read, time_zone=time_zone or given.read.time_zone))
        fitted = fit_reference(
            events,
            platform=platform,
            accounts=accounts,
            suspects=suspects_of(candidates) if candidates else (),
            settings=chosen,
        )
        write_bytes(out, content(fitted))
        if not quiet:
            counts = fitted.facts["accounts"]
            say(f"{counts['ordinary']:,} ordinary accounts of {platform}, version {fitted.version}: {out}")
            for name, n in fitted.facts["answers"].items():
                say(f"  {name}: {n:,} accounts")
