"""The sweep of weight quantiles: by hand, and against a graph that is built anew at every level."""

from __future__ import annotations

import math
from fractions import Fraction
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphkit.coaction.sweep import quantile_sweep
from graphkit.errors import InputError

Edge = tuple[str, str, int]
ACCOUNTS = ["a", "b", "c", "d", "e", "f", "07", "7"]
EDGES = st.dictionaries(
    st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS)).filter(lambda ends: ends[0] < ends[1]),
    st.integers(1, 6),
    max_size=20,
).map(lambda weights: [(one, other, weight) for (one, other), weight in weights.items()])


def _table(edges: list[Edge]) -> pl.DataFrame:
    schema = {"from": pl.String, "to": pl.String, "weight": pl.Int64}
    return pl.DataFrame(edges, schema=schema, orient="row")


def _brute_level(edges: list[Edge], level: int) -> tuple[int, int, int, int, set[str]]:
    """Accounts, edges, components and accounts of the largest at one quantile, and who is left."""
    ordered = sorted(weight for _, _, weight in edges)
    place = Fraction(level, 100) * (len(ordered) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    threshold = low + (place - math.floor(place)) * (high - low)
    kept = [edge for edge in edges if edge[2] >= threshold]
    parts: list[set[str]] = []
    for one, other, _ in kept:
        touched = [part for part in parts if part & {one, other}]
        parts = [part for part in parts if not part & {one, other}]
        parts.append(set().union({one, other}, *touched))
    left = set().union(*parts)
    return len(left), len(kept), len(parts), max(map(len, parts)), left


@given(EDGES)
def test_every_level_equals_brute_force(edges: list[Edge]) -> None:
    sweep = quantile_sweep(_table(edges))
    if not edges:
        assert sweep.levels.height == sweep.accounts.height == 0
        return
    brute = [_brute_level(edges, level) for level in range(101)]
    columns = ["n_accounts", "n_edges", "n_components", "largest_component"]
    assert sweep.levels.select(columns).rows() == [level[:4] for level in brute]
    for n, n_edges, density in sweep.levels.select("n_accounts", "n_edges", "density").rows():
        assert density == pytest.approx(n_edges / math.comb(n, 2))
    last = {who: max(k for k in range(101) if who in brute[k][4]) / 100 for who in brute[0][4]}
    scores = dict(sweep.accounts.select("account_id", "coordination_score").rows())
    assert scores == last
    assert list(scores) == sorted(last)


@settings(max_examples=40)
@given(EDGES, st.randoms(use_true_random=False))
def test_order_names_and_scale_do_not_matter(edges: list[Edge], random: Random) -> None:
    names = dict(zip(ACCOUNTS, random.sample(ACCOUNTS, len(ACCOUNTS)), strict=True))
    other = [(names[one], names[two], 10 * weight) for one, two, weight in random.sample(edges, len(edges))]
    first, second = quantile_sweep(_table(edges)), quantile_sweep(_table(other))
    assert first.levels.drop("threshold").equals(second.levels.drop("threshold"))
    scores = dict(second.accounts.select("account_id", "coordination_score").rows())
    assert {names[who]: score for who, score, *_ in _scores(first.accounts)} == scores


def _scores(accounts: pl.DataFrame) -> list[tuple[str, float]]:
    return accounts.select("account_id", "coordination_score").rows()


@given(EDGES)
def test_the_sweep_only_takes_away(edges: list[Edge]) -> None:
    levels = quantile_sweep(_table(edges)).levels
    for name in ("n_accounts", "n_edges", "largest_component"):
        assert levels[name].is_sorted(descending=True)
    assert (levels["lowest_quantile"] <= levels["quantile"]).all()


# A triangle a, b, c of weights 4, 4, 2; d hangs on c by 1, and e and f stand apart with weight 3.
BY_HAND = [("a", "b", 4), ("a", "c", 4), ("b", "c", 2), ("c", "d", 1), ("e", "f", 3)]


def test_levels_by_hand() -> None:
    # Weights 1, 2, 3, 4, 4: quantile .25 is 2, .5 is 3, .75 is 4, 1 is 4; .13 lies at .52 of the way: 1.52.
    levels = quantile_sweep(_table(BY_HAND)).levels
    of = {round(row[0] * 100): row[1:] for row in levels.rows()}
    assert of[0] == (1.0, 6, 5, 2, 4, 5 / 15, 0.0)
    assert of[13] == (pytest.approx(1.52), 5, 4, 2, 3, 4 / 10, 0.13)
    assert of[50] == (3.0, 5, 3, 2, 3, 3 / 10, 0.5)
    assert of[51] == (pytest.approx(3.04), 3, 2, 1, 3, 2 / 3, 0.51)
    assert of[100] == (4.0, 3, 2, 1, 3, 2 / 3, 0.75)


def test_scores_by_hand() -> None:
    # a, b and c stay to the end, and as two edges have the highest weight the last quarter is one threshold.
    # d has only the weakest edge: gone at .01. e and f have weight 3, which is the quantile .5.
    accounts = quantile_sweep(_table(BY_HAND)).accounts
    assert accounts.rows() == [
        ("a", 2, 4.0, 1.0, 0.75),
        ("b", 2, 4.0, 1.0, 0.75),
        ("c", 3, 4.0, 1.0, 0.75),
        ("d", 1, 1.0, 0.0, 0.0),
        ("e", 1, 3.0, 0.5, 0.5),
        ("f", 1, 3.0, 0.5, 0.5),
    ]


def test_ties_give_a_score_for_nothing() -> None:
    # 60 of 100 edges weigh 1, 40 weigh 2. Places run to 99: quantile .59 lies at 58.41, between two edges of
    # weight 1; .6 at 59.4, between 1 and 2: 1.4. Who has only edges of weight 1 survives to .59.
    edges = [(f"a{i:03}", f"b{i:03}", 1 if i < 60 else 2) for i in range(100)]
    sweep = quantile_sweep(_table(edges))
    scores = dict(zip(sweep.accounts["account_id"], sweep.accounts.rows(), strict=True))
    assert scores["a000"][3:] == (0.59, 0.0)
    assert scores["a099"][3:] == (1.0, 0.61)
    assert sweep.levels["threshold"].n_unique() == 3


def test_other_weights_and_loops() -> None:
    table = _table([("a", "a", 9), ("b", "a", 1)]).with_columns(similarity=pl.Series([0.9, 0.1]))
    sweep = quantile_sweep(table, weight="similarity")
    assert sweep.accounts.select("account_id", "n_edges", "weight").rows() == [("a", 1, 0.1), ("b", 1, 0.1)]


@pytest.mark.parametrize(
    ("table", "match"),
    [
        (_table([]).drop("to"), "`to`"),
        (_table([("a", "b", 1), ("b", "a", 2)]), "`a` and `b`"),
        (_table([("a", "b", 1)]).with_columns(weight=pl.lit(math.nan)), "finite"),
        (_table([("a", "b", 1)]).with_columns(weight=pl.lit(None, dtype=pl.Float64)), "finite"),
        (_table([("a", "b", 1)]).with_columns(weight=pl.lit("x")), "not a number"),
    ],
    ids=["column", "twice", "nan", "null", "text"],
)
def test_edges_that_are_none_are_refused(table: pl.DataFrame, match: str) -> None:
    with pytest.raises(InputError, match=match):
        quantile_sweep(table)
