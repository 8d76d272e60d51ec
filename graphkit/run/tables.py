"""A run: the tables of one execution, what its folder keeps of them, and what its pages show."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from graphkit.judgement import HeldReason, Judgement, facts, policy
from graphkit.judgement.records import (
    Origin,
    account_records,
    lines_of_json,
    noted,
    record,
    ring_record,
    ring_records,
)
from graphkit.judgement.records_words import Speech, speech
from graphkit.report.moments import moments
from graphkit.report.plots import Picture, picture
from graphkit.report.strings import strings
from graphkit.report.view import ReportView, around_rings, ring_case
from graphkit.report.weights import weights, weights_figure
from graphkit.settings import Settings, settings_from
from graphkit.signals import SIGNALS
from graphkit.store import read_run
from graphkit.tables import MEMBERS
from graphkit.words import PRIVATE_CHANNELS, Language, Tier


@dataclass(frozen=True)
class Run:
    """The tables of one run; see graphkit.tables for what each holds.

    events is EVENTS; of a run opened from its folder those of members, of accounts above clear, and of others
    that pictures of rings show, without private texts and those of others. known is what the input said of
    accounts, accounts is TIERS. probabilities (account_id, probability) is None without a calibration.
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
    probabilities: pl.DataFrame | None = None

    @property
    def held(self) -> str | None:
        """Why the circuit breaker holds the run, or None."""
        answer: str | None = self.manifest["held"]
        return answer

    def ring(
        self, ring_id: str, *, language: str | None = None, decision: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The finding about a ring as a whole, ready for JSON; in the run's language or another."""
        say, source = speech_of(self, language), origin_of(self)
        return ring_record(judgement_of(self), ring_id, say=say, origin=source, decision=decision)

    def account(
        self, account_id: str, *, language: str | None = None, decision: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """All that is known of an account, ready for JSON; in the run's language or another."""
        its = replace(self, events=self.events.filter(pl.col("account_id") == account_id))
        say, source = speech_of(self, language), origin_of(self)
        return record(judgement_of(its), account_id, say=say, origin=source, decision=decision)

    def weights(self, account_id: str, *, language: str | None = None) -> Picture:
        """What the evidence of an account weighs, step by step."""
        told = self.account(account_id, language=language)
        say = strings(told["language"])
        return weights_figure(weights(told, say), say)

    def picture(self, ring_id: str) -> Picture:
        """The ring as a graph of its members."""
        return picture(view(self), ring_id)

    def show(self) -> pl.DataFrame:
        """The rings at a glance, one row each, with how many members stand at each tier."""
        tiers = self.accounts.filter(pl.col("ring_id").is_not_null())
        counts = tiers.group_by("ring_id").agg(
            (pl.col("tier") == tier.value).sum().alias(tier.value) for tier in Tier
        )
        shown = ("ring_id", "kind", "n_members", "q_value", "kinds", "channels", "first_seen", "last_seen")
        return self.rings.select(shown).join(counts, on="ring_id", how="left").sort("ring_id")


def open_run(folder: Path | str) -> Run:
    """The run that `detect` wrote into `folder`; raises IntegrityError when a file was altered."""
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
        probabilities=tables.get("probabilities"),
    )


def judgement_of(run: Run) -> Judgement:
    """The judgement that the tables of a run hold; facts are those of the events at hand."""
    return Judgement(
        tiers=run.accounts,
        trace=run.trace,
        evidence=run.evidence,
        rings=run.rings,
        policy=policy(run.settings.judgement.policy),
        held=_held(run),
        facts=facts(run.events),
        probabilities=run.probabilities,
        calibration=run.manifest["calibration"],
    )


def _held(run: Run) -> HeldReason | None:
    reason = run.manifest["breaker"]
    return HeldReason(**reason) if reason else None


def origin_of(run: Run) -> Origin:
    """Where the records of a run come from."""
    manifest = run.manifest
    return Origin(
        run_id=manifest["run_id"],
        graphkit=manifest["versions"]["graphkit"],
        seed=manifest["seed"],
        settings_sha256=manifest["settings_sha256"],
        policy_sha256=manifest["policy"]["sha256"],
        inputs=tuple((item["name"], item["sha256"]) for item in manifest["inputs"]),
    )


def speech_of(run: Run, language: str | None = None) -> Speech:
    """The language of a run's pages, or another."""
    settings = run.settings
    return speech(language or settings.report.language, settings=settings.signals)


def record_files(run: Run) -> dict[str, str]:
    """The records of all accounts above clear and all members, and of all rings, by the file to write."""
    kept = run.accounts.filter(noted())
    its = replace(run, events=run.events.join(kept, on="account_id", how="semi", maintain_order="left"))
    judgement, say, origin = judgement_of(its), speech_of(run), origin_of(run)
    return {
        "records/accounts.ndjson": lines_of_json(account_records(judgement, say=say, origin=origin)),
        "records/rings.ndjson": lines_of_json(ring_records(judgement, say=say, origin=origin)),
    }


def view(run: Run) -> ReportView:
    """What the pages of a run are made from."""
    manifest, say, rules = run.manifest, speech_of(run), policy(run.settings.judgement.policy)
    return ReportView(
        events=run.events,
        accounts=run.known,
        edges=run.edges,
        pairs=run.pairs,
        candidates=run.candidates,
        members=run.members,
        rings=run.rings,
        evidence=_said(run, say),
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
        questions={signal.name: say.question(signal.name) or "" for signal in SIGNALS},
        innocent={signal.name: tuple(say.innocent([signal.name])) for signal in SIGNALS},
        held=say.held(held) if (held := _held(run)) else None,
        silent=(*rules.spam.signals, *rules.functional.signals),
    )


def _said(run: Run, say: Speech) -> pl.DataFrame:
    """EVIDENCE with its explanations in the language of the pages."""
    if say.strings.language == Language.EN.value:
        return run.evidence
    roles = run.members.select("account_id", pl.col("role").cast(pl.String))
    rows = run.evidence.drop("event_ids").join(roles, on="account_id", how="left", maintain_order="left")
    said = [say.explanation(row, row["role"]) for row in rows.to_dicts()]
    return run.evidence.with_columns(pl.Series("explanation", said, dtype=pl.String))


def stored(run: Run, shown: ReportView) -> dict[str, pl.DataFrame]:
    """The tables of the run folder; of events only what evidence and pictures speak of, and no private text.

    `shown` is the view of the run, by which its pages were made.
    Strangers' events on the object of a ring's tightest moment, and those aimed at its members, are kept
    too, without their texts: pictures without the others who were there would lie.
    """
    theirs = pl.col("account_id").is_in(run.accounts.filter(noted())["account_id"].implode())
    pictured = pl.col("object_id").is_in(_pictured(shown)).fill_null(value=False)
    received = pl.col("target_id").is_in(run.members["account_id"].implode()).fill_null(value=False)
    kept = run.events.filter(theirs | pictured | received)
    quoted = theirs
    if not run.settings.report.show_private_text:
        quoted &= ~pl.col("channel").cast(pl.String).is_in([channel.value for channel in PRIVATE_CHANNELS])
    kept = kept.with_columns(pl.when(quoted).then("text").alias("text"))
    learnt = {} if run.probabilities is None else {"probabilities": run.probabilities}
    return {
        **learnt,
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


def _pictured(shown: ReportView) -> list[str]:
    """The objects of the moments that the rings' pages draw."""
    near = around_rings(shown)
    tops = [
        moments(ring_case(near, ring_id)).head(1)["object_id"].to_list() for ring_id in shown.rings["ring_id"]
    ]
    return sorted({one for top in tops for one in top})
