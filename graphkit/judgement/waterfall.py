"""The bits of one account as plain text, line by line, safe to print on a terminal."""

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphkit.words import Tier

_RANKS = {tier.value: rank for rank, tier in enumerate(Tier)}
_WIDTH = 100
_SHOWN = 3
# Controls, formats (bidi marks, zero width), surrogates, private use, unassigned, line and paragraph ends.
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def waterfall(record: Mapping[str, Any], *, n_events: int = _SHOWN) -> str:
    """The record of an account as text: what was seen, what it weighs, why the tier, what speaks against it.

    Every string is cleaned: ids and texts are written by the accused. At most `n_events` event ids stand in a
    line, the others are counted. Rules of tiers below the recommended one are named, not spelled out.
    """
    parts = [_head(record), _bits(record, n_events), _why(record), _against(record), _close(record)]
    return "\n".join(line for part in parts for line in part)


def plain(text: object, limit: int = 300) -> str:
    """`text` on one line with every invisible or moving character written as its code, clipped to `limit`."""
    shown = "".join(
        f"\\u{ord(char):04x}" if unicodedata.category(char) in _UNSAFE else char
        for char in str(text)[: limit + 1]
    )
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def _head(record: Mapping[str, Any]) -> Iterator[str]:
    policy = record["policy"]
    yield f"account {plain(record['account_id'])}"
    by = f"policy {plain(policy['name'])} {plain(policy['version'])}"
    yield f"tier    {record['tier']}, {record['score_bits']:.1f} bits ({by})"
    ring = record["ring"]
    if ring:
        yield f"ring    {plain(ring['ring_id'])} ({ring['kind']}, {ring['n_members']} accounts)"
        yield f"        {ring['role']}, in {ring['stability']:.0%} of the resamplings"
    known = record["facts"]
    if known:
        channels = ", ".join(known["channels"])
        yield f"seen    {known['n_events']} events ({channels})"
        yield f"        {known['first_seen']} to {known['last_seen']}"
    if record["turned_away"]:
        yield f"        not on watch: {record['turned_away']} is past the alert budget"
    if record["held"]:
        yield f"held    {plain(record['held'])}"
    yield ""


def _bits(record: Mapping[str, Any], n_events: int) -> Iterator[str]:
    if not record["evidence"]:
        yield "no evidence: nothing of it is unusual, or it has too few events to tell"
        yield ""
        return
    yield " bits  family  grade     what was seen"
    for line in record["evidence"]:
        head = f"{line['bits']:+5.1f}  {line['family']:<6}  {line['grade']:<8}  "
        voided = f" (says nothing beside {line['voided']})" if line["voided"] else ""
        said = plain(f"{line['signal']}{voided}: {line['explanation']}")
        yield textwrap.fill(said, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head))
        ids = line["event_ids"]
        if ids:
            shown = ", ".join(plain(item, 60) for item in ids[:n_events])
            more = f" and {len(ids) - n_events} more" if len(ids) > n_events else ""
            yield f"{' ' * len(head)}events: {shown}{more}"
    yield f"{record['score_bits']:+5.1f}  sum"
    yield ""


def _why(record: Mapping[str, Any]) -> Iterator[str]:
    reached = _RANKS[record["tier"]]
    for ground in record["grounds"]:
        told = f"{ground['tier']}: {plain(ground['rule'])}, since {plain(ground['reason'])}"
        yield textwrap.fill(told, _WIDTH, subsequent_indent="    ")
        if _RANKS[ground["tier"]] >= reached:
            yield from _conditions(ground["conditions"])
    for cap in record["capped_by"]:
        yield f"at most {cap['tier']}: {plain(cap['cap'])}, since {plain(cap['reason'])}"
    for wanting in record["rules_not_met"]:
        if _RANKS[wanting["tier"]] > reached:
            yield f"not met, {wanting['tier']}: {plain(wanting['rule'])}, which wants"
            yield from _conditions(wanting["lacks"])
    if record["without"]:
        yield "had nobody looked at a family: " + ", ".join(
            f"without {family} {tier}" for family, tier in sorted(record["without"].items())
        )
    yield ""


def _conditions(items: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for item in items:
        yield f"    {item['observed']:<15} {plain(item['wanted'])} (seen: {plain(item['seen'])})"


def _against(record: Mapping[str, Any]) -> Iterator[str]:
    sections = {
        "speaks against it": record["speaks_against"],
        "innocent explanations": record["innocent_explanations"],
        "not observable": record["not_observable"],
        "not attainable from this data": record["not_attainable"],
    }
    for title, sentences in sections.items():
        if sentences:
            yield f"{title}:"
        for sentence in sentences:
            yield textwrap.fill(plain(sentence), _WIDTH, initial_indent="  - ", subsequent_indent="    ")


def _close(record: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    decision = record["decision"]
    yield f"decision: {'none taken; a person takes it' if decision is None else plain(decision)}"
    yield f"redress: {plain(record['redress'])}"
