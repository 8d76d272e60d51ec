"""The bits of one account as plain text, line by line, safe to print on a terminal."""

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from graphkit.judgement.observed import TIER_RANK
from graphkit.judgement.records_words import Speech, speech
from graphkit.words import Language

_WIDTH = 100
# Letters of full width fill two columns; these never begin a line.
_WIDE = "WF"
_CLOSING = "，。；：、）》”％%"
_SHOWN = 3
_HEAD = 8
# Controls, formats (bidi marks, zero width), surrogates, private use, unassigned, line and paragraph ends.
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def waterfall(
    record: Mapping[str, Any],
    *,
    moments: Mapping[str, Mapping[str, Any]] | None = None,
    say: Speech | None = None,
    n_events: int = _SHOWN,
) -> str:
    """The record of an account or a ring as text: what was seen, what it weighs, what speaks against it.

    Every string is cleaned: ids and texts are written by the accused. At most `n_events` event ids stand in a
    line, the others are counted; `moments` (see `moments_of`) says when and where they were. Rules of tiers
    below the recommended one are named, not spelled out. `say` must speak the language of the record.
    """
    said = say or speech(record["language"])
    if "account_id" not in record:
        return "\n".join(_of_ring(record, said, moments or {}, n_events))
    parts = [
        _head(record, said),
        _bits(record, said, moments or {}, n_events),
        _why(record, said),
        _against(record, said),
        _close(record, said),
    ]
    return "\n".join(line for part in parts for line in part)


