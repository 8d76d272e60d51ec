"""The main job: events in, a judged run out."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.errors import QuarantineError
from graphkit.judgement import Findings as Judged
from graphkit.judgement import Judgement, judged, policy
from graphkit.judgement.calibration import Calibration
from graphkit.judgement.calibration import told as calibration_told
from graphkit.layers import CONTACTS, LAYERS, Contact, Layer
from graphkit.layers.base import coded
from graphkit.network.build import Network, network, published
from graphkit.readers import Source
from graphkit.readers.reading import Reading, refused
from graphkit.readers.reads import read_accounts, read_events
from graphkit.report.pages import pages
from graphkit.rings.findings import Findings, findings
from graphkit.run.clock import Clock, Told
from graphkit.run.entered import entered
from graphkit.run.lasting import lasting, of_interest
from graphkit.run.manifest import ledger_counts, manifest, run_name
from graphkit.run.tables import Run, record_files, stored, view
from graphkit.settings import Settings
from graphkit.signals import SIGNALS, Case, Signal
from graphkit.signals.base import written
from graphkit.signals.evidence import absent, evidence, measures
from graphkit.signals.known import Reference
from graphkit.signals.standing import Yardstick, ranked, yardstick
from graphkit.store import write_run
from graphkit.tables import ACCOUNTS
from graphkit.text.spelling import spelled

Codes = npt.NDArray[np.uint32]


def detect(
    events: Source | Reading,
    *,
    accounts: Source | None = None,
    settings: Settings | None = None,
    out: Path | str | None = None,
    reference: Reference | None = None,
    platform: str = "",
    calibration: Calibration | None = None,
    previous: pl.DataFrame | None = None,
    history: Sequence[int] = (),
    ledger: Path | str | None = None,
    progress: Told | None = None,
    layers: Sequence[Layer] = LAYERS,
    contacts: Sequence[Contact] = CONTACTS,
    signals: Sequence[Signal] = SIGNALS,
) -> Run:
    """Find the rings among `events`, with evidence and a recommended tier for every account.

    `events` is a path, a glob, a frame or what a reader returned; `accounts` what is known of accounts; `out`
    a folder to write the run into; `reference` one that was kept (default: the ordinary accounts of this
    log), which speaks for the `platform` that it was fitted on and only ranks on others; `calibration`
    gives probabilities, in a table of their own; `previous` MEMBERS of the run before, whose rings keep their
    ids; `history` the numbers of accounts at limit or above in earlier runs, the oldest first; `ledger` a
    file that records the run and has its history; `progress` is told each stage and the share of the work
    done. Raises InputError for what is no event log, and QuarantineError when too much of it was refused
    (what was is then written to `out`). A run that the circuit breaker holds is returned; `held` says why.
    """
    chosen, clock = settings or Settings(), Clock(progress)
    clock.start("reading")
    read = events if isinstance(events, Reading) else read_events(events, settings=chosen.read)
    known = ACCOUNTS.empty() if accounts is None else read_accounts(accounts, settings=chosen.read)
    rules = policy(chosen.judgement.policy)
    beside = {"accounts": known, "previous": previous, **_use(reference, platform, calibration)}
    name = run_name(read, chosen, rules, beside)
    with entered(None if ledger is None else Path(ledger), name) as entry:
        _accept(read, chosen, out)
        past = (*entry.history, *history)
        kept = (reference, platform)
        run = _found(read, known, chosen, name, kept, previous, past, clock, layers, contacts, signals)
        finished = _finished(_learnt(run, calibration), out, clock)
        entry.status, entry.counts = finished.manifest["status"], ledger_counts(finished.manifest)
    return finished


def _found(
    read: Reading,
    known: pl.DataFrame,
    chosen: Settings,
    name: str,
    kept: tuple[Reference | None, str],
    previous: pl.DataFrame | None,
    history: Sequence[int],
    clock: Clock,
    layers: Sequence[Layer],
    contacts: Sequence[Contact],
    signals: Sequence[Signal],
) -> Run:
    """Every stage from the network to the judgement; `kept` is the reference and the platform's name."""
    reference, platform = kept
    clock.start("network")
    # What a text holds is found out once, for the layers, the signals and the parts of the period.
    told = spelled(read.events)
    graph = network(coded(told), layers, contacts, chosen.network)
    clock.start("rings")
    found = findings(graph, _exempt(graph, known), chosen, previous=previous)
    edges = published(graph, _codes(graph, found.members["account_id"]), chosen.network.edge_nats)
    clock.start("signals")
    case = Case(written(told), known, found.members, found.pairs, chosen.signals)
    answers = measures(case, signals=signals)
    marks = yardstick(case, answers, reference=reference, platform=platform, signals=signals)
    clock.start("judgement")
    judgement = _judged(case, found, answers, marks, chosen, history, signals)
    missing = absent(case, answers, signals=signals)
    clock.stop()
    return Run(
        settings=chosen,
        events=read.events,
        known=known,
        accounts=judgement.tiers,
        edges=edges,
        pairs=found.pairs,
        candidates=found.candidates,
        members=found.members,
        rings=judgement.rings,
        evidence=judgement.evidence,
        trace=judgement.trace,
        quarantine=read.quarantine,
        manifest=manifest(name, read, chosen, graph, edges, judgement, missing, _told(marks, platform)),
    )


