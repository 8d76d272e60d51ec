"""The validated projection: exact laws, brute force, and the `bicm` package as a peer."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

import coaction_cases as cases
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from graphkit.coaction.incidence import incidence, upper_products
from graphkit.coaction.nulls import Hypergeometric, Poisson, configuration_model, log_tail
from graphkit.coaction.projection import validated_projection
from graphkit.errors import ConfigError

PAIRS = st.lists(st.tuples(st.sampled_from("opqrstuv"), st.sampled_from("abcdefg")), max_size=40)
NULLS = st.sampled_from(["hypergeometric", "bicm"])


def _shares(pairs: list[tuple[str, str]]) -> pl.DataFrame:
    return cases.shares([(name, who, str(i), i) for i, (name, who) in enumerate(pairs)])


def _tail(first: int, second: int, n: int, common: int) -> Fraction:
    """P(X >= common), counted."""
    ways = [
        math.comb(first, x) * math.comb(n - first, second - x) for x in range(common, min(first, second) + 1)
    ]
    return Fraction(sum(ways), math.comb(n, second))


def _hypergeometric(first: int, second: int, n: int, common: int) -> float:
    law = Hypergeometric(np.array([float(first)]), np.array([float(second)]), n)
    return float(log_tail(law, np.array([common]))[0])


@given(st.data(), st.integers(1, 60))
def test_the_hypergeometric_tail_is_exact(data: st.DataObject, n: int) -> None:
    first, second = data.draw(st.integers(1, n)), data.draw(st.integers(1, n))
    common = data.draw(st.integers(max(0, first + second - n), min(first, second)))
    exact = math.log(_tail(first, second, n, common))
    assert _hypergeometric(first, second, n, common) == pytest.approx(exact, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize(
    ("first", "second", "n", "common"),
    [
        (60, 70, 200_000, 60),
        (60, 70, 200_000, 1),
        (400, 900, 1_000_000, 400),
        (3000, 2500, 5000, 1400),
        (3000, 2500, 5000, 1700),
        (3000, 2500, 5000, 500),
        (5000, 7, 5000, 7),
        (1, 1, 1, 1),
    ],
)
def test_the_hypergeometric_tail_of_large_numbers(first: int, second: int, n: int, common: int) -> None:
    tail = _tail(first, second, n, common)
    exact = math.log(tail.numerator) - math.log(tail.denominator) if tail < Fraction(1, 2) else None
    exact = math.log1p(-float(1 - tail)) if exact is None else exact
    assert _hypergeometric(first, second, n, common) == pytest.approx(exact, rel=1e-12, abs=1e-13)


@given(st.floats(1e-6, 80), st.integers(1, 120))
def test_the_poisson_tail_is_that_of_the_gamma_function(mean: float, common: int) -> None:
    ours = float(log_tail(Poisson(np.array([mean])), np.array([common]))[0])
    theirs = float(special.gammainc(common, mean))
    if theirs > 1e-290:
        assert math.exp(ours) == pytest.approx(theirs, rel=1e-10)
    else:
        # Far out the first terms are the sum: mean^k exp(-mean) / k! (1 + mean / (k + 1) + ...).
        first = common * math.log(mean) - mean - math.lgamma(common + 1)
        assert first <= ours <= first - math.log1p(-mean / (common + 1))


def _brute(pairs: list[tuple[str, str]], alpha: float) -> dict[tuple[str, str], tuple[int, float, float]]:
    """Count, p and q of what Benjamini and Hochberg keep of all pairs, also those without an object."""
    objects = {who: {name for name, other in pairs if other == who} for _, who in pairs}
    n = len({name for name, _ in pairs})
    tests = []
    for one, other in itertools.combinations(sorted(objects), 2):
        count = len(objects[one] & objects[other])
        tests.append((_tail(len(objects[one]), len(objects[other]), n, count), one, other, count))
    tests.sort()
    found = {}
    for rank, (p, one, other, count) in enumerate(tests):
        q = min(tests[later][0] * len(tests) / (later + 1) for later in range(rank, len(tests)))
        if q <= alpha and count:
            found[one, other] = (count, float(p), float(q))
    return found


@given(PAIRS, st.sampled_from([0.04, 0.3, 0.7, 1.0]))
def test_the_projection_equals_brute_force(pairs: list[tuple[str, str]], alpha: float) -> None:
    edges = validated_projection(_shares(pairs), alpha=alpha).edges
    brute = _brute(pairs, alpha)
    assert edges.select("from", "to").rows() == sorted(brute)
    for one, other, count, p, q, weight in edges.drop("expected").rows():
        assert (count, p, q) == pytest.approx(brute[one, other], rel=1e-11)
        assert weight == pytest.approx(-math.log(p), abs=1e-11)


@settings(max_examples=40)
@given(PAIRS, NULLS, st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(pairs: list[tuple[str, str]], null: str, random: Random) -> None:
    table = _shares([*pairs, *pairs[:5]])
    found = validated_projection(table, null=null, alpha=1)
    again = validated_projection(table.sample(fraction=1.0, shuffle=True, seed=2), null=null, alpha=1)
    assert found.edges.equals(again.edges)
    names = dict(zip("abcdefg", random.sample("ABCDEFG", 7), strict=True))
    other = _shares([(f"é{name}"[::-1], names[who]) for name, who in pairs])
    renamed = validated_projection(other, null=null, alpha=1).edges
    measures = {
        tuple(sorted(names[who] for who in ends)): numbers
        for *ends, count, _, p, q, _ in found.edges.rows()
        for numbers in [(count, p, q)]
    }
    assert renamed.select("from", "to").rows() == sorted(measures)
    for one, two, count, _, p, q, _ in renamed.rows():
        assert (count, p, q) == pytest.approx(measures[one, two], rel=1e-7)


def _model(links: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The chance of every link of a matrix by the configuration model, and that matrix."""
    rows, row_kind, n_rows = np.unique(links.sum(axis=1), return_inverse=True, return_counts=True)
    tops, top_kind, n_tops = np.unique(links.sum(axis=0), return_inverse=True, return_counts=True)
    return configuration_model(rows, n_rows, tops, n_tops)[row_kind][:, top_kind], links


