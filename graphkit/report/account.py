"""The page of one account: what was seen, what speaks against it, what to do next, then every number."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import polars as pl

from graphkit.report import fonts
from graphkit.report.clean import visible
from graphkit.report.findings import account_name, sentence, stamp
from graphkit.report.rows import shown_text
from graphkit.report.strings import Strings, number, strings
from graphkit.report.view import ReportView
from graphkit.report.weights import weights, weights_parts
from graphkit.words import PRIVATE_CHANNELS, UNUSUAL, Grade

_EVENTS = 3
_SEEN = 6
_ID = 64
_TEXT = 140


def account_page(view: ReportView, record: Mapping[str, Any]) -> str:
    """The record of an account as a page that opens offline; events as far as `view` has them."""
    say = strings(record["language"])
    environment = environment_of(view, say)
    scene = weights(record, say)
    parts = {
        "record": record,
        "name": visible(record["account_id"], _ID),
        "called": account_name(view, record["account_id"]),
        "lede": _lede(view, record, say),
        "seen": [
            sentence(visible(one, 400)) for one in record["statement"]["facts_and_circumstances"][:_SEEN]
        ],
        "against": [sentence(visible(one, 400)) for one in record["speaks_against"]],
        "weights": weights_parts(scene, say),
        "weights_alt": say.say(
            "weights_alt",
            account=visible(record["account_id"], _ID),
            steps=len(scene.steps),
            bits=f"{scene.total:.1f}",
        ),
        "weights_left": scene.n_left_out,
        "lines": [_line(line, say) for line in record["evidence"]],
        "moments": _moments(view, record, say),
        "hidden": _hidden(view, record),
        "without": [(say.word(family), tier) for family, tier in sorted(record["without"].items())],
    }
    return fonts.embedded(environment.get_template("account.html.j2").render(parts))


def environment_of(view: ReportView, say: Strings) -> jinja2.Environment:
    """Templates that escape everything and know the words of one language."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clean"] = _clean
    environment.globals.update(
        say=say.say, word=say.word, number=number, language=say.language, version=view.version
    )
    return environment


def _clean(text: object, limit: int = 400) -> str:
    return visible(str(text), limit)


def _lede(view: ReportView, record: Mapping[str, Any], say: Strings) -> list[str]:
    """The first sentences a reviewer reads: the recommendation and its reason, the ring, plain counts."""
    tier = say.word(record["tier"])
    holds = [ground for ground in record["grounds"] if ground["tier"] == record["tier"]]
    lines = []
    if record["capped_by"]:
        lines.append(say.say("account_capped", tier=tier, reason=record["capped_by"][0]["reason"]))
    elif holds:
        lines.append(say.say("account_why", tier=tier, reason=holds[0]["reason"]))
    else:
        lines.append(say.say("account_why_none", tier=tier))
    ring, known = record["ring"], record["facts"]
    if ring:
        ring_id, kind = visible(ring["ring_id"], _ID), say.word(ring["kind"])
        lines.append(say.say("account_of_ring", ring=ring_id, kind=kind, members=ring["n_members"]))
    if known:
        its = view.events.filter(pl.col("account_id") == record["account_id"])
        first, last = stamp(its["timestamp"].min()), stamp(its["timestamp"].max())
        channels = ", ".join(say.word(channel) for channel in known["channels"])
        n = number(known["n_events"])
        lines.append(say.say("account_events", n=n, first=first, last=last, channels=channels))
    return [visible(line, 400) for line in lines]


def _line(line: Mapping[str, Any], say: Strings) -> dict[str, Any]:
    quantile = line["quantile"]
    return {
        **line,
        "quantile": number(quantile, 4) if quantile is not None else "–",
        "unit": say.word(line["unit"]),
        "value": number(line["value"], 3) if line["grade"] != Grade.ABSENT.value else "–",
    }


def _moments(view: ReportView, record: Mapping[str, Any], say: Strings) -> list[dict[str, Any]]:
    """For each line that found something its first events: when, where, by whom, and what was written."""
    lines = [line for line in record["evidence"] if line["event_ids"] and line["grade"] in UNUSUAL]
    ids = [one for line in lines for one in line["event_ids"][:_EVENTS]]
    found = view.events.filter(pl.col("event_id").is_in(ids)).with_columns(shown_text(view).alias("text"))
    events = {row["event_id"]: row for row in found.iter_rows(named=True)}
    return [
        {
            "line": line,
            "events": _events(events, line["event_ids"][:_EVENTS], say),
            "n_more": len(line["event_ids"]) - min(len(line["event_ids"]), _EVENTS),
        }
        for line in lines
    ]


def _hidden(view: ReportView, record: Mapping[str, Any]) -> int:
    """How many of the account's events keep their texts hidden, since they are private."""
    its = view.events.filter(pl.col("account_id") == record["account_id"])
    private = pl.col("channel").cast(pl.String).is_in([channel.value for channel in PRIVATE_CHANNELS])
    return 0 if view.settings.report.show_private_text else its.filter(private).height


def _events(known: Mapping[str, Mapping[str, Any]], ids: Sequence[str], say: Strings) -> list[dict[str, str]]:
    shown = []
    for one in ids:
        event = known.get(one)
        row = {
            "event_id": visible(one, _ID),
            "time": "",
            "account": "",
            "channel": "",
            "object": "",
            "text": "",
        }
        if event is not None:
            row |= {
                "time": f"{event['timestamp']:%Y-%m-%d %H:%M:%S.%f}"[:-3],
                "account": visible(event["account_id"], _ID),
                "channel": say.word(event["channel"]),
                "object": visible(event["object_id"] or "", _ID),
                "text": visible(event["text"] or "", _TEXT),
            }
        shown.append(row)
    return shown
