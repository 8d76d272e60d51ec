"""What a share quotes of its object is not said by who shares it."""

from datetime import UTC, datetime, timedelta

import polars as pl

from graphkit.layers import LAYERS
from graphkit.layers.base import coded, spoken
from graphkit.settings import NetworkSettings
from graphkit.tables import EVENTS

START = datetime(2026, 3, 1, tzinfo=UTC)
WORDS = "the blimfora opens at nine and closes when the zorplix is empty"
# Account, channel, object, text.
Said = tuple[str, str, str | None, str | None]


def log(rows: list[Said]) -> pl.DataFrame:
    """Coded events, a minute after each other."""
    names = ["account_id", "channel", "object_id", "text"]
    events = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row").with_columns(
        pl.Series("event_id", [f"e{i}" for i in range(len(rows))]),
        pl.Series("timestamp", [START + timedelta(minutes=i) for i in range(len(rows))]).dt.cast_time_unit(
            "us"
        ),
        *(pl.lit(None, pl.String).alias(name) for name in ("target_id", "parent_id")),
    )
    return coded(EVENTS.check(events))


def left(rows: list[Said]) -> list[str]:
    """The events that say something of their own."""
    return spoken(log(rows))["event_id"].to_list()


def test_shares_of_one_object_with_one_text_quote_it() -> None:
    assert left([("a", "share", "o", WORDS), ("b", "share", "o", WORDS), ("c", "share", "o", "mine")]) == [
        "e2"
    ]


def test_what_is_said_below_or_of_another_object_is_said() -> None:
    # A comment; the same words about another object; one account that shares twice; shares without words.
    rows: list[Said] = [
        *(("a", "comment", "o", WORDS), ("b", "comment", "o", WORDS), ("c", "share", "o", WORDS)),
        *(("d", "share", "p", WORDS), ("d", "share", "p", WORDS)),
        *(("e", "share", "q", None), ("f", "share", "q", None)),
        *(("e", "share", None, WORDS), ("f", "share", None, WORDS)),
    ]
    assert left(rows) == [f"e{i}" for i in range(9)]


def test_who_reposts_the_same_three_objects_shares_no_words() -> None:
    """Two accounts repost three objects of one text, and say it of three more with a word of their own."""
    reposts: list[Said] = [(who, "share", f"o{i}", WORDS) for i in range(3) for who in "ab"]
    own: list[Said] = [(who, "share", f"p{i}", f"{WORDS} {who}") for i in range(3) for who in "ab"]
    for name in ("near_text", "rare_token"):
        layer = next(layer for layer in LAYERS if layer.name == name)
        assert layer.incidence(log(reposts), NetworkSettings()).is_empty()
        assert layer.incidence(log(own), NetworkSettings())["account"].n_unique() == 2