@given(st.integers(1, 9), st.integers(1, 9), st.floats(0.05, 0.95), st.integers(0, 2**32 - 1))
def test_the_configuration_model_keeps_the_degrees(
    height: int, width: int, density: float, seed: int
) -> None:
    # Small tables have many rows that are full, empty or nested in others, where the model is at its edge.
    links = (np.random.default_rng(seed).random((height, width)) < density).astype(np.int64)
    chance, links = _model(links)
    assert ((chance >= 0) & (chance <= 1)).all()
    np.testing.assert_allclose(chance.sum(axis=1), links.sum(axis=1), atol=1e-8)
    np.testing.assert_allclose(chance.sum(axis=0), links.sum(axis=0), atol=1e-8)
    # It is p = x y / (1 + x y): the odds of any four links that form a square cancel out.
    inside = chance[:2, :2]
    if inside.size == 4 and ((inside > 1e-6) & (inside < 1 - 1e-6)).all():
        odds = inside / (1 - inside)
        assert odds[0, 0] * odds[1, 1] == pytest.approx(odds[0, 1] * odds[1, 0], rel=1e-6)


def test_the_configuration_model_by_hand() -> None:
    # Three of four links of two rows and two columns, degrees 2 and 1: the full row is certain, the other
    # column degree is then 0 and 1. Two by two with degrees 1 everywhere: each link has chance 1/2.
    np.testing.assert_array_equal(_model(np.array([[1, 1], [1, 0]]))[0], [[1, 1], [1, 0]])
    np.testing.assert_allclose(_model(np.eye(2, dtype=np.int64))[0], 0.5)


