"""Of a swarm only those stay who meet others that stay: by hand and against brute force."""

import itertools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphkit.network.build import Network
from graphkit.rings.candidates import pruned
from graphkit.rings.swarms import _gathered
from graphkit.settings import Settings
from graphkit.words import Strand

SETTINGS = Settings()
Pair = tuple[int, int]


def codes(members: Iterable[int]) -> npt.NDArray[np.uint32]:
    return np.array(sorted(members), dtype=np.uint32)


def gathered(
    groups: Iterable[Iterable[int]],
    met: Mapping[Strand, Collection[Pair]],
    *,
    partners: int = SETTINGS.rings.swarm_partners,
    least: int = SETTINGS.rings.swarm_members,
) -> list[list[int]]:
    """What is left of `groups`, by pairs that have 3 nats of each strand in which they met."""
    pairs = sorted({(min(pair), max(pair)) for pairs in met.values() for pair in pairs})
    nats = {
        strand.value: [
            3.0 * (pair in met.get(strand, ()) or pair[::-1] in met.get(strand, ())) for pair in pairs
        ]
        for strand in Strand
    }
    ends = pl.DataFrame(pairs, schema={"source": pl.UInt32, "target": pl.UInt32}, orient="row")
    pooled = ends.with_columns(pl.Series(name, values, pl.Float64) for name, values in nats.items())
    network = Network.__new__(Network)
    object.__setattr__(network, "pooled", pooled.with_columns(pl.sum_horizontal(*nats).alias("weight")))
    settings = replace(SETTINGS, rings=replace(SETTINGS.rings, swarm_partners=partners, swarm_members=least))
    return [group.tolist() for group in _gathered([codes(group) for group in groups], network, settings)]


def wheel(n: int) -> list[Pair]:
    """Each of `n` members met the next two and was met by the two before: four others."""
    return [(i, (i + step) % n) for i in range(n) for step in (1, 2)]


def words(members: Iterable[int]) -> list[Pair]:
    """They all use the same words."""
    return list(itertools.combinations(members, 2))


def test_strangers_who_use_its_words_and_hardly_meet_it_are_no_members() -> None:
    # Strangers 20, 21 and 22 met none, one and two of twenty who meet four others each.
    met = [*wheel(20), (0, 21), (0, 22), (1, 22)]
    everybody = range(23)
    spoken = {Strand.CONTENT: words(everybody)}
    assert gathered([everybody], {Strand.FEED: met, **spoken}) == [[*range(20)]]
    # One who met a third of them is one of them.
    assert gathered([everybody], {Strand.FEED: [*met, (2, 22)], **spoken}) == [[*range(20), 22]]


def test_partners_who_go_are_no_partners() -> None:
    # 20 met two members and 21, who met 20 and one member: 21 goes with two partners, and then 20, too.
    met = [*wheel(20), (0, 20), (1, 20), (20, 21), (5, 21)]
    assert gathered([range(22)], {Strand.FEED: met}) == [[*range(20)]]
    # Had 21 met two members, both would have three.
    assert gathered([range(22)], {Strand.FEED: [*met, (6, 21)]}) == [[*range(22)]]


def test_who_met_it_outside_the_group_did_not_meet_the_group() -> None:
    # 20 met two members of the group, and two of the swarm whom the group has not.
    met = [*wheel(20), (0, 20), (1, 20), (20, 30), (20, 31)]
    assert gathered([range(21)], {Strand.FEED: met}) == [[*range(20)]]


def test_posts_and_chats_are_meetings_in_time_and_nothing_else_is() -> None:
    # A meeting on a post, one in a chat and one in both are three partners.
    both = {Strand.FEED: [*wheel(20), (0, 20), (1, 20)], Strand.CHAT: [(1, 20), (2, 20)]}
    assert gathered([range(21)], both) == [[*range(21)]]
    one = {Strand.FEED: [*wheel(20), (0, 20), (1, 20)], Strand.CHAT: [(1, 20)]}
    for strand in (Strand.CONTENT, Strand.TALK, Strand.RECIPIENT):
        assert gathered([range(21)], {**one, strand: words(range(21))}) == [[*range(20)]], strand


def test_what_becomes_smaller_than_a_swarm_is_none() -> None:
    # Nineteen in a wheel, and one who met two: of twenty nineteen are left.
    met = [*wheel(19), (0, 19), (1, 19)]
    assert gathered([range(20)], {Strand.FEED: met}) == []
    assert gathered([range(20)], {Strand.FEED: met}, least=19) == [[*range(19)]]
    # Nobody met anybody, or there is no group.
    assert gathered([range(20)], {Strand.CONTENT: words(range(20))}) == []
    assert gathered([], {Strand.FEED: met}) == []


def test_a_chain_unravels() -> None:
    # Everybody met the next and the next but one, and those at the ends two only: 0 goes, then 1, and so on.
    chain = [(i, i + step) for i in range(30) for step in (1, 2) if i + step < 30]
    assert gathered([range(30)], {Strand.FEED: chain}) == []
    assert gathered([range(30)], {Strand.FEED: chain}, partners=2) == [[*range(30)]]


def test_groups_that_differ_by_strangers_are_one() -> None:
    # Two wheels; the first was found thrice, with and without those who only share its words.
    other = [(50 + u, 50 + v) for u, v in wheel(25)]
    groups = [[*range(20), 40], [*range(50, 75)], [*range(20), 41, 42], [*range(20)]]
    spoken = words([*range(20), 40, 41, 42])
    met = {Strand.FEED: [*wheel(20), *other], Strand.CONTENT: spoken}
    assert gathered(groups, met) == [[*range(20)], [*range(50, 75)]]


# Nine accounts of whom each met those later ones whose bit its number has; and who of ten is looked at.
PAIRS = st.lists(st.integers(0, 2**9 - 1), min_size=9, max_size=9).map(
    lambda met: {(u, v) for u, v in itertools.combinations(range(9), 2) if met[u] >> v & 1}
)
MEMBERS = st.integers(0, 2**10 - 1).map(lambda chosen: {i for i in range(10) if chosen >> i & 1})


@given(PAIRS, MEMBERS, st.integers(1, 5))
def test_who_keeps_so_many_partners_is_found_as_by_brute_force(
    pairs: set[Pair], members: set[int], least: int
) -> None:
    edges = pl.DataFrame(sorted(pairs), schema={"source": pl.UInt32, "target": pl.UInt32}, orient="row")
    assert pruned(codes(members), edges, least=least).tolist() == _core_by_brute_force(members, pairs, least)


@given(PAIRS, PAIRS, st.lists(MEMBERS, max_size=3), st.integers(1, 4))
def test_swarms_are_gathered_as_by_brute_force(
    on_posts: set[Pair], in_chats: set[Pair], groups: list[set[int]], partners: int
) -> None:
    cores = [_core_by_brute_force(group, on_posts | in_chats, partners) for group in groups]
    expected = [core for i, core in enumerate(cores) if len(core) >= 4 and core not in cores[:i]]
    met = {Strand.FEED: on_posts, Strand.CHAT: in_chats, Strand.CONTENT: words(range(9))}
    assert gathered(groups, met, partners=partners, least=4) == expected


def _core_by_brute_force(members: set[int], pairs: set[Pair], least: int) -> list[int]:
    left = set(members)
    while True:
        weak = [i for i in left if sum(i in pair and left.issuperset(pair) for pair in pairs) < least]
        if not weak:
            return sorted(left)
        left.discard(weak[0])
