"""One execution from events to a judged run: what the command line and a notebook both call."""

import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from graphkit.errors import QuarantineError
from graphkit.judgement import Findings as Judged
from graphkit.judgement import Judgement, judged, periods, policy, windows
from graphkit.judgement.records import record, ring_record
from graphkit.layers import CONTACTS, LAYERS, Contact, Layer
from graphkit.layers.base import coded
from graphkit.network.build import Network, network, published
from graphkit.readers import Reading, Source, read_accounts, read_events
from graphkit.readers.reading import refused
from graphkit.report.pages import pages
from graphkit.report.plots import picture
from graphkit.report.view import ReportView
from graphkit.rings.findings import Findings, findings
from graphkit.settings import Settings, settings_from
from graphkit.signals import SIGNALS, Case, Signal
from graphkit.signals.evidence import absent, evidence, measures
from graphkit.store import read_run, write_run
from graphkit.tables import ACCOUNTS, MEMBERS
from graphkit.words import PRIVATE_CHANNELS, Tier

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Told = Callable[[str, float], None]

_LIBRARIES = ("polars", "numpy", "scipy", "igraph", "leidenalg", "networkx", "matplotlib")
# Share of the work done when a stage begins, for the progress bar.
_STAGES = {
    "reading": 0.0,
    "network": 0.1,
    "rings": 0.45,
    "signals": 0.6,
    "judgement": 0.85,
    "report": 0.9,
    "writing": 0.98,
}


@dataclass(frozen=True)
class Run:
    """The tables of one run; see graphkit.tables for what each holds.

    events is EVENTS (of a run opened from its folder: those of members and of accounts above clear, private
    texts left out), known is what the input said of accounts, accounts is TIERS.
    """

    settings: Settings
    events: pl.DataFrame
    known: pl.DataFrame
    accounts: pl.DataFrame
    edges: pl.DataFrame
    pairs: pl.DataFrame
    candidates: pl.DataFrame
    members: pl.DataFrame
    rings: pl.DataFrame
    evidence: pl.DataFrame
    trace: pl.DataFrame
    quarantine: pl.DataFrame
    manifest: Mapping[str, Any]

    @property
    def held(self) -> str | None:
        """Why the circuit breaker holds the run, or None."""
        answer: str | None = self.manifest["held"]
        return answer

    def ring(self, ring_id: str) -> dict[str, Any]:
        """The finding about a ring as a whole, ready for JSON."""
        return ring_record(_judgement(self), ring_id)

    def account(self, account_id: str) -> dict[str, Any]:
        """All that is known of an account, ready for JSON, with a null decision."""
        return record(_judgement(self), account_id, signals=SIGNALS)

    def picture(self, ring_id: str) -> "Figure":
        """The ring as a graph of its members."""
        return picture(_view(self), ring_id)

    def show(self) -> pl.DataFrame:
        """The rings at a glance, one row each, with how many members stand at each tier."""
        tiers = self.accounts.filter(pl.col("ring_id").is_not_null())
        counts = tiers.group_by("ring_id").agg(
            (pl.col("tier") == tier.value).sum().alias(tier.value) for tier in Tier
        )
        shown = ("ring_id", "kind", "n_members", "q_value", "kinds", "channels", "first_seen", "last_seen")
        return self.rings.select(shown).join(counts, on="ring_id", how="left").sort("ring_id")


@dataclass
class _Clock:
    """Seconds and peak memory of each stage; tells how far the run is."""

    told: Told | None
    stages: dict[str, dict[str, float]] = field(default_factory=dict)
    began: float = 0.0

    def start(self, stage: str) -> None:
        """End the stage before and begin `stage`."""
        self.stop()
        self.stages[stage] = {}
        self.began = time.perf_counter()
        if self.told:
            self.told(stage, _STAGES[stage])

    def stop(self) -> None:
        """End the stage that runs."""
        if self.stages:
            last = self.stages[next(reversed(self.stages))]
            # ru_maxrss counts KiB on Linux and bytes on macOS.
            unit = 1 if sys.platform == "darwin" else 1024
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
            last.update(seconds=round(time.perf_counter() - self.began, 3), peak_mib=round(peak / 2**20, 1))


