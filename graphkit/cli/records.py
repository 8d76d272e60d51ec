"""Commands around a record: explain, schema."""

# Everything heavy is imported inside the command that needs it, so that `graphkit --help` answers at once.
# ruff: noqa: PLC0415

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from graphkit.cli.speech import Debug, Folder, faults_told, say
from graphkit.words import Language


class RecordName(StrEnum):
    """Records that have a published schema."""

    RECORD = "record"
    RING_RECORD = "ring_record"


def explain(
    run: Folder,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="An account_id of the run.")],
    language: Annotated[Language | None, typer.Option(help="Language (default: the run's).")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a picture (svg, png), a page (html) or the record (json) instead."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Say what was seen of one account, what it weighs, and which rules fired or failed."""
    with faults_told(debug=debug):
        from graphkit.judgement.waterfall import moments_of, shown_ids, waterfall
        from graphkit.run import explained, open_run

        opened = open_run(run)
        record = opened.account(account, language=language.value if language else None)
        if out is None:
            say(waterfall(record, moments=moments_of(opened.events, shown_ids(record))))
        else:
            explained(opened, record, out)
            say(f"{out} tells of account {account}")


def schema(
    name: Annotated[RecordName, typer.Argument(help="Of an account, or of a ring.")] = RecordName.RECORD,
    debug: Debug = False,
) -> None:
    """Print the JSON Schema (draft 2020-12) of the records that a run holds."""
    with faults_told(debug=debug):
        from graphkit.judgement.records_schema import schema_text

        say(schema_text(name.value).rstrip("\n"))
