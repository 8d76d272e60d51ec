"""CooRTweet's numbers: every file of its answers, its rules by brute force, and the right numbers."""

from __future__ import annotations

import math
from random import Random

import coaction_cases as cases
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import graphkit as gk
from graphkit.coaction.edges import quantile
from graphkit.coaction.pairs import PAIRS
from graphkit.coaction.peers import Peer, Threshold

LIKE = Peer.COORTWEET
IDS = dict.fromkeys(["object_id", "account_id", "account_id_y", "content_id", "content_id_y"], pl.String)


def _coactions(expected: cases.Expected) -> gk.Coactions:
    return gk.coactions(
        cases.COORTWEET / f"{cases.SETS[expected.set_name]}.csv",
        window_s=expected.window,
        min_participation=expected.least,
        edge_weight=expected.edge_weight,
        subgraph=expected.subgraph,
        like="coortweet",
    )


def test_there_are_answers_to_compare_with() -> None:
    assert (len(cases.pairs_files()), len(cases.edges_files())) == (7, 19)


@pytest.mark.parametrize("expected", cases.pairs_files(), ids=str)
def test_pairs_are_those_of_the_peer(expected: cases.Expected) -> None:
    theirs = pl.read_csv(expected.path, schema_overrides={**IDS, "time_delta": pl.Int64})
    ours = _coactions(expected).pairs
    assert ours.columns == list(PAIRS)
    assert sorted(ours.rows()) == sorted(theirs.rows())


@pytest.mark.parametrize("expected", cases.edges_files(), ids=str)
def test_edges_are_those_of_the_peer(expected: cases.Expected) -> None:
    ours = _coactions(expected).edges
    theirs = pl.read_csv(expected.path, schema_overrides=ours.schema)
    # R writes 15 significant digits of a mean; everything else is equal to the last bit.
    exact = [name for name in ours.columns if ours.schema[name] != pl.Float64]
    assert ours.select(exact).rows() == theirs.select(exact).rows()
    assert_frame_equal(ours, theirs, rel_tol=1e-14, abs_tol=0.0)


@given(cases.SHARES, st.integers(0, 5), st.integers(0, 4), st.booleans())
def test_pairs_and_edges_equal_brute_force(
    rows: list[cases.Share], window: int, least: int, keep_loops: bool
) -> None:
    made = gk.coactions(
        cases.shares(rows),
        window_s=window,
        min_participation=least,
        remove_loops=not keep_loops,
        like="coortweet",
    )
    brute = cases.brute_pairs(rows, window, least, keep_loops=keep_loops)
    assert sorted(made.pairs.rows()) == brute
    measures = made.edges.drop("weight_threshold")
    assert measures.rows() == cases.brute_edges(brute, like_peer=True)
    right = gk.coordinated_network(made.pairs)
    assert right.drop("weight_threshold").rows() == cases.brute_edges(brute, like_peer=False)


@given(cases.SHARES, st.integers(0, 5), st.integers(0, 3), st.randoms(use_true_random=False))
def test_the_order_of_rows_matters_only_to_the_peer(
    rows: list[cases.Share], window: int, least: int, random: Random
) -> None:
    orders = (rows, random.sample(rows, len(rows)))
    first, second = (
        gk.coactions(cases.shares(order), window_s=window, min_participation=least) for order in orders
    )
    assert first.pairs.equals(second.pairs)
    assert first.edges.equals(second.edges)


@given(cases.SHARES, st.integers(0, 5), st.integers(0, 5), st.integers(0, 3))
def test_a_fast_pair_is_one_that_the_fast_window_keeps(
    rows: list[cases.Share], fast: int, more: int, least: int
) -> None:
    table = cases.shares(rows)
    wide = gk.coaction_pairs(table, window_s=fast + more, min_participation=least)
    marked = gk.flag_speed_share(table, wide, window_s=fast, min_participation=least)
    narrow = gk.coaction_pairs(table, window_s=fast, min_participation=least)
    column = f"time_window_{fast}"
    assert marked.columns == [*PAIRS, column]
    assert marked.filter(pl.col(column) == 1).drop(column).rows() == narrow.rows()


