"""Cohorts: who fills one crowd after another; what that changes, and what it leaves alone."""

import itertools
import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from graphkit.engine.reach import MICROSECONDS
from graphkit.layers.base import INCIDENCE
from graphkit.network import cohorts
from graphkit.network.cohorts import presence, with_cohorts
from graphkit.network.meetings import crowded, meetings, telling, visits
from graphkit.network.scores import scored
from graphkit.network.strangers import Strangers
from graphkit.settings import NetworkSettings

SMALL = NetworkSettings(crowd=10, cohort=8)
Rows = list[tuple[int, int, int]]
# On another evening.
APART_S = 25_000


def incidence(rows: Rows) -> pl.DataFrame:
    """Rows of (account, at in seconds, key); a key is its own occasion and topic."""
    names = ("account", "event", "at", "key", "occasion", "topic", "place")
    touched = [(a, i, at * MICROSECONDS, key, key, key, i) for i, (a, at, key) in enumerate(rows)]
    return pl.DataFrame(touched, schema={name: INCIDENCE[name] for name in names}, orient="row")


def ring(members: int, posts: int, every_s: int) -> Rows:
    """Accounts 0 to `members` on each of `posts`, all within seconds, each leaves out every third."""
    return [
        (a, post * every_s + a % 10, post) for post in range(posts) for a in range(members) if (a + post) % 3
    ]


