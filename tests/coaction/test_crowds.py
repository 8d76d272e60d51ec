"""A limit on pairs: what fits is exact, the largest crowds are left out, and all of it is accounted for."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import coaction_cases as cases
import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from test_on_disk import LITTLE, cramped

import graphkit as gk
from graphkit.coaction.inputs import MESSAGES
from graphkit.coaction.peers import ToolkitNetwork
from graphkit.coaction.toolkit import toolkit_coactions

CO_RETWEET = ToolkitNetwork.CO_RETWEET

# Every pair is made: no account is too rare, and none is left out for being one with itself.
ALL: dict[str, Any] = {"min_participation": 0, "remove_loops": False}


def _pairs_on(rows: list[cases.Share], window: int) -> Counter[str]:
    """The pairs within the window on each object, every two rows looked at."""
    found: Counter[str] = Counter()
    for place, row in enumerate(rows):
        for other in rows[place + 1 :]:
            found[row[0]] += row[0] == other[0] and abs(row[3] - other[3]) <= window
    return found


def _crowds(rows: list[cases.Share], window: int) -> list[int]:
    return [
        sum(row[0] == other[0] and abs(row[3] - other[3]) <= window for other in rows) - 1 for row in rows
    ]


def _limit(rows: list[cases.Share], window: int, most_pairs: int) -> int:
    """The largest crowd up to which the followers of all rows are no more than may be."""
    ordered = sorted(rows, key=lambda row: (row[0], row[3], row[1], row[2]))
    crowds = _crowds(ordered, window)
    followers = [
        sum(row[0] == other[0] and other[3] - row[3] <= window for other in ordered[place + 1 :])
        for place, row in enumerate(ordered)
    ]
    fitting = [
        limit
        for limit in {*crowds}
        if sum(n for crowd, n in zip(crowds, followers, strict=True) if crowd <= limit) <= most_pairs
    ]
    return max(fitting, default=-1)


def _paired_rows(pairs: pl.DataFrame) -> Counter[str]:
    return Counter(pairs["object_id"].to_list())


@examples(max_examples=150)
@given(cases.SHARES, st.integers(0, 5), st.integers(1, 60))
def test_what_is_left_out_is_the_least_and_adds_up(
    rows: list[cases.Share], window: int, most_pairs: int
) -> None:
    made = gk.coactions(cases.shares(rows), window_s=window, most_pairs=most_pairs, **ALL)
    possible = _pairs_on(rows, window)
    assert made.facts["pairs_within_window"] == possible.total()
    assert made.pairs.height <= most_pairs
    if possible.total() <= most_pairs:
        assert made.facts["crowd_limit"] is None
        assert made.left_out.height == 0
        assert _paired_rows(made.pairs) == +possible
        return
    limit = _limit(rows, window, most_pairs)
    assert made.facts["crowd_limit"] == limit
    gone = [row for row, crowd in zip(rows, _crowds(rows, window), strict=True) if crowd > limit]
    left = [row for row, crowd in zip(rows, _crowds(rows, window), strict=True) if crowd <= limit]
    assert dict(made.left_out.select("object_id", "rows").rows()) == Counter(row[0] for row in gone)
    assert _paired_rows(made.pairs) == +_pairs_on(left, window)
    lost = Counter(dict(made.left_out.select("object_id", "pairs").rows()))
    assert _paired_rows(made.pairs) + lost == +possible
    assert made.left_out.equals(made.left_out.sort("pairs", "object_id", descending=[True, False]))
    # The rows that are left make the pairs that they make by themselves.
    alone = gk.coactions(cases.shares(left), window_s=window, **ALL)
    assert made.pairs.equals(alone.pairs)
    assert made.edges.equals(alone.edges)


@examples(max_examples=50)
@given(
    cases.SHARES,
    st.integers(0, 5),
    st.integers(1, 20),
    st.integers(0, 3),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_does_not_matter(
    rows: list[cases.Share], window: int, most_pairs: int, least: int, random: Random
) -> None:
    first, second = (
        gk.coactions(cases.shares(order), window_s=window, most_pairs=most_pairs, min_participation=least)
        for order in (rows, random.sample(rows, len(rows)))
    )
    for name in ("pairs", "edges", "left_out"):
        assert getattr(first, name).equals(getattr(second, name)), name
    assert first.facts == second.facts


# Ten accounts share thirty objects within nine seconds each; 10 x 9 / 2 x 30 = 1,350 pairs.
PLANTED = cases.shares(
    [(f"o{n}", f"ring{k}", f"c{n}-{k}", 1_000 * n + k) for n in range(30) for k in range(10)]
)
RING_PAIRS = 1_350
CROWD = 20_000
# The ring's ten shared it too: 20,010 x 20,009 / 2.
VIRAL_PAIRS = 200_190_045
MOST = 100_000


@pytest.fixture(scope="module")
def viral() -> pl.DataFrame:
    """The ring beside one object that 20,000 accounts, and the ring as well, share in one second."""
    accounts = [f"anyone{n}" for n in range(CROWD)] + [f"ring{k}" for k in range(10)]
    crowd = pl.DataFrame({"account_id": accounts}).select(
        pl.lit("viral").alias("object_id"),
        "account_id",
        (pl.col("account_id") + "-v").alias("content_id"),
        pl.lit(5, dtype=pl.Int64).alias("timestamp_share"),
    )
    return pl.concat([crowd, PLANTED]).sample(fraction=1.0, shuffle=True, seed=7)


@pytest.mark.parametrize("like", [None, "coortweet"])
def test_a_ring_beside_a_viral_object_keeps_its_edges(viral: pl.DataFrame, like: str | None) -> None:
    options: dict[str, Any] = {"window_s": 10, "min_participation": 1, "like": like}
    alone = gk.coactions(PLANTED, **options)
    assert alone.pairs.height == RING_PAIRS
    beside = gk.coactions(viral, most_pairs=MOST, **options)
    assert beside.edges.equals(alone.edges)
    assert beside.pairs.equals(alone.pairs)
    assert beside.left_out.rows() == [("viral", CROWD + 10, VIRAL_PAIRS)]
    assert beside.facts["pairs_within_window"] == RING_PAIRS + VIRAL_PAIRS
    # A row of the ring stands beside nine others.
    assert beside.facts["crowd_limit"] == 9


def test_accounts_with_too_few_rows_are_no_crowd(viral: pl.DataFrame) -> None:
    # Where an account needs two rows, the ten of the ring are left on the viral object: 45 pairs more.
    made = gk.coactions(viral, window_s=10, min_participation=2, most_pairs=RING_PAIRS + 45)
    assert made.left_out.height == 0
    assert made.edges["weight"].unique().to_list() == [31]
    # One pair less, and crowds of nine are too large: all 31 objects have no other, and nothing is left.
    none = gk.coactions(viral, window_s=10, min_participation=2, most_pairs=RING_PAIRS + 44)
    assert (none.pairs.height, none.facts["crowd_limit"]) == (0, -1)
    assert none.left_out.select("rows", "pairs").unique().rows() == [(10, 45)]
    assert none.left_out["object_id"].to_list() == sorted([*(f"o{n}" for n in range(30)), "viral"])


def test_a_ring_beside_a_viral_object_keeps_its_edges_on_disk(viral: pl.DataFrame, tmp_path: Path) -> None:
    viral.write_parquet(tmp_path / "viral.parquet")
    options: dict[str, Any] = {"window_s": [1, 10], "min_participation": 1, "most_pairs": MOST}
    memory = gk.coactions(viral, **options)
    # About eight ranges, of which the viral object alone fills several.
    with cramped(2**26 // viral.height * 2, 1_000):
        disk = gk.coactions(tmp_path / "viral.parquet", **options, memory_mib=LITTLE)
    assert disk.facts["on_disk"] is True
    for name in ("pairs", "edges", "left_out"):
        assert getattr(disk, name).equals(getattr(memory, name)), name
    assert disk.edges.equals(gk.coactions(PLANTED, window_s=[1, 10], min_participation=1).edges)


def test_pairs_alone_are_refused_and_the_object_is_named(viral: pl.DataFrame) -> None:
    with pytest.raises(gk.GraphkitError, match=r"200,191,395 pairs within .* `viral`") as error:
        gk.coaction_pairs(viral, window_s=10, min_participation=1, most_pairs=MOST)
    assert "200,190,045 of them" in str(error.value)


def _messages(shares: pl.DataFrame) -> pl.DataFrame:
    """Shares as messages that repost an object."""
    made = shares.select(
        pl.col("content_id").alias("message_id"),
        pl.col("account_id").alias("user_id"),
        pl.col("account_id").alias("username"),
        pl.col("object_id").alias("repost_id"),
        pl.lit("").alias("reply_id"),
        pl.lit("text").alias("message"),
        pl.col("timestamp_share").cast(pl.Float64).alias("timestamp"),
        pl.lit("").alias("urls"),
    )
    return gk.read_messages(made.select(MESSAGES))


def test_the_toolkits_edges_of_the_ring_are_kept_too(viral: pl.DataFrame) -> None:
    options: dict[str, Any] = {"window_s": 10, "min_edge_weight": 1}
    alone = toolkit_coactions(_messages(PLANTED), CO_RETWEET, **options)
    assert alone.left_out.height == 0
    # Each of the ring's 30 messages on every object stands beside one of each of the nine others.
    assert set(alone.edges["weight"]) == {30}
    assert alone.edges.height == 90
    beside = toolkit_coactions(_messages(viral), CO_RETWEET, most_pairs=MOST, **options)
    assert beside.edges.equals(alone.edges)
    assert beside.left_out.rows() == [("viral", CROWD + 10, VIRAL_PAIRS)]
    with pytest.raises(gk.GraphkitError, match=r"more than 100,000 pairs .* `viral`"):
        gk.toolkit_network(_messages(viral), CO_RETWEET, most_pairs=MOST, **options)


@examples(max_examples=60)
@given(cases.SHARES, st.integers(0, 5), st.integers(1, 40))
def test_the_toolkit_leaves_out_the_same_crowds(
    rows: list[cases.Share], window: int, most_pairs: int
) -> None:
    shares = cases.shares([(*row[:2], f"m{place}", row[3]) for place, row in enumerate(rows)])
    theirs = toolkit_coactions(
        _messages(shares),
        CO_RETWEET,
        window_s=window,
        min_edge_weight=1,
        most_pairs=most_pairs,
    )
    ours = gk.coactions(shares, window_s=window, most_pairs=most_pairs, **ALL)
    assert theirs.left_out.equals(ours.left_out)
    # An edge of either stands where the other has one: its two accounts met.
    met = {tuple(sorted(row)) for row in theirs.edges.select("user_1", "user_2").rows()}
    assert met == set(ours.edges.select("from", "to").rows())


@pytest.mark.parametrize("most_pairs", [0, -1])
def test_a_limit_below_one_pair_is_refused(most_pairs: int) -> None:
    with pytest.raises(gk.GraphkitError, match="`most_pairs`"):
        gk.coactions(PLANTED, window_s=1, most_pairs=most_pairs)
    with pytest.raises(gk.GraphkitError, match="`most_pairs`"):
        toolkit_coactions(_messages(PLANTED), CO_RETWEET, window_s=1, most_pairs=most_pairs)
