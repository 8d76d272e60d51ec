"""Whoever is only known to have come on a date has met nobody there."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from graphkit.engine.clock import without_dates
from graphkit.layers import LAYERS
from graphkit.layers.base import coded
from graphkit.settings import NetworkSettings
from graphkit.tables import EVENTS
from graphkit.words import Channel

START = datetime(2026, 3, 1, tzinfo=UTC)


def log(channel: str, hours: list[float]) -> pl.DataFrame:
    """An event of one of three accounts on one object at each of `hours`."""
    return EVENTS.check(
        pl.DataFrame(
            {
                "event_id": [f"{channel}{i}" for i in range(len(hours))],
                "timestamp": [START + timedelta(hours=hour) for hour in hours],
                "channel": channel,
                "account_id": [f"a{i % 3}" for i in range(len(hours))],
                "target_id": None,
                "object_id": "o",
                "parent_id": None,
                "text": None,
            },
            schema_overrides=dict.fromkeys(("target_id", "parent_id", "text"), pl.String)
            | {"timestamp": pl.Datetime("us", "UTC")},
        )
    )


DATES = [24.0 * day for day in range(4) for _ in range(3)]
TIMES = [24.0 * day + hour for day in range(4) for hour in (8.1, 9.2, 20.3)]


def test_a_channel_of_dates_is_left_out_and_another_stays() -> None:
    both = pl.concat([log("comment", DATES), log("share", TIMES)])
    assert without_dates(both)["channel"].cast(pl.String).unique().to_list() == ["share"]


def test_midnights_of_another_time_zone_and_of_summer_are_dates() -> None:
    # 16 h by universal time is midnight in Shanghai; an hour less in summer.
    assert without_dates(log("comment", [hour + 16.0 for hour in DATES])).is_empty()
    assert without_dates(log("comment", [hour + 22.0 + (hour > 30) for hour in DATES])).is_empty()


def test_two_dates_tell_nothing() -> None:
    assert without_dates(log("comment", DATES[:6])).height == 6
    assert without_dates(log("comment", [])).is_empty()


@pytest.mark.parametrize(("name", "channel"), [("feed", Channel.COMMENT), ("chat", Channel.GROUP)])
def test_nobody_meets_at_midnight(name: str, channel: Channel) -> None:
    layer = next(layer for layer in LAYERS if layer.name == name)
    assert layer.incidence(coded(log(channel.value, DATES)), NetworkSettings()).is_empty()
    assert layer.incidence(coded(log(channel.value, TIMES)), NetworkSettings()).height == len(TIMES)
