"""Cohorts: many accounts that fill the same crowds, one after another, wherever those are."""

import numpy as np
import polars as pl
from scipy import sparse

from graphkit.engine.reach import MICROSECONDS, Bools, Codes, Int64s
from graphkit.network.bins import Floats, by_bin, time_bins
from graphkit.network.communities import communities
from graphkit.settings import NetworkSettings

# Who comes to so many occasions of a cohort, and to this share of them, is of it.
_OCCASIONS, _SHARE = 3, 0.25
# Gatherings of a cohort share this much of the smaller one on average: where others are the most it fills
# nothing. Those that share less than half of that are not joined.
_FILLED = 1 / 3
# Gatherings are compared across evenings: who is there for one piece of news comes to all that is said of it.
_EVENING_S = 21600
# Within hours a crowd is whoever came that day: newcomers of one hour, fans and readers of news fill one
# after another there as well. Within minutes rings do, and on five honest logs nobody.
_MINUTES_S = 600
# What is live gathers every minute: of one place the largest gatherings are looked at; and who comes to more
# than this many is everywhere and tells nothing of where they are alike.
_OF_ONE_KEY, _EVERYWHERE = 50, 1000
# In parts of so many, since the meetings of a cohort grow with the square of it.
_PART = 1000
# Gatherings compared with all others at once, and products of shares held at once.
_BLOCK, _PRODUCTS = 1000, 5_000_000
# Steps to the rate at which as many come by lot as came.
_STEPS = 30
# Any will do: gatherings of one cohort share most of their accounts.
_SEED = 0


def with_cohorts(visited: pl.DataFrame, window_s: int | None, settings: NetworkSettings) -> pl.DataFrame:
    """`visited` (see `meetings.visits`) with the number of each account's cohort, 0 for those of none.

    A gathering is a stretch of two windows (as long as a crowd is) on one key to which `cohort` accounts
    come, each in a crowd as large. Of two gatherings A and B on different keys, topics and evenings that
    share o accounts those about at the time would by lot share e = sum over accounts of p_vA p_vB, where
    p_vA = 1 - exp(-c s_v), s_v is the share of v in what all do in the time bin, and c is such that they add
    up to |A|. Where o > e gatherings are joined by o ln(o / e) - (o - e) nats, and form communities as
    accounts do, at the same price for each pair; of these count those whose gatherings share a third of the
    smaller one. Who comes to three occasions of one, and to a quarter of them, is of its cohort; of several
    the one to which he comes most.

    A ring that is two fifths of all that happens in its days explains its own meetings, pair by pair. It does
    not explain that the same people fill each of these crowds while the other three fifths stay away.
    Regulars of one chat or stream and fans of one author fill one place, and are none.
    """
    rows = visited.with_columns(pl.lit(0, pl.UInt32).alias("cohort"))
    if window_s is None or window_s > _MINUTES_S:
        return rows
    came = _came(rows, window_s, settings)
    if came["occasion"].n_unique() < _OCCASIONS:
        return rows
    places = _places(came, rows)
    alike = _alike(came, places, rows, settings)
    joined = communities(alike, resolution=settings.resolution_nats, seed=_SEED, least=_OCCASIONS)
    groups = [gatherings for gatherings in joined if _filled(alike, places, gatherings) >= _FILLED]
    found = _members(came, groups, settings)
    return (
        rows.drop("cohort")
        .join(found, on="account", how="left", maintain_order="left")
        .with_columns(pl.col("cohort").fill_null(0))
    )


