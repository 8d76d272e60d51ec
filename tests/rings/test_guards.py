"""What tells a circle of friends that paste from a ring with a script of its own: by hand."""

import itertools

import numpy as np
import polars as pl
import pytest

from graphkit.layers import LAYERS
from graphkit.network.build import CODED_EDGES, Network
from graphkit.rings.guards import GUARDS, Guard
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Level, Strand

FRIENDS = range(5)


def guard(name: str) -> Guard:
    return next(one for one in GUARDS[Level.TIGHT] if one.name == name)


def circle(said: dict[int, tuple[int, ...]], *, content: float) -> float | None:
    """What `circle` sees of five accounts, all but one pair in contact: who said which text (key)."""
    texts = next(layer for layer in LAYERS if layer.name == "near_text")
    spoken = [(key, account) for key, accounts in said.items() for account in accounts]
    visited = pl.DataFrame(spoken, schema={"key": pl.Int64, "account": pl.UInt32}, orient="row")
    talks = [
        {"layer": "contact", "strand": Strand.TALK.value, "source": u, "target": v}
        for u, v in itertools.combinations(FRIENDS, 2)
        if (u, v) != (0, 1)
    ]
    nats = {strand.value: [0.0] for strand in Strand}
    nats |= {Strand.FEED.value: [1 - content], Strand.CONTENT.value: [content]}
    ends = pl.DataFrame({"source": [0], "target": [1]}, schema={"source": pl.UInt32, "target": pl.UInt32})
    network = Network(
        pl.Series([*"abcdefghij"]),
        pl.DataFrame(),
        {texts.name: texts},
        {},
        {texts.name: {None: visited}},
        pl.DataFrame(talks, schema=CODED_EDGES),
        ends.with_columns(*(pl.Series(name, value) for name, value in nats.items()), weight=pl.lit(1.0)),
    )
    suspect = Suspect(np.array(FRIENDS, dtype=np.uint32), pl.DataFrame(), network)
    return guard("circle").number(suspect, RingSettings())


def test_friends_who_paste_what_others_say_are_a_circle() -> None:
    """Nine of ten pairs talk. The three texts are said by as many others, or by too few of the five."""
    lent = {1: (0, 1, 2, 7, 8, 9), 2: (2, 3, 4, 6, 7, 8), 3: (0, 1)}
    assert circle(lent, content=0.3) == pytest.approx(0.9)


def test_a_script_of_their_own_makes_them_none() -> None:
    """Three texts that three of the five say and at most two others: they are asked about no contact."""
    script = {1: (0, 1, 2), 2: (2, 3, 4, 7), 3: (0, 2, 4, 8, 9)}
    assert circle(script, content=0.3) is None
    # Words of their own that bring less than a tenth of the nats are what friends have.
    assert circle(script, content=0.05) == pytest.approx(0.9)
