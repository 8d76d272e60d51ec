"""The pair score by hand, against a brute-force twin, and on data drawn from its null."""

import math
from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from graphkit.engine.reach import MICROSECONDS
from graphkit.layers.base import INCIDENCE
from graphkit.network.bins import time_bins
from graphkit.network.meetings import meetings, repetitions, visits
from graphkit.network.pool import q_values
from graphkit.network.scores import scored
from graphkit.settings import NetworkSettings

SETTINGS = NetworkSettings()


def incidence(rows: list[tuple[int, int, int, int]]) -> pl.DataFrame:
    """Rows of (account, at in seconds, key, topic); a key is its own occasion."""
    return pl.DataFrame(
        [
            {
                "account": a,
                "event": i,
                "at": at * MICROSECONDS,
                "key": k,
                "occasion": k,
                "topic": t,
                "place": i,
            }
            for i, (a, at, k, t) in enumerate(rows)
        ],
        schema=INCIDENCE,
    )


def edges_of(
    rows: pl.DataFrame, scales_s: tuple[int, ...], settings: NetworkSettings = SETTINGS
) -> pl.DataFrame:
    return scored({scale_s: visits(rows, scale_s, settings.crowd) for scale_s in scales_s}, settings)


def test_two_accounts_on_four_posts_by_hand() -> None:
    # Accounts 0 and 1 comment on posts 0..3, each post of its own author, one second apart, nobody else
    # there. 92 other comments by 92 accounts on posts of their own make M = 100.
    # d_0 = d_1 = 4, so C = 16 / 100 = .16 (all rows lie in one time bin: the same C), m = 1 each, T = 4,
    # lambda = .16; S = 4 ln(4 / .16) - (4 - .16) - ln 1 = 4 ln 25 - 3.84.
    rows = [(a, 10 * post + a, post, post) for post in range(4) for a in (0, 1)]
    rows += [(2 + i, i, 100 + i, 100 + i) for i in range(92)]
    edges = edges_of(incidence(rows), (60,))
    assert edges.select("source", "target", "count", "scale_s").rows() == [(0, 1, 4, 60)]
    row = edges.row(0, named=True)
    assert row["effective"] == 4.0
    assert row["expected"] == pytest.approx(0.16)
    assert row["weight"] == pytest.approx(4 * math.log(25) - 3.84)
    # p is the chance of 4 or more when .16 are expected.
    assert row["p_value"] == pytest.approx(stats.poisson.sf(3, 0.16))


def test_repetition_on_one_author_counts_less_by_hand() -> None:
    # The same four posts, all of one author: T = 1 + 1/2 + 1/3 + 1/4 = 25/12.
    rows = [(a, 10 * post + a, post, 7) for post in range(4) for a in (0, 1)]
    rows += [(2 + i, i, 100 + i, 100 + i) for i in range(92)]
    row = edges_of(incidence(rows), (60,)).row(0, named=True)
    t = 25 / 12
    assert row["count"] == 4
    assert row["effective"] == pytest.approx(t)
    assert row["weight"] == pytest.approx(t * math.log(t / 0.16) - t + 0.16)


def test_a_ring_that_is_its_own_crowd_by_hand() -> None:
    # Five accounts come to the same ten posts, where nobody else is; 150 others make M = 200. C = 100 / 200 =
    # .5, m = 4 and T = 10, so lambda = 2. Of each companion chance gives max(2, 1) / 10 = .2: the crowd of a
    # pair is 1 + 3 * .2 = 1.6, lambda .8. Then max(.8, 1) / 10 = .1: 1.3 and .65, and so it stays.
    rows = [(a, 100 * post + a, post, post) for post in range(10) for a in range(5)]
    rows += [(5 + i, 10 * i, 100 + i, 100 + i) for i in range(150)]
    edges = edges_of(incidence(rows), (60,))
    assert edges.height == 10
    assert edges["expected"].to_list() == pytest.approx([0.65] * 10)
    # A companion that came once is one of the crowd: with a stranger at one of the ten posts, m is 5 there
    # (2.3 without what is beyond chance) and 4 (1.3) at nine, so ln lambda = (ln(C 2.3) + 9 ln(C 1.3)) / 10
    # where C = 100 / 201.
    edges = edges_of(incidence([*rows, (999, 50, 0, 0)]), (60,))
    ring = edges.filter(pl.col("target") < 5)
    assert ring.height == 10
    rate = math.exp((math.log(2.3 * 100 / 201) + 9 * math.log(1.3 * 100 / 201)) / 10)
    assert ring["expected"].to_list() == pytest.approx([rate] * 10)


