"""The TF-IDF cosine network: by hand, by brute force, and by the notebook's recipe in scikit-learn."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from random import Random

import coaction_cases as cases
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from graphkit.coaction.cosine import CosineNetwork, cosine_network
from graphkit.coaction.edges import quantile
from graphkit.errors import ConfigError

ROWS = st.lists(st.tuples(st.sampled_from("opqrst"), st.sampled_from("abcdefg")), max_size=40)


def _shares(pairs: list[tuple[str, str]]) -> pl.DataFrame:
    return cases.shares([(name, who, str(i), i) for i, (name, who) in enumerate(pairs)])


def _brute(pairs: list[tuple[str, str]], least: int, among: int) -> dict[tuple[str, str], float]:
    """The cosine of every two accounts that have any, in the words of its rule."""
    counts = {who: Counter(o for o, other in pairs if other == who) for _, who in pairs}
    counts = {who: c for who, c in counts.items() if sum(c.values()) >= least and len(c) >= 2}
    spread = Counter(name for c in counts.values() for name in c)
    vectors = {
        who: {
            name: (1 + math.log(n)) * (1 + math.log((1 + len(counts)) / (1 + spread[name])))
            for name, n in c.items()
            if spread[name] >= among
        }
        for who, c in counts.items()
    }
    found = {}
    for one, other in itertools.combinations(sorted(vectors), 2):
        x, y = vectors[one], vectors[other]
        dot = sum(x[name] * y[name] for name in set(x) & set(y))
        if dot:
            lengths = (math.sqrt(sum(v * v for v in vector.values())) for vector in (x, y))
            found[one, other] = dot / math.prod(lengths)
    return found


def _similarities(network: CosineNetwork) -> dict[tuple[str, str], float]:
    edges = network.edges
    ends = zip(edges["from"], edges["to"], strict=True)
    return dict(zip(ends, edges["similarity"], strict=True))


@given(ROWS, st.integers(1, 4), st.integers(1, 3))
def test_similarities_equal_brute_force(pairs: list[tuple[str, str]], least: int, among: int) -> None:
    network = cosine_network(_shares(pairs), min_shares=least, min_accounts=among, top=None)
    brute = _brute(pairs, least, among)
    assert _similarities(network) == pytest.approx(brute, rel=1e-11)
    assert list(_similarities(network)) == sorted(brute)
    assert network.n_similar == len(brute)


@given(ROWS, st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]))
def test_the_top_share_is_that_of_the_quantile(pairs: list[tuple[str, str]], top: float) -> None:
    every = cosine_network(_shares(pairs), min_shares=1, top=None).edges
    network = cosine_network(_shares(pairs), min_shares=1, top=top)
    if not every.height:
        assert network.threshold is None
        assert network.edges.height == 0
        return
    threshold = quantile(every["similarity"], 1 - top)
    assert network.threshold == threshold
    assert_frame_equal(network.edges, every.filter(pl.col("similarity") >= threshold))


@settings(max_examples=40)
@given(ROWS, st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(pairs: list[tuple[str, str]], random: Random) -> None:
    table = _shares(pairs)
    network = cosine_network(table, min_shares=1, top=0.5)
    shuffled = cosine_network(table.sample(fraction=1.0, shuffle=True, seed=3), min_shares=1, top=0.5)
    assert network.edges.equals(shuffled.edges)
    names = dict(zip("abcdefg", random.sample("ABCDEFG", 7), strict=True))
    other = [(name[::-1] + "x", names[who]) for name, who in pairs]
    renamed = cosine_network(_shares(other), min_shares=1, top=None)
    before = _similarities(cosine_network(table, min_shares=1, top=None))
    expected = {tuple(sorted(names[who] for who in ends)): value for ends, value in before.items()}
    assert _similarities(renamed) == pytest.approx(expected, rel=1e-11)


def test_similarity_by_hand() -> None:
    # Three accounts: a shares o twice and p once, b o and p once each, c p and q once each.
    # Compared by objects of two or more: o (a, b) and p (a, b, c). idf: o 1 + ln(4/3), p 1 + ln(4/4) = 1.
    # a = ((1 + ln 2) i, 1), b = (i, 1), c = (0, 1) with i = 1.28768: a = (2.18024, 1), b = (1.28768, 1).
    # a.b = 3.80745 / (2.39863 x 1.63038) = .97361; a.c = 1 / 2.39863 = .41690; b.c = 1 / 1.63038 = .61336.
    pairs = [("o", "a"), ("o", "a"), ("p", "a"), ("o", "b"), ("p", "b"), ("p", "c"), ("q", "c")]
    network = cosine_network(_shares(pairs), min_shares=2, top=None)
    assert network.edges.select("from", "to", "support").rows() == [
        ("a", "b", 2),
        ("a", "c", 2),
        ("b", "c", 2),
    ]
    assert network.edges["similarity"].to_list() == pytest.approx([0.97361, 0.41690, 0.61336], abs=1e-5)
    # The top two of three: at or above place 2 x (1 - .5) = 1, the middle one.
    assert cosine_network(_shares(pairs), min_shares=2, top=0.5).edges["from"].to_list() == ["a", "b"]
    strict = cosine_network(_shares(pairs), min_shares=2, top=None, min_similarity=0.9)
    assert (strict.edges.height, strict.threshold, strict.n_similar) == (1, 0.9, 3)
    # Three shares or more: a alone.
    assert cosine_network(_shares(pairs), min_shares=3, top=None).n_accounts == 1


def test_ties_stay_together() -> None:
    # Ten accounts share the same two objects: 45 similarities of 1, and the top half percent is all of them.
    pairs = [(name, f"a{i}") for i in range(10) for name in "op"]
    network = cosine_network(_shares(pairs), min_shares=2)
    assert network.edges.height == 45
    assert network.threshold == 1.0


def test_a_viral_object_is_left_out_and_reported() -> None:
    # Object v: 100 accounts and 4950 pairs; o and p: 3 accounts and 3 pairs each. All but v fit into 100.
    # Everybody has an object of its own as well, for with one object an account is not compared at all.
    accounts = [f"a{i:03}" for i in range(100)]
    pairs = [*(("v", who) for who in accounts), *((f"own {who}", who) for who in accounts)]
    pairs += [(name, who) for name in "op" for who in accounts[:3]]
    network = cosine_network(_shares(pairs), min_shares=1, top=None, most_pairs=100)
    assert network.left_out.rows() == [("v", 100, 100, 4950)]
    assert network.edges.select("from", "to").rows() == [("a000", "a001"), ("a000", "a002"), ("a001", "a002")]
    everything = cosine_network(_shares(pairs), min_shares=1, top=None)
    assert (everything.left_out.height, everything.edges.height) == (0, 4950)


def test_it_is_the_recipe_of_the_notebook() -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text")
    pairwise = pytest.importorskip("sklearn.metrics.pairwise")
    rng = np.random.default_rng(5)
    who, what = rng.integers(0, 60, 2500), rng.zipf(1.4, 2500) % 200
    pairs = [(f"o{b:03}", f"a{a:02}") for a, b in zip(who, what, strict=True)]
    shared: dict[str, list[str]] = {}
    for name, account in pairs:
        shared.setdefault(account, []).append(name)
    accounts = sorted(a for a, names in shared.items() if len(names) > 10 and len(set(names)) > 1)
    # The options of the notebook of case study 4: words are objects, an account is a document.
    recipe = text.TfidfVectorizer(
        analyzer=list, use_idf=True, sublinear_tf=True, lowercase=False, min_df=3
    ).fit_transform([shared[account] for account in accounts])
    theirs = pairwise.cosine_similarity(recipe)
    network = cosine_network(_shares(pairs), min_accounts=3, top=None)
    ours = np.zeros_like(theirs)
    place = {account: i for i, account in enumerate(accounts)}
    for (one, other), value in _similarities(network).items():
        ours[place[one], place[other]] = value
    assert network.n_accounts == len(accounts)
    np.testing.assert_allclose(ours, np.triu(theirs, k=1), atol=1e-11)
    # Its filter: at or above the quantile .995 of the similarities.
    values = theirs[np.triu_indices(len(accounts), k=1)]
    kept = int((values >= np.quantile(values[values > 0], 0.995) - 1e-12).sum())
    assert cosine_network(_shares(pairs), min_accounts=3).edges.height == kept


@pytest.mark.parametrize("pairs", [[], [("o", "a")], [("o", "a"), ("o", "b")]], ids=len)
def test_too_little_gives_no_edges(pairs: list[tuple[str, str]]) -> None:
    network = cosine_network(_shares(pairs))
    assert (network.edges.height, network.threshold, network.n_similar) == (0, None, 0)
    assert network.edges.columns == ["from", "to", "similarity", "support"]


@pytest.mark.parametrize("options", [{"top": 1.5}, {"min_similarity": -1}, {"most_pairs": -1}], ids=str)
def test_options_that_make_no_sense_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="`"):
        cosine_network(_shares([("o", "a")]), **options)  # type: ignore[arg-type]