def _came(visited: pl.DataFrame, window_s: int, settings: NetworkSettings) -> pl.DataFrame:
    """Who came where: gathering (0 on, by time), account, occasion, key, topic, row (of `visited`)."""
    came = (
        visited.with_row_index("row")
        .filter(pl.col("crowd") >= settings.cohort - 1)
        .with_columns((pl.col("at") // (2 * window_s * MICROSECONDS)).alias("slot"))
        .unique(["key", "slot", "account"], keep="first", maintain_order=True)
    )
    sizes = came.group_by("key", "slot").agg(
        pl.len().alias("size"), pl.col("at").min().alias("began"), pl.col("topic").min().alias("of")
    )
    largest = (
        sizes.filter(pl.col("size") >= settings.cohort)
        .sort("size", "began", "key", descending=[True, False, False])
        .filter(pl.int_range(pl.len()).over("key") < _OF_ONE_KEY)
        .sort("began", "key")
        .with_row_index("gathering")
    )
    return (
        came.join(largest, on=["key", "slot"], maintain_order="left")
        .select("gathering", "account", "occasion", "key", pl.col("of").alias("topic"), "row")
        .sort("gathering", "account")
    )


def _places(came: pl.DataFrame, visited: pl.DataFrame) -> pl.DataFrame:
    """A row for each gathering, in order: size, key, topic, began (microseconds)."""
    began = came.with_columns(visited["at"].gather(came["row"]))
    return (
        began.group_by("gathering")
        .agg(pl.len().cast(pl.Int64).alias("size"), pl.col("key", "topic").first(), pl.col("at").min())
        .sort("gathering")
        .select("size", "key", "topic", began="at")
    )


def _apart(places: pl.DataFrame, first: Int64s, second: Int64s) -> Bools:
    """Whether pairs of gatherings are on different keys, topics and evenings."""
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
    expected = _by_lot(came, size, visited, first, second, settings)
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


def _filled(alike: pl.DataFrame, places: pl.DataFrame, gatherings: Codes) -> float:
    """What the pairs of some gatherings that can be compared share on average."""
    within = alike.filter(pl.col("source").is_in(gatherings), pl.col("target").is_in(gatherings))
    first, second = np.triu_indices(len(gatherings), 1)
    compared = _apart(places, gatherings[first].astype(np.int64), gatherings[second].astype(np.int64))
    return float(within["filled"].sum()) / max(int(compared.sum()), 1)


def _shared(came: pl.DataFrame, places: pl.DataFrame) -> tuple[Int64s, Int64s, Floats]:
    """Pairs of gatherings apart that share enough accounts, and how many."""
    size = places["size"].to_numpy()
    some = came.filter(pl.len().over("account") <= _EVERYWHERE)
    row, who = some["gathering"].to_numpy().astype(np.int64), some["account"].to_numpy().astype(np.int64)
    shape = (len(size), int(who.max(initial=0)) + 1)
    there = sparse.csr_array((np.ones(len(row)), (row, who)), shape=shape)
    parts = []
    for start in range(0, len(size), _BLOCK):
        both = (there[start : start + _BLOCK] @ there.T).tocoo()
        first, second = (ends.astype(np.int64) for ends in both.coords)
        first += start
        kept = (first < second) & (2 * both.data >= _FILLED * np.minimum(size[first], size[second]))
        kept[kept] = _apart(places, first[kept], second[kept])
        parts.append((first[kept], second[kept], both.data[kept]))
    first, second, shared = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return first, second, shared


def _by_lot(
    came: pl.DataFrame,
    size: Int64s,
    visited: pl.DataFrame,
    first: Int64s,
    second: Int64s,
    settings: NetworkSettings,
) -> Floats:
    """How many accounts pairs of gatherings would share by lot."""
    bins, totals = time_bins(visited["at"].to_numpy(), settings)
    account = visited["account"].to_numpy().astype(np.int64)
    shape = (len(totals), int(account.max()) + 1)
    shares = by_bin(bins, account, 1.0 / totals[bins], shape)
    began = came.with_columns(pl.Series("bin", bins[came["row"].to_numpy()]))
    when = began.group_by("gathering").agg(pl.col("bin").median()).sort("gathering")["bin"]
    chosen, place = np.unique(np.concatenate([first, second]), return_inverse=True)
    left, right = place[: len(first)], place[len(first) :]
    came_by_lot = presence(shares[when.to_numpy()[chosen].astype(np.int64)], size[chosen].astype(np.float64))
    width = np.diff(came_by_lot.indptr)
    held = np.cumsum(width[left] + width[right]) // _PRODUCTS
    expected = np.zeros(len(first))
    for some in np.split(np.arange(len(first)), np.flatnonzero(np.diff(held)) + 1):
        expected[some] = (came_by_lot[left[some]] * came_by_lot[right[some]]).sum(axis=1)
    return expected


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


def _members(came: pl.DataFrame, groups: list[Codes], settings: NetworkSettings) -> pl.DataFrame:
    """Columns account, cohort: who came to enough occasions of which community of gatherings."""
    label = pl.DataFrame(
        {
            "gathering": np.concatenate([np.zeros(0, np.uint32), *groups]),
            "cohort": np.repeat(np.arange(1, len(groups) + 1, dtype=np.uint32), [*map(len, groups)]),
        }
    )
    rows = came.join(label, on="gathering")
    occasions = pl.col("occasion").n_unique()
    enough = pl.max_horizontal(pl.lit(_OCCASIONS), _SHARE * pl.col("all"))
    found = (
        rows.group_by("cohort", "account")
        .agg(occasions.alias("times"))
        .join(rows.group_by("cohort").agg(occasions.alias("all")), on="cohort")
        .filter(pl.col("times") >= enough)
        .sort("account", "times", "cohort", descending=[False, True, False])
        .unique("account", keep="first", maintain_order=True)
        .filter(pl.len().over("cohort") >= settings.cohort)
    )
    part = pl.int_range(pl.len()).over("cohort") // _PART
    number = pl.struct("cohort", part.alias("part")).rank("dense").cast(pl.UInt32)
    return found.select("account", number.alias("cohort"))
