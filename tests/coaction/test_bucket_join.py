"""The two-bucket join on polars: pairs, edges and crowds as the local functions and brute force have them."""

from __future__ import annotations

import itertools
import math
from random import Random

import coaction_cases as cases
import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import graphkit as gk
from graphkit.coaction.bucket_crowds import (
    collected,
    crowd_limit,
    crowd_pairs,
    crowds,
    left_out,
    moments,
    most_possible,
)
from graphkit.coaction.bucket_join import BucketPairs, bucket_edges, bucket_pairs, marked_edges
from graphkit.errors import ConfigError

WINDOWS = st.sampled_from([0, 0.4, 1, 1.25, 2, 5, 30])

# Times with a fraction: halves, microseconds, halves of microseconds at today's epoch, and before 1970.
FRACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["o1", "o2", "007"]),
        st.sampled_from(["a", "b", "c", "07"]),
        st.sampled_from(["c1", "c2", "c3", "c4", "c5", "o1"]),
        st.one_of(
            st.floats(-5, 5, allow_nan=False).map(lambda at: round(at, 2)),
            st.sampled_from([0.5, 1.5, 1.7e9, 1.7e9 + 0.2500005, 1.7e9 + 1.25, 1.7e9 + 2.0000005]),
        ),
    ),
    max_size=14,
)


def fractional(rows: list[tuple[str, str, str, float]]) -> pl.DataFrame:
    ids = {"object_id": pl.String, "account_id": pl.String, "content_id": pl.String}
    return pl.DataFrame(rows, schema={**ids, "timestamp_share": pl.Float64}, orient="row")


def lazy(shares: pl.DataFrame) -> nw.LazyFrame[pl.LazyFrame]:
    return nw.from_native(shares.lazy())


def joined(shares: pl.DataFrame, window: float, least: int = 1, **options: bool | int) -> BucketPairs:
    whole = shares.schema["timestamp_share"].is_integer()
    return bucket_pairs(
        lazy(shares),
        whole=whole,
        window_s=window,
        min_participation=least,
        remove_loops=bool(options.get("remove_loops", True)),
        most_pairs=int(options.get("most_pairs", 10**9)),
    )


