"""Cohorts: many accounts that fill the same crowds, one after another, wherever those are."""

import numpy as np
import polars as pl
from scipy import sparse

from graphkit.engine.effective import effective
from graphkit.engine.reach import MICROSECONDS, Bools, Codes, Int64s
from graphkit.network.bins import Floats, by_bin, time_bins
from graphkit.network.communities import communities
from graphkit.network.meetings import marked
from graphkit.settings import NetworkSettings

# Who comes to so many topics of a cohort, on as many evenings, and to this share of its places is of it.
_COMES, _SHARE = 3, 0.25
# Effective number of topics, and of evenings, over which its gatherings spread: as many as of any thin ring's
# places. Fans of three authors fill three, news of some days as many.
_SPREAD = 5.0
# Gatherings of a cohort share this much of the smaller one on average: where others are the most it fills
# nothing. Those that share less than half of that, or so few accounts, are not joined.
_FILLED, _FEW = 1 / 3, 3
# Gatherings are compared across evenings: who is there for one piece of news comes to all that is said of it.
_EVENING_S = 21600
# Within hours a crowd is whoever came that day: newcomers of one hour, fans and readers of news fill one
# after another there as well. Within minutes rings do, and on five honest logs nobody.
_MINUTES_S = 600
# What is live gathers every minute: of one place the largest gatherings are looked at; and who comes to more
# than this many is everywhere and is left out.
_OF_ONE_KEY, _EVERYWHERE = 50, 1000
# In parts of so many, since the meetings of a cohort grow with the square of it.
_PART = 500
# Gatherings compared with all others at once, and products of shares held at once.
_BLOCK, _PRODUCTS = 1000, 5_000_000
# Steps to the rate at which as many come by lot as came.
_STEPS = 30
# Any will do: gatherings of one cohort share most of their accounts.
_SEED = 0


def with_cohorts(
    visited: pl.DataFrame, window_s: int | None, settings: NetworkSettings, part: float = 1.0
) -> pl.DataFrame:
    """`visited` (see `meetings.visits`) with the number of each account's cohort, 0 for those of none.

    `part` is the share of the data that these visits are: half of it has half of a cohort's evenings.

    A gathering is a stretch of two windows (as long as a crowd is) on one key to which `cohort` accounts
    come, each in a crowd as large. Of two gatherings A and B on different keys, topics and evenings that
    share o accounts those about at the time would by lot share e = sum over accounts of p_vA p_vB, where
    p_vA = 1 - exp(-c s_v), s_v is the share of v in what all do in the time bin, and c is such that they add
    up to |A|. Where o > e gatherings are joined by o ln(o / e) - (o - e) nats, and form communities as
    accounts do, at the same price for each pair. Of these count those that spread over five topics and five
    evenings (effective numbers) and whose gatherings share a third of the smaller one. Who comes to three
    topics on three evenings, and to a quarter of their places, is of the cohort; of several the one to
    which he comes most.

    A ring that is two fifths of all that happens in its days explains its own meetings, pair by pair. It does
    not explain that the same people fill each of these crowds while the other three fifths stay away.
    Regulars of one chat or stream and fans of one author fill one place, and are none.
    """
    if window_s is None or window_s > _MINUTES_S:
        return visited
    came, places, others = _came(visited, window_s, settings)
    kept = []
    if places["topic"].n_unique() >= _SPREAD * part:
        alike = _alike(came, places, others, settings)
        kept = [
            codes
            for codes in communities(alike, resolution=settings.resolution_nats, seed=_SEED, least=_COMES)
            if _spread(places, codes) >= _SPREAD * part and _filled(alike, places, codes) >= _FILLED
        ]
    return marked(visited, _members(came, places, kept, settings, part))


