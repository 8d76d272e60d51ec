"""What tells a circle of friends from a pod, and one that pastes from one with a script: by hand."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from graphkit.layers import LAYERS
from graphkit.layers.base import INCIDENCE
from graphkit.network.build import CODED_EDGES, Network
from graphkit.rings.guards import GUARDS
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Level, Strand

MINUTE = 60_000_000


def friends(
    said: Mapping[int, tuple[int, ...]],
    *,
    content: float = 0.0,
    talk: float = 0.0,
    n: int = 5,
    minutes: int = 60,
    words: Sequence[tuple[str | None, int, int]] = (),
    channel: str = "comment",
    text: str = "a sentence that all of them say",
) -> Suspect:
    """`n` accounts, all but one pair in contact: who said which text (key); all came to one post, in turn.

    There each says its texts, if it has any, each of which reads `text`. Nats are of the feed but for shares
    of content and of talk; `minutes` lie between two comings. `words` are events: at which object who spoke
    to whom.
    """
    texts = next(layer for layer in LAYERS if layer.name == "near_text")
    spoken = [(key, account) for key, accounts in said.items() for account in accounts]
    visited = pl.DataFrame(spoken, schema={"key": pl.Int64, "account": pl.UInt32}, orient="row")
    at_once = pl.lit(0, pl.Int64).alias("at")
    visited = visited.with_columns(
        at_once, pl.lit(value=False).alias("large"), pl.lit(0, pl.UInt32).alias("cohort")
    )
    talks = [
        {"layer": "contact", "strand": Strand.TALK.value, "source": u, "target": v}
        for u, v in itertools.combinations(range(n), 2)
        if (u, v) != (0, 1)
    ]
    comings = [
        {name: {"account": a, "event": a, "at": a * minutes * MINUTE}.get(name, 0) for name in INCIDENCE}
        for a in range(n)
    ]
    says = [
        {name: {"account": a, "event": a, "key": key}.get(name, 0) for name in INCIDENCE} for key, a in spoken
    ]
    met = pl.DataFrame(
        {"strand": Strand.FEED.value, "source_event": range(n - 1), "target_event": range(1, n)},
        schema_overrides={"source_event": pl.UInt32, "target_event": pl.UInt32},
    )
    nats = {strand.value: [0.0] for strand in Strand}
    nats |= {
        Strand.FEED.value: [1 - content - talk],
        Strand.CONTENT.value: [content],
        Strand.TALK.value: [talk],
    }
    ends = pl.DataFrame({"source": [0], "target": [1]}, schema={"source": pl.UInt32, "target": pl.UInt32})
    network = Network(
        pl.Series([str(account) for account in range(20)]),
        pl.DataFrame(
            [
                *((None, None, str(account), None, text) for account in range(20)),
                *((channel, place, str(sender), str(target), None) for place, sender, target in words),
            ],
            schema=dict.fromkeys(["channel", "object_id", "account_id", "target_id", "text"], pl.String),
            orient="row",
        ),
        {texts.name: texts},
        {"feed": pl.DataFrame(comings, schema=INCIDENCE), texts.name: pl.DataFrame(says, schema=INCIDENCE)},
        {texts.name: {None: visited}},
        pl.DataFrame(talks, schema=CODED_EDGES),
        ends.with_columns(*(pl.Series(name, value) for name, value in nats.items()), weight=pl.lit(1.0)),
    )
    return Suspect(np.arange(n, dtype=np.uint32), met, network)


def seen(name: str, group: Suspect) -> float | None:
    """The number that a guard holds against its limit."""
    return next(one for one in GUARDS[Level.TIGHT] if one.name == name).number(group, RingSettings())


def test_friends_who_paste_what_others_say_are_a_circle() -> None:
    """Nine of ten pairs talk. The three texts are said by as many others, or by too few of the five."""
    lent = {1: (0, 1, 2, 7, 8, 9), 2: (2, 3, 4, 6, 7, 8), 3: (0, 1)}
    assert seen("circle", friends(lent, content=0.3)) == pytest.approx(0.9)


def test_a_script_of_their_own_makes_them_none() -> None:
    """Three texts that three of the five say and at most two others: they are asked about no contact."""
    script = {1: (0, 1, 2), 2: (2, 3, 4, 7), 3: (0, 2, 4, 8, 9)}
    assert seen("circle", friends(script, content=0.3)) is None
    # Where they met only two of them said one: no half of what they do, and fewer texts than members.
    group = friends(script, content=0.3)
    elsewhere = pl.when(pl.col("account") < 2).then("event").otherwise(pl.col("event") + 10)
    met = group.network.incidence("near_text").with_columns(elsewhere.alias("event"))
    network = replace(group.network, incidences={**group.network.incidences, "near_text": met})
    assert seen("circle", replace(group, network=network)) == pytest.approx(0.9)
    # As many texts as members are a script wherever they are said.
    many = dict.fromkeys(range(5), (0, 1, 2))
    assert seen("circle", replace(friends(many, content=0.3), receipts=group.receipts.clear())) is None
    assert seen("circle", replace(friends(script, content=0.3), receipts=group.receipts.clear())) is not None
    # Words of their own that bring less than a tenth of the nats are what friends have.
    assert seen("circle", friends(script, content=0.05)) == pytest.approx(0.9)
    # A greeting of 23 keys is no sentence, and one of 24 is.
    assert seen("circle", friends(script, content=0.3, text="good morning to you all")) == pytest.approx(0.9)
    assert seen("circle", friends(script, content=0.3, text="good evening to all here")) is None


def test_a_large_circle_that_meets_within_minutes_is_none() -> None:
    """Of 12 accounts 65 of 66 pairs talk. Coming 2 minutes apart, 45 of 66 pairs are within 10 minutes."""
    assert seen("circle", friends({}, n=12, minutes=2)) is None
    # Coming half an hour apart none are.
    assert seen("circle", friends({}, n=12, minutes=30)) == pytest.approx(65 / 66)
    # Ten friends may all be about, but not all at once.
    assert seen("circle", friends({}, n=10, minutes=2)) == pytest.approx(44 / 45)
    assert seen("circle", friends({}, n=10, minutes=0)) is None


def test_talk_is_weighed_where_many_meet_within_hours() -> None:
    assert seen("talk", friends({}, talk=0.6, n=11, minutes=30)) == pytest.approx(0.6)
    assert seen("talk", friends({}, talk=0.6, n=11, minutes=2)) is None
    # Ten are told by how many of them talk to each other.
    assert seen("talk", friends({}, talk=0.6, n=10, minutes=30)) is None
    # Who never came to one post within 6 hours is not asked, nor is who has a script.
    assert seen("talk", friends({}, talk=0.6, n=11, minutes=500)) is None
    script = {1: (0, 1, 2), 2: (2, 3, 4), 3: (0, 2, 5)}
    assert seen("talk", friends(script, talk=0.6, content=0.2, n=11, minutes=30)) is None


def test_friends_converse() -> None:
    """Of five, 0 has words both ways with 1 and 2 and they with him; 3 is never answered, 4 never speaks."""
    words = [("a", 0, 1), ("a", 1, 0), ("b", 2, 0), ("b", 0, 2), ("b", 3, 0), ("c", 3, 1), ("c", 3, 2)]
    # 0 has words with three, both ways with two of them; 1 and 2 have words both ways with one.
    assert seen("conversation", friends({}, words=words)) == pytest.approx(1 / 5)
    # With words both ways between 1 and 2 as well they converse, too.
    both = [*words, ("c", 1, 2), ("c", 2, 1)]
    assert seen("conversation", friends({}, words=both)) == pytest.approx(3 / 5)
    # Words elsewhere are no answer, nor are those of strangers, of oneself, without a place or in chats.
    elsewhere = [("d", 1, 3), ("c", 9, 3), ("c", 3, 9), ("c", 3, 3), (None, 4, 1), (None, 1, 4)]
    assert seen("conversation", friends({}, words=[*both, *elsewhere])) == pytest.approx(3 / 5)
    for channel in ("dm", "group"):
        assert seen("conversation", friends({}, words=both, channel=channel)) == 0.0


def test_a_mouthpiece_that_answers_all_of_a_ring_makes_no_friends() -> None:
    words = [(f"post {n}", *pair) for n in range(1, 12) for pair in ((0, n), (n, 0))]
    assert seen("conversation", friends({}, n=12, minutes=30, words=words)) == pytest.approx(1 / 12)


def test_some_name_each_other_where_everybody_names_anybody() -> None:
    # At each of eleven posts each of twelve names the one n further on: at the sixth those are pairs.
    words = [(f"post {n}", a, (a + n) % 12) for n in range(1, 12) for a in range(12)]
    assert seen("conversation", friends({}, n=12, minutes=30, words=words)) == 0.0
    # Answered at the second, third and fourth, each converses with seven of eleven: 2, 3, 4 and 6 away.
    answers = [(f"post {n}", (a + n) % 12, a) for n in (2, 3, 4) for a in range(12)]
    assert seen("conversation", friends({}, n=12, minutes=30, words=[*words, *answers])) == 1.0


def test_nobody_is_asked_who_is_always_there_at_once() -> None:
    words = [("a", 0, 1), ("a", 1, 0), ("b", 0, 2), ("b", 2, 0)]
    # Two minutes apart none of the pairs is within one.
    assert seen("conversation", friends({}, minutes=2, words=words)) == pytest.approx(1 / 5)
    assert seen("conversation", friends({}, minutes=0, words=words)) is None
    # Who never came to one post within 6 hours is not asked, nor is who has a script.
    assert seen("conversation", friends({}, minutes=500, words=words)) is None
    script = {1: (0, 1, 2), 2: (2, 3, 4), 3: (0, 2, 4)}
    assert seen("conversation", friends(script, content=0.2, words=words)) is None


def test_a_group_that_comes_within_hours_must_meet_in_many_places() -> None:
    # Half an hour apart: three pairs met on one post and one on another, 16 / 10 places.
    met = pl.DataFrame({"layer": "feed", "strand": Strand.FEED.value, "occasion": [1, 1, 1, 2]})
    assert seen("few_places", replace(friends({}, minutes=30), receipts=met)) == pytest.approx(1.6)
    # A minute apart nothing is asked.
    assert seen("few_places", replace(friends({}, minutes=1), receipts=met)) is None


def test_an_audience_has_no_border() -> None:
    """Five hold to each other by 4 nats a pair, but the last two by none: their medians are 4 x 4 / 4 = 4."""

    def held(*others: float) -> float | None:
        """The number with one outsider for each of `others`, which is its nats with each of the five."""
        pairs = [(u, v, 0.0 if (u, v) == (3, 4) else 4.0) for u, v in itertools.combinations(range(5), 2)]
        pairs += [(u, 5 + i, nats) for i, nats in enumerate(others) for u in range(5)]
        # Strangers who hold to each other are nothing to it.
        pairs.append((18, 19, 90.0))
        codes = {"source": pl.UInt32, "target": pl.UInt32, "weight": pl.Float64}
        group = friends({})
        drawn = pl.DataFrame(pairs, schema=codes, orient="row")
        # What all share with everybody in words is nothing to it either.
        nats = {Strand.FEED: pl.col("weight"), Strand.CONTENT: pl.lit(12.0)}
        pooled = drawn.with_columns(
            nats.get(strand, pl.lit(0.0)).alias(strand.value) for strand in Strand
        ).with_columns(pl.col("weight") + 12.0)
        return seen("audience", replace(group, network=replace(group.network, pooled=pooled)))

    assert held() == 0.0
    # Who holds to them by half of that is not counted, by more is.
    assert held(2.0) == 0.0
    assert held(2.1) == pytest.approx(1 / 5)
    assert held(*[2.1] * 6) == pytest.approx(6 / 5)
    # Who comes within a minute shows what he is.
    assert seen("audience", friends({}, minutes=0)) is None
