"""Commands that measure the signals: evaluate-signals."""

# Everything heavy is imported inside the command that needs it, so that `graphkit --help` answers at once.
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Annotated

import typer

from graphkit.cli.speech import Debug, Quiet, faults_told, progress, say
from graphkit.settings import Settings, read_settings


def evaluate_signals(
    people: Annotated[list[str], typer.Argument(help="Event logs of people, or name=log; two or more.")],
    agents: Annotated[str, typer.Option(help="Event log of agents, or name=log.")],
    out: Annotated[Path, typer.Option(help="Folder for the results, the page and the journal.")],
    seeds: Annotated[int, typer.Option(help="Worlds for each platform.")] = 5,
    first_seed: Annotated[int, typer.Option(help="The first seed; others follow it.")] = 1,
    settings: Annotated[Path | None, typer.Option(help="Settings as TOML, laid over the defaults.")] = None,
    page: Annotated[Path | None, typer.Option(help="Write the page here as well.")] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Say how people, agents and simulated operators fare when each is judged by its own events.

    Each platform is tested with what is known of the others. A call that was stopped goes on where it was.
    """
    with faults_told(debug=debug):
        from graphkit.evaluate.signal_page import lines
        from graphkit.evaluate.signal_tables import evaluate_signals as evaluated

        given = read_settings(settings) if settings else Settings()
        chosen = range(first_seed, first_seed + seeds)
        with progress(quiet=quiet) as bar:
            told = bar or (None if quiet else lambda what, _share: say(what, to_stderr=True))
            results = evaluated(
                people, agents, out=out, seeds=chosen, settings=given, page=page, progress=told
            )
        if not quiet:
            say("\n".join([*lines(results), f"page: {page or out / 'judgement.md'}"]))
