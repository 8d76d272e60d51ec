"""Members, followers, leaders, expected meetings and lineage, by hand and against brute force."""

import itertools

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphkit.engine.effective import effective
from graphkit.engine.reach import MICROSECONDS
from graphkit.layers.base import INCIDENCE
from graphkit.network.communities import communities
from graphkit.network.meetings import visits
from graphkit.network.strangers import Strangers
from graphkit.rings.candidates import all_pruned, inside, pruned
from graphkit.rings.leaders import leaders
from graphkit.rings.lineage import inherited
from graphkit.settings import NetworkSettings

HOUR = 3600


def codes(*values: int) -> npt.NDArray[np.uint32]:
    return np.array(values, dtype=np.uint32)


def edges(rows: list[tuple[int, int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"source": pl.UInt32, "target": pl.UInt32}, orient="row")


PAIRS = st.sets(st.tuples(st.integers(0, 15), st.integers(0, 15)).filter(lambda pair: pair[0] < pair[1]))


@given(PAIRS, st.sets(st.integers(0, 17)))
def test_edges_sorted_by_source_are_found_by_it(pairs: set[tuple[int, int]], chosen: set[int]) -> None:
    known = edges(sorted(pairs))
    within = [pair for pair in sorted(pairs) if chosen.issuperset(pair)]
    members = codes(*sorted(chosen))
    assert inside(known, members).rows() == within
    assert inside(known.sort("source", "target"), members).rows() == within


@given(PAIRS, st.lists(st.integers(0, 3), min_size=16, max_size=16), st.sampled_from([0.0, 0.5]))
def test_groups_pruned_together_are_pruned_alone(
    pairs: set[tuple[int, int]], cells: list[int], share: float
) -> None:
    known = edges(sorted(pairs))
    groups = [codes(*(i for i in range(16) if cells[i] == cell)) for cell in sorted(set(cells))]
    alone = [pruned(group, known, share=share) for group in groups]
    together = all_pruned(groups, known, share=share, minimum_members=3)
    assert [group.tolist() for group in together] == [group.tolist() for group in alone if len(group) >= 3]


def incidence(rows: list[tuple[int, int, int]]) -> pl.DataFrame:
    """Rows of (account, at in seconds, key); a key is its own occasion and topic."""
    return pl.DataFrame(
        [
            {
                "account": a,
                "event": i,
                "at": at * MICROSECONDS,
                "key": k,
                "occasion": k,
                "topic": k,
                "place": i,
            }
            for i, (a, at, k) in enumerate(rows)
        ],
        schema=INCIDENCE,
    )


def test_a_member_keeps_two_partners_and_a_quarter() -> None:
    # 0, 1, 2, 3 all know each other; 4 hangs on 3 alone; 5 on 4 alone. 5 goes (one partner), then 4.
    block = list(itertools.combinations(range(4), 2))
    assert pruned(codes(*range(6)), edges([*block, (3, 4), (4, 5)]), share=0.25).tolist() == [0, 1, 2, 3]
    # Of a group of 12 a quarter is 3: account 12 with two partners goes although two would do in a small one.
    large = list(itertools.combinations(range(12), 2))
    assert pruned(codes(*range(13)), edges([*large, (0, 12), (1, 12)]), share=0.25).tolist() == list(
        range(12)
    )


def receipts(rows: list[tuple[int, int, int, int, int]]) -> pl.DataFrame:
    """Rows of (occasion, source, target, source_event, target_event) as receipts of the feed."""
    names = ["occasion", "source", "target", "source_event", "target_event"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.UInt32), orient="row")
    gap = (pl.col("source_event").cast(pl.Int64) - pl.col("target_event").cast(pl.Int64)).abs()
    return frame.with_columns(pl.lit("feed").alias("layer"), pl.lit("feed").alias("strand"), gap.alias("gap"))


def test_whom_the_rest_follow_is_no_member() -> None:
    # On each of five posts account 7 writes first (event 10 n), then 1 and 2 in turn (10 n + 1, 10 n + 2).
    rows = []
    for n in range(5):
        second, third = (1, 2) if n % 2 else (2, 1)
        first_of = {7: 10 * n, second: 10 * n + 1, third: 10 * n + 2}
        rows += [(n, u, v, first_of[u], first_of[v]) for u, v in ((1, 2), (1, 7), (2, 7))]
    found = leaders(receipts(rows), codes(1, 2, 7), share=0.8, occasions=3)
    assert found.tolist() == [7]
    # As well where all three write to the same people: 7 is the shop whose customers the others are after.
    by_message = receipts(rows).with_columns(layer=pl.lit("recipient"), strand=pl.lit("recipient"))
    assert leaders(by_message, codes(1, 2, 7), share=0.8, occasions=3).tolist() == [7]
    # With two occasions nobody is called a leader.
    few = receipts([row for row in rows if row[0] < 2])
    assert leaders(few, codes(1, 2, 7), share=0.8, occasions=3).tolist() == []


