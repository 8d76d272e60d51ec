from datetime import UTC, datetime

import polars as pl

from graphkit.layers.base import INCIDENCE, coded
from graphkit.layers.near_text import NEAR_TEXT
from graphkit.settings import NetworkSettings
from graphkit.tables import EVENTS

OFFER = "follow us, the coalition has a home"
SECRET = "meet me behind the old mill at noon"


def written(*lines: tuple[str, str, str | None]) -> pl.DataFrame:
    """Coded events, one a second, of (account, channel, text)."""
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
        for second, (account, channel, text) in enumerate(lines)
    ]
    return coded(EVENTS.check(pl.DataFrame(rows, schema=EVENTS.empty().schema)))


def test_copies_meet_once_for_each_account() -> None:
    events = written(
        ("ada", "comment", OFFER),
        ("bob", "comment", "@zed " + OFFER.upper() + "!"),
        ("ada", "comment", OFFER),
        ("eve", "comment", "something nobody else would say"),
        ("eve", "comment", None),
        ("eve", "post", "something nobody else would say"),
    )
    # ada's copies (events 0 and 2, two places) and bob's (event 1); eve copies only herself.
    found = NEAR_TEXT.incidence(events, NetworkSettings())
    assert found.schema == pl.Schema(INCIDENCE)
    assert found.select("account", "event").rows() == [(0, 0), (1, 1), (0, 2)]
    assert found.select(pl.col("key", "occasion", "topic").n_unique()).row(0) == (1, 1, 1)


def test_no_copies_give_an_empty_incidence() -> None:
    found = NEAR_TEXT.incidence(written(("ada", "comment", OFFER)), NetworkSettings())
    assert found.schema == pl.Schema(INCIDENCE)
    assert found.is_empty()


def test_a_public_text_is_quoted_and_a_private_one_never() -> None:
    events = written(("ada", "comment", OFFER), ("bob", "dm", SECRET), ("eve", "group", SECRET))
    rows = pl.DataFrame({"event": [2, 0, 1]}, schema={"event": pl.UInt32})
    group, comment, dm = NEAR_TEXT.met_on(events, rows).to_list()
    assert comment == f"text “{OFFER}”"
    assert dm == group
    assert dm.startswith("text #")
    assert len(dm) == len("text #") + 8
    assert not any(word in dm for word in SECRET.split())
