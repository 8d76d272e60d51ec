"""Vocabularies: words that the same accounts use in different texts, by hand and against brute force."""

import itertools
import math
from dataclasses import replace

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphkit.layers.base import INCIDENCE
from graphkit.network.build import Network
from graphkit.rings.vocabularies import shared_words, vocabularies
from graphkit.settings import Settings

SETTINGS = replace(Settings(), rings=replace(Settings().rings, swarm_members=8))
Uses = list[tuple[int, int, int]]


def known(uses: Uses) -> pl.DataFrame:
    """Uses of (account, event, word) as INCIDENCE of the layer of rare tokens."""
    frame = pl.DataFrame(
        uses, schema={"account": pl.UInt32, "event": pl.UInt32, "key": pl.UInt32}, orient="row"
    )
    zero = pl.lit(0)
    return frame.with_columns(
        zero.alias("at"), zero.alias("occasion"), zero.alias("topic"), zero.alias("place")
    ).select(pl.col(name).cast(dtype) for name, dtype in INCIDENCE.items())


def found(uses: Uses, n_accounts: int) -> list[list[int]]:
    network = Network.__new__(Network)
    object.__setattr__(network, "incidences", {"rare_token": known(uses)})
    groups = vocabularies(network, pl.Series(range(n_accounts), dtype=pl.UInt32), SETTINGS)
    return [group.tolist() for group in groups]


def swarm(*, one_text: bool) -> Uses:
    """Ten accounts that use each of three words; two hundred others have a word with one neighbour."""
    ours = [
        (account, account if one_text else 1000 * (word + 1) + account, word)
        for account in range(10)
        for word in range(3)
    ]
    return ours + [(account, account, 10 + account // 2) for account in range(10, 210)]


def test_who_shares_a_vocabulary() -> None:
    # Two of its words have 10 users each among 210, all of them the same: 10 ln(10 / (100 / 210)) - 10 + .48
    # = 20.9 nats for each of three pairs, more than the five that a pair costs.
    assert found(swarm(one_text=False), 210) == [list(range(10))]


def test_words_of_one_text_are_no_vocabulary() -> None:
    assert found(swarm(one_text=True), 210) == []


USES = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=60, unique=True
)


@given(USES)
def test_two_words_are_weighed_as_by_brute_force(drawn: list[tuple[int, int, int]]) -> None:
    uses = [(account, 10 * account + text, word) for account, text, word in drawn]
    texts: dict[tuple[int, int], set[int]] = {}
    for account, event, word in uses:
        texts.setdefault((account, word), set()).add(event)
    n = len({account for account, _ in texts})
    users = {w: {a for a, word in texts if word == w} for w in range(6)}
    expected = {}
    for one, other in itertools.combinations(range(6), 2):
        if min(len(users[one]), len(users[other])) < 2:
            continue
        both = sum(len(texts[a, one] | texts[a, other]) > 1 for a in users[one] & users[other])
        chance = len(users[one]) * len(users[other]) / n
        if both > chance:
            expected[one, other] = both * math.log(both / chance) - both + chance
    edges = shared_words(known(uses), least=2)[1]
    words = sorted({word for word in range(6) if len(users[word]) >= 2})
    weights = {(words[int(u)], words[int(v)]): w for u, v, w in edges.rows()}
    assert weights.keys() == expected.keys()
    assert np.allclose(
        [weights[pair] for pair in sorted(weights)], [expected[pair] for pair in sorted(expected)]
    )
