"""Every signal once more, in plain Python, from nothing but the listed events: no code of graphkit's."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise
from statistics import fmean, median, pstdev
from typing import Any

from text_twin import PICKED, hits, holds_wide, keys, normalised, own_words, readable, typed

Rows = list[dict[str, Any]]
# Rows are in the order of EVENTS; `mine` says whether a row is of the account (or a ring's member).
Recount = Callable[[Rows, str, dict[str, str]], float]


# Characters in a row that are new, or a copy.
GRAM = 5


def seconds(row: dict[str, Any]) -> float:
    return float(row["timestamp"].timestamp())


def apart(later: dict[str, Any], earlier: dict[str, Any]) -> float:
    """Seconds between two events, to the microsecond, which a float of seconds since 1970 does not know."""
    return float((later["timestamp"] - earlier["timestamp"]).total_seconds())


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
    return [{**row, "typed": typed(text), "keys": keys(text)} for row, text in zip(rows, texts, strict=True)]


def rates(rows: Rows) -> list[float]:
    """The keys a second of each usable text."""
    own = typed_rows(rows)
    rates = []
    for before, row, novelty in zip(own, own[1:], novelties(own)[1:], strict=False):
        gap, novel = apart(row, before), row["keys"] * novelty
        if gap < 300 and novel >= 15:
            rates.append(novel / max(gap, 1.0))
    return rates


def output_rate(rows: Rows, account: str, home: dict[str, str]) -> float:
    return float(median(rates(rows)))


def lengths(rows: Rows) -> list[int]:
    """The keys of each text that is no copy."""
    own = typed_rows(rows)
    return [
        row["keys"]
        for row, novelty in zip(own, novelties(own), strict=True)
        if row["channel"] in ("comment", "dm", "group") and novelty >= 0.1
    ]


def length_variation(rows: Rows, account: str, home: dict[str, str]) -> float:
    counted = lengths(rows)
    return float(pstdev(counted) / fmean(counted))


def heartbeat(rows: Rows, account: str, home: dict[str, str]) -> float:
    at = [seconds(row) for row in rows]
    lowest = 1.0
    for minutes in (5, 10, 15, 20, 30, 60):
        angles = [2 * math.pi * (moment % (60 * minutes)) / (60 * minutes) for moment in at]
        squared = sum(map(math.cos, angles)) ** 2 + sum(map(math.sin, angles)) ** 2
        n = len(at)
        lowest = min(lowest, math.exp(math.sqrt(1 + 4 * n + 4 * (n * n - squared)) - (1 + 2 * n)))
    pauses = [apart(later, earlier) for earlier, later in pairwise(rows)]
    if lowest * 6 > 0.01:
        return 0.0
    # A small slack where the pause stands on the border itself.
    alike = [sum(p <= q <= p * 1.02 / 0.98 * (1 + 1e-12) for q in pauses) for p in pauses if p >= 240]
    return max(alike, default=0) / len(pauses)


def hour_ceiling(rows: Rows, account: str, home: dict[str, str]) -> float:
    return float(len({int(seconds(row)) for row in rows}))


def awake(rows: Rows, account: str, home: dict[str, str]) -> float:
    return apart(rows[-1], rows[0]) / 3600


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
    praise_zh = re.compile(
        r"\A\W*(?:(?:这是一?个|真是一?个)?(?:非常|很|特别|真)(?:好|棒|精彩|有趣|深刻|有启发)的?"
        r"(?:问题|观点|分享|思考|分析|见解|角度)|说得(?:太|非常|很)(?:好|对|棒)了|(?:非常)?感谢(?:你的)?分享)"
    )
    marked = 0
    for text in (own_words(row["text"]) for row in rows):
        wide = holds_wide(text)
        opening = praise_zh if wide else praise
        letters = [unicodedata.name(letter, "") for letter in text if letter.isalpha()]
        latin = 2 * sum(name.startswith("LATIN ") for name in letters) > len(letters)
        dashed = latin and not wide and dash.search(text)
        marked += bool(bold.search(text) or opening.search(text) or dashed)
    return marked / len(rows)


def prompt_leak(rows: Rows, account: str, home: dict[str, str]) -> float:
    return float(len({row["object_id"] for row in rows if hits(row["text"])}))


def self_reuse(rows: Rows, account: str, home: dict[str, str]) -> float:
    forms = [normalised(row["text"]) for row in rows]
    return 1 - len(set(forms)) / len(forms)


def notices(rows: Rows, account: str, home: dict[str, str]) -> float:
    named = re.compile(rf"\s*(?:回复\s*)?(?:[@＠]|{PICKED.pattern}|[^\s:：,]{{1,40}}[:：,](?:\s|$))")
    found = [
        row
        for row in rows
        if row["channel"] in ("post", "group")
        and row["target_id"] is None
        and row["parent_id"] is None
        and re.search(r"https?://[^\s<>]|www\.[^\s<>]", own_words(row["text"]), re.IGNORECASE)
        and not named.match(readable(row["text"]))
    ]
    return len(found) / len(rows)


def lockstep(rows: Rows, account: str, home: dict[str, str]) -> float:
    own = [(place, row) for place, row in enumerate(rows) if row["account_id"] == account]
    beside: dict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for place, row in enumerate(rows):
        beside[row["object_id"]].append((place, row))
    locked = 0
    for place, row in own:
        near = [
            (index, other["account_id"])
            for index, other in beside[row["object_id"]]
            if other["account_id"] != account
            and home.get(other["account_id"]) == home[account]
            and abs((other["timestamp"] - row["timestamp"]).total_seconds()) <= 2
        ]
        locked += len({name for _, name in near}) >= 2 and any(index < place for index, _ in near)
    return locked / len(own)


def spreads(rows: Rows) -> list[float]:
    """Seconds from the first to the last event of each session, rows being one account's first there each."""
    found = []
    by_object: dict[str, Rows] = defaultdict(list)
    for row in rows:
        by_object[row["object_id"]].append(row)
    for events in by_object.values():
        starts = [0, *(i for i in range(1, len(events)) if apart(events[i], events[i - 1]) > 60)]
        for start, stop in pairwise([*starts, len(events)]):
            found.append(apart(events[stop - 1], events[start]))
    return found


def ring_lockstep(rows: Rows, account: str, home: dict[str, str]) -> float:
    return median(spreads(rows))


def shared_script(rows: Rows, account: str, home: dict[str, str]) -> float:
    forms = [normalised(row["text"]) for row in rows]
    authors: dict[str, set[str]] = defaultdict(set)
    for row, form in zip(rows, forms, strict=True):
        authors[form].add(row["account_id"])
    counted, uses = 0, Counter[str]()
    for row, form in zip(rows, forms, strict=True):
        if home.get(row["account_id"]) == account:
            members = {name for name in authors[form] if home.get(name) == account}
            counted += 1
            strangers = len(authors[form]) - len(members)
            uses[form] += len(members) >= 3 and strangers / len(authors[form]) <= 0.34
    scripted = sum(uses.values())
    others = sorted(uses.values())[:-1]
    several = any(others) and sum(others) ** 2 >= 2 * sum(count**2 for count in others)
    return scripted / counted if several else 0.0


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