def moments_of(events: pl.DataFrame, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """When, where and by whom: the events with these ids (columns of EVENTS but the text), by their ids."""
    found = events.filter(pl.col("event_id").is_in(list(ids))).select(
        "event_id",
        "account_id",
        pl.col("channel").cast(pl.String),
        "object_id",
        pl.col("timestamp").dt.strftime("%Y-%m-%d %H:%M:%S%.3f").alias("time"),
    )
    return {row["event_id"]: row for row in found.to_dicts()}


def shown_ids(record: Mapping[str, Any], *, n_events: int = _SHOWN) -> list[str]:
    """The ids of the events that stand in the lines of a record, each once."""
    return list(dict.fromkeys(one for line in record["evidence"] for one in line["event_ids"][:n_events]))


def plain(text: object, limit: int = 300) -> str:
    """`text` on one line with every invisible or moving character written as its code, clipped to `limit`."""
    shown = "".join(
        f"\\u{ord(char):04x}" if unicodedata.category(char) in _UNSAFE else char
        for char in str(text)[: limit + 1]
    )
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def _padded(text: str, width: int) -> str:
    return text + " " * max(width - _columns(text), 0)


def _head(record: Mapping[str, Any], say: Speech) -> Iterator[str]:
    words, policy = say.strings, record["policy"]

    def line(name: str, text: str) -> str:
        return f"{_padded(words.say(name) if name else '', _HEAD)}{text}"

    yield line("account", plain(record["account_id"]))
    bits, version = f"{record['score_bits']:.1f}", plain(policy["version"])
    tier, name = words.word(record["tier"]), plain(policy["name"])
    yield line("tier", words.say("tier_line", tier=tier, bits=bits, policy=name, version=version))
    ring = record["ring"]
    if ring:
        kind, role = words.word(ring["kind"]), words.word(ring["role"])
        ring_id, share = plain(ring["ring_id"]), f"{100 * ring['stability']:.0f} %"
        yield line("ring", words.say("ring_line", ring=ring_id, kind=kind, members=ring["n_members"]))
        yield line("", words.say("role_line", role=role, share=share))
    known = record["facts"]
    if known:
        channels = ", ".join(words.word(channel) for channel in known["channels"])
        yield line("seen", words.say("seen_line", n=known["n_events"], channels=channels))
        yield line("", words.say("seen_span", first=known["first_seen"], last=known["last_seen"]))
    if record["turned_away"] is not None:
        yield line("", words.say("turned_away", place=record["turned_away"]))
    if record["held"]:
        yield line("held", plain(record["held"]))
    yield ""


def _of_ring(
    record: Mapping[str, Any], say: Speech, moments: Mapping[str, Mapping[str, Any]], n_events: int
) -> Iterator[str]:
    words = say.strings
    kind = words.word(record["kind"])
    ring_id = plain(record["ring_id"])
    yield words.say("ring_line", ring=ring_id, kind=kind, members=record["n_members"])
    yield words.say("seen_span", first=record["first_seen"], last=record["last_seen"])
    yield _filled(plain(record["recommendation"], 500), say, "", "    ")
    if record["held"]:
        yield f"{words.say('held')}: {plain(record['held'])}"
    yield ""
    for line in record["evidence"]:
        head = f"{_padded(words.word(line['grade']), 8)}  "
        indent = " " * 10
        yield _filled(plain(f"{line['signal']}: {line['explanation']}", 500), say, head, indent)
        yield from _events(line["event_ids"], "", say, moments, indent, n_events)
    yield ""
    for member in record["members"]:
        role, tier = words.word(member["role"]), words.word(member["tier"])
        yield f"{plain(member['account_id'], 60)}  {role}, {100 * member['stability']:.0f} %, {tier}"
    yield ""
    yield from _against({"not_attainable": [], **record}, say)
    yield from _close(record, say)


def _bits(
    record: Mapping[str, Any], say: Speech, moments: Mapping[str, Mapping[str, Any]], n_events: int
) -> Iterator[str]:
    words = say.strings
    if not record["evidence"]:
        yield words.say("no_evidence")
        yield from _probability(record, say)
        yield ""
        return
    yield words.say("columns")
    for line in record["evidence"]:
        grade = _padded(words.word(line["grade"]), 8)
        head = f"{line['bits']:+5.1f}  {line['family']:<6}  {grade}  "
        indent = " " * (5 + 2 + 6 + 2 + 8 + 2)
        voided = f" ({words.say('voided', voided=line['voided'])})" if line["voided"] else ""
        said = plain(f"{line['signal']}{voided}: {line['explanation']}", 500)
        yield _filled(said, say, head, indent)
        yield from _events(line["event_ids"], record["account_id"], say, moments, indent, n_events)
    yield f"{record['score_bits']:+5.1f}  {words.say('sum')}"
    yield from _probability(record, say)
    yield ""


def _probability(record: Mapping[str, Any], say: Speech) -> Iterator[str]:
    """What the bits were worth among reviewed accounts, where that was learnt."""
    if "calibrated" in record:
        yield _filled(plain(record["calibrated"]["explanation"]), say, "", "    ")


def _events(
    ids: Sequence[str],
    account: str,
    say: Speech,
    moments: Mapping[str, Mapping[str, Any]],
    indent: str,
    n_events: int,
) -> Iterator[str]:
    """The first events of a line: on lines of their own where it is known when and where they were."""
    shown = ids[:n_events]
    more = f" {say.strings.say('more', n=len(ids) - len(shown))}" if len(ids) > len(shown) else ""
    if not shown:
        return
    if not all(one in moments for one in shown):
        listed = ", ".join(plain(one, 60) for one in shown)
        yield f"{indent}{say.strings.say('events')}: {listed}{more}"
        return
    for one in shown:
        moment = moments[one]
        whose = "" if moment["account_id"] == account else f"  ({plain(moment['account_id'], 40)})"
        where = plain(moment["object_id"] or "", 40)
        channel = say.strings.word(moment["channel"])
        yield f"{indent}{moment['time']}  {channel}  {where}  {plain(one, 60)}{whose}".rstrip()
    if more:
        yield f"{indent}{more.strip()}"


def _why(record: Mapping[str, Any], say: Speech) -> Iterator[str]:
    words, reached = say.strings, TIER_RANK[record["tier"]]
    for key, items in (("ground", record["grounds"]), ("capped", record["capped_by"])):
        for item in items:
            rule, reason = plain(item["name"]), plain(item["reason"])
            told = words.say(key, tier=words.word(item["tier"]), rule=rule, reason=reason)
            yield _filled(told, say, "", "    ")
            if key == "ground" and TIER_RANK[item["tier"]] >= reached:
                yield from _conditions(item["conditions"], say)
    for wanting in record["rules_not_met"]:
        if TIER_RANK[wanting["tier"]] > reached:
            yield words.say("not_met", tier=words.word(wanting["tier"]), rule=plain(wanting["name"]))
            yield from _conditions(wanting["lacks"], say)
    if record["without"]:
        each = (
            words.say("without_one", family=family, tier=words.word(tier))
            for family, tier in sorted(record["without"].items())
        )
        yield f"{words.say('without')}: {', '.join(each)}"
    yield ""


def _conditions(items: Iterable[Mapping[str, Any]], say: Speech) -> Iterator[str]:
    for item in items:
        seen = say.strings.say("seen_as", seen=plain(item["seen"]))
        yield f"    {item['observed']:<15} {plain(item['wanted'])} {seen}"


def _against(record: Mapping[str, Any], say: Speech) -> Iterator[str]:
    for section in (
        "speaks_against",
        "innocent_explanations",
        "not_observable",
        "not_attainable",
        "next_steps",
    ):
        if record[section]:
            yield f"{say.strings.say(section)}:"
        for sentence in record[section]:
            yield _filled(plain(sentence, 500), say, "  - ", "    ")


def _close(record: Mapping[str, Any], say: Speech) -> Iterator[str]:
    words, decision = say.strings, record["decision"]
    yield ""
    if decision is None:
        told = words.say("decision_none")
    else:
        parts = {name: plain(decision[name]) for name in ("by", "at", "reason")}
        told = words.say("decision_by", decision=words.word(decision["decision"]), **parts)
    yield f"{words.say('decision')}: {told}"
    yield f"{words.say('redress')}: {plain(record['statement']['redress'])}"


def _filled(text: str, say: Speech, first: str, after: str) -> str:
    if say.strings.language == Language.EN.value:
        return textwrap.fill(text, _WIDTH, initial_indent=first, subsequent_indent=after)
    lines, line, width = [], first, _columns(first)
    for part in re.findall(r"[ -~]+|.", text):
        if width + _columns(part) > _WIDTH and part[0] not in _CLOSING and line.strip():
            lines.append(line.rstrip())
            line, width, part = after, _columns(after), part.lstrip()
        line, width = line + part, width + _columns(part)
    return "\n".join([*lines, line.rstrip()])


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in _WIDE else 1 for char in text)
