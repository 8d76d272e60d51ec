"""Which account shared which object how often, as a sparse matrix, and its products by portions of rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from graphkit.engine.names import coded
from graphkit.engine.reach import Int64s
from graphkit.errors import ConfigError

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[Any]

# Pairs of accounts that all objects together may make: an object of n accounts makes n (n - 1) / 2. They are
# made and dropped by portions, so this bounds the time (about 10 s), and how long a table of edges can get.
MOST_PAIRS = 50_000_000

# Products made at once; about 60 bytes each while they are.
_PORTION = 4_000_000


@dataclass(frozen=True)
class Incidence:
    """Accounts by objects: `counts` holds the shares of each account of each object.

    `accounts` and `objects` are the distinct ids in order of their text, the places of rows and columns.
    `left_out`: object_id, n_accounts, n_shares, pairs of the objects that are too popular to be paired; they
    have no entries in `counts`.
    """

    accounts: pl.Series
    objects: pl.Series
    counts: sparse.csr_array
    left_out: pl.DataFrame

    @property
    def per_account(self) -> Int64s:
        """Distinct objects of each account."""
        return np.asarray(np.diff(self.counts.indptr), dtype=np.int64)

    @property
    def per_object(self) -> Int64s:
        """Distinct accounts of each object."""
        return _per_column(self.counts)


def incidence(shares: pl.DataFrame, *, most_pairs: int = MOST_PAIRS) -> Incidence:
    """The incidence of SHARES without the objects that make too many pairs.

    Objects are taken in order of how many accounts shared them, all of one popularity together, as long as
    all pairs that they make are at most `most_pairs`; the others are reported, so nothing is left out of what
    fits.

    Raises ConfigError where `most_pairs` is negative.
    """
    if most_pairs < 0:
        raise ConfigError(f"`most_pairs` is {most_pairs}; it is a number of pairs from 0 on")
    (accounts, account), (objects, object_) = (coded(shares[name]) for name in ("account_id", "object_id"))
    entries = (
        pl.DataFrame({"account": account.cast(pl.Int64), "object": object_.cast(pl.Int64)})
        .group_by("account", "object")
        .agg(pl.len().cast(pl.Int64).alias("n"))
        .sort("account", "object")
    )
    popular = _too_popular(entries, most_pairs)
    kept = entries.join(popular, on="object", how="anti").sort("account", "object")
    left_out = popular.with_columns(objects.gather(popular["object"]).alias("object_id"))
    return Incidence(
        accounts,
        objects,
        _matrix(kept, len(accounts), len(objects)),
        left_out.select("object_id", "n_accounts", "n_shares", "pairs").sort(
            "n_accounts", "object_id", descending=[True, False]
        ),
    )


def upper_products(
    matrix: sparse.csr_array, *, portion: int = _PORTION
) -> Iterator[tuple[Int64s, Int64s, Numbers]]:
    """Rows i < j with a common column and the product of the two, as aligned arrays i, j, product.

    Sorted by i, then j. Rows that have no column in common are not made. `portion` bounds how many products
    of entries are added up at once, unless one row alone has more.
    """
    matrix = matrix[:, np.flatnonzero(_per_column(matrix) > 1)].tocsr()
    entries = np.concatenate([[0], np.cumsum(_per_column(matrix)[matrix.indices], dtype=np.int64)])
    work = entries[matrix.indptr]
    start, height = 0, matrix.shape[0]
    while start < height and work[-1] > work[start]:
        stop = int(np.searchsorted(work, work[start] + portion, side="right")) - 1
        stop = min(max(stop, start + 1), height)
        block = sparse.triu(matrix[start:stop] @ matrix[start:].T, k=1, format="csr")
        block.sort_indices()
        rows = np.repeat(np.arange(start, stop, dtype=np.int64), np.diff(block.indptr))
        yield rows, block.indices.astype(np.int64) + start, block.data
        start = stop


def _per_column(matrix: sparse.csr_array) -> Int64s:
    return np.bincount(matrix.indices, minlength=matrix.shape[1]).astype(np.int64)


def _too_popular(entries: pl.DataFrame, most_pairs: int) -> pl.DataFrame:
    """Code of the object, n_accounts, n_shares and pairs of what is beyond the limit."""
    n = pl.col("n_accounts")
    by_object = (
        entries.group_by("object")
        .agg(pl.len().cast(pl.Int64).alias("n_accounts"), pl.col("n").sum().alias("n_shares"))
        .with_columns((n * (n - 1) // 2).alias("pairs"))
        .sort("n_accounts", "object")
    )
    # Objects as popular as one beyond the limit go with it: which of them stays would be luck.
    running = by_object.with_columns(pl.col("pairs").cum_sum().alias("running"))
    beyond = running.filter(pl.col("running") > most_pairs)["n_accounts"].min()
    return by_object.filter(n >= beyond) if isinstance(beyond, int) else by_object.clear()


def _matrix(entries: pl.DataFrame, height: int, width: int) -> sparse.csr_array:
    """The matrix of entries that are sorted by row and column."""
    per_row = np.bincount(entries["account"].to_numpy(), minlength=height)
    starts = np.concatenate([[0], np.cumsum(per_row, dtype=np.int64)])
    return sparse.csr_array(
        (entries["n"].to_numpy(), entries["object"].to_numpy(), starts), shape=(height, width)
    )
