"""Who joins a core by coming to its sessions: counted by topics, by hand."""

import numpy as np
import polars as pl

from graphkit.engine.reach import MICROSECONDS
from graphkit.layers.base import INCIDENCE
from graphkit.rings.attachment import _in_sessions
from graphkit.settings import RingSettings

CORE = np.arange(4, dtype=np.uint32)


def joined(topics: list[int]) -> list[int]:
    """Who joins the accounts 0 to 3: these come to six posts within 10 s, 9 right after; 500 elsewhere."""
    comings = [(a, 1000 * post + 3 * a, post, topics[post]) for post in range(6) for a in range(4)]
    comings += [(9, 1000 * post + 12, post, topics[post]) for post in range(6)]
    comings += [(10 + n, 7 * n, 100 + n, 100 + n) for n in range(500)]
    rows = [
        {
            "account": a,
            "event": i,
            "at": at * MICROSECONDS,
            "key": key,
            "occasion": key,
            "topic": topic,
            "place": i,
        }
        for i, (a, at, key, topic) in enumerate(comings)
    ]
    met = pl.DataFrame({"gap": [9 * MICROSECONDS]})
    found = _in_sessions(CORE, met, pl.DataFrame(rows, schema=INCIDENCE), RingSettings())
    return list(found.tolist())


def test_who_comes_to_a_core_at_many_authors_joins_it() -> None:
    # k = n = 6; 6 of 506 events of strangers fall into sessions: 6 ln(506 / 6) - 6 = 20.6 nats.
    assert joined([0, 1, 2, 3, 4, 5]) == [9]


def test_customers_of_one_author_do_not() -> None:
    # All six posts are of one author: k = 1.
    assert joined([0] * 6) == []
    # Of three authors k = 3 and 3 ln(506 / 6) - 3 = 10.3 nats, fewer than 14.
    assert joined([0, 0, 1, 1, 2, 2]) == []