def detect(
    events: Source | Reading,
    *,
    accounts: Source | None = None,
    settings: Settings | None = None,
    out: Path | str | None = None,
    reference: pl.DataFrame | None = None,
    progress: Told | None = None,
    history: Sequence[int] = (),
    layers: Sequence[Layer] = LAYERS,
    contacts: Sequence[Contact] = CONTACTS,
    signals: Sequence[Signal] = SIGNALS,
) -> Run:
    """Find the rings among `events`, with evidence and a recommended tier for every account.

    `events` is a path, a glob, a frame or what a reader returned; `accounts` what is known of accounts; `out`
    a folder to write the run into; `reference` a REFERENCE from elsewhere (default: the platform's own
    ordinary accounts); `history` the numbers of accounts at limit or above in earlier runs, the oldest first.
    Raises InputError for what is no event log, QuarantineError when too much of it was refused (the refused
    rows are then written to `out`); a run held by the circuit breaker is returned, with `held` saying why.
    """
    chosen = settings or Settings()
    clock = _Clock(progress)
    clock.start("reading")
    read = events if isinstance(events, Reading) else read_events(events, settings=chosen.read)
    _accept(read, chosen, out)
    known = ACCOUNTS.empty() if accounts is None else read_accounts(accounts, settings=chosen.read)
    clock.start("network")
    graph = network(coded(read.events), layers, contacts, chosen.network)
    clock.start("rings")
    found = findings(graph, _exempt(graph, known), chosen)
    edges = published(graph, _codes(graph, found.members), chosen.network.edge_nats)
    clock.start("signals")
    case = Case(read.events, known, found.members, found.pairs, chosen.signals)
    answers = measures(case, signals=signals)
    seen = evidence(case, reference=reference, measured=answers, signals=signals)
    clock.start("judgement")
    judgement = _judged(case, found, seen, reference, chosen, history, signals)
    clock.stop()
    run = Run(
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
        manifest=_manifest(
            read, chosen, graph, edges, judgement, absent(case, answers, signals=signals), clock
        ),
    )
    return run if out is None else _written(run, Path(out), clock)


def open_run(folder: Path | str) -> Run:
    """The run that `detect` wrote into `folder`; raises IntegrityError when a file is not as it was written."""
    stored = read_run(Path(folder))
    tables, manifest = stored.tables, stored.manifest
    accounts = tables["accounts"]
    members = accounts.filter(pl.col("ring_id").is_not_null()).select(MEMBERS.column_names())
    return Run(
        settings=settings_from(manifest["settings"], where="manifest.json"),
        events=tables["events"],
        known=tables["known"],
        accounts=accounts,
        edges=tables["edges"],
        pairs=tables["pairs"],
        candidates=tables["candidates"],
        members=MEMBERS.check(members),
        rings=tables["rings"],
        evidence=tables["evidence"],
        trace=tables["trace"],
        quarantine=tables["quarantine"],
        manifest=manifest,
    )


def _accept(read: Reading, settings: Settings, out: Path | str | None) -> None:
    try:
        refused(read, settings.read)
    except QuarantineError as error:
        if out is not None:
            counts = {"rows_read": read.rows_read, "quarantined": read.quarantine.height}
            write_run(
                Path(out),
                {"quarantine": read.quarantine},
                {},
                {"status": "refused", "error": str(error), "counts": counts, "settings": asdict(settings)},
            )
        raise


def _exempt(graph: Network, known: pl.DataFrame) -> Any:
    """Codes of accounts that say they are automated, or that the platform verified: in no ring."""
    open_ones = known.filter(
        pl.col("automation_disclosed").fill_null(value=False) | pl.col("verified").fill_null(value=False)
    )["account_id"]
    return np.flatnonzero(graph.ids.is_in(open_ones.implode()).to_numpy()).astype(np.uint32)


def _codes(graph: Network, members: pl.DataFrame) -> Any:
    return np.flatnonzero(graph.ids.is_in(members["account_id"].implode()).to_numpy()).astype(np.uint32)


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
    lasting = None
    if seen.height:
        # The same questions, asked of each part of the period: does the evidence last?
        parts = [
            evidence(
                replace(
                    case, events=case.events.filter(pl.col("timestamp").is_between(start, end, closed="left"))
                ),
                reference=reference,
                signals=signals,
            )
            for start, end in periods(case.events, rules)
        ]
        lasting = windows(parts, rules) if parts else None
    return judged(
        Judged(
            events=case.events,
            accounts=case.accounts,
            members=found.members,
            rings=found.rings,
            evidence=seen,
            pairs=found.pairs,
            windows=lasting,
            own_reference=reference is None,
        ),
        rules,
        history=history,
        watch_budget=settings.judgement.watch_budget,
    )