def test_members_that_take_turns_lead_nobody() -> None:
    rows = [(n, 1, 2, 2 * n + n % 2, 2 * n + 1 - n % 2) for n in range(10)]
    assert leaders(receipts(rows), codes(1, 2), share=0.8, occasions=3).tolist() == []


def among(visited: pl.DataFrame, scale_s: int, group: npt.NDArray[np.uint32]) -> float:
    return Strangers(visited, scale_s, group, NetworkSettings()).among()


def test_expected_meetings_by_hand() -> None:
    # One post, one bin: accounts 0, 1, 2 and 3 within a minute. For 0 and 1 as a group each event has 2
    # strangers around it and another member, so K = 2.5; M - G = 2 and d = 1:
    # (K_0 d_1 + K_1 d_0) / (2 (M - G)) = (2.5 + 2.5) / 4 = 1.25.
    rows = incidence([(a, a, 0) for a in range(4)])
    visited = visits(rows, 60, 60)
    assert among(visited, 60, codes(0, 1)) == pytest.approx(1.25)
    # Of three of them 1 stranger is left, K = 1.5 and M - G = 1: three pairs of (1.5 + 1.5) / 2.
    assert among(visited, 60, codes(0, 1, 2)) == pytest.approx(4.5)
    # An event that no member is near expects what the strangers around it say: 4 is alone with 5 on post 1.
    # G = 2 (0 and 4), M = 6, K_0 = 3 and K_4 = 1: (3 + 1) / (2 * 4).
    more = visits(incidence([(a, a, 0) for a in range(4)] + [(4, 0, 1), (5, 1, 1)]), 60, 60)
    assert among(more, 60, codes(0, 4)) == pytest.approx(0.5)
    # A crowd above the limit counts for nothing: no meeting is made there either.
    assert among(visits(rows, 60, 2), 60, codes(0, 1)) == 0.0


def test_what_is_expected_of_pairs_adds_up_to_what_is_expected_of_all() -> None:
    # Times within one bin, so that the least that is expected of a pair is what is expected.
    random = np.random.default_rng(3)
    touched = zip(
        random.integers(0, 9, 80).tolist(),
        random.integers(0, 900, 80).tolist(),
        random.integers(0, 5, 80).tolist(),
        strict=True,
    )
    visited = visits(incidence(list(touched)), 60, 60)
    group = codes(1, 2, 4, 7)
    source, target = (
        np.array(ends, np.uint32) for ends in zip(*itertools.combinations(group, 2), strict=True)
    )
    whole = Strangers(visited, 60, group, NetworkSettings())
    assert whole.of_pairs(source, target).sum() == pytest.approx(whole.among())


def test_expected_meetings_are_those_of_shuffled_accounts() -> None:
    # With who-did-what shuffled, the meetings of a group must be the expected ones: summed over 200 shuffles,
    # within 3 standard deviations (Poisson), and up to half of G / (M - G) = 5 / 25 more for half strangers.
    random = np.random.default_rng(11)
    at, key = random.integers(0, 20 * HOUR, 600), random.integers(0, 40, 600)
    account = random.integers(0, 30, 600)
    group = codes(0, 1, 2, 3, 4)
    observed, expected = 0.0, 0.0
    for _ in range(200):
        account = random.permutation(account)
        rows = incidence(list(zip(account.tolist(), at.tolist(), key.tolist(), strict=True)))
        expected += among(visits(rows, 300, 60), 300, group)
        observed += _meetings_by_brute_force(account, at, key, group, 300)
    noise = 3 * np.sqrt(observed)
    assert observed - noise < expected < 1.1 * observed + noise


def _meetings_by_brute_force(
    account: npt.NDArray[np.int64],
    at: npt.NDArray[np.int64],
    key: npt.NDArray[np.int64],
    group: npt.NDArray[np.uint32],
    window: int,
) -> int:
    mine = np.flatnonzero(np.isin(account, group))
    return sum(
        1
        for i, j in itertools.combinations(mine.tolist(), 2)
        if key[i] == key[j] and account[i] != account[j] and abs(at[i] - at[j]) <= window
    )


def test_whoever_is_first_by_luck_leads_nobody() -> None:
    # Of two accounts one is first on three of four posts: by luck that happens with 5 / 16.
    rows = [(n, 1, 2, 2 * n + (n == 0), 2 * n + (n != 0)) for n in range(4)]
    assert leaders(receipts(rows), codes(1, 2), share=0.5, occasions=3).tolist() == []
    # On ten of ten it is no luck (1 / 1024).
    rows = [(n, 1, 2, 2 * n, 2 * n + 1) for n in range(10)]
    assert leaders(receipts(rows), codes(1, 2), share=0.5, occasions=3).tolist() == [1]