def _came(
    visited: pl.DataFrame, window_s: int, settings: NetworkSettings
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Who came where, the gatherings, and `visited` less those who are everywhere, which these were found in.

    Columns: gathering (0 on, by time), account, at, key, topic; of each gathering in order size, began
    (microseconds), key, topic, row (in the third, of who came first).
    """
    crowded = pl.col("crowd") >= settings.cohort - 1
    slot = (pl.col("at") // (2 * window_s * MICROSECONDS)).alias("slot")
    times = visited.filter(crowded).select("key", "account", slot).unique()["account"].value_counts()
    often = times.filter(pl.col("count") > _EVERYWHERE)["account"]
    others = visited if not len(often) else visited.filter(~pl.col("account").is_in(often.implode()))
    came = (
        others.with_row_index("row")
        .filter(crowded)
        .with_columns(slot)
        .unique(["key", "slot", "account"], keep="first", maintain_order=True)
    )
    places = (
        # Visits lie by key and time, so that the first row is of who came first.
        came.group_by("key", "slot")
        .agg(
            pl.len().cast(pl.Int64).alias("size"),
            pl.col("at").min().alias("began"),
            pl.col("topic", "row").min(),
        )
        .filter(pl.col("size") >= settings.cohort)
        .sort("size", "began", "key", descending=[True, False, False])
        .filter(pl.int_range(pl.len()).over("key") < _OF_ONE_KEY)
        .sort("began", "key")
        .with_row_index("gathering")
    )
    joined = (
        came.select("key", "slot", "account", "at")
        .join(places.select("key", "slot", "gathering", "topic"), on=["key", "slot"])
        .select("gathering", "account", "at", "key", "topic")
        .sort("gathering", "account")
    )
    return joined, places.select("size", "began", "key", "topic", "row"), others


def _apart(places: pl.DataFrame, first: Int64s, second: Int64s) -> Bools:
    """Whether gatherings are on different keys, topics and evenings."""
    key, topic, began = (places[name].to_numpy() for name in ("key", "topic", "began"))
    evenings = np.abs(began[first] - began[second]) > _EVENING_S * MICROSECONDS
    return np.asarray((key[first] != key[second]) & (topic[first] != topic[second]) & evenings)


def _alike(
    came: pl.DataFrame, places: pl.DataFrame, visited: pl.DataFrame, settings: NetworkSettings
) -> pl.DataFrame:
    """Pairs of gatherings that share more accounts than being about explains.

    Columns: source, target, weight (nats), filled (what they share of the smaller one).
    """
    size = places["size"].to_numpy()
    first, second, shared = _shared(came, places)
    expected = _by_lot(places, visited, first, second, settings)
    more = np.flatnonzero(shared > expected)
    first, second = first[more], second[more]
    shared, expected = shared[more], np.maximum(expected[more], 1e-12)
    return pl.DataFrame(
        {
            "source": first.astype(np.uint32),
            "target": second.astype(np.uint32),
            "weight": shared * np.log(shared / expected) - (shared - expected),
            "filled": shared / np.minimum(size[first], size[second]),
        }
    ).sort("source", "target")


def _spread(places: pl.DataFrame, gatherings: Codes) -> float:
    """Over how many topics or evenings, whichever are fewer, some gatherings spread (effective numbers)."""
    these = places[gatherings.astype(np.int64)]
    evening = (these["began"] // (_EVENING_S * MICROSECONDS)).alias("evening")
    return min(effective(of.value_counts()["count"]) for of in (these["topic"], evening))


def _filled(alike: pl.DataFrame, places: pl.DataFrame, gatherings: Codes) -> float:
    """What the pairs of some gatherings share on average, those that were not joined nothing."""
    within = alike.filter(pl.col("source").is_in(gatherings), pl.col("target").is_in(gatherings))
    codes = gatherings.astype(np.int64)
    compared = sum(
        int(_apart(places, np.repeat(code, len(codes) - i - 1), codes[i + 1 :]).sum())
        for i, code in enumerate(codes)
    )
    return float(within["filled"].sum()) / max(compared, 1)


def _shared(came: pl.DataFrame, places: pl.DataFrame) -> tuple[Int64s, Int64s, Floats]:
    """Pairs of gatherings apart that share enough accounts, and how many."""
    size = places["size"].to_numpy()
    row, who = came["gathering"].to_numpy().astype(np.int64), came["account"].to_numpy().astype(np.int64)
    there = sparse.csr_array((np.ones(len(row)), (row, who)), shape=(len(size), int(who.max(initial=0)) + 1))
    parts = []
    for start in range(0, len(size), _BLOCK):
        both = (there[start : start + _BLOCK] @ there.T).tocoo()
        first, second = (ends.astype(np.int64) for ends in both.coords)
        first += start
        least = np.maximum(_FEW, _FILLED / 2 * np.minimum(size[first], size[second]))
        kept = (first < second) & (both.data >= least)
        kept[kept] = _apart(places, first[kept], second[kept])
        parts.append((first[kept], second[kept], both.data[kept]))
    first, second, shared = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return first, second, shared


def _by_lot(
    places: pl.DataFrame,
    visited: pl.DataFrame,
    first: Int64s,
    second: Int64s,
    settings: NetworkSettings,
) -> Floats:
    """How many accounts pairs of gatherings would share by lot."""
    bins, totals = time_bins(visited["at"].to_numpy(), settings)
    account = visited["account"].to_numpy().astype(np.int64)
    shares = by_bin(bins, account, 1.0 / totals[bins], (len(totals), int(account.max()) + 1))
    when, size = bins[places["row"].to_numpy()], places["size"].to_numpy()
    # Of gatherings of one bin and one size the same is expected.
    kinds, kind = np.unique(np.stack([when, size], axis=1), axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    ends, pair = np.unique(np.stack([kind[first], kind[second]], axis=1), axis=0, return_inverse=True)
    there = presence(shares[kinds[:, 0]], kinds[:, 1].astype(np.float64))
    width = np.diff(there.indptr)
    held = np.cumsum(width[ends[:, 0]] + width[ends[:, 1]]) // _PRODUCTS
    expected = np.zeros(len(ends))
    for some in np.split(np.arange(len(ends)), np.flatnonzero(np.diff(held)) + 1):
        expected[some] = (there[ends[some, 0]] * there[ends[some, 1]]).sum(axis=1)
    return expected[pair.reshape(-1)]


def presence(shares: sparse.csr_array, size: Floats) -> sparse.csr_array:
    """The chance of each account to be at each gathering (rows), so that they add up to its size.

    Who does much comes surely, but only once, and the rest is left to the others: p = 1 - exp(-c share), with
    c found by steps c <- c |A| / sum of p.
    """
    row = np.repeat(np.arange(shares.shape[0]), np.diff(shares.indptr))
    rate = size.copy()
    there = shares.data
    for _ in range(_STEPS):
        there = -np.expm1(-rate[row] * shares.data)
        rate *= size / np.maximum(np.bincount(row, weights=there, minlength=len(size)), 1e-12)
    return sparse.csr_array((there, shares.indices, shares.indptr), shape=shares.shape)


def _members(
    came: pl.DataFrame, places: pl.DataFrame, groups: list[Codes], settings: NetworkSettings, part: float
) -> pl.DataFrame:
    """Columns account, cohort: who came to enough of which community of gatherings."""
    label = pl.DataFrame(
        {
            "gathering": np.concatenate([np.zeros(0, np.uint32), *groups]),
            "cohort": np.repeat(np.arange(1, len(groups) + 1, dtype=np.uint32), [*map(len, groups)]),
        }
    )
    evening = places["began"].gather(came["gathering"]) // (_EVENING_S * MICROSECONDS)
    rows = came.with_columns(evening.alias("evening")).join(label, on="gathering")
    keys = pl.col("key").n_unique()
    found = (
        rows.group_by("cohort", "account")
        .agg(keys.alias("times"), pl.col("topic", "evening").n_unique(), pl.col("at").min())
        .join(rows.group_by("cohort").agg(keys.alias("all")), on="cohort")
        .filter(
            pl.min_horizontal("topic", "evening") >= _COMES * part, pl.col("times") >= _SHARE * pl.col("all")
        )
        .sort("account", "times", "cohort", descending=[False, True, False])
        .unique("account", keep="first", maintain_order=True)
        .filter(pl.len().over("cohort") >= settings.cohort)
        # Parts of one size, by who came first, whatever the codes are.
        .sort("cohort", "at", "account")
    )
    size, place = pl.len().over("cohort"), pl.int_range(pl.len()).over("cohort")
    share = place * ((size + _PART - 1) // _PART) // size
    return found.select(
        "account", pl.struct("cohort", share.alias("part")).rank("dense").cast(pl.UInt32).alias("cohort")
    )
