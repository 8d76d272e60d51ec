"""The main job: events in, a judged run out."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.errors import QuarantineError
from graphkit.judgement import Findings as Judged
from graphkit.judgement import Judgement, judged, periods, policy, windows
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
from graphkit.run.manifest import ledger_counts, manifest, run_name
from graphkit.run.tables import Run, record_files, stored, view
from graphkit.settings import Settings
from graphkit.signals import SIGNALS, Case, Signal
from graphkit.signals.base import spelled
from graphkit.signals.evidence import absent, evidence, measures
from graphkit.store import write_run
from graphkit.tables import ACCOUNTS
from graphkit.words import Tier

Codes = npt.NDArray[np.uint32]


def detect(
    events: Source | Reading,
    *,
    accounts: Source | None = None,
    settings: Settings | None = None,
    out: Path | str | None = None,
    reference: pl.DataFrame | None = None,
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
    a folder to write the run into; `reference` a REFERENCE from elsewhere (default: the platform's own
    ordinary accounts); `previous` MEMBERS of the run before, whose rings keep their ids; `history` the
    numbers of accounts at limit or above in earlier runs, the oldest first; `ledger` a file that records the
    run and has its history; `progress` is told each stage and the share of the work done. Raises InputError
    for what is no event log, and QuarantineError when too much of it was refused (the refused rows are then
    written to `out`). A run that the circuit breaker holds is returned, with `held` saying why.
    """
    chosen = settings or Settings()
    clock = Clock(progress)
    clock.start("reading")
    read = events if isinstance(events, Reading) else read_events(events, settings=chosen.read)
    known = ACCOUNTS.empty() if accounts is None else read_accounts(accounts, settings=chosen.read)
    rules = policy(chosen.judgement.policy)
    name = run_name(read, chosen, rules, {"accounts": known, "reference": reference, "previous": previous})
    with entered(None if ledger is None else Path(ledger), name) as entry:
        _accept(read, chosen, out)
        past = (*entry.history, *history)
        run = _found(read, known, chosen, name, reference, previous, past, clock, layers, contacts, signals)
        finished = _finished(run, out, clock)
        entry.status, entry.counts = finished.manifest["status"], ledger_counts(finished.manifest)
    return finished


def _found(
    read: Reading,
    known: pl.DataFrame,
    chosen: Settings,
    name: str,
    reference: pl.DataFrame | None,
    previous: pl.DataFrame | None,
    history: Sequence[int],
    clock: Clock,
    layers: Sequence[Layer],
    contacts: Sequence[Contact],
    signals: Sequence[Signal],
) -> Run:
    """Every stage from the network to the judgement."""
    clock.start("network")
    graph = network(coded(read.events), layers, contacts, chosen.network)
    clock.start("rings")
    found = findings(graph, _exempt(graph, known), chosen, previous=previous)
    edges = published(graph, _codes(graph, found.members["account_id"]), chosen.network.edge_nats)
    clock.start("signals")
    # Each part of the period is asked the same questions; what a text holds is found out once for all.
    case = Case(spelled(read.events), known, found.members, found.pairs, chosen.signals)
    answers = measures(case, signals=signals)
    seen = evidence(case, reference=reference, measured=answers, signals=signals)
    clock.start("judgement")
    judgement = _judged(case, found, seen, reference, chosen, history, signals)
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
        manifest=manifest(
            name, read, chosen, graph, edges, judgement, absent(case, answers, signals=signals)
        ),
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
    seen: pl.DataFrame,
    reference: pl.DataFrame | None,
    settings: Settings,
    history: Sequence[int],
    signals: Sequence[Signal],
) -> Judgement:
    rules = policy(settings.judgement.policy)
    facts = Judged(
        events=case.events,
        accounts=case.accounts,
        members=found.members,
        rings=found.rings,
        evidence=seen,
        pairs=found.pairs,
        own_reference=reference is None,
    )
    budget = settings.judgement.watch_budget
    answer = judged(facts, rules, history=history, watch_budget=budget)
    # Only what lasts goes past a warning, so only then is each part of the period asked the same questions.
    parts = periods(case.events, rules) if (answer.tiers["tier"] >= Tier.WARN.value).any() else []
    if not parts:
        return answer
    lasting = [
        evidence(replace(case, events=part), reference=reference, signals=signals)
        for start, end in parts
        for part in [case.events.filter(pl.col("timestamp").is_between(start, end, closed="left"))]
    ]
    facts = replace(facts, windows=windows(lasting, rules))
    return judged(facts, rules, history=history, watch_budget=budget)


def _finished(run: Run, out: Path | str | None, clock: Clock) -> Run:
    """The run with the seconds and memory of its stages, written to `out` if that was asked."""
    if out is None:
        return replace(run, manifest={**run.manifest, "stages": clock.stages})
    clock.start("report")
    shown = {**pages(view(run)), **record_files(run)}
    clock.start("writing")
    # What is in the manifest cannot say how long writing it took.
    timed = replace(run, manifest={**run.manifest, "stages": {**clock.stages, "writing": {}}})
    write_run(Path(out), stored(run), shown, timed.manifest)
    clock.stop()
    return replace(run, manifest={**run.manifest, "stages": clock.stages})
