"""Whose a post is, who answers whom at one moment, and who is present in a chat."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

from graphkit.layers.base import coded
from graphkit.layers.chat import CHAT
from graphkit.layers.feed import authors
from graphkit.settings import NetworkSettings
from graphkit.tables import EVENTS

START = datetime(2026, 3, 1, tzinfo=UTC)
# Event, second, channel, account, target, object, parent, text.
Row = tuple[str, int, str, str, str | None, str | None, str | None, str | None]


def log(rows: Sequence[Row]) -> pl.DataFrame:
    names = ["event_id", "second", "channel", "account_id", "target_id", "object_id", "parent_id", "text"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String) | {"second": pl.Int64}, orient="row")
    at = pl.lit(START) + pl.duration(seconds="second")
    return EVENTS.check(
        frame.with_columns(at.alias("timestamp")).drop("second").sort("timestamp", "event_id")
    )


def test_what_answers_the_object_is_top_level() -> None:
    # b answers the post itself, by its id; c answers b. The post names its author through whom b addresses.
    rows: list[Row] = [
        ("e1", 1, "comment", "b", "ann", "p1", "p1", None),
        ("e2", 2, "comment", "c", "b", "p1", "e1", None),
        ("e3", 3, "comment", "d", "b", "p1", "e1", None),
    ]
    assert authors(log(rows)).rows() == [("p1", "ann")]


def test_a_post_without_an_object_is_one_by_its_own_id() -> None:
    rows: list[Row] = [
        ("p1", 0, "post", "ann", None, None, None, None),
        ("e1", 1, "comment", "b", "zoe", "p1", None, None),
    ]
    assert authors(log(rows)).rows() == [("p1", "ann")]


def test_an_answer_of_the_same_moment_comes_after_what_it_answers() -> None:
    # By their ids the answer a1 would be the first of the second in which all three were written.
    rows: list[Row] = [
        ("a1", 5, "comment", "x", "v", "p1", "b1", None),
        ("b1", 5, "comment", "v", None, "p1", None, None),
        ("c1", 5, "comment", "y", None, "p1", None, None),
        ("d1", 6, "comment", "z", None, "p1", "b1", None),
    ]
    made = coded(log(rows))
    assert made["event_id"].to_list() == ["b1", "c1", "a1", "d1"]
    assert made["event"].to_list() == [0, 1, 2, 3]
    second = int(START.timestamp()) * 1_000_000
    assert (made["at"] - second).to_list() == [5_000_000, 5_000_000, 5_000_001, 6_000_000]
    assert made["timestamp"].to_list() == [START + timedelta(seconds=n) for n in (5, 5, 5, 6)]
    # Without such an answer nothing is touched.
    assert coded(log(rows[1:]))["event_id"].to_list() == ["b1", "c1", "d1"]


def test_who_never_says_a_word_is_not_present_where_a_chat_has_texts() -> None:
    said: list[Row] = [(f"e{n}", n, "group", f"a{n}", None, "room", None, "hello") for n in range(5)]
    # b is in three rows without a word, c in two, and a0 said hello.
    mute = [*"bbb", *"cc", "a0"]
    added: list[Row] = [
        (f"j{n}", 10 + n, "group", who, None, "room", None, None) for n, who in enumerate(mute)
    ]
    settings = NetworkSettings()
    texts = [(*row[:7], "and so on") for row in said]
    more: list[Row] = [(f"f{n}", 20 + n, *row[2:]) for n, row in enumerate(texts)]
    both = coded(log([*said, *added, *more]))
    there = both["account_id"].gather(CHAT.incidence(both, settings)["event"])
    assert sorted(there.to_list()) == sorted([*(f"a{n}" for n in range(5))] * 2 + [*"cc", "a0"])
    # A log without texts is taken as it is.
    bare = coded(log([*said, *added]))
    assert CHAT.incidence(bare, settings).height == 11
