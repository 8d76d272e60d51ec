"""Every signal once more, in plain Python, from nothing but the listed events."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise
from statistics import fmean, median, pstdev
from typing import Any

import polars as pl

from graphkit.signals.base import GRAM
from graphkit.text.normalise import keys, normalised, own_words, typed
from graphkit.text.phrases import hits

Rows = list[dict[str, Any]]
# Rows are in the order of EVENTS; `mine` says whether a row is of the account (or a ring's member).
Recount = Callable[[Rows, str, dict[str, str]], float]


def applied(expression: Callable[[pl.Expr], pl.Expr], texts: list[str]) -> list[Any]:
    return pl.DataFrame({"text": texts}).select(expression(pl.col("text"))).to_series().to_list()


def seconds(row: dict[str, Any]) -> float:
    return float(row["timestamp"].timestamp())


def novelties(rows: Rows) -> list[float]:
    """The share of 5-grams that stood not yet in this text nor in an earlier one; nan if too short."""
    seen: set[str] = set()
    shares = []
    for row in rows:
        text = row["typed"] or ""
        new = 0
        for start in range(len(text) - GRAM + 1):
            gram = text[start : start + GRAM]
            new += gram not in seen
            seen.add(gram)
        shares.append(new / (len(text) - GRAM + 1) if len(text) >= GRAM else math.nan)
    return shares


def typed_rows(rows: Rows) -> Rows:
    texts = [row["text"] or "" for row in rows]
    both = zip(rows, applied(typed, texts), applied(keys, texts), strict=True)
    return [{**row, "typed": words, "keys": count} for row, words, count in both]


def output_rate(rows: Rows, account: str, home: dict[str, str]) -> float:
    own = typed_rows(rows)
    rates = []
    for before, row, novelty in zip(own, own[1:], novelties(own)[1:], strict=False):
        gap, novel = seconds(row) - seconds(before), row["keys"] * novelty
        if gap < 300 and novel >= 15:
            rates.append(novel / max(gap, 1.0))
    return float(median(rates))


def length_variation(rows: Rows, account: str, home: dict[str, str]) -> float:
    own = typed_rows(rows)
    counted = [
        row["keys"]
        for row, novelty in zip(own, novelties(own), strict=True)
        if row["channel"] in ("comment", "dm", "group") and novelty >= 0.1
    ]
    return float(pstdev(counted) / fmean(counted))


def heartbeat(rows: Rows, account: str, home: dict[str, str]) -> float:
    at = [seconds(row) for row in rows]
    lowest = 1.0
    for minutes in (5, 10, 15, 20, 30, 60):
        angles = [2 * math.pi * (moment % (60 * minutes)) / (60 * minutes) for moment in at]
        squared = sum(map(math.cos, angles)) ** 2 + sum(map(math.sin, angles)) ** 2
        n = len(at)
        lowest = min(lowest, math.exp(math.sqrt(1 + 4 * n + 4 * (n * n - squared)) - (1 + 2 * n)))
    pauses = [later - earlier for earlier, later in pairwise(at)]
    if lowest * 6 > 0.01:
        return 0.0
    # A small slack where the pause stands on the border itself.
    alike = [sum(p <= q <= p * 1.02 / 0.98 * (1 + 1e-12) for q in pauses) for p in pauses if p >= 240]
    return max(alike, default=0) / len(pauses)


def hour_ceiling(rows: Rows, account: str, home: dict[str, str]) -> float:
    return float(len({int(seconds(row)) for row in rows}))


def awake(rows: Rows, account: str, home: dict[str, str]) -> float:
    return (seconds(rows[-1]) - seconds(rows[0])) / 3600


def style(rows: Rows, account: str, home: dict[str, str]) -> float:
    dash, bold = re.compile(r"[^\s—]\s?—\s?[^\s—]"), re.compile(r"\*\*[^*\n]+\*\*|(?m:^#{1,6}[ \t]+\S)")
    praise = re.compile(
        r"\A\W*(?:(?:what an?|this is an?|such an?) (?:\w+ )?"
        r"(?:great|fascinating|excellent|wonderful|insightful|beautiful|powerful|thoughtful|brilliant|amazing)"
        r"|(?:great|fascinating|excellent|wonderful|insightful|thoughtful|brilliant) "
        r"(?:point|post|question|perspective|insight|observation|take|analysis|framing)"
        r"|(?:i )?(?:absolutely |really |truly )?love (?:this|the way you|how you)"
        r"|this (?:really |deeply )?resonates)",
        re.IGNORECASE,
    )
    texts = applied(own_words, [row["text"] for row in rows])
    english = [text for text in texts if not re.search(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", text)]
    marked = sum(bool(dash.search(text) or bold.search(text) or praise.search(text)) for text in english)
    chinese = [text for text in texts if text not in english]
    return (marked + sum(bool(bold.search(text)) for text in chinese)) / len(texts)


def prompt_leak(rows: Rows, account: str, home: dict[str, str]) -> float:
    counts = hits(pl.Series([row["text"] for row in rows])).to_list()
    return float(len({row["object_id"] for row, count in zip(rows, counts, strict=True) if count}))


def self_reuse(rows: Rows, account: str, home: dict[str, str]) -> float:
    forms = applied(normalised, [row["text"] for row in rows])
    return 1 - len(set(forms)) / len(forms)


def notices(rows: Rows, account: str, home: dict[str, str]) -> float:
    named = re.compile(r"\s*(?:回复\s*)?(?:[@＠]|[^\s:：,]{1,40}[:：,](?:\s|$))")
    found = [
        row
        for row, words in zip(rows, applied(own_words, [row["text"] for row in rows]), strict=True)
        if row["channel"] in ("post", "group")
        and row["target_id"] is None
        and row["parent_id"] is None
        and ("://" in words or "www." in words)
        and not named.match(row["text"])
    ]
    return len(found) / len(rows)


def lockstep(rows: Rows, account: str, home: dict[str, str]) -> float:
    own = [row for row in rows if row["account_id"] == account]
    locked = 0
    for row in own:
        place = rows.index(row)
        near = [
            (index, other["account_id"])
            for index, other in enumerate(rows)
            if other["object_id"] == row["object_id"]
            and other["account_id"] != account
            and home.get(other["account_id"]) == home[account]
            and abs((other["timestamp"] - row["timestamp"]).total_seconds()) <= 2
        ]
        locked += len({name for _, name in near}) >= 2 and any(index < place for index, _ in near)
    return locked / len(own)


def ring_lockstep(rows: Rows, account: str, home: dict[str, str]) -> float:
    spreads = []
    by_object: dict[str, Rows] = defaultdict(list)
    for row in rows:
        by_object[row["object_id"]].append(row)
    for events in by_object.values():
        starts = [0, *(i for i in range(1, len(events)) if seconds(events[i]) - seconds(events[i - 1]) > 60)]
        for start, stop in pairwise([*starts, len(events)]):
            spreads.append(seconds(events[stop - 1]) - seconds(events[start]))
    return median(spreads)


def shared_script(rows: Rows, account: str, home: dict[str, str]) -> float:
    forms = applied(normalised, [row["text"] for row in rows])
    authors: dict[str, set[str]] = defaultdict(set)
    for row, form in zip(rows, forms, strict=True):
        authors[form].add(row["account_id"])
    counted = scripted = 0
    for row, form in zip(rows, forms, strict=True):
        if home.get(row["account_id"]) == account:
            members = {name for name in authors[form] if home.get(name) == account}
            counted += 1
            strangers = len(authors[form]) - len(members)
            scripted += len(members) >= 3 and strangers / len(authors[form]) <= 0.34
    return scripted / counted


def shared_beneficiary(rows: Rows, account: str, home: dict[str, str]) -> float:
    targets = Counter(row["target_id"] for row in rows)
    helped = {
        target: count
        for target, count in targets.items()
        if len({row["account_id"] for row in rows if row["target_id"] == target}) >= 3
    }
    return max(helped.values(), default=0) / len(rows)


def chorus(rows: Rows, account: str, home: dict[str, str]) -> float:
    present: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in rows:
        present[row["object_id"], int(seconds(row)) // 1800].add(row["account_id"])
    together = [session for session, names in present.items() if len(names) >= 3]
    return float(len(together)) if len({chat for chat, _ in together}) >= 3 else 0.0


RECOUNTS: dict[str, Recount] = {
    function.__name__: function
    for function in (
        output_rate,
        length_variation,
        heartbeat,
        hour_ceiling,
        awake,
        style,
        prompt_leak,
        self_reuse,
        notices,
        lockstep,
        ring_lockstep,
        shared_script,
        shared_beneficiary,
        chorus,
    )
}
# Counted in the table of accounts: no events stand behind them.
BY_ACCOUNTS = ("shared_device", "shared_address", "birth_burst", "serial_names")