# Accounts a and b share object o: a at 0, 20, 40 s with contents a1, a2, a3, b at 5 and 22 s with b1 and b2.
# Within 10 s: a1-b1 (5 s), b1 is 15 s before a2, a2-b2 (2 s), b2 is 18 s before a3.
# c shares o at 41 s (c1): a3-c1 (1 s). d shares p at 0 s and c p at 3 s (d1, c2): d1-c2 (3 s).
BY_HAND = cases.shares(
    [
        ("o", "a", "a1", 0),
        ("o", "b", "b1", 5),
        ("o", "a", "a2", 20),
        ("o", "b", "b2", 22),
        ("o", "a", "a3", 40),
        ("o", "c", "c1", 41),
        ("p", "d", "d1", 0),
        ("p", "c", "c2", 3),
    ]
)


def test_pairs_by_hand() -> None:
    # At least two rows each: d has one and goes before pairing, so c2 has no partner. Pairs: a1-b1, a2-b2 and
    # a3-c1. Rows left in pairs: a 3, b 2, c 1; a3-c1 stays, because a3 belongs to a.
    pairs = gk.coaction_pairs(BY_HAND, window_s=10, min_participation=2)
    assert pairs.select("content_id", "content_id_y", "time_delta").rows() == [
        ("a1", "b1", 5),
        ("a2", "b2", 2),
        ("a3", "c1", 1),
    ]


def test_a_network_with_a_fast_window_by_hand() -> None:
    # All: a-b weight 2, mean 3.5 s; a-c weight 1, mean 1 s; c-d weight 1, mean 3 s. Within 2 s: a-b, a-c 1.
    # Median of all weights 1, 1, 2 is 1: only a-b is above. Median of the fast ones 1, 1 is 1: none is.
    pairs = gk.coaction_pairs(BY_HAND, window_s=10, min_participation=1)
    marked = gk.flag_speed_share(BY_HAND, pairs, window_s=2, min_participation=1)
    edges = gk.coordinated_network(marked, fast=True)
    chosen = edges.select(
        "from", "to", "weight_full", "weight_fast", "avg_time_delta_full", "avg_time_delta_fast"
    )
    assert chosen.rows() == [
        ("a", "b", 2, 1, 3.5, 2.0),
        ("a", "c", 1, 1, 1.0, 1.0),
        ("c", "d", 1, None, 3.0, None),
    ]
    assert edges["weight_threshold_full"].to_list() == [1, 0, 0]
    assert edges["weight_threshold_fast"].to_list() == [0, 0, None]