def test_a_projection_by_hand() -> None:
    # Five objects; a and b share o and p and nothing else: C(2, 2) C(3, 0) / C(5, 2) = 1/10 for both in
    # common. c has q, d has q and r: common one of 1 and 2: 2/5. e has s, with nobody. Five accounts are 10
    # pairs: q of a-b is 10 x .1 / 1 = 1, and of c-d 10 x .4 / 2 = 2: nothing at a rate below 1.
    pairs = [("o", "a"), ("p", "a"), ("o", "b"), ("p", "b"), ("q", "c"), ("q", "d"), ("r", "d"), ("s", "e")]
    found = validated_projection(_shares([*pairs, *pairs]), alpha=1)
    assert found.edges.select("from", "to", "count").rows() == [("a", "b", 2), ("c", "d", 1)]
    assert found.edges["expected"].to_list() == [4 / 5, 2 / 5]
    assert found.edges["p_value"].to_list() == pytest.approx([0.1, 0.4])
    assert found.edges["q_value"].to_list() == pytest.approx([1.0, 1.0])
    assert (found.n_tests, found.n_met) == (10, 2)
    assert validated_projection(_shares(pairs), alpha=0.9).edges.height == 0


def test_what_everybody_shares_is_no_surprise_to_the_configuration_model() -> None:
    # 30 accounts share the same three hits, and each two objects of its own. To the hypergeometric law the
    # hits are 3 objects of 63, and all 435 pairs are beyond chance; where popularity is kept, none is.
    pairs = [(f"hit{k}", f"a{i:02}") for i in range(30) for k in range(3)]
    pairs += [(f"own{i}{k}", f"a{i:02}") for i in range(30) for k in range(2)]
    assert validated_projection(_shares(pairs)).edges.height == 435
    assert validated_projection(_shares(pairs), null="bicm").edges.height == 0


def _forum() -> np.ndarray[Any, Any]:
    """60 accounts by 200 objects at random, busy ones and popular ones, and five that share the same 20."""
    rng = np.random.default_rng(11)
    busy, popular = rng.random((60, 1)) ** 2, rng.random((1, 200)) ** 2
    links = (rng.random((60, 200)) < 0.02 + 0.6 * busy * popular).astype(np.int64)
    links[7:12] = 0
    links[7:12, 150:170] = 1
    links[:, links.sum(axis=0) == 0] = np.eye(60, dtype=np.int64)[:, :1]
    return links


def _bicm(links: np.ndarray[Any, Any]) -> tuple[dict[tuple[str, str], float], set[tuple[str, str]]]:
    """The p-values of the `bicm` package for all pairs that share an object, and the pairs it validates."""
    with warnings.catch_warnings():
        # Its source has escapes that Python warns of, and its solver divides by what may be 0.
        warnings.simplefilter("ignore")
        bicm = pytest.importorskip("bicm")
        theirs = bicm.BipartiteGraph(biadjacency=links)
        theirs.solve_tool(method="newton", tol=1e-12, eps=1e-12, max_steps=1000, print_error=False)
        theirs.compute_projection(rows=True, alpha=0.05, threads_num=1, progress_bar=False)
    p_values = {
        (f"a{one:02}", f"a{other:02}"): float(p)
        for one, row in theirs.rows_pvals.items()
        for other, p in row.items()
    }
    kept = theirs.projected_rows_adj_list
    return p_values, {(f"a{one:02}", f"a{other:02}") for one, others in kept.items() for other in others}


def _table(links: np.ndarray[Any, Any]) -> pl.DataFrame:
    accounts, objects = np.nonzero(links)
    return _shares([(f"o{b:03}", f"a{a:02}") for a, b in zip(accounts, objects, strict=True)])


def test_the_null_of_the_bicm_package() -> None:
    links = _forum()
    theirs, validated = _bicm(links)
    every = validated_projection(_table(links), null="bicm", alpha=1).edges
    ours = {tuple(ends): p for *ends, p in every.select("from", "to", "p_value").rows()}
    assert ours == pytest.approx(theirs, rel=1e-6)
    assert len(ours) > 900
    kept = validated_projection(_table(links), null="bicm", alpha=0.05).edges.select("from", "to").rows()
    assert set(kept) == validated
    ring = [f"a{i:02}" for i in range(7, 12)]
    assert set(itertools.combinations(ring, 2)) <= set(kept)