def _accept(read: Reading, settings: Settings, out: Path | str | None) -> None:
    """Stop where too much was refused, leaving the refused rows for a person to look at."""
    try:
        refused(read, settings.read)
    except QuarantineError as error:
        if out is not None:
            counts = {"rows_read": read.rows_read, "quarantined": read.quarantine.height}
            facts = {"status": "refused", "error": str(error), "counts": counts, "settings": asdict(settings)}
            write_run(Path(out), {"quarantine": read.quarantine}, {}, facts)
        raise


def _exempt(graph: Network, known: pl.DataFrame) -> Codes:
    """Accounts that say they are automated, or that the platform verified: in no ring."""
    said = pl.col("automation_disclosed").fill_null(value=False) | pl.col("verified").fill_null(value=False)
    return _codes(graph, known.filter(said)["account_id"])


def _codes(graph: Network, ids: pl.Series) -> Codes:
    return np.flatnonzero(graph.ids.is_in(ids.implode()).to_numpy()).astype(np.uint32)


def _judged(
    case: Case,
    found: Findings,
    answers: pl.DataFrame,
    marks: Yardstick,
    settings: Settings,
    history: Sequence[int],
    signals: Sequence[Signal],
) -> Judgement:
    rules = policy(settings.judgement.policy)
    placed = ranked(answers, marks, case.settings, signals=signals)
    facts = Judged(
        events=case.events,
        accounts=case.accounts,
        members=found.members,
        rings=found.rings,
        evidence=evidence(case, placed, signals=signals),
        pairs=found.pairs,
        own_reference=not marks.own.is_empty(),
    )
    budget = settings.judgement.watch_budget
    answer = judged(facts, rules, history=history, watch_budget=budget)
    # Only what lasts goes past a warning, so only then are the parts of the period asked the same questions.
    interest = of_interest(answer.tiers, answer.evidence)
    if not interest:
        return answer
    again = lasting(case, placed, marks, interest, rules, signals)
    facts = replace(facts, windows=again.windows, parts=again.parts)
    return judged(facts, rules, history=history, watch_budget=budget)


def _use(
    reference: Reference | None, platform: str, calibration: Calibration | None
) -> dict[str, pl.DataFrame | None]:
    """What of a kept reference and calibration decides a run, as tables."""
    versions: dict[str, pl.DataFrame | None] = {"reference": None, "calibration": None}
    if reference is not None:
        own = reference.is_of(platform)
        versions["reference"] = pl.DataFrame({"version": [reference.version], "own": [own]})
    if calibration is not None:
        versions["calibration"] = pl.DataFrame({"content": [calibration.content().decode()]})
    return versions


def _told(marks: Yardstick, platform: str) -> dict[str, Any]:
    """What the manifest says of the ordinary accounts."""
    if marks.given is not None:
        return marks.given.told(platform)
    n_answers = marks.own.group_by("signal").agg(pl.col("n_accounts").sum()).sort("signal")
    return {
        "use": "own accounts of this run",
        "platform": platform,
        "accounts": {"ordinary": len(marks.ordinary), "left out as candidates": len(marks.candidates)},
        "answers": dict(n_answers.rows()),
    }


def _finished(run: Run, out: Path | str | None, clock: Clock) -> Run:
    """The run with the seconds and memory of its stages, written to `out` if that was asked."""
    if out is None:
        return replace(run, manifest={**run.manifest, "stages": clock.stages})
    clock.start("report")
    shown = view(run)
    files = {**pages(shown), **record_files(run)}
    clock.start("writing")
    # What is in the manifest cannot say how long writing it took.
    timed = {**run.manifest, "stages": {**clock.stages, "writing": {}}}
    write_run(Path(out), stored(run, shown), files, timed)
    clock.stop()
    return replace(run, manifest={**run.manifest, "stages": clock.stages})


def _learnt(run: Run, calibration: Calibration | None) -> Run:
    """The run with the probabilities of its accounts, and what its manifest says of the calibration."""
    if calibration is None:
        return replace(run, manifest={**run.manifest, "calibration": None})
    said = run.accounts.select("account_id").with_columns(calibration.probability(run.accounts["score"]))
    return replace(
        run, probabilities=said, manifest={**run.manifest, "calibration": calibration_told(calibration)}
    )
