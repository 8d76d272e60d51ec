"""Commands around a record: explain, decide, decisions, release, schema."""

# Everything heavy is imported inside the command that needs it, so that `graphkit --help` answers at once.
# ruff: noqa: PLC0415

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from graphkit.cli.speech import Debug, Folder, faults_told, say
from graphkit.errors import InputError
from graphkit.words import Language, Ruling

Ledger = Annotated[
    Path | None, typer.Option(help="Ledger of runs and decisions (default: ledger.sqlite beside RUN).")
]
By = Annotated[str, typer.Option(help="Name of the person who decides or releases.")]
Reason = Annotated[str, typer.Option(help="Why, in that person's words.")]


class Kind(StrEnum):
    """What a decision is about."""

    ACCOUNT = "account"
    RING = "ring"


class RecordName(StrEnum):
    """Records that have a published schema."""

    RECORD = "record"
    RING_RECORD = "ring_record"


def explain(
    run: Folder,
    subject: Annotated[str, typer.Argument(metavar="ACCOUNT|RING", help="An account or ring of the run.")],
    language: Annotated[Language | None, typer.Option(help="Language (default: the run's).")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a picture (svg, png), a page (html) or the record (json) instead."),
    ] = None,
    ledger: Ledger = None,
    debug: Debug = False,
) -> None:
    """Say what was seen of an account or a ring, what it weighs, and which rules fired or failed."""
    with faults_told(debug=debug):
        from graphkit.judgement.waterfall import moments_of, shown_ids, waterfall
        from graphkit.report.fonts import has_chinese
        from graphkit.run import decision_of, explained, open_run

        opened = open_run(run)
        of_ring = subject in opened.rings["ring_id"] and subject not in opened.accounts["account_id"]
        kind, tell = ("ring", opened.ring) if of_ring else ("account", opened.account)
        taken = decision_of(opened, _ledger(run, ledger), kind, subject)
        record = tell(subject, language=language.value if language else None, decision=taken)
        if out is None:
            say(waterfall(record, moments=moments_of(opened.events, shown_ids(record))))
        else:
            explained(opened, record, out)
            say(f"{out} tells of {kind} {subject}")
            picture = out.suffix.lower() in (".png", ".svg")
            if picture and record["language"] == Language.ZH.value and not has_chinese():
                say("no font of this machine has Chinese, so the picture shows boxes: add `graphkit[fonts]`")


def decide(
    run: Folder,
    subject: Annotated[str, typer.Argument(metavar="ACCOUNT|RING", help="An account or ring of the run.")],
    decision: Annotated[Ruling, typer.Option(help="What is decided.")],
    by: By,
    reason: Reason,
    tool_run: Annotated[
        bool | None,
        typer.Option(
            "--tool-run/--not-tool-run",
            help="Whether a tool runs the account, as was found (default: left open).",
        ),
    ] = None,
    territory: Annotated[str | None, typer.Option(help="Where the decision applies.")] = None,
    duration: Annotated[str | None, typer.Option(help="How long it applies.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Needed where an account and a ring share an id.")] = None,
    ledger: Ledger = None,
    debug: Debug = False,
) -> None:
    """Record a named person's decision about an account or a ring; it is added, never changed."""
    with faults_told(debug=debug):
        from graphkit.run import decide as record_decision
        from graphkit.run import open_run

        opened, place = open_run(run), _ledger(run, ledger)
        taken = record_decision(
            opened,
            subject,
            ledger=place,
            decision=decision.value,
            by=by,
            reason=reason,
            kind=kind.value if kind else None,
            is_tool_run=tool_run,
            territorial_scope=territory,
            duration=duration,
        )
        say(f"{taken.kind} {subject}: {taken.decision}, by {taken.by}; added to {place}")


def decisions(
    ledger: Annotated[Path, typer.Argument(metavar="LEDGER", help="The ledger of runs and decisions.")],
    out: Annotated[Path | None, typer.Option(help="Write them as labels (parquet).")] = None,
    debug: Debug = False,
) -> None:
    """List the decisions in a ledger, or write them as labels for calibration."""
    with faults_told(debug=debug):
        from graphkit.store import decisions as read_decisions
        from graphkit.store import decisions_table, write_labels

        if not ledger.is_file():
            raise InputError(f"there is no ledger `{ledger}`; name the file that detect or decide wrote")
        taken = read_decisions(ledger)
        if out is not None:
            table = decisions_table(taken)
            write_labels(out, table)
            say(f"{table.height} decisions in {out}")
            return
        for one in taken:
            found = {None: "", True: ", tool-run", False: ", not tool-run"}[one.is_tool_run]
            whose = f"{one.at:%Y-%m-%d %H:%M} {one.kind} {one.subject}"
            say(f"{whose}: {one.decision}{found}, by {one.by}: {one.reason}")


def release(run: Folder, by: By, reason: Reason, ledger: Ledger = None, debug: Debug = False) -> None:
    """Record that a named person releases a run which the circuit breaker holds."""
    with faults_told(debug=debug):
        from graphkit.run import open_run
        from graphkit.run import release as record_release

        place = _ledger(run, ledger)
        taken = record_release(open_run(run), ledger=place, by=by, reason=reason)
        say(f"run {taken.subject}: released, by {taken.by}; added to {place}")


def schema(
    name: Annotated[RecordName, typer.Argument(help="Of an account, or of a ring.")] = RecordName.RECORD,
    debug: Debug = False,
) -> None:
    """Print the JSON Schema (draft 2020-12) of the records that a run holds."""
    with faults_told(debug=debug):
        from graphkit.judgement.records_schema import schema_text

        say(schema_text(name.value).rstrip("\n"))


def _ledger(run: Path, ledger: Path | None) -> Path:
    """The ledger that was named, or the one beside the run's folder."""
    return ledger or run.absolute().parent / "ledger.sqlite"