def passers_by(first: int, n: int, until_s: int, seed: int = 1) -> Rows:
    """Each of `n` accounts writes three times, somewhere."""
    random = np.random.default_rng(seed)
    at, key = random.integers(0, until_s, 3 * n), random.integers(1000, 1000 + n, 3 * n)
    return [(first + i // 3, int(at[i]), int(key[i])) for i in range(3 * n)]


def marked(rows: pl.DataFrame, window_s: int, settings: NetworkSettings = SMALL) -> pl.DataFrame:
    return with_cohorts(visits(rows, window_s, settings.crowd), window_s, settings)


def members(visited: pl.DataFrame) -> list[int]:
    return sorted(visited.filter(pl.col("cohort") > 0)["account"].unique().to_list())


def test_a_ring_that_fills_its_crowds_is_a_cohort_and_nobody_else_is() -> None:
    # 30 accounts on 12 posts, 20 at a time; 300 others about in the same days.
    rows = incidence(ring(30, 12, APART_S) + passers_by(100, 300, 12 * APART_S))
    assert members(marked(rows, 60)) == list(range(30))
    # Two such rings are two cohorts.
    second = [(a + 50, at + 300, key + 500) for a, at, key in ring(30, 12, APART_S)]
    both = marked(incidence(ring(30, 12, APART_S) + second + passers_by(100, 300, 12 * APART_S)), 60)
    numbers = (
        both.filter(pl.col("account") < 100).group_by("account").agg(pl.col("cohort").unique().alias("of"))
    )
    by_half = {half: {tuple(of) for a, of in numbers.rows() if (a >= 50) == half} for half in (False, True)}
    assert len(by_half[False]) == len(by_half[True]) == 1
    assert by_half[False] != by_half[True]


@pytest.mark.parametrize("seed", range(5))
def test_crowds_that_gather_by_lot_are_no_cohort(seed: int) -> None:
    # Of 400 people who are about for days 40 come to each of 30 posts within a minute, by lot; ten of
    # them write everywhere else all the time, so they come to most.
    random = np.random.default_rng(seed)
    rows: Rows = []
    for post in range(30):
        came = {*random.choice(400, 40, replace=False).tolist(), *range(400, 410)}
        rows += [(a, post * APART_S + int(random.integers(0, 60)), post) for a in came]
    rows += [(400 + i % 10, 200 * i, 5000 + i) for i in range(3600)]
    assert members(marked(incidence(rows), 60)) == []


def test_who_comes_within_hours_is_no_cohort_nor_who_shares_texts() -> None:
    rows = incidence(ring(30, 12, APART_S) + passers_by(100, 300, 12 * APART_S))
    assert members(marked(rows, 3600)) == []
    assert members(with_cohorts(visits(rows, None, 10), None, SMALL)) == []
    assert with_cohorts(visits(rows.head(0), 60, 10), 60, SMALL).height == 0


def test_in_a_large_crowd_only_a_cohort_meets() -> None:
    # 20 of the ring are on each post, a crowd of 19 where 10 is the limit.
    fan = [(99, post * APART_S + 3, post) for post in range(12)]
    rows = incidence(ring(30, 12, APART_S) + fan + passers_by(100, 300, 12 * APART_S))
    unmarked = visits(rows, 60, SMALL.crowd)
    assert meetings(unmarked, window_s=60, chunk_pairs=100).filter(pl.col("source") < 100).height == 0
    met = meetings(marked(rows, 60), window_s=60, chunk_pairs=100).filter(pl.col("source") < 100)
    # Brute force: every two of the ring on one post. Account 99 is on each as well, and so of the cohort.
    there = [{a for a, _, key in ring(30, 12, APART_S) if key == post} | {99} for post in range(12)]
    wanted = sorted(
        (*pair, post) for post in range(12) for pair in itertools.combinations(sorted(there[post]), 2)
    )
    assert met.select("source", "target", "occasion").rows() == sorted(wanted)
    assert met["crowd"].unique().to_list() == [20]


def test_what_tells_nothing_is_named_and_what_a_cohort_does_is_not() -> None:
    viral = [(1000 + i, 5_000_000 + i, 77) for i in range(40)]
    rows = incidence(ring(30, 12, APART_S) + viral + passers_by(100, 300, 12 * APART_S))
    assert crowded(visits(rows, 60, SMALL.crowd))["visits"].sum() == 12 * 20 + 40
    left = crowded(marked(rows, 60))
    assert left.select("key", "visits").rows() == [(77, 40)]
    ours = marked(rows, 60).filter(telling(), pl.col("account") < 100)
    assert ours.height == 12 * 20


def test_a_cohort_is_weighed_by_the_strangers_around_it() -> None:
    # A ring of 30 is all that happens on its posts and a fifth of its days. By hand, for a pair that is
    # together on T of 12 posts: each event has 19 members and no stranger around it, so K = .5 each; 8 events
    # of each, all in one bin; M - G = 300 * 3 = 900 (less those who came twice).
    rows = incidence(ring(30, 12, APART_S) + passers_by(100, 300, 12 * APART_S))
    visited = marked(rows, 60)
    edges = scored({60: visited}, SMALL)
    inside = edges.filter(pl.col("source") < 30, pl.col("target") < 30)
    assert inside.height == 30 * 29 // 2
    others = visited.filter(pl.col("account") >= 100).height
    assert others > 850
    row = inside.row(0, named=True)
    assert (row["source"], row["target"], row["effective"]) == (0, 1, 4.0)
    chance = 2 * (8 * 0.5 * 8) / (2 * others)
    assert row["expected"] == pytest.approx(chance)
    assert row["weight"] == pytest.approx(4 * math.log(4 / chance) - 4 + chance)
    # Without the cohort nobody of them meets, as in crowds of more than ten nobody does.
    assert scored({60: visits(rows, 60, SMALL.crowd)}, SMALL).filter(pl.col("source") < 30).height == 0


def test_at_the_edge_of_a_large_crowd_something_is_expected() -> None:
    # 0 at 0 s has 3 others within 60 s, 1 at 60 s has 2: where 2 is the limit only 0 is in a large crowd.
    rows = incidence([(0, 0, 0), (1, 60, 0), (2, 30, 0), (3, -20, 0), (4, 0, 1)])
    visited = visits(rows, 60, 2).with_columns(
        pl.when(pl.col("account") < 2).then(1).otherwise(0).cast(pl.UInt32).alias("cohort")
    )
    assert visited.filter(pl.col("account") < 2).sort("account")["large"].to_list() == [True, False]
    assert meetings(visited, window_s=60, chunk_pairs=10).select("source", "target").rows() == [(0, 1)]
    pair = (np.array([0], np.uint32), np.array([1], np.uint32))
    # Around 0 are 2 strangers and half a one, 5 - 2 events are of others: 2.5 * 1 / 3 / 2.
    assert Strangers(visited, 60, np.array([0, 1], np.uint32), SMALL).of_pairs(*pair) == pytest.approx(
        2.5 / 6
    )


def test_a_log_without_a_cohort_is_scored_as_before() -> None:
    rows = incidence(passers_by(0, 200, 3600, seed=4))
    assert scored({60: marked(rows, 60)}, SMALL).equals(scored({60: visits(rows, 60, 10)}, SMALL))


def test_the_order_of_rows_and_other_codes_change_no_cohort() -> None:
    whole = incidence(ring(30, 12, APART_S) + passers_by(100, 300, 12 * APART_S))
    shuffled = whole.sample(fraction=1.0, shuffle=True, seed=5)
    assert marked(whole, 60).equals(marked(shuffled, 60))
    other = whole.with_columns((400 - pl.col("account")).cast(pl.UInt32).alias("account"))
    assert members(marked(other, 60)) == sorted(400 - a for a in range(30))


def test_a_chat_that_never_rests_hides_no_ring_and_its_regulars_are_none() -> None:
    # 200 people write in one chat in every other minute of four hours, beside the ring of 30.
    random = np.random.default_rng(2)
    chat: Rows = []
    for minute in range(240):
        came = random.choice(200, 100, replace=False)
        chat += [(500 + int(a), minute * 60 + int(random.integers(0, 60)), 9999) for a in came]
    rows = incidence(ring(30, 12, APART_S) + chat + passers_by(100, 300, 12 * APART_S))
    assert members(marked(rows, 60)) == list(range(30))


def on_evenings(n: int) -> Rows:
    """The ring's posts, dealt out to `n` evenings, an hour apart."""
    return [(a, post * 600 + post % n * 86_400 + a % 10, post) for a, _, post in ring(30, 12, 1)]


@pytest.mark.parametrize(("evenings", "found"), [(1, 0), (2, 0), (4, 0), (6, 30), (12, 30)])
def test_who_is_there_for_the_news_of_some_evenings_is_no_cohort(evenings: int, found: int) -> None:
    rows = incidence(on_evenings(evenings) + passers_by(100, 300, 12 * 86_400))
    assert len(members(marked(rows, 60))) == found


def test_eleven_posts_on_one_evening_and_one_on_another_are_no_cohort() -> None:
    lopsided = [(a, at + (post > 0) * 86_400, post) for a, at, post in ring(30, 12, 600)]
    assert members(marked(incidence(lopsided + passers_by(100, 300, 3 * 86_400)), 60)) == []


@pytest.mark.parametrize(("authors", "found"), [(1, 0), (2, 0), (3, 0), (4, 0), (6, 30), (12, 30)])
def test_fans_of_some_authors_are_no_cohort(authors: int, found: int) -> None:
    rows = incidence(ring(30, 12, APART_S) + passers_by(100, 300, 12 * APART_S))
    ours = pl.when(pl.col("key") < 12).then(pl.col("key") % authors).otherwise(pl.col("topic"))
    assert len(members(marked(rows.with_columns(ours.cast(pl.UInt32).alias("topic")), 60))) == found


def test_a_crowd_that_others_fill_is_no_gathering_of_theirs() -> None:
    # The ring of 30, 20 at a time, among 60 passers-by of each post: a quarter of the crowd.
    many = [(1000 + 60 * post + i, post * APART_S + i % 10, post) for post in range(12) for i in range(60)]
    rows = incidence(ring(30, 12, APART_S) + many + passers_by(100, 300, 12 * APART_S))
    assert members(marked(rows, 60)) == []


@pytest.mark.parametrize(("beside", "found"), [(10, 30), (60, 0)])
def test_a_cohort_shares_a_third_of_its_gatherings(beside: int, found: int) -> None:
    # Of 30 each leaves out every tenth post: of 27 two posts share 24 or 27. Beside 10 passers-by that is
    # .65 of 37, beside 60 it is .28 of 87.
    ours = [(a, post * APART_S + a % 10, post) for post in range(12) for a in range(30) if (a + post) % 10]
    many = [
        (1000 + 100 * post + i, post * APART_S + i % 10, post) for post in range(12) for i in range(beside)
    ]
    assert len(members(marked(incidence(ours + many + passers_by(100, 300, 12 * APART_S)), 60))) == found


def test_a_large_cohort_is_looked_at_in_equal_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cohorts, "_PART", 29)
    whole = incidence(ring(30, 12, APART_S) + passers_by(100, 300, 12 * APART_S))
    found = marked(whole, 60).filter(pl.col("cohort") > 0).select("account", "cohort").unique()
    assert sorted(found["cohort"].value_counts()["count"].to_list()) == [15, 15]


def test_whoever_is_everywhere_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of the ring each is at eight gatherings, one more account is at all twelve.
    monkeypatch.setattr(cohorts, "_EVERYWHERE", 10)
    fan = [(99, post * APART_S + 3, post) for post in range(12)]
    rows = incidence(ring(30, 12, APART_S) + fan + passers_by(100, 300, 12 * APART_S))
    assert members(marked(rows, 60)) == list(range(30))


def test_members_that_act_in_large_crowds_only_may_have_the_last_codes() -> None:
    rows = incidence(
        [(a + 900, at, key) for a, at, key in ring(30, 12, APART_S)] + passers_by(100, 300, 12 * APART_S)
    )
    edges = scored({60: marked(rows, 60)}, SMALL)
    assert edges.filter(pl.col("source") >= 900).height == 30 * 29 // 2
    alone = with_cohorts(visits(incidence(ring(30, 12, APART_S)), 60, SMALL.crowd), 60, SMALL)
    assert scored({60: alone}, SMALL).height == 0


def test_a_ring_elsewhere_changes_no_expectation() -> None:
    # Ten of the passers-by as a group: what the ring does in its crowds is nothing that they could meet in.
    quiet, loud = passers_by(100, 300, 12 * APART_S), ring(30, 12, APART_S)
    some = np.arange(100, 110, dtype=np.uint32)
    alone = Strangers(marked(incidence(quiet), 60), 60, some, SMALL).among()
    assert Strangers(marked(incidence(quiet + loud), 60), 60, some, SMALL).among() == pytest.approx(alone)
    # Nor does it of another cohort, whose pairs are weighed as if the first were not there.
    both = ring(30, 12, APART_S) + [(a + 50, at + 300, key + 500) for a, at, key in ring(16, 12, APART_S)]
    wide = replace(SMALL, crowd=12)
    second = pl.col("source").is_between(50, 66), pl.col("target").is_between(50, 66)
    beside = scored({60: marked(incidence(both + quiet), 60, wide)}, wide).filter(*second)
    without = [row for row in both if row[0] >= 50]
    assert beside.height == 16 * 15 // 2
    assert beside.equals(scored({60: marked(incidence(without + quiet), 60, wide)}, wide).filter(*second))


def test_who_does_much_comes_surely_and_only_once() -> None:
    # Two accounts that do .49 each of all and ten that do .002 each; gatherings of 1, 4 and 11.
    shares = sparse.csr_array(np.tile(np.r_[0.49, 0.49, np.full(10, 0.002)], (3, 1)))
    there = presence(shares, np.array([1.0, 4.0, 11.0])).toarray()
    # They add up to the size of the gathering.
    assert there.sum(axis=1) == pytest.approx([1.0, 4.0, 11.0], abs=0.05)
    assert there[1, :2] == pytest.approx([1.0, 1.0], abs=1e-6)
    assert there[1, 2:] == pytest.approx(np.full(10, 0.2), abs=0.01)
    # If one comes, it is one of the two with .96: by -ln(1 - p) = c s, p_1 = .48 each and .0027 of the ten.
    assert there[0, :2].sum() == pytest.approx(0.97, abs=0.02)