def test_subgraphs_by_hand() -> None:
    # A path a - b - c - d - e; a-b is fast twice, c-d and d-e never, b-c once. The median of the fast weights
    # 2 and 1 is 1.5: a-b alone is above. Its neighbourhood is a, b and b's neighbour c: a-b and b-c.
    rows = [
        *[("o1", "a", "a1", 0), ("o1", "b", "b1", 1), ("o2", "a", "a2", 0), ("o2", "b", "b2", 1)],
        *[("o3", "b", "b3", 0), ("o3", "c", "c3", 1), ("o4", "c", "c4", 0), ("o4", "d", "d4", 9)],
        *[("o5", "d", "d5", 0), ("o5", "e", "e5", 9)],
    ]
    table = cases.shares(rows)
    pairs = gk.coaction_pairs(table, window_s=10, min_participation=1)
    marked = gk.flag_speed_share(table, pairs, window_s=1, min_participation=1)
    of = {
        k: gk.coordinated_network(marked, fast=True, subgraph=k).select("from", "to").rows()
        for k in (0, 2, 3)
    }
    assert of[0] == [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")]
    assert of[2] == [("a", "b")]
    assert of[3] == [("a", "b"), ("b", "c")]
    # All weights are 2, 1, 1, 1: their median is 1.
    assert gk.coordinated_network(pairs, subgraph=1).select("from", "to").rows() == [("a", "b")]


def test_contents_are_counted_for_each_account_unless_the_peer_is_asked() -> None:
    # a shares o six times (a1 to a6), b only twice (b1 and b2), in turns: a1 b1 a2 a3 | a4 b2 a5 a6, a second
    # each. Within 2 s: a1-b1, b1-a2, b1-a3, a4-b2, b2-a5, b2-a6: 6 contents of a, 2 of b, symmetry 1/3.
    # Older contents: a1, b1, a4, b2 are 4; newer: b1, a2, a3, b2, a5, a6 are 6: says the peer, symmetry 2/3.
    order = ["a1", "b1", "a2", "a3", "a4", "b2", "a5", "a6"]
    times = [0, 1, 2, 3, 100, 101, 102, 103]
    rows = [("o", content[0], content, at) for content, at in zip(order, times, strict=True)]
    pairs = gk.coaction_pairs(cases.shares(rows), window_s=2, min_participation=2)
    measures = ["weight", "n_content_id", "n_content_id_y", "edge_symmetry_score"]
    assert gk.coordinated_network(pairs).select(measures).rows() == [(6, 6, 2, 2 / 6)]
    assert gk.coordinated_network(pairs, like=LIKE).select(measures).rows() == [(6, 4, 6, 4 / 6)]


def test_object_and_account_statistics_by_hand() -> None:
    # Edges a-b (o), a-c (o), c-d (p). Object o was shared by a, b, c, object p by c and d. The peer counts
    # the `from` ends: a alone for o, c alone for p.
    pairs = gk.coaction_pairs(BY_HAND, window_s=10, min_participation=1)
    edges = gk.coordinated_network(pairs)
    assert gk.group_stats(edges, pairs).rows() == [("o", 3), ("p", 2)]
    assert gk.group_stats(edges, pairs, like=LIKE).rows() == [("o", 1), ("p", 1)]
    assert gk.group_stats(edges, pairs, threshold=Threshold.FULL).rows() == [("o", 2)]
    # a: edges of 3.5 and 1 s, mean 2.25, contents a1 a2 a3; b: 3.5 s, b1 b2; c: 1 and 3 s, c1 c2; d: 3 s, d1.
    # All symmetries are 1: a-b has 2 and 2 contents, the others 1 and 1.
    assert gk.account_stats(edges, pairs).rows() == [
        ("a", 2.25, 1.0, 3),
        ("b", 3.5, 1.0, 2),
        ("c", 2.0, 1.0, 2),
        ("d", 3.0, 1.0, 1),
    ]


def test_the_peer_counts_the_end_that_its_graph_met_first() -> None:
    # Object p comes first in the input: its edge b-z makes b the first vertex. On o, a meets b and c, 4 s
    # before and after it: vertices b, a, z, c. The first ends on o are b (of a-b) and a (of a-c): CooRTweet
    # 2.1.3 says 2. With o before p, as pairs are sorted, a would be the first vertex and the only first end.
    rows = [("p", "b", "b1", 0), ("p", "z", "z1", 1), ("o", "b", "b2", 0), ("o", "a", "a1", 4)]
    table = cases.shares([*rows, ("o", "c", "c1", 8)])
    made = gk.coactions(table, window_s=5, min_participation=1, like="coortweet")
    told = gk.group_stats(made.edges, made.pairs, like=LIKE, shares=table, min_participation=1)
    assert told.rows() == [("o", 2), ("p", 1)]
    assert gk.group_stats(made.edges, made.pairs, like=LIKE).rows() == [("o", 1), ("p", 1)]
    assert gk.group_stats(made.edges, made.pairs).rows() == [("o", 3), ("p", 2)]


def test_statistics_of_the_fast_edges_by_hand() -> None:
    # b answers a within 1 s on o and p, c answers b once on p: fast weights 2 and 1, median 1.5, so that a-b
    # alone is fast and strong. On q a and b are 9 s apart: not fast. r has the fast pair of b and c.
    rows = [
        *[("o", "a", "a1", 0), ("o", "b", "b1", 1), ("p", "b", "b2", 0), ("p", "a", "a2", 1)],
        *[("q", "a", "a3", 0), ("q", "b", "b3", 9), ("r", "b", "b4", 0), ("r", "c", "c4", 1)],
    ]
    made = gk.coactions(cases.shares(rows), window_s=10, fast_window_s=1, min_participation=1)
    of = {
        threshold: gk.group_stats(made.edges, made.pairs, threshold=threshold).rows()
        for threshold in Threshold
    }
    assert of[Threshold.FAST] == [("o", 2), ("p", 2)]
    assert of[Threshold.FULL] == [("o", 2), ("p", 2), ("q", 2)]
    assert of[Threshold.NONE] == [("o", 2), ("p", 2), ("q", 2), ("r", 2)]
    # In fast pairs: a1, b1, b2, a2, b4, c4; only a and b have a strong fast edge.
    fast = gk.account_stats(made.edges, made.pairs, threshold=Threshold.FAST)
    assert fast.select("account_id", "avg_time_delta_fast", "unique_shares_count").rows() == [
        ("a", 1.0, 2),
        ("b", 1.0, 3),
    ]


def test_edges_with_equal_measures_are_one_to_the_peer_alone() -> None:
    # b meets a, c and d after 1, 1 and 4 s; the mean is 2, but to the peer both edges of 1 s are one: 2.5.
    rows = [("o", "a", "a1", 0), ("o", "b", "b1", 1), ("p", "b", "b2", 0), ("p", "c", "c1", 1)]
    table = cases.shares([*rows, ("q", "b", "b3", 0), ("q", "d", "d1", 4)])
    pairs = gk.coaction_pairs(table, window_s=5, min_participation=1)
    edges = gk.coordinated_network(pairs)
    means = [gk.account_stats(edges, pairs, like=like)["avg_time_delta"][1] for like in (None, LIKE)]
    assert means == [2.0, 2.5]


@pytest.mark.parametrize(
    ("weights", "share", "value"),
    [
        ([1, 1, 2], 0.5, 1.0),
        ([1, 2, 3, 10], 0.99, 9.79),  # place 2.97: 3 + .97 x 7
        ([5], 0.3, 5.0),
        ([1, 2, 3, 4], 0.5, 2.5),
        ([4, 1, None, 3, 2], 1.0, 4.0),
    ],
)
def test_quantiles_by_hand(weights: list[int | None], share: float, value: float) -> None:
    assert math.isclose(quantile(pl.Series(weights, dtype=pl.Int64), share), value, rel_tol=1e-15)


def test_fractions_of_seconds_are_exact() -> None:
    # 0.1 + 0.2 is not 0.3 in floating numbers; the pair is 0.2 s apart and lies on the window's edge.
    table = pl.DataFrame(
        {
            "object_id": ["o", "o"],
            "account_id": ["a", "b"],
            "content_id": ["1", "2"],
            "timestamp_share": [1_600_000_000.1, 1_600_000_000.3],
        }
    )
    pairs = gk.coaction_pairs(gk.read_shares(table), window_s=0.2, min_participation=1)
    assert pairs["time_delta"].to_list() == [0.2]
    assert gk.coaction_pairs(gk.read_shares(table), window_s=0.199999, min_participation=1).height == 0


def test_an_object_of_many_shares_is_counted_before_it_is_paired() -> None:
    # 100,000 shares in one second: 4,999,950,000 pairs, which 32 bits cannot count and no table holds.
    n = 100_000
    table = pl.select(pl.int_range(n).cast(pl.String).alias("account_id")).with_columns(
        object_id=pl.lit("viral"), content_id=pl.col("account_id"), timestamp_share=pl.lit(7, dtype=pl.Int64)
    )
    with pytest.raises(gk.GraphkitError, match=r"4,999,950,000 pairs .* `viral`"):
        gk.coaction_pairs(table, window_s=1, min_participation=1)


@pytest.mark.parametrize(
    "options",
    [
        {"window_s": -1},
        {"window_s": math.nan},
        {"window_s": 1, "edge_weight": 1.5},
        {"window_s": 1, "subgraph": 4},
        {"window_s": 1, "subgraph": 2},
        {"window_s": 1, "subgraph": 1, "fast_window_s": 1},
        {"window_s": 1, "fast_window_s": 2},
        {"window_s": 1, "like": "toolkit"},
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(gk.GraphkitError, match="`"):
        gk.coactions(BY_HAND, **options)  # type: ignore[arg-type]


def test_what_needs_fast_pairs_says_so() -> None:
    pairs = gk.coaction_pairs(BY_HAND, window_s=10, min_participation=1)
    with pytest.raises(gk.GraphkitError, match="flag_speed_share"):
        gk.coordinated_network(pairs, fast=True)
    with pytest.raises(gk.GraphkitError, match="weight_threshold_fast"):
        gk.account_stats(gk.coordinated_network(pairs), pairs, threshold=Threshold.FAST)


def test_a_plain_word_asks_for_the_peer_as_well() -> None:
    pairs = gk.coaction_pairs(BY_HAND, window_s=10, min_participation=1)
    edges = gk.coordinated_network(pairs)
    assert gk.group_stats(edges, pairs, like="coortweet").rows() == [("o", 1), ("p", 1)]  # type: ignore[arg-type]
