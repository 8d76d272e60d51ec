"""Accounts that share the same rare things: TF-IDF cosine between them, after the notebooks of OSoMe."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy import sparse

from graphkit.coaction.incidence import (
    MOST_PAIRS,
    Floats,
    Incidence,
    incidence,
    upper_products,
)
from graphkit.engine.reach import Int64s
from graphkit.errors import ConfigError

# Digits of a similarity: sums of floats in another order differ after the fifteenth, and ties must be ties.
_DIGITS = 12

# Into so many bins similarities are counted to find the threshold; only the bins from there on are held.
_BINS = 1 << 20

_EDGES = pl.Schema({"from": pl.String, "to": pl.String, "similarity": pl.Float64, "support": pl.Int64})


@dataclass(frozen=True)
class CosineNetwork:
    """What `cosine_network` found.

    edges: from, to (from < to), similarity (0 to 1), support (shares of the account that has fewer), sorted
    by from and to. threshold: the similarity that an edge needed; None where no two accounts are similar.
    n_similar: pairs with any similarity, of which the top share was taken; n_accounts: accounts compared.
    left_out: object_id, n_accounts, n_shares, pairs of the objects too popular to be paired.
    """

    edges: pl.DataFrame
    threshold: float | None
    n_similar: int
    n_accounts: int
    left_out: pl.DataFrame


def cosine_network(
    shares: pl.DataFrame,
    *,
    min_shares: int = 11,
    min_accounts: int = 2,
    top: float | None = 0.005,
    min_similarity: float | None = None,
    most_pairs: int = MOST_PAIRS,
) -> CosineNetwork:
    """Pairs of accounts of SHARES with the most similar objects: the co-retweet network of OSoMe.

    Accounts with at least `min_shares` shares (more than 10) and two objects are compared, by the objects
    that at least `min_accounts` of them shared. An account's vector is TF-IDF with the options of the
    notebook (scikit-learn's names: sublinear_tf, smooth_idf, norm l2): an object that it shared t times
    weighs (1 + ln t) (1 + ln((1 + n) / (1 + d))), n accounts compared, d of them with the object; then the
    vector is brought to length 1. Similarity is the cosine, rounded to 12 digits so that equals are equal.

    Kept is the `top` share of all pairs with any similarity (at or above R's and pandas' type-7 quantile,
    ties included), and what is at least `min_similarity`; both where both are given, all where both are None.
    Source: Pacheco et al. 2021, Uncovering Coordinated Networks on Social Media, case study 4,
    doi:10.1609/icwsm.v15i1.18075. Its notebook counts an object from 3 accounts on (from 1 where none has 3)
    and holds only the 100 nearest of an account, so that rings of more than 100 lose edges; here none is
    lost. Objects are left out, and reported, where all would make more than `most_pairs` pairs.

    Raises ConfigError for a share or a similarity outside 0 to 1.
    """
    for name, value in (("top", top), ("min_similarity", min_similarity)):
        if value is not None and not 0 <= value <= 1:
            raise ConfigError(f"`{name}` is {value:g}; it lies between 0 and 1")
    active = pl.len().over("account_id") >= min_shares
    several = pl.col("object_id").n_unique().over("account_id") >= 2
    chosen = shares.select("account_id", "object_id").filter(active & several)
    found = incidence(chosen, most_pairs=most_pairs)
    vectors = _vectors(found, min_accounts)
    pairs, n_similar = _similar(vectors, top, min_similarity or 0.0)
    needed = min_similarity or 0.0
    if top is not None and n_similar:
        needed = max(needed, _threshold(pairs.value, n_similar, top))
    edges = _edges(pairs, needed, found, chosen)
    return CosineNetwork(edges, needed if n_similar else None, n_similar, len(found.accounts), found.left_out)


class _Pairs(NamedTuple):
    """Two accounts each, as numbers, and their similarity."""

    first: Int64s
    second: Int64s
    value: Floats


def _vectors(found: Incidence, min_accounts: int) -> sparse.csr_array:
    """The accounts' TF-IDF vectors of length 1, or of length 0 where no object is left."""
    n, popularity = len(found.accounts), found.per_object
    kept = np.flatnonzero(popularity >= max(min_accounts, 1))
    matrix = found.counts[:, kept].astype(np.float64).tocsr()
    rarity = 1.0 + np.log((1 + n) / (1 + popularity[kept]))
    matrix.data = (1.0 + np.log(matrix.data)) * rarity[matrix.indices]
    rows = np.repeat(np.arange(n), np.diff(matrix.indptr))
    length = np.sqrt(np.bincount(rows, weights=matrix.data**2, minlength=n))
    matrix.data /= length[rows]
    return matrix


def _similar(vectors: sparse.csr_array, top: float | None, least: float) -> tuple[_Pairs, int]:
    """The pairs that a top share may consist of, or all from `least` on, and how many are similar at all.

    The first pass counts similarities into bins, the second holds the pairs of the bin in which the quantile
    begins and of those above: never all of them, and none that the quantile hangs on is missing.
    """
    counts = np.zeros(_BINS + 1, dtype=np.int64)
    if top is not None:
        for _, _, value in upper_products(vectors):
            counts += np.bincount(_bins(_rounded(value)), minlength=_BINS + 1)
    place = math.floor((int(counts.sum()) - 1) * (1 - (top or 0.0)))
    lowest = int(np.searchsorted(np.cumsum(counts), place, side="right")) if counts.any() else 0
    held, n_similar = [_Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))], 0
    for first, second, value in upper_products(vectors):
        similar = _rounded(value)
        n_similar += len(similar)
        kept = similar >= least if top is None else _bins(similar) >= lowest
        held.append(_Pairs(first[kept], second[kept], similar[kept]))
    return _Pairs(*(np.concatenate(side) for side in zip(*held, strict=True))), n_similar


def _threshold(held: Floats, n_similar: int, top: float) -> float:
    """The type-7 quantile at 1 - `top` of all similarities, of which the highest are held."""
    place = (n_similar - 1) * (1 - top)
    low, high = math.floor(place), math.ceil(place)
    ordered, below = np.sort(held), n_similar - len(held)
    lower, upper = float(ordered[low - below]), float(ordered[high - below])
    part = place - low
    return lower if lower == upper else (1 - part) * lower + part * upper


def _rounded(value: Floats) -> Floats:
    """Similarities to the digits that hold in any order of summing."""
    found: Floats = np.minimum(np.round(value, _DIGITS), 1.0)
    return found


def _bins(similarity: Floats) -> Int64s:
    return (similarity * _BINS).astype(np.int64)


def _edges(pairs: _Pairs, least: float, found: Incidence, chosen: pl.DataFrame) -> pl.DataFrame:
    n_shares = chosen.group_by("account_id").len().sort("account_id")["len"].cast(pl.Int64).to_numpy()
    kept = pairs.value >= least
    first, second = pairs.first[kept], pairs.second[kept]
    return pl.DataFrame(
        {
            "from": found.accounts.gather(first),
            "to": found.accounts.gather(second),
            "similarity": pairs.value[kept],
            "support": np.minimum(n_shares[first], n_shares[second]),
        },
        schema=_EDGES,
    )