def test_the_best_of_two_scales_pays_for_the_choice() -> None:
    # One second apart: the scale of 60 s and that of 600 s see the same meetings and crowds, so the shorter
    # is quoted, ln 2 lower than with one scale, and p doubles.
    rows = [(a, 10_000 * post + a, post, post) for post in range(4) for a in (0, 1)]
    rows += [(2 + i, 10_000 * (i % 4), 100 + i, 100 + i) for i in range(92)]
    one = edges_of(incidence(rows), (60,)).row(0, named=True)
    two = edges_of(incidence(rows), (60, 600)).row(0, named=True)
    assert two["scale_s"] == 60
    assert two["weight"] == pytest.approx(one["weight"] - math.log(2))
    assert two["p_value"] == pytest.approx(2 * one["p_value"])


def test_being_awake_together_is_expected() -> None:
    # Two epochs a year apart, 1,000 events each. Accounts 0 and 1 live in the first alone: their C is
    # max(16 / 2000, 4 * 4 / 1000) = .016, not .008.
    year = 365 * 86400
    rows = [(a, 10 * post + a, post, post) for post in range(4) for a in (0, 1)]
    rows += [(2 + i, i, 100 + i, 100 + i) for i in range(992)]
    rows += [(2000 + i, year + i, 5000 + i, 5000 + i) for i in range(1000)]
    row = edges_of(incidence(rows), (60,)).row(0, named=True)
    assert row["expected"] == pytest.approx(0.016)


def test_time_bins_close_when_they_are_full() -> None:
    # Bins of 3 h with 600, 500, 900, 200 events and room for 1,000: 600 + 500 close the first; 900 + 200 the
    # second.
    settings = NetworkSettings()
    at = np.repeat(np.arange(4) * settings.bin_s * MICROSECONDS, [600, 500, 900, 200])
    bins, totals = time_bins(at, settings)
    assert totals.tolist() == [1100.0, 1100.0]
    assert bins[:1100].tolist() == [0] * 1100
    # What is left over at the end joins the last full one.
    bins, totals = time_bins(at[:2000], settings)
    assert totals.tolist() == [2000.0]


def test_a_time_in_another_century_takes_no_room() -> None:
    # As above, but the second bin begins three thousand years later: slots between are not made.
    settings = NetworkSettings()
    slots = np.repeat(np.array([0, 1, 9_000_000, 9_000_001]), [600, 500, 900, 200])
    bins, totals = time_bins(slots * settings.bin_s * MICROSECONDS, settings)
    assert totals.tolist() == [1100.0, 1100.0]
    assert bins.tolist() == [0] * 1100 + [1] * 1100


ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 40), st.integers(0, 3)).map(lambda x: (*x, x[2] % 2)),
    min_size=2,
    max_size=40,
)


def log_rate_of(
    pair: tuple[int, int],
    receipts: dict[tuple[int, int], list[dict[str, int]]],
    beyond: dict[tuple[int, int], float],
    activity: Counter[int],
    total: int,
) -> tuple[float, float]:
    """T of a pair, and ln lambda where each other companion counts as often as chance has it there."""

    def loses(event: int) -> float:
        return sum(
            beyond[other] * sum(event in (m["source_event"], m["target_event"]) for m in met)
            for other, met in receipts.items()
            if other != pair
        )

    t = sum(1 / m["repetition"] for m in receipts[pair])
    c = activity[pair[0]] * activity[pair[1]] / total
    crowds = [m["crowd"] - min(loses(m["source_event"]), loses(m["target_event"])) for m in receipts[pair]]
    weighted = zip(receipts[pair], crowds, strict=True)
    return t, sum(math.log(c * crowd) / m["repetition"] for m, crowd in weighted) / t


