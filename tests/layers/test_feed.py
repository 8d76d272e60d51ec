"""Meeting on a post: once a day, and each time after the first counts less."""

from datetime import UTC, datetime

import polars as pl

from graphkit.layers.base import coded
from graphkit.layers.feed import FEED
from graphkit.network.meetings import meetings, repetitions, visits
from graphkit.settings import NetworkSettings
from graphkit.tables import EVENTS


def commented(*rows: tuple[str, int, int, int]) -> pl.DataFrame:
    """Coded comments on one post by (account, day, hour, minute) of January 2026."""
    made = [
        {
            "event_id": f"e{place}",
            "timestamp": datetime(2026, 1, day, hour, minute, tzinfo=UTC),
            "channel": "comment",
            "account_id": account,
            "target_id": "author",
            "object_id": "p",
            "parent_id": None,
            "text": None,
        }
        for place, (account, day, hour, minute) in enumerate(rows)
    ]
    return coded(EVENTS.check(pl.DataFrame(made, schema=EVENTS.empty().schema)))


def test_who_comes_back_to_a_post_on_another_day_comes_again() -> None:
    # On the first day at nine and at three within a minute: one conversation. On the third day again.
    events = commented(
        ("ana", 1, 9, 0),
        ("ben", 1, 9, 1),
        ("ana", 1, 15, 0),
        ("ben", 1, 15, 1),
        ("ben", 3, 9, 0),
        ("ana", 3, 9, 1),
    )
    visited = visits(FEED.incidence(events, NetworkSettings()), 600, crowd=50)
    assert visited.height == 6
    met = repetitions(meetings(visited, window_s=600, chunk_pairs=100))
    assert met["occasion"].n_unique() == met.height == 2
    # Both are on one author's posts, so that together they count 1 + 1/2.
    assert met["repetition"].to_list() == [1, 2]