def _manifest(
    read: Reading,
    settings: Settings,
    graph: Network,
    edges: pl.DataFrame,
    judgement: Judgement,
    missing: Mapping[str, int],
    clock: _Clock,
) -> dict[str, Any]:
    tiers = dict(judgement.tiers["tier"].cast(pl.String).value_counts().sort("tier").rows())
    return {
        "status": "held" if judgement.held else "done",
        "held": judgement.held.sentence if judgement.held else None,
        "versions": {"graphkit": version("graphkit")} | {name: version(name) for name in _LIBRARIES},
        "settings": asdict(settings),
        "seed": settings.seed,
        "policy": {"name": judgement.policy.name, "version": judgement.policy.version},
        "inputs": [{"name": name, "sha256": sha256, "bytes": size} for name, sha256, size in read.inputs],
        "notes": list(read.notes),
        "strands": {name: layer.strand.value for name, layer in graph.layers.items()}
        | dict(graph.edges.select("layer", "strand").unique().sort("layer").rows()),
        "counts": {
            "rows_read": read.rows_read,
            "events": read.events.height,
            "quarantined": read.quarantine.height,
            "accounts": judgement.tiers.height,
            "incidence": {name: rows.height for name, rows in graph.incidences.items()},
            "edges": edges.height,
            "rings": judgement.rings.height,
            "tiers": tiers,
        },
        "left_out": {
            "edges too thin to publish": graph.edges.height - edges.height,
            **{
                f"accounts with too few events for {name}": count
                for name, count in sorted(missing.items())
                if count
            },
        },
        "stages": clock.stages,
    }


def _judgement(run: Run) -> Judgement:
    return Judgement(run.accounts, run.trace, run.evidence, run.rings, policy(run.settings.judgement.policy))


def _view(run: Run) -> ReportView:
    manifest = run.manifest
    return ReportView(
        events=run.events,
        accounts=run.known,
        edges=run.edges,
        pairs=run.pairs,
        candidates=run.candidates,
        members=run.members,
        rings=run.rings,
        evidence=run.evidence,
        tiers=run.accounts,
        trace=run.trace,
        quarantine=run.quarantine,
        rows_read=manifest["counts"]["rows_read"],
        settings=run.settings,
        version=manifest["versions"]["graphkit"],
        inputs=tuple((item["name"], item["sha256"]) for item in manifest["inputs"]),
        notes=tuple(manifest["notes"]),
        left_out=manifest["left_out"],
        strands=manifest["strands"],
        questions={signal.name: signal.question for signal in SIGNALS},
        innocent={signal.name: signal.innocent for signal in SIGNALS},
        held=run.held,
    )


def _written(run: Run, out: Path, clock: _Clock) -> Run:
    clock.start("report")
    shown = pages(_view(run))
    clock.start("writing")
    write_run(out, _tables(run), shown, {**run.manifest, "stages": clock.stages})
    clock.stop()
    return run


def _tables(run: Run) -> dict[str, pl.DataFrame]:
    """The tables of the run folder; of events only what evidence speaks of, and no private text."""
    above = run.accounts.filter((pl.col("tier") != Tier.CLEAR.value) | pl.col("ring_id").is_not_null())
    kept = run.events.join(above, on="account_id", how="semi", maintain_order="left")
    if not run.settings.report.show_private_text:
        secret = pl.col("channel").cast(pl.String).is_in([channel.value for channel in PRIVATE_CHANNELS])
        kept = kept.with_columns(pl.when(~secret).then("text").alias("text"))
    return {
        "accounts": run.accounts,
        "candidates": run.candidates,
        "edges": run.edges,
        "events": kept,
        "evidence": run.evidence,
        "known": run.known,
        "pairs": run.pairs,
        "quarantine": run.quarantine,
        "rings": run.rings,
        "trace": run.trace,
    }
