"""The tables of a dossier as plain rows, cleaned and clipped, bounded by one ring and by one page."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from graphkit.report.clean import visible
from graphkit.report.findings import stamp
from graphkit.report.moments import moments
from graphkit.report.strings import Strings, number
from graphkit.report.view import Member, ReportView, RingCase
from graphkit.words import PRIVATE_CHANNELS, Grade

_IDS = 4
_ID_LIMIT = 64
_TEXT_LIMIT = 280
_MEMBERS = 400
DETAILS = 80
_RECEIPTS = 30
_TEXTS = 12
_MOMENTS = 8
_PRIVATE = [channel.value for channel in PRIVATE_CHANNELS]
# From here on a cell of the heat table is one shade darker; the steps are those of the grades.
_SHADES = ((4.0, 4), (2.0, 3), (0.5, 2), (0.0001, 1))


@dataclass(frozen=True)
class EvidenceRow:
    """One line of evidence with the first of its events."""

    signal: str
    question: str
    family: str
    value: str
    unit: str
    n: str
    quantile: str
    grade: str
    bits: str
    explanation: str
    event_ids: tuple[str, ...]
    n_more: int


@dataclass(frozen=True)
class MemberDetail:
    """The evidence of one member and every rule that was tried for it."""

    member: Member
    account: str
    evidence: tuple[EvidenceRow, ...]
    rules: tuple[Mapping[str, object], ...]


def shade(bits: float) -> int:
    """How dark a cell of the heat table is: 1 to 4 by grade, 0 for nothing, -1 for what speaks in favour."""
    if bits < 0:
        return -1
    return next((step for least, step in _SHADES if bits >= least), 0)


def evidence_rows(view: ReportView, frame: pl.DataFrame, say: Strings) -> tuple[EvidenceRow, ...]:
    """EVIDENCE as lines, the heaviest first."""
    ranked = frame.sort("bits", "family", "signal", descending=[True, False, False])
    return tuple(_evidence(view, row, say) for row in ranked.iter_rows(named=True))


def details(view: ReportView, case: RingCase, say: Strings) -> tuple[MemberDetail, ...]:
    """Evidence and rules of the first members, as far as there are any."""
    shown = []
    by_account = case.evidence.filter(pl.col("account_id").is_not_null())
    for member in case.members[:DETAILS]:
        mine = pl.col("account_id") == member.account_id
        evidence = evidence_rows(view, by_account.filter(mine), say)
        rules = tuple(
            {**row, **{name: visible(str(row[name]), 160) for name in ("condition", "observed", "required")}}
            for row in case.trace.filter(mine)
            .with_columns(pl.col("tier").cast(pl.String))
            .iter_rows(named=True)
        )
        if evidence or rules:
            shown.append(MemberDetail(member, visible(member.account_id, _ID_LIMIT), evidence, rules))
    return tuple(shown)


def member_rows(case: RingCase) -> list[dict[str, object]]:
    """The members with their counts of events and the shades of their bits."""
    counts = dict(case.events.group_by("account_id").len().iter_rows())
    return [
        {
            "member": member,
            "account": visible(member.account_id, _ID_LIMIT),
            "events": counts.get(member.account_id, 0),
            "heat": [(family, bits, shade(bits)) for family, bits in member.bits.items()],
        }
        for member in case.members[:_MEMBERS]
    ]


def layer_rows(view: ReportView, case: RingCase) -> list[dict[str, object]]:
    """What joins the members, one line for each layer, the heaviest first."""
    table = (
        case.edges.group_by("layer")
        .agg(
            pl.len().alias("pairs"),
            pl.col("count").sum().alias("met"),
            pl.col("expected").sort().sum().round(3),
            pl.col("weight").sort().sum().round(3).alias("nats"),
        )
        .sort("nats", "layer", descending=[True, False])
    )
    strands = view.strands
    return [{**row, "strand": strands.get(row["layer"], "other")} for row in table.iter_rows(named=True)]


def receipt_rows(case: RingCase) -> list[dict[str, object]]:
    """The most telling receipts: of each thing that was shared the best, the layers taking turns.

    First meetings stand before repeated ones, small crowds before large ones, short gaps before long ones.
    """
    by_worth = ["repetition", "crowd", "gap_s", "source_event_id", "target_event_id"]
    ranked = (
        case.pairs.sort(*by_worth)
        .unique(["layer", "met_on"], keep="first", maintain_order=True)
        .with_columns(pl.int_range(pl.len()).over("layer").alias("turn"))
        .sort("turn", "layer", *by_worth)
        .drop("turn")
    )
    numbers = case.numbers
    return [
        {
            **row,
            "source": numbers.get(row["source"], 0),
            "target": numbers.get(row["target"], 0),
            "met_on": visible(row["met_on"], 80),
            "source_event_id": visible(row["source_event_id"], _ID_LIMIT),
            "target_event_id": visible(row["target_event_id"], _ID_LIMIT),
        }
        for row in ranked.head(_RECEIPTS).iter_rows(named=True)
    ]


def shown_text(view: ReportView) -> pl.Expr:
    """The text of an event, null where it is private and the settings do not ask for it."""
    if view.settings.report.show_private_text:
        return pl.col("text")
    private = pl.col("channel").cast(pl.String).is_in(_PRIVATE)
    return pl.when(private).then(None).otherwise(pl.col("text"))


def text_rows(view: ReportView, case: RingCase) -> tuple[list[dict[str, object]], int]:
    """The texts that most members share, and how many events keep theirs hidden."""
    written = case.events.filter(pl.col("text").str.len_bytes() > 0).with_columns(
        shown_text(view).alias("text")
    )
    ranked = (
        written.filter(pl.col("text").is_not_null())
        .group_by("text")
        .agg(
            pl.col("account_id").n_unique().alias("members"),
            pl.len().alias("times"),
            pl.col("event_id").sort().first(),
        )
        .sort("members", "times", "event_id", descending=[True, True, False])
        .head(_TEXTS)
    )
    rows: list[dict[str, object]] = [
        {**row, "text": visible(row["text"], _TEXT_LIMIT), "event_id": visible(row["event_id"], _ID_LIMIT)}
        for row in ranked.iter_rows(named=True)
    ]
    return rows, written["text"].null_count()


def event_rows(view: ReportView, case: RingCase) -> list[dict[str, object]]:
    """At most `settings.report.timeline_events` events, evenly from the first to the last."""
    most, there = view.settings.report.timeline_events, case.events.height
    numbers = case.numbers
    if there <= most:
        kept = case.events
    else:
        places = [round(step * (there - 1) / max(most - 1, 1)) for step in range(most)]
        kept = case.events[sorted(set(places))]
    return [
        {
            "time": stamp(row["timestamp"]),
            "number": numbers[row["account_id"]],
            "channel": row["channel"],
            "object": visible(row["object_id"] or "", _ID_LIMIT),
            "event_id": visible(row["event_id"], _ID_LIMIT),
            "text": visible(row["text"] or "", _TEXT_LIMIT // 2),
        }
        for row in kept.with_columns(shown_text(view).alias("text")).iter_rows(named=True)
    ]


def moment_rows(case: RingCase) -> list[dict[str, object]]:
    """The largest and tightest moments."""
    return [
        {**row, "object_id": visible(row["object_id"], _ID_LIMIT), "start": stamp(row["start"])}
        for row in moments(case).head(_MOMENTS).iter_rows(named=True)
    ]


def _evidence(view: ReportView, row: Mapping[str, object], say: Strings) -> EvidenceRow:
    ids = row["event_ids"]
    ids = ids if isinstance(ids, list) else []
    quantile, value, bits = row["quantile"], row["value"], row["bits"]
    absent = str(row["grade"]) == Grade.ABSENT.value
    return EvidenceRow(
        signal=visible(say.word(row["signal"]), 80),
        question=visible(view.questions.get(str(row["signal"]), ""), 160),
        family=str(row["family"]),
        value=number(value, 3) if isinstance(value, float) and not absent else "–",
        unit=visible(say.word(row["unit"]), 40),
        n=str(row["n"]),
        quantile=number(quantile, 4) if isinstance(quantile, float) else "–",
        grade=str(row["grade"]),
        bits=number(bits, 1) if isinstance(bits, float) else "–",
        explanation=visible(str(row["explanation"]), 400),
        event_ids=tuple(visible(str(event_id), _ID_LIMIT) for event_id in ids[:_IDS]),
        n_more=max(len(ids) - _IDS, 0),
    )