@given(ROWS)
def test_scores_equal_a_brute_force_twin(rows: list[tuple[int, int, int, int]]) -> None:
    # A crowd of 60 and two scales; every number summed in plain Python from the list of meetings. Companions
    # of half a nat count by chance, or there would be none in so few rows.
    settings = NetworkSettings(resolution_nats=0.5)
    edges = edges_of(incidence(rows), (5, 20), settings)
    expected: dict[tuple[int, int], tuple[float, int, float]] = {}
    for scale in (5, 20):
        met = repetitions(meetings(visits(incidence(rows), scale, 60), window_s=scale, chunk_pairs=1000))
        seen = visits(incidence(rows), scale, 60)
        activity = Counter(seen["account"].to_list())
        receipts: dict[tuple[int, int], list[dict[str, int]]] = {}
        for row in met.to_dicts():
            receipts.setdefault((row["source"], row["target"]), []).append(row)
        # How much of a companion chance does not explain; each round from the crowds of the one before.
        beyond = dict.fromkeys(receipts, 0.0)
        for _ in range(4):
            rates = {pair: log_rate_of(pair, receipts, beyond, activity, seen.height) for pair in receipts}
            beyond = {
                pair: 1 - min(1.0, max(1.0, math.exp(rate)) / t)
                if t > 1 and t * (math.log(t) - rate) - t + math.exp(rate) >= settings.resolution_nats
                else 0.0
                for pair, (t, rate) in rates.items()
            }
        for (u, v), (t, log_rate) in sorted(rates.items()):
            mine = receipts[u, v]
            s = t * (math.log(t) - log_rate) - t - math.log(2)
            weight = s + math.exp(log_rate)
            if s > 1e-9 and weight > expected.get((u, v), (0.0, 0, 0.0))[0] + 1e-9:
                expected[u, v] = (weight, len(mine), math.exp(log_rate))
    assert edges.select("source", "target").rows() == sorted(expected)
    for row in edges.rows(named=True):
        s, count, rate = expected[row["source"], row["target"]]
        assert row["weight"] == pytest.approx(s)
        assert row["count"] == count
        assert row["expected"] == pytest.approx(rate)


@given(ROWS)
def test_the_same_bytes_in_any_order_of_rows(rows: list[tuple[int, int, int, int]]) -> None:
    whole = incidence(rows)
    shuffled = whole.sample(fraction=1.0, shuffle=True, seed=3)
    assert edges_of(whole, (5, 20)).equals(edges_of(shuffled, (5, 20)))


@pytest.mark.parametrize("window_s", [60, 600])
def test_pairs_that_meet_by_chance_are_not_called_rare(window_s: int) -> None:
    # 12,000 events of 300 accounts of unequal activity on 3,000 posts over five days, all independent. Under
    # its null the p-value of a pair must be at most uniform: of all 44,850 pairs at most 1 % (and noise) lie
    # under .01.
    random = np.random.default_rng(5)
    activity = random.lognormal(0, 1, 300)
    account = random.choice(300, 12_000, p=activity / activity.sum())
    rows = pl.DataFrame(
        {
            "account": account,
            "event": np.arange(12_000),
            "at": random.integers(0, 5 * 86400 * MICROSECONDS, 12_000),
            "key": (post := random.integers(0, 3000, 12_000)),
            "occasion": post,
            "topic": post,
            "place": np.arange(12_000),
        }
    ).select(pl.col(name).cast(dtype) for name, dtype in INCIDENCE.items())
    edges = edges_of(rows, (window_s,))
    assert (edges["p_value"] < 0.01).sum() <= 0.01 * 44_850 * 1.1
    # No edge of the backbone, and no discovery.
    assert edges.filter(pl.col("weight") >= SETTINGS.edge_nats).is_empty()
    assert q_values(edges["p_value"].to_numpy(), 44_850).min(initial=1.0) > 0.05


def test_q_values_by_hand() -> None:
    # Benjamini-Hochberg with 10 tests of which three were kept: p n / rank = .001 * 10 / 1 = .01,
    # .02 * 10 / 2 = .1, .021 * 10 / 3 = .07, and the running minimum from the right makes the second .07.
    q = q_values(np.array([0.02, 0.001, 0.021]), 10)
    assert q.tolist() == pytest.approx([0.07, 0.01, 0.07])
    assert q_values(np.zeros(0), 0).tolist() == []


@given(st.lists(st.floats(1e-9, 1.0), min_size=1, max_size=30))
def test_q_values_equal_those_of_scipy(p_values: list[float]) -> None:
    ours = q_values(np.array(p_values), len(p_values))
    assert ours == pytest.approx(stats.false_discovery_control(p_values))
