"""A shallow tree on trivial columns does not tell planted accounts from those of real backgrounds."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from marginals import EMPTY, FORM, HOURS, MIX, told_apart

from graphkit.simulate import PLANS, Kind, planted
from graphkit.tables import EVENTS

# What a kind does by its nature, so that it is seen in these columns and has to be.
DEEDS: dict[Kind, tuple[str, ...]] = {
    # Answers customers: every event of theirs has someone it answers.
    Kind.SERVICE_DESK: EMPTY,
    # Brings each story in a post of its own, in the words of all.
    Kind.NEWSROOM: (*EMPTY, *MIX, *FORM),
    # One phrase on all lips has one form.
    Kind.MEME: FORM,
    # Awake when few are.
    Kind.NIGHT_OWLS: HOURS,
    # Have something to show each other, as pods have.
    Kind.FRIENDS: (*EMPTY, *MIX),
    Kind.POD: (*EMPTY, *MIX),
    Kind.CIRCLE: (*EMPTY, *MIX),
    Kind.SPARSE_FORUM: (*EMPTY, *MIX),
    # Come when their victim comes, speak in its words, or to it.
    Kind.TAILING: (*HOURS, *EMPTY),
    Kind.FRAMING: (*EMPTY, *FORM),
}
# Chance gives .5; with a hundred accounts and a tree that overfits, .35 to .65 is noise.
LIMIT = 0.75
SEEDS = 8


@pytest.fixture(scope="module")
def backgrounds(fixtures: Path) -> dict[str, tuple[pl.DataFrame, list[str]]]:
    """For each name its events and the accounts that are known to be in rings."""
    found = {}
    for name, first, n in (("moltbook", 8_000, 20_000), ("irc", 0, 12_000)):
        events = EVENTS.check(pl.read_parquet(fixtures / name / "events.parquet")).slice(first, n)
        labels = fixtures / name / "labels.parquet"
        known = pl.read_parquet(labels)["account_id"].to_list() if labels.exists() else []
        found[name] = (events, known)
    return found


_CHATS = {Kind.JITTER, Kind.TAILING, Kind.FRAMING, Kind.FRIENDS, Kind.CHAT_REGULARS, Kind.SERVICE_DESK}
_CHATS |= {Kind.NEWSROOM, Kind.NIGHT_OWLS, Kind.DISCLOSED_BOTS, Kind.MEME, Kind.NEWS_BURST}
_ELSEWHERE = {Kind.CHAT_REGULARS, Kind.CHORUS, Kind.FAN_OUT, Kind.THIN}
CASES = [("moltbook", name) for name, plan in PLANS.items() if plan.kind not in _ELSEWHERE]
CASES += [("irc", name) for name, plan in PLANS.items() if plan.kind in _CHATS]


@pytest.mark.parametrize(("place", "name"), CASES)
def test_no_tree_on_trivial_columns_tells_planted_accounts(
    backgrounds: dict[str, tuple[pl.DataFrame, list[str]]], place: str, name: str
) -> None:
    events, known = backgrounds[place]
    # Script, words and greetings are what a group shares; all else about its texts is to be ordinary.
    plan = replace(PLANS[name], scripted=0.0, worded=0.0, greetings=0.0)
    worlds = [planted(events, {name: plan}, seed=seed, exclude=known) for seed in range(SEEDS)]
    auc, seen = told_apart(worlds, known, DEEDS.get(plan.kind, ()))
    assert auc < LIMIT, f"{name} in {place}: AUC {auc:.2f} by {seen}"