def test_what_is_certain_is_expected_too() -> None:
    # An object that everybody shares adds one to what every two accounts have in common and one to what is
    # expected. The package leaves it out of the latter, and everybody looks more coordinated.
    links = (np.random.default_rng(3).random((12, 20)) < 0.3).astype(np.int64)
    links = links[:, links.sum(axis=0) > 0]
    hit = np.hstack([links, np.ones((12, 1), dtype=np.int64)])
    without = validated_projection(_table(links), null="bicm", alpha=1).edges
    both = validated_projection(_table(hit), null="bicm", alpha=1).edges
    joined = without.join(both, on=["from", "to"], suffix="_hit")
    assert joined.height == without.height
    assert (joined["count_hit"] - joined["count"]).to_list() == [1] * joined.height
    assert (joined["expected_hit"] - joined["expected"]).to_list() == pytest.approx([1.0] * joined.height)
    theirs, _ = _bicm(hit)
    ours = {tuple(ends): p for *ends, p in both.select("from", "to", "p_value").rows()}
    assert all(theirs[one, other] < p for (one, other), p in ours.items())


@given(PAIRS, st.integers(1, 12))
def test_products_by_portions_are_all_products(pairs: list[tuple[str, str]], portion: int) -> None:
    found = incidence(_shares(pairs))
    dense = np.triu((found.counts @ found.counts.T).toarray(), k=1)
    made = [
        part for parts in upper_products(found.counts, portion=portion) for part in zip(*parts, strict=True)
    ]
    rows, columns = np.nonzero(dense)
    assert made == list(zip(rows, columns, dense[rows, columns], strict=True))


@given(PAIRS, st.integers(0, 30))
def test_what_is_left_out_is_all_that_does_not_fit(pairs: list[tuple[str, str]], most_pairs: int) -> None:
    found = incidence(_shares(pairs), most_pairs=most_pairs)
    spread = {name: len({who for other, who in pairs if other == name}) for name, _ in pairs}
    made = {limit: sum(math.comb(n, 2) for n in spread.values() if n <= limit) for limit in range(9)}
    limit = max(k for k, total in made.items() if total <= most_pairs)
    assert sorted(found.left_out["object_id"]) == sorted(name for name, n in spread.items() if n > limit)
    assert found.left_out["pairs"].to_list() == [math.comb(n, 2) for n in found.left_out["n_accounts"]]
    assert found.per_object.sum() == sum(n for n in spread.values() if n <= limit)


def test_a_viral_object_beside_a_ring() -> None:
    # One object of 100,000 accounts would make 4,999,950,000 pairs; the ring's edges are as without it.
    ring = [(f"o{k}", f"r{i}") for i in range(6) for k in range(8)]
    own = [(f"x{i}", f"y{i}") for i in range(100)]
    crowd = [("viral", f"z{i:05}") for i in range(100_000)]
    alone = validated_projection(_shares([*ring, *own, *((f"w{who}", who) for _, who in crowd)]))
    both = validated_projection(_shares([*ring, *own, *((f"w{who}", who) for _, who in crowd), *crowd]))
    assert both.left_out.rows() == [("viral", 100_000, 100_000, 4_999_950_000)]
    assert both.edges.equals(alone.edges)
    assert both.edges.height == math.comb(6, 2)


@pytest.mark.parametrize("null", ["hypergeometric", "bicm"])
@pytest.mark.parametrize("pairs", [[], [("o", "a")], [("o", "a"), ("o", "b")]], ids=len)
def test_too_little_gives_no_surprise(pairs: list[tuple[str, str]], null: str) -> None:
    found = validated_projection(_shares(pairs), null=null)
    assert found.edges.height == 0
    assert found.edges.columns == ["from", "to", "count", "expected", "p_value", "q_value", "weight"]
    # Two accounts that share the only object there is have it in common for certain; Poisson's law, which
    # knows rare chances only, says 1 - exp(-1).
    certain = validated_projection(_shares(pairs), null=null, alpha=1).edges
    chance = 1.0 if null == "hypergeometric" else 1 - math.exp(-1)
    assert certain["p_value"].to_list() == pytest.approx([chance] * (len(pairs) == 2))


@pytest.mark.parametrize(
    "options", [{"null": "swap"}, {"alpha": 0}, {"alpha": 2}, {"most_pairs": -1}], ids=str
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    projection: Callable[..., object] = validated_projection
    with pytest.raises(ConfigError, match="`"):
        projection(_shares([("o", "a")]), **options)