def test_who_asks_to_join_has_less_of_the_benefit_of_the_doubt() -> None:
    # Five come to each of four posts one after the other, behind account 7 on three and before it on one. One
    # of six is first, so 7 is on three or more of four by luck with 4 (1/6)^3 (5/6) + (1/6)^4 = .0162.
    rows = []
    for n in range(4):
        turn = [(a + n) % 5 for a in range(5)]
        order = [7, *turn] if n else [*turn, 7]
        at = {account: 10 * n + place for place, account in enumerate(order)}
        rows += [(n, u, v, at[u], at[v]) for u, v in itertools.combinations(sorted(at), 2)]
    everybody = codes(0, 1, 2, 3, 4, 7)
    assert leaders(receipts(rows), everybody, share=0.5, occasions=3).tolist() == []
    core = codes(0, 1, 2, 3, 4)
    assert leaders(receipts(rows), codes(7), share=0.5, occasions=3, against=core).tolist() == [7]
    # Before two it is so by luck with 4 (1/3)^3 (2/3) + (1/3)^4 = .11, and others who ask change nothing.
    few = receipts([row for row in rows if not {row[1], row[2]} & {2, 3, 4}])
    assert leaders(few, codes(7), share=0.5, occasions=3, against=codes(0, 1)).tolist() == []
    assert (
        leaders(receipts(rows), codes(2, 3, 4, 7), share=0.5, occasions=3, against=codes(0, 1)).tolist() == []
    )
    assert leaders(receipts(rows), codes(9), share=0.5, occasions=3, against=core).tolist() == []


def test_who_shares_the_first_second_is_first_as_well() -> None:
    # On each of five posts 7, 1 and 2 write in one second, 7 with the last number; 3 and 4 follow.
    rows = []
    for n in range(5):
        at = {1: 0, 2: 0, 7: 0, 3: 5, 4: 6}
        number = {1: 10 * n, 2: 10 * n + 1, 7: 10 * n + 2, 3: 10 * n + 3, 4: 10 * n + 4}
        rows += [
            (n, u, v, number[u], number[v], abs(at[u] - at[v]))
            for u, v in itertools.combinations(sorted(at), 2)
        ]
    found = receipts([row[:5] for row in rows]).with_columns(pl.Series("gap", [row[5] for row in rows]))
    # Three of five are first each time: (3 / 5)^5 = .078 for each of them, which is luck.
    assert leaders(found, codes(1, 2, 3, 4, 7), share=0.5, occasions=3).tolist() == []
    # On fifteen posts it is (3 / 5)^15 = .0005: whom 3 and 4 follow.
    again = pl.concat([found.with_columns(pl.col("occasion") + 5 * k) for k in range(3)])
    assert leaders(again, codes(1, 2, 3, 4, 7), share=0.5, occasions=3).tolist() == [1, 2, 7]


def test_chats_count_by_how_much_happens_in_them() -> None:
    # Nine meetings in one chat and one in another: (10^2) / (81 + 1) = 1.22 chats.
    assert effective(pl.Series([9, 1])) == pytest.approx(100 / 82)
    assert effective(pl.Series([], dtype=pl.UInt32)) == 0.0


def test_rings_keep_their_ids() -> None:
    # new1 shares 4 of 6 with old1 (4 / 6), new2 shares 1 of 9 with old1: only new1 continues it.
    def members(groups: dict[str, str]) -> pl.DataFrame:
        rows = [{"account_id": account, "ring_id": ring} for ring, text in groups.items() for account in text]
        return pl.DataFrame(rows)

    before = members({"old1": "abcde"})
    now = members({"new1": "abcdf", "new2": "eghij"})
    assert inherited(now, before, overlap=0.5) == {"new1": "old1"}
    assert inherited(now, before, overlap=0.7) == {}


@pytest.mark.parametrize("layers", [1, 3])
def test_edges_inside_a_group_are_those_that_a_plain_filter_finds(layers: int) -> None:
    random = np.random.default_rng(layers)
    parts = []
    for layer in range(layers):
        ends = np.unique(np.sort(random.integers(0, 60, (300, 2)), axis=1), axis=0)
        ends = ends[ends[:, 0] < ends[:, 1]].astype(np.uint32)
        parts.append(pl.DataFrame({"source": ends[:, 0], "target": ends[:, 1]}).with_columns(layer=layer))
    known = pl.concat(parts)
    for size in (0, 1, 5, 60):
        members = random.permutation(60)[:size].astype(np.uint32)
        both = pl.col("source").is_in(members) & pl.col("target").is_in(members)
        assert inside(known, members).equals(known.filter(both))


def test_communities_around_accounts_are_those_of_all_that_share_a_component_with_them() -> None:
    random = np.random.default_rng(3)
    ends = np.concatenate([10 * part + np.stack(np.triu_indices(6, 1), axis=1) for part in range(8)])
    weight = random.uniform(5, 20, len(ends))
    known = pl.DataFrame({"source": ends[:, 0], "target": ends[:, 1], "weight": weight}).cast(
        {"source": pl.UInt32, "target": pl.UInt32}
    )
    every = communities(known, resolution=5.0, seed=1)
    around = np.array([12, 42], dtype=np.uint32)
    near = communities(known, resolution=5.0, seed=1, around=around)
    wanted = [group for group in every if set((group // 10).tolist()) & {1, 4}]
    assert [group.tolist() for group in near] == [group.tolist() for group in wanted]
    assert not communities(known, resolution=5.0, seed=1, around=np.array([99], dtype=np.uint32))
