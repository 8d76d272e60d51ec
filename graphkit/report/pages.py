"""The report and its dossiers as self-contained HTML: nothing is fetched, nothing runs, all is escaped."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import polars as pl

from graphkit.report import findings, fonts, rows, svg
from graphkit.report.account import environment_of
from graphkit.report.clean import visible
from graphkit.report.contacts import bonds, network
from graphkit.report.moments import moment
from graphkit.report.strings import Strings, number, strings
from graphkit.report.timeline import timeline
from graphkit.report.view import ReportView, RingCase, around_rings, ordered_rings, page_name, ring_case
from graphkit.words import Tier, Verdict

# Rings beyond this are in the table of the first page and have their pictures in their dossiers.
_PICTURED = 20
_LOOKALIKES = 50
_NAME = 48
# The one reason of the ring test that names a layer.
_KEPT_BACK = re.compile(r"kept-back (\w+) shows too few meetings")


@dataclass(frozen=True)
class RingPage:
    """What the first page and the dossier of a ring both show."""

    seen: tuple[str, ...]
    strands: tuple[str, ...]
    network: svg.Picture
    network_alt: str
    network_caption: str
    moment: svg.Picture | None
    moment_alt: str
    moment_caption: str
    channels: tuple[str, ...]
    timeline: svg.Picture | None
    timeline_alt: str
    timeline_caption: str


def pages(view: ReportView) -> dict[str, str]:
    """`report.html` and one `rings/<ring>.html` for each ring, by the path to write them to."""
    say = strings(view.settings.report.language)
    environment = environment_of(view, say)
    written: dict[str, str] = {}
    listed = []
    near = around_rings(view)
    for place, ring_id in enumerate(ordered_rings(view)):
        case = ring_case(near, ring_id)
        page = _ring_page(near, case, say)
        href = f"rings/{page_name(ring_id)}.html"
        dossier = environment.get_template("ring.html.j2").render(_dossier(near, case, page, say))
        written[href] = fonts.embedded(dossier)
        listed.append(_listed(near, case, page if place < _PICTURED else None, href, say))
    report = environment.get_template("report.html.j2").render(_report(view, listed, say))
    return {"report.html": fonts.embedded(report), **written}


def dossier(view: ReportView, ring_id: str, decision: Mapping[str, object] | None = None) -> str:
    """The page of one ring, with what a person decided; raises InputError when there is no such ring."""
    say = strings(view.settings.report.language)
    case = ring_case(view, ring_id)
    parts = {**_dossier(view, case, _ring_page(view, case, say), say), "decision": decision}
    return fonts.embedded(environment_of(view, say).get_template("ring.html.j2").render(parts))


def _ring_page(view: ReportView, case: RingCase, say: Strings) -> RingPage:
    name = visible(case.ring_id, _NAME)
    scene, near, when = network(view, case), moment(view, case), timeline(case)
    caption = [
        say.say(
            "network_caption",
            members=number(len(scene.members)),
            contacts=len(scene.contacts),
            all_contacts=number(scene.n_contacts),
        )
    ]
    if scene.n_lines_left_out:
        caption.append(say.say("network_left", lines=number(scene.n_lines_left_out)))
    if scene.n_members_left_out:
        caption.append(say.say("network_members_left", n=number(scene.n_members_left_out)))
    words = (say.say("moment_life"), say.say("moment_others"), say.say("moment_axis"))
    spread = number(near.spread_s) if near else ""
    return RingPage(
        seen=tuple(findings.seen(view, case, say)),
        strands=tuple(bonds(view, case)["strand"].unique().sort()),
        network=svg.network_picture(scene),
        network_alt=say.say(
            "network_alt",
            ring=name,
            members=len(scene.members),
            lines=len(scene.lines),
            contacts=len(scene.contacts),
        ),
        network_caption=" ".join(caption),
        moment=svg.moment_picture(near, words) if near else None,
        moment_alt=say.say("moment_alt", members=near.n_members, ring=name, spread=spread) if near else "",
        moment_caption=say.say(
            "moment_caption",
            channel=say.word(near.channel),
            object=visible(near.object_id, _NAME),
            start=findings.stamp(near.start),
            members=near.n_members,
            spread=spread,
            events=number(near.n_object_events),
        )
        if near
        else "",
        channels=tuple(when.marks) if when else (),
        timeline=svg.timeline_picture(when) if when else None,
        timeline_alt=say.say(
            "timeline_alt",
            ring=name,
            events=number(when.n_events),
            members=len(when.members),
            first=findings.stamp(when.first),
            last=findings.stamp(when.last),
        )
        if when
        else "",
        timeline_caption=_timeline_caption(when.n_events, when.n_marks, when.n_members_left_out, say)
        if when
        else "",
    )


def _timeline_caption(events: int, marks: int, left: int, say: Strings) -> str:
    caption = say.say("timeline_caption", events=number(events), marks=number(marks))
    return f"{caption} {say.say('timeline_left', n=number(left))}" if left else caption


def _tiers(case: RingCase) -> list[tuple[str, int]]:
    """How many members are recommended for which tier, the gravest first."""
    found = [member.tier for member in case.members]
    return [(tier.value, found.count(tier.value)) for tier in reversed(Tier) if tier.value in found]


def _dossier(view: ReportView, case: RingCase, page: RingPage, say: Strings) -> dict[str, object]:
    texts, hidden = rows.text_rows(view, case)
    details = rows.details(view, case, say)
    events = rows.event_rows(view, case)
    receipts = rows.receipt_rows(case)
    members = rows.member_rows(case)
    whole = len(events) == case.events.height
    return {
        "page": page,
        "name": visible(case.ring_id, _NAME),
        "kind": str(case.ring["kind"]),
        "tiers": _tiers(case),
        "lede": findings.lede(case, say),
        "against": findings.against(view, case, say),
        "innocent": findings.innocent(view, case),
        "moments": rows.moment_rows(case),
        "layers": rows.layer_rows(view, case),
        "families": tuple("GTXCA"),
        "members": members,
        "members_left": len(case.members) - len(members),
        "ring_evidence": rows.evidence_rows(view, case.evidence.filter(pl.col("account_id").is_null()), say),
        "details": details,
        "details_left": len(case.members) > rows.DETAILS,
        "receipts": receipts,
        "receipts_left": case.pairs.height - len(receipts),
        "texts": texts,
        "texts_hidden": hidden,
        "events": events,
        "events_note": say.say("events_all", n=number(len(events)))
        if whole
        else say.say("events_sample", shown=number(len(events)), n=number(case.events.height)),
        "next_steps": findings.next_steps(case, say),
        "decision": None,
    }


def _listed(
    view: ReportView, case: RingCase, page: RingPage | None, href: str, say: Strings
) -> dict[str, object]:
    channels = case.ring["channels"]
    q = case.ring["q_value"]
    return {
        "name": visible(case.ring_id, _NAME),
        "href": href,
        "page": page,
        "kind": str(case.ring["kind"]),
        "n_members": len(case.members),
        "q": number(q, 4) if isinstance(q, float) else "–",
        "channel_names": ", ".join(say.word(channel) for channel in channels)
        if isinstance(channels, list)
        else "",
        "first": findings.stamp(case.ring["first_seen"]),
        "last": findings.stamp(case.ring["last_seen"]),
        "found": findings.found(view, case, say),
        "tiers": _tiers(case),
    }


def _report(view: ReportView, listed: list[dict[str, object]], say: Strings) -> dict[str, object]:
    events = view.events
    kept, refused, left = events.height, view.quarantine.height, len(listed) - _PICTURED
    wrong = say.say("rows_wrong", read=number(view.rows_read), kept=number(kept), refused=number(refused))
    rules = view.quarantine.group_by("rule").len().sort("len", "rule", descending=[True, False])
    tiers = view.tiers.group_by(pl.col("tier").cast(pl.String)).len()
    by_tier: dict[str, int] = dict(tiers.iter_rows())
    first, last = events["timestamp"].min(), events["timestamp"].max()
    return {
        "heading": say.say("report_heading", accounts=number(view.tiers.height)),
        "held": say.say("held", reason=visible(view.held, 400)) if view.held else None,
        "lede": _lede(view, by_tier, say),
        "rings": listed,
        "pictures_left": say.say("pictures_left", n=left, shown=_PICTURED) if left > 0 else None,
        "counts_wrong": wrong if kept + refused != view.rows_read else None,
        "kept": number(kept),
        "refused": number(refused),
        "read": number(view.rows_read),
        "refused_rules": [(visible(rule, 60), number(n)) for rule, n in rules.iter_rows()],
        "tiers": [(tier.value, number(by_tier.get(tier.value, 0))) for tier in reversed(Tier)],
        "n_accounts": number(view.tiers.height),
        "period": say.say("period", first=findings.stamp(first), last=findings.stamp(last)) if kept else None,
        **_lookalikes(view, say),
        "left_out": [(say.word(name), number(n)) for name, n in sorted(view.left_out.items()) if n],
        "notes": [visible(note, 400) for note in view.notes],
        "inputs": [(visible(name, 200), digest) for name, digest in view.inputs],
        "crowd": number(view.settings.network.crowd),
        "cohort": number(view.settings.network.cohort),
        "seed": view.settings.seed,
        "settings": _flat(asdict(view.settings)),
    }


def _lede(view: ReportView, by_tier: Mapping[str, int], say: Strings) -> list[str]:
    """The first sentences a reviewer reads."""
    counts = {"accounts": number(view.tiers.height), "events": number(view.events.height)}
    if view.rings.is_empty():
        return [say.say("lede_none", **counts), say.say("lede_person")]
    automated = view.rings.filter(pl.col("kind").cast(pl.String) == "ai_operated").height
    automation = "lede_ai_single" if view.rings.height == 1 else "lede_ai"
    above = sum(by_tier.get(tier, 0) for tier in (Tier.WARN, Tier.LIMIT, Tier.BAN_REVIEW))
    return [
        say.say("lede_rings", n=view.rings.height, members=number(view.members.height), **counts),
        say.say(automation, n=automated) if automated else say.say("lede_ai_none"),
        say.say("lede_above", n=above) if above else say.say("lede_above_none"),
        say.say("lede_person"),
    ]


def _lookalikes(view: ReportView, say: Strings) -> dict[str, object]:
    others = view.candidates.with_columns(pl.col("verdict").cast(pl.String)).filter(
        pl.col("verdict") != Verdict.RING.value
    )
    ranked = others.sort("n_members", "candidate_id", descending=[True, False]).head(_LOOKALIKES)
    shown = [
        {
            **row,
            "candidate_id": visible(row["candidate_id"], _NAME),
            "reason": visible(_reason(row["reason"], say), 240),
            "observed": number(row["observed"]),
            "required": number(row["required"]),
            "q_value": number(row["q_value"], 4),
        }
        for row in ranked.iter_rows(named=True)
    ]
    return {"lookalikes": shown, "lookalikes_more": others.height - len(shown)}


def _reason(reason: str, say: Strings) -> str:
    """What the ring test said of a candidate, in the language of the page as far as it has the sentence."""
    kept_back = _KEPT_BACK.fullmatch(reason)
    if kept_back is None:
        return say.phrase(reason)
    return say.say("lookalike_kept_back", layer=say.word(kept_back[1]))


def _flat(values: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    """Settings as (dotted name, value)."""
    lines: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            lines += _flat(value, f"{prefix}{name}.")
        else:
            lines.append((f"{prefix}{name}", visible(str(value), 200)))
    return lines
