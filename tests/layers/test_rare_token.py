from datetime import UTC, datetime

import polars as pl
import pytest

from graphkit.layers.base import INCIDENCE, coded
from graphkit.layers.rare_token import RARE_TOKEN
from graphkit.settings import NetworkSettings
from graphkit.tables import EVENTS


def written(*lines: tuple[str, str, str]) -> pl.DataFrame:
    """Coded events, one a second, of (account, channel, text), among forty accounts that say nothing rare."""
    crowd = [(f"z{n:02d}", "comment", "nothing to say here") for n in range(40)]
    rows = [
        {
            "event_id": f"e{second:02d}",
            "timestamp": datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC),
            "channel": channel,
            "account_id": account,
            "target_id": None,
            "object_id": f"o{second}",
            "parent_id": None,
            "text": text,
        }
        for second, (account, channel, text) in enumerate([*lines, *crowd])
    ]
    return coded(EVENTS.check(pl.DataFrame(rows, schema=EVENTS.empty().schema)))


def test_tokens_of_one_event_are_one_topic_and_a_phrase_is_one_token() -> None:
    events = written(
        ("ada", "comment", "zorblax vrekth umbra"),
        ("bob", "comment", "zorblax vrekth umbra"),
        ("ada", "comment", "umbra again and vorax"),
        ("bob", "comment", "vorax it was"),
    )
    # zorblax and vrekth only ever stand together: one key. ada says umbra in two places (events 0 and 2).
    found = RARE_TOKEN.incidence(events, NetworkSettings())
    assert found.schema == pl.Schema(INCIDENCE)
    assert found.select("account", "event").sort("event").rows() == [
        (0, 0),
        (0, 0),
        (1, 1),
        (1, 1),
        (0, 2),
        (0, 2),
        (1, 3),
    ]
    assert found["key"].n_unique() == 3
    assert found["occasion"].equals(found["key"].alias("occasion"))
    assert found["topic"].equals(found["event"].alias("topic"))


def test_a_token_is_looked_at_in_an_accounts_first_three_places() -> None:
    events = written(*[("ada", "comment", f"zorblax {n}") for n in range(5)], ("bob", "comment", "zorblax"))
    found = RARE_TOKEN.incidence(events, NetworkSettings())
    assert found.select("account", "event").rows() == [(0, 0), (0, 1), (0, 2), (1, 5)]


def test_a_chat_is_another_place_on_another_day() -> None:
    lines = [("ada", "group", "zorblax"), ("bob", "group", "zorblax"), ("ada", "group", "zorblax once more")]
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 1, 2)]
    rows = written(*lines)
    later = pl.Series("timestamp", [*days, *rows["timestamp"].to_list()[3:]], dtype=pl.Datetime("us", "UTC"))
    events = coded(rows.drop("event", "account", "at").with_columns(later, pl.lit("chat").alias("object_id")))
    found = RARE_TOKEN.incidence(events, NetworkSettings()).sort("event")
    # On the first day both speak in one place; on the second ada is in another.
    assert found["event"].to_list() == [0, 1, 2]
    assert found["place"][0] == found["place"][1] != found["place"][2]


def test_words_of_the_crowd_are_no_keys() -> None:
    found = RARE_TOKEN.incidence(written(("ada", "comment", "nothing rare to say")), NetworkSettings())
    assert found.schema == pl.Schema(INCIDENCE)
    assert found.is_empty()


@pytest.mark.parametrize("name", ["key", "occasion"])
def test_a_public_token_is_named(name: str) -> None:
    events = written(("ada", "comment", "pure zorblax"), ("bob", "post", "买了晓卡兰 zorblax"))
    rows = RARE_TOKEN.incidence(events, NetworkSettings()).select("event", pl.col("key").alias(name))
    assert RARE_TOKEN.met_on(events, rows).to_list() == ["token zorblax", "token zorblax"]


def test_a_token_that_a_private_text_holds_is_never_named() -> None:
    events = written(("ada", "comment", "pure zorblax"), ("bob", "dm", "use zorblax with them"))
    found = RARE_TOKEN.incidence(events, NetworkSettings())
    named = RARE_TOKEN.met_on(events, found).to_list()
    assert len(set(named)) == 1
    assert named[0].startswith("token #")
    assert "zorblax" not in named[0]


def test_without_a_key_only_the_event_is_named() -> None:
    events = written(("ada", "comment", "pure zorblax"))
    rows = pl.DataFrame({"event": [0]}, schema={"event": pl.UInt32})
    assert RARE_TOKEN.met_on(events, rows).to_list() == ["a rare token of event e00"]
