"""The evidence of a whole run once more, in plain Python: values, n, what the crowd gives, memberships."""

import math
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from recount import RECOUNTS, Rows, apart, lengths, rates, spreads
from text_twin import keys, normalised

POLICY = Path(__file__).parents[2] / "graphkit" / "judgement" / "policies" / "generic.toml"
FOUND = ("weak", "moderate", "strong")


@dataclass
class Told:
    """A run's input and evidence as lists of dicts; events in the order of EVENTS."""

    events: Rows
    accounts: dict[str, dict[str, Any]]
    members: Rows
    pairs: Rows
    evidence: Rows
    by_id: dict[str, int] = field(default_factory=dict)
    home: dict[str, str] = field(default_factory=dict)
    crowds: dict[tuple[str, str], float | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_id = {row["event_id"]: place for place, row in enumerate(self.events)}
        self.home = {row["account_id"]: row["ring_id"] for row in self.members}

    def listed(self, ids: list[str]) -> Rows:
        """The events with these ids, in order."""
        return [self.events[place] for place in sorted(self.by_id[one] for one in ids)]

    def ring(self, ring: str) -> list[str]:
        return [account for account, home in self.home.items() if home == ring]


def again(told: Told, line: dict[str, Any]) -> tuple[float, int, float | None]:
    """value, n and expected of one line of evidence."""
    signal, ring = line["signal"], line["ring_id"]
    whose = line["account_id"] or ring
    if signal in BY_ACCOUNTS:
        return BY_ACCOUNTS[signal](told, whose)
    rows = told.listed(line["event_ids"])
    value = RECOUNTS[signal](rows, whose, told.home)
    if signal in CROWDS and (signal, ring) not in told.crowds:
        told.crowds[signal, ring] = CROWDS[signal](told, ring)
    crowd = told.crowds.get((signal, ring))
    return value, COUNTS[signal](told, rows, whose), crowd


def _all_events(told: Told, rows: Rows, whose: str) -> int:
    return sum(row["account_id"] == whose for row in told.events)


def _no_taps(told: Told, rows: Rows, whose: str) -> int:
    taps = ("reaction", "share")
    own = [row for row in told.events if row["account_id"] == whose and row["channel"] not in taps]
    return sum(row["text"] is None or keys(row["text"]) >= 15 for row in own)


def _listed(told: Told, rows: Rows, whose: str) -> int:
    return len(rows)


def _own(told: Told, rows: Rows, whose: str) -> int:
    return sum(row["account_id"] == whose for row in rows)


def _of_ring(told: Told, rows: Rows, whose: str) -> int:
    return sum(told.home.get(row["account_id"]) == whose for row in rows)


def _sessions(told: Told, rows: Rows, whose: str) -> int:
    return len(_present(rows))


def _present(rows: Rows) -> dict[tuple[str, int], set[str]]:
    """Who wrote in each chat in each half hour."""
    present: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in rows:
        if row["channel"] == "group" and row["object_id"] is not None:
            present[row["object_id"], int(row["timestamp"].timestamp()) // 1800].add(row["account_id"])
    return present


COUNTS = {
    "chorus": _sessions,
    "output_rate": lambda told, rows, whose: len(rates(rows)),
    "length_variation": lambda told, rows, whose: len(lengths(rows)),
    "ring_lockstep": lambda told, rows, whose: len(spreads(rows)),
    "hour_ceiling": _no_taps,
    "awake": _all_events,
    "lockstep": _own,
    "shared_script": _of_ring,
    **dict.fromkeys(
        ("heartbeat", "style", "prompt_leak", "self_reuse", "notices", "shared_beneficiary"), _listed
    ),
}


def _strangers_beside(told: Told, ring: str) -> dict[str, Rows]:
    """Events of accounts outside the ring on each object that a member touched, in order.

    Posting is no answer, and fewer than three who answer are no crowd.
    """
    ours = {row["object_id"] for row in told.events if told.home.get(row["account_id"]) == ring}
    beside: dict[str, Rows] = defaultdict(list)
    for row in told.events:
        outside = told.home.get(row["account_id"]) != ring and row["channel"] != "post"
        if row["object_id"] in ours - {None} and outside:
            beside[row["object_id"]].append(row)
    return {key: rows for key, rows in beside.items() if len({row["account_id"] for row in rows}) >= 3}


def _crowd_in_lockstep(told: Told, ring: str) -> float | None:
    locked = total = 0
    for rows in _strangers_beside(told, ring).values():
        for place, row in enumerate(rows):
            near = [
                (index, other["account_id"])
                for index, other in enumerate(rows)
                if other["account_id"] != row["account_id"]
                and abs((other["timestamp"] - row["timestamp"]).total_seconds()) <= 2
            ]
            locked += len({name for _, name in near}) >= 2 and any(index < place for index, _ in near)
            total += 1
    return locked / total if total else None


def _crowds_spread(told: Told, ring: str) -> float | None:
    found = []
    for rows in _strangers_beside(told, ring).values():
        starts = [0, *(i for i in range(1, len(rows)) if apart(rows[i], rows[i - 1]) > 60)]
        for start, stop in pairwise([*starts, len(rows)]):
            first: dict[str, dict[str, Any]] = {}
            for row in rows[start:stop]:
                first.setdefault(row["account_id"], row)
            if len(first) >= 3:
                order = list(first.values())
                found.append(apart(order[-1], order[0]))
    return median(found) if found else None


def _crowds_script(told: Told, ring: str) -> float:
    strangers = [row for row in told.events if row["account_id"] not in told.home and row["text"]]
    forms = [(row["account_id"], normalised(row["text"])) for row in strangers if keys(row["text"]) >= 20]
    forms = [(name, form) for name, form in forms if form]
    authors: dict[str, set[str]] = defaultdict(set)
    for name, form in forms:
        authors[form].add(name)
    return sum(len(authors[form]) >= 3 for _, form in forms) / len(forms)


def _crowds_aim(told: Told, ring: str) -> float:
    aimed = [row for row in told.events if row["target_id"] not in (None, row["account_id"])]
    ours: dict[str, list[str]] = defaultdict(list)
    for row in aimed:
        if told.home.get(row["account_id"]) == ring:
            ours[row["target_id"]].append(row["account_id"])
    wanted = {target: len(names) for target, names in ours.items() if len(set(names)) >= 3}
    if not wanted:
        return 0.0
    top = min(wanted, key=lambda target: (-wanted[target], target))
    others = Counter(row["target_id"] for row in aimed if row["account_id"] not in told.home)
    return others[top] / max(sum(others.values()), 1)


def _chorus_by_chance(told: Told, ring: str) -> float:
    """Sessions with three members or more, were their visits strewn over all sessions by their size."""
    sizes = [len(names) for names in _present(told.events).values()]
    own = _present([row for row in told.events if told.home.get(row["account_id"]) == ring])
    visits = sum(map(len, own.values()))
    means = [visits * size / sum(sizes) for size in sizes]
    return sum(1 - math.exp(-mean) * (1 + mean + mean**2 / 2) for mean in means)


CROWDS = {
    "chorus": _chorus_by_chance,
    "lockstep": _crowd_in_lockstep,
    "ring_lockstep": _crowds_spread,
    "shared_script": _crowds_script,
    "shared_beneficiary": _crowds_aim,
}


def _series(name: str | None) -> str | None:
    """A name in small letters with `#` for each number; null without one."""
    plain = re.sub(r"\d+", "#", re.sub(r"[\s_\-.]+", "", (name or "").lower()))
    return plain if "#" in plain and plain != "#" else None


def _alike(told: Told, account: str, traits: dict[str, Any]) -> tuple[float, int, float]:
    """Fellows with the account's trait, fellows with any, and how many chance gives."""
    known = {one: trait for one, trait in traits.items() if trait is not None}
    fellows = [one for one in told.ring(told.home[account]) if one in known and one != account]
    same = sum(known[one] == known[account] for one in fellows)
    elsewhere = sum(trait == known[account] for trait in known.values()) - same - 1
    return float(same), len(fellows), len(fellows) * elsewhere / len(known)


def _told_of(told: Told, column: str) -> dict[str, Any]:
    return {account: row.get(column) for account, row in told.accounts.items()}


def _serial_names(told: Told, account: str) -> tuple[float, int, float]:
    return _alike(told, account, {one: _series(name) for one, name in _told_of(told, "name").items()})


def _shared_device(told: Told, account: str) -> tuple[float, int, float]:
    return _alike(told, account, _told_of(told, "device_id"))


def _shared_address(told: Told, account: str) -> tuple[float, int, float]:
    return _alike(told, account, _told_of(told, "address_id"))


def _birth_burst(told: Told, account: str) -> tuple[float, int, float]:
    born = {one: at for one, at in _told_of(told, "created_at").items() if at is not None}
    near = {one for one, at in born.items() if abs(at - born[account]) <= timedelta(hours=1)} - {account}
    own = {one for one in told.ring(told.home[account]) if one in born}
    strangers = born.keys() - own
    fellows = len(own) - 1
    return float(len(near & own)), fellows, fellows * len(near - own) / max(len(strangers), 1)


# Counted in the table of accounts: no events stand behind them.
BY_ACCOUNTS = {
    "serial_names": _serial_names,
    "shared_device": _shared_device,
    "shared_address": _shared_address,
    "birth_burst": _birth_burst,
}


def memberships(told: Told) -> Iterator[tuple[dict[str, Any], float, int, list[str]]]:
    """Each line of membership with value, n and events again: from members, receipts, the ring's lines."""
    aspects = tomllib.loads(POLICY.read_text(encoding="utf-8"))["aspects"]["signals"]
    for line in told.evidence:
        if line["signal"] not in ("ring_membership", "ring_evidence"):
            continue
        account, ring = line["account_id"], line["ring_id"]
        size = len(told.ring(ring))
        if line["signal"] == "ring_membership":
            (own,) = [row for row in told.members if row["account_id"] == account]
            cited = {row[f"{side}_event_id"] for row in told.pairs for side in ("source", "target")}
            value = own["stability"]
        else:
            said = [
                row
                for row in told.evidence
                if row["family"] == "C" and row["ring_id"] == ring and row["account_id"] is None
            ]
            cited = {one for row in said for one in row["event_ids"]}
            value = float(len({aspects.get(row["signal"]) for row in said if row["grade"] in FOUND}))
        events = sorted(one for one in cited if told.events[told.by_id[one]]["account_id"] == account)
        yield line, value, size, events
