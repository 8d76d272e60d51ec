"""On how many occasions a group met: in all, and strand by strand."""

import numpy as np
import polars as pl
import pytest

from graphkit.network.build import CODED_EDGES, Network
from graphkit.rings.suspect import Suspect
from graphkit.words import Strand


def suspect(met: dict[Strand, list[int]], nats: dict[Strand, float]) -> Suspect:
    """Five accounts: of each strand how many pairs met on each occasion, and what these brought in nats."""
    rows = [
        {"layer": strand.value, "strand": strand.value, "occasion": place}
        for strand, counts in met.items()
        for place, count in enumerate(counts)
        for _ in range(count)
    ]
    pooled = pl.DataFrame({"source": [0], "target": [1], "weight": [sum(nats.values())]}).with_columns(
        *(pl.lit(nats.get(strand, 0.0)).alias(strand.value) for strand in Strand),
        pl.col("source", "target").cast(pl.UInt32),
    )
    edges = pl.DataFrame(schema=CODED_EDGES)
    network = Network(pl.Series([*"abcde"]), pl.DataFrame(), {}, {}, {}, edges, pooled)
    return Suspect(np.arange(5, dtype=np.uint32), pl.DataFrame(rows), network)


def test_a_group_that_meets_a_little_everywhere_meets_in_many_places() -> None:
    # In all 10 + 1 + 1 + 1 + 1 pairs: 14^2 / (100 + 4) = 1.88. By strand 1, 2 and 2.
    group = suspect(
        {Strand.FEED: [10], Strand.CHAT: [1, 1], Strand.RECIPIENT: [1, 1]},
        {Strand.FEED: 5.0, Strand.CHAT: 2.0, Strand.RECIPIENT: 3.0},
    )
    assert group.places() == pytest.approx(196 / 104)
    assert group.places_by_strand() == pytest.approx(5.0)


def test_an_accidental_meeting_elsewhere_is_no_place() -> None:
    # Chats bring 1 nat of 100, a tenth of a tenth: their two occasions count .2 beside the post.
    group = suspect(
        {Strand.FEED: [10], Strand.CHAT: [1, 1]},
        {Strand.FEED: 99.0, Strand.CHAT: 1.0, Strand.CONTENT: 400.0},
    )
    assert group.places_by_strand() == pytest.approx(1.2)


def test_of_one_strand_both_numbers_are_the_same() -> None:
    group = suspect({Strand.CHAT: [3, 2, 1]}, {Strand.CHAT: 4.0})
    assert group.places() == group.places_by_strand() == pytest.approx(36 / 14)
