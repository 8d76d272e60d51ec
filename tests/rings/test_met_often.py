"""Whoever is copied by a ring, and met it once or twice, is no member of it: by hand."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import polars as pl

from graphkit.rings import grouping
from graphkit.rings.trial import Trial
from graphkit.settings import Settings
from graphkit.words import Level


def _kept(codes: list[int], core: list[int], level: Level) -> list[int]:
    trial = cast(Trial, SimpleNamespace(level=level))
    group = grouping.Group(np.array(core, np.uint32), np.zeros(0, np.uint32), (trial,))
    kept = grouping._met_often(np.array(codes, np.uint32), group, _meetings(), Settings())
    return [int(code) for code in kept]


def _meetings() -> pl.DataFrame:
    """0, 1 and 2 meet on posts 1 to 3; 3 meets them on posts 1 and 2 and shares four texts with each.

    4 meets 3 alone, on four posts; 5 meets 0 on post 1, in chat 1 and chat 2.
    """
    rows = [("feed", "feed", a, b, post) for post in (1, 2, 3) for a, b in ((0, 1), (0, 2), (1, 2))]
    rows += [("feed", "feed", a, 3, post) for post in (1, 2) for a in (0, 1, 2)]
    rows += [("near_text", "content", a, 3, text) for text in (1, 2, 3, 4) for a in (0, 1, 2)]
    rows += [("feed", "feed", 3, 4, post) for post in (1, 2, 3, 4)]
    rows += [("feed", "feed", 0, 5, 1), ("chat", "chat", 0, 5, 1), ("chat", "chat", 0, 5, 2)]
    names = ["layer", "strand", "source", "target", "occasion"]
    return pl.DataFrame(rows, schema=names, orient="row").cast({"source": pl.UInt32, "target": pl.UInt32})


def test_two_posts_and_many_texts_make_no_member() -> None:
    assert _kept([0, 1, 2, 3], [0, 1, 2], Level.THIN) == [0, 1, 2]


def test_occasions_of_all_channels_count_and_only_those_with_the_core() -> None:
    assert _kept([4, 5], [0, 1, 2], Level.TIGHT) == [5]
    assert _kept([4, 5], [0, 1, 2, 3], Level.TIGHT) == [4, 5]


def test_members_of_a_swarm_have_few_events_each() -> None:
    assert _kept([3, 4], [0, 1, 2], Level.SWARM) == [3, 4]
