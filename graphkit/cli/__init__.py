"""The command line: options in, tables and pages out, one line for every fault, an exit code at the end."""

from typing import Annotated

import typer

from graphkit import __version__
from graphkit.cli.calibration import calibrate
from graphkit.cli.coaction import coactions, measure
from graphkit.cli.detection import demo, detect, verify
from graphkit.cli.evaluation import evaluate, simulate
from graphkit.cli.records import decide, decisions, explain, release, schema
from graphkit.cli.reference import reference
from graphkit.cli.signal_evaluation import evaluate_signals

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


for command in (
    detect,
    demo,
    explain,
    verify,
    decide,
    decisions,
    release,
    schema,
    coactions,
    measure,
    simulate,
    evaluate,
    evaluate_signals,
    calibrate,
    reference,
):
    app.command()(command)