def in_order(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.sort(pairs.columns)


def check_equal(shares: pl.DataFrame, window: float, least: int, *, remove_loops: bool) -> None:
    """Pairs and edges of the join are those of the local functions, to the last bit."""
    local = gk.coaction_pairs(shares, window_s=window, min_participation=least, remove_loops=remove_loops)
    made = joined(shares, window, least, remove_loops=remove_loops)
    pairs = collected(made.pairs)
    assert made.crowd_limit is None
    assert_frame_equal(in_order(pairs), in_order(local), check_exact=True)
    whole = shares.schema["timestamp_share"].is_integer()
    for quantile in (0.5, 0.9):
        edges = collected(marked_edges(bucket_edges(lazy(pairs), whole=whole), quantile)).sort("from", "to")
        assert_frame_equal(edges, gk.coordinated_network(local, edge_weight=quantile), check_exact=True)


@given(cases.SHARES, WINDOWS, st.integers(0, 4), st.booleans())
def test_whole_seconds_equal_the_local_result(
    rows: list[cases.Share], window: float, least: int, remove_loops: bool
) -> None:
    check_equal(cases.shares(rows), window, least, remove_loops=remove_loops)


@given(FRACTIONS, WINDOWS, st.integers(0, 3), st.booleans())
def test_fractions_of_seconds_equal_the_local_result(
    rows: list[tuple[str, str, str, float]], window: float, least: int, remove_loops: bool
) -> None:
    check_equal(fractional(rows), window, least, remove_loops=remove_loops)


@given(cases.SHARES, st.integers(0, 4), st.integers(0, 3), st.randoms(use_true_random=False))
def test_pairs_equal_brute_force_in_any_order_of_rows(
    rows: list[cases.Share], window: int, least: int, random: Random
) -> None:
    shuffled = cases.shares(random.sample(rows, len(rows)))
    made = in_order(collected(joined(shuffled, window, least).pairs))
    # The peer orders rows of one second otherwise, so pairs are compared without saying which row is older.
    brute = cases.brute_pairs(rows, window, least, keep_loops=False)
    assert sorted(unordered(made.rows())) == sorted(unordered(brute))


def unordered(pairs: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return [
        (pair[0], *sorted([(str(pair[1]), str(pair[3])), (str(pair[2]), str(pair[4]))]), pair[5])
        for pair in pairs
    ]


def test_pairs_by_hand() -> None:
    # Window 10 s, so buckets 0-9, 10-19, 20-29. 9 and 10 lie in neighbouring buckets, 1 s apart; 0 and 10 are
    # exactly 10 s apart, 10 and 20 too; 9 and 20 are 11 s apart, 0 and 20 lie two buckets apart.
    rows = [("o", "a", "c1", 0), ("o", "b", "c2", 9), ("o", "c", "c3", 10), ("o", "d", "c4", 20)]
    pairs = in_order(collected(joined(cases.shares(rows), 10).pairs))
    assert pairs.select("content_id", "content_id_y", "time_delta").rows() == [
        ("c1", "c2", 9),
        ("c1", "c3", 10),
        ("c2", "c3", 1),
        ("c3", "c4", 10),
    ]


def test_three_rows_that_are_alike_make_three_pairs() -> None:
    rows = [("o", "a", "c", 5)] * 3
    assert collected(joined(cases.shares(rows), 1, remove_loops=False).pairs).height == 3
    assert collected(joined(cases.shares(rows), 1).pairs).height == 0


def brute_crowds(rows: list[cases.Share], window: int) -> tuple[list[int], list[int]]:
    """For every row in order of object, time, account, content: its crowd and its followers."""
    ordered = sorted(rows, key=lambda row: (row[0], row[3], row[1], row[2]))
    near = [
        [j for j, y in enumerate(ordered) if y[0] == x[0] and abs(y[3] - x[3]) <= window and i != j]
        for i, x in enumerate(ordered)
    ]
    return [len(found) for found in near], [sum(j > i for j in found) for i, found in enumerate(near)]


@given(cases.SHARES, st.integers(0, 5))
def test_crowds_and_followers_equal_brute_force(rows: list[cases.Share], window: int) -> None:
    timed = cases.shares(rows).rename({"timestamp_share": "at"})
    sizes = crowd_pairs(crowds(moments(lazy(timed)), window))
    crowd, followers = brute_crowds(rows, window)
    expected = {
        size: 2 * sum(n for other, n in zip(crowd, followers, strict=True) if other == size)
        for size in sorted(set(crowd))
    }
    assert dict(sizes.rows()) == expected


@given(cases.SHARES, st.integers(0, 5), st.integers(0, 30))
def test_a_crowd_limit_leaves_out_what_it_says(rows: list[cases.Share], window: int, most: int) -> None:
    shares = cases.shares(rows)
    made = joined(shares, window, most_pairs=most, remove_loops=False)
    crowd, followers = brute_crowds(rows, window)
    assert made.n_counted in (None, sum(followers))
    if sum(followers) <= most:
        assert made.crowd_limit is None
        assert made.left_out.is_empty()
        return
    limit = made.crowd_limit
    assert limit is not None
    assert made.n_counted == sum(followers)
    within = [n for size, n in zip(crowd, followers, strict=True) if size <= limit]
    larger = [size for size in crowd if size > limit]
    assert sum(within) <= most
    # No larger crowd would have fitted.
    assert sum(n for size, n in zip(crowd, followers, strict=True) if size <= min(larger)) > most
    ordered = sorted(rows, key=lambda row: (row[0], row[3], row[1], row[2]))
    kept = [row for row, size in zip(ordered, crowd, strict=True) if size <= limit]
    fewer = gk.coaction_pairs(cases.shares(kept), window_s=window, min_participation=1, remove_loops=False)
    assert_frame_equal(in_order(collected(made.pairs)), in_order(fewer))
    assert made.left_out["rows"].sum() == len(larger)
    assert made.left_out["pairs"].sum() == sum(followers) - len(fewer)


@given(cases.SHARES, st.integers(0, 5))
def test_the_rough_count_is_never_too_low(rows: list[cases.Share], window: int) -> None:
    timed = cases.shares(rows).rename({"timestamp_share": "at"})
    assert most_possible(lazy(timed), window) >= sum(brute_crowds(rows, window)[1])


def test_means_of_many_pairs_with_fractions() -> None:
    # 5,000 pairs of a and b, 1.5 s apart each: 5,000 * 1,500,000 microseconds are past 2^32.
    times = [0.25 + 10 * number for number in range(5000)]
    rows = [("o", "a", f"a{at}", at) for at in times] + [("o", "b", f"b{at}", at + 1.5) for at in times]
    pairs = collected(joined(fractional(rows), 2).pairs)
    edges = collected(bucket_edges(lazy(pairs), whole=False))
    assert edges.rows() == [("a", "b", 5000, 1.5, 5000, 5000, 1.0)]


def test_one_viral_second_cannot_square() -> None:
    # 200,000 rows in one second would make 200,000 * 199,999 / 2 = 19,999,900,000 pairs, past 2^32. Beside it
    # lie two accounts that meet on another object; the limit leaves the crowd out and them alone.
    viral = pl.DataFrame({"n": pl.int_range(200_000, eager=True)}).select(
        pl.lit("viral").alias("object_id"),
        pl.format("a{}", "n").alias("account_id"),
        pl.format("c{}", "n").alias("content_id"),
        pl.lit(7).cast(pl.Int64).alias("timestamp_share"),
    )
    pair = cases.shares([("quiet", "a1", "x", 0), ("quiet", "a2", "y", 3)])
    made = joined(pl.concat([viral, pair]), 10, most_pairs=1_000_000)
    assert made.n_counted == 19_999_900_001
    assert made.crowd_limit == 1
    assert made.left_out.rows() == [("viral", 200_000, 19_999_900_000)]
    assert collected(made.pairs).rows() == [("quiet", "a1", "a2", "x", "y", 3)]


def test_left_out_counts_the_pairs_that_go_with_a_row() -> None:
    # At 0, 1, 2 s with window 1: crowds 1, 2, 1; the pairs are 0-1 and 1-2. Limit 1 leaves out the middle row
    # and with it both pairs.
    timed = cases.shares([("o", "a", "c1", 0), ("o", "b", "c2", 1), ("o", "c", "c3", 2)])
    around = crowds(moments(lazy(timed.rename({"timestamp_share": "at"}))), 1)
    sizes = crowd_pairs(around)
    assert sizes.rows() == [(1, 2), (2, 2)]
    assert [crowd_limit(sizes, most) for most in (2, 1, 0)] == [None, 1, -1]
    assert left_out(around, 1, 1).rows() == [("o", 1, 2)]


@given(st.lists(st.integers(1, 6), max_size=12), st.floats(0, 1))
def test_the_threshold_is_that_of_all_weights(weights: list[int], share: float) -> None:
    edges = pl.DataFrame({"weight": weights}, schema={"weight": pl.Int64})
    marked = collected(marked_edges(lazy(edges), share))
    ordered = sorted(weights)
    place = (len(ordered) - 1) * share
    low, high = (ordered[bound] for bound in (math.floor(place), math.ceil(place))) if ordered else (0, 0)
    part = place - math.floor(place)
    limit = low if low == high else (1 - part) * low + part * high
    assert marked["weight_threshold"].to_list() == [int(weight > limit) for weight in weights]


def test_every_pair_is_counted_once_over_all_windows() -> None:
    rows = [("o", f"a{at % 7}", f"c{at}", at) for at in range(-20, 40, 3)]
    for window in range(25):
        made = collected(joined(cases.shares(rows), window, remove_loops=False).pairs)
        expected = [
            (x[2], y[2])
            for x, y in itertools.combinations(sorted(rows, key=lambda row: row[3]), 2)
            if y[3] - x[3] <= window
        ]
        assert sorted(made.select("content_id", "content_id_y").rows()) == sorted(expected)


@pytest.mark.parametrize(("window", "most"), [(-1, 1), (float("nan"), 1), (2.0**41, 1), (1, -1)])
def test_wrong_options_are_refused(window: float, most: int) -> None:
    with pytest.raises(ConfigError):
        joined(cases.shares([]), window, most_pairs=most)


@pytest.mark.parametrize("quantile", [-0.1, 1.1])
def test_a_quantile_lies_between_0_and_1(quantile: float) -> None:
    edges = pl.DataFrame({"weight": [1]}, schema={"weight": pl.Int64})
    with pytest.raises(ConfigError, match="edge_weight"):
        marked_edges(lazy(edges), quantile)
