"""Which accounts share more objects than chance explains: the validated projection of accounts by objects."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from graphkit.coaction.incidence import (
    MOST_PAIRS,
    Floats,
    Incidence,
    incidence,
    upper_products,
)
from graphkit.coaction.nulls import Hypergeometric, Poisson, configuration_model, log_tail
from graphkit.engine.reach import Int64s
from graphkit.errors import ConfigError

NULLS = ("hypergeometric", "bicm")

_EDGES = pl.Schema(
    {
        "from": pl.String,
        "to": pl.String,
        "count": pl.Int64,
        "expected": pl.Float64,
        "p_value": pl.Float64,
        "q_value": pl.Float64,
        "weight": pl.Float64,
    }
)


@dataclass(frozen=True)
class ValidatedProjection:
    """What `validated_projection` found.

    edges: from, to (from < to), count (objects in common), expected (by chance), p_value, q_value and
    weight (-ln p_value, in nats, which stays exact where p_value is too small for a number), sorted by from
    and to. left_out: object_id, n_accounts, n_shares, pairs of the objects too popular to be paired.
    n_tests: pairs of accounts, of which n_met share an object at all.
    """

    edges: pl.DataFrame
    left_out: pl.DataFrame
    n_tests: int
    n_met: int


def validated_projection(
    shares: pl.DataFrame,
    *,
    null: str = "hypergeometric",
    alpha: float = 0.05,
    most_pairs: int = MOST_PAIRS,
) -> ValidatedProjection:
    """Pairs of accounts of SHARES with more objects in common than chance gives, at a false discovery rate.

    An account counts once for an object, however often it shared it; times are not looked at. The p-value is
    the chance of as many objects in common or more. `null="hypergeometric"`: each account draws its number of
    objects from all of them, each object as likely as any other (Tumminello et al. 2011,
    doi:10.1371/journal.pone.0017994). `null="bicm"`: the number of accounts of each object is kept as well
    (Saracco et al. 2017, doi:10.1088/1367-2630/aa6b38), the sum of rare chances taken as Poisson, as the
    `bicm` package does by default; an object that everybody shares is then no surprise.

    q_value is that of Benjamini and Hochberg (1995) over all n (n - 1) / 2 pairs of the n accounts of SHARES,
    also those that share nothing (their p is 1). An edge is kept where it is at most `alpha`; 1 keeps all
    pairs that share an object. Objects are left out, and reported, where all together would make more than
    `most_pairs` pairs; the nulls are then those of the data without them.

    Raises ConfigError for an unknown null or an `alpha` outside 0 to 1.
    """
    if null not in NULLS:
        raise ConfigError(f"`null` is `{null}`; it must be one of {', '.join(f'`{name}`' for name in NULLS)}")
    if not 0 < alpha <= 1:
        raise ConfigError(f"`alpha` is {alpha:g}; a false discovery rate lies between 0 and 1")
    found = incidence(shares, most_pairs=most_pairs)
    degrees, kind = np.unique(found.per_account, return_inverse=True)
    keys = _Keys(kind.astype(np.int64), len(degrees), int(degrees.max(initial=0)) + 1)
    kinds = _kinds(found, keys)
    n_tests = len(found.accounts) * (len(found.accounts) - 1) // 2
    tested = _tested(_expected(found, keys, kinds, null), degrees, found, n_tests, null)
    strong = tested.filter(pl.col("log_q") <= np.log(alpha)).sort("key")
    return ValidatedProjection(
        _edges(found, keys, strong), found.left_out, n_tests, int(kinds["n"].sum() if kinds.height else 0)
    )


@dataclass(frozen=True)
class _Keys:
    """All that a p-value hangs on, in one number: the kinds (degrees) of both accounts and the count."""

    kind: Int64s
    n_kinds: int
    most: int

    def of(self, first: Int64s, second: Int64s, count: Int64s) -> Int64s:
        one, other = self.kind[first], self.kind[second]
        low, high = np.minimum(one, other), np.maximum(one, other)
        return (low * self.n_kinds + high) * self.most + count

    def parts(self, key: Int64s) -> tuple[Int64s, Int64s, Int64s]:
        both, count = np.divmod(key, self.most)
        low, high = np.divmod(both, self.n_kinds)
        return low, high, count


def _met(found: Incidence) -> Iterator[tuple[Int64s, Int64s, Int64s]]:
    """Accounts that share an object and how many they share, by portions."""
    once = found.counts.astype(np.int64)
    once.data[:] = 1
    return upper_products(once)


def _kinds(found: Incidence, keys: _Keys) -> pl.DataFrame:
    """key, n: the distinct keys and how many pairs have each."""
    # Pairs are made twice, here and for the edges, rather than held: there may be hundreds of millions.
    parts = [pl.DataFrame(schema={"key": pl.Int64, "n": pl.Int64})]
    for first, second, count in _met(found):
        made = pl.DataFrame({"key": keys.of(first, second, count)})
        parts.append(made.group_by("key").agg(pl.len().cast(pl.Int64).alias("n")))
    return pl.concat(parts).group_by("key").agg(pl.col("n").sum()).sort("key")


def _expected(found: Incidence, keys: _Keys, kinds: pl.DataFrame, null: str) -> pl.DataFrame:
    """`kinds` with `low`, `high` and `count` of each key and the number `expected` by chance."""
    low, high, count = keys.parts(kinds["key"].to_numpy())
    degrees, n_accounts = np.unique(found.per_account, return_counts=True)
    if null == "bicm":
        # Objects that nobody has any more are none.
        popularity, n_objects = np.unique(found.per_object[found.per_object > 0], return_counts=True)
        chance = configuration_model(degrees, n_accounts, popularity, n_objects)
        mean: Floats = ((chance * n_objects) @ chance.T)[low, high]
    else:
        size = max(int((found.per_object > 0).sum()), 1)
        mean = degrees[low] * degrees[high] / size
    return kinds.with_columns(low=pl.Series(low), high=pl.Series(high), count=pl.Series(count), expected=mean)


def _tested(kinds: pl.DataFrame, degrees: Int64s, found: Incidence, n_tests: int, null: str) -> pl.DataFrame:
    """`kinds` with the logarithms of p and q."""
    low, high, count = (kinds[name].to_numpy() for name in ("low", "high", "count"))
    if null == "bicm":
        log_p = log_tail(Poisson(kinds["expected"].to_numpy()), count)
    else:
        first, second = degrees[low].astype(np.float64), degrees[high].astype(np.float64)
        log_p = log_tail(Hypergeometric(first, second, max(int((found.per_object > 0).sum()), 1)), count)
    ordered = kinds.with_columns(log_p=pl.Series(log_p)).sort("log_p", "key")
    raw = pl.col("log_p") + float(np.log(max(n_tests, 1))) - pl.col("n").cum_sum().log()
    # The last of equal p-values has the highest rank, and the smallest from there on holds for all before.
    return ordered.with_columns(raw.cum_min(reverse=True).clip(upper_bound=0.0).alias("log_q"))


def _edges(found: Incidence, keys: _Keys, strong: pl.DataFrame) -> pl.DataFrame:
    """The pairs whose key is among the strong ones, with names and numbers."""
    wanted = strong["key"].to_numpy()
    parts = [_EDGES.to_frame()]
    for first, second, count in _met(found) if len(wanted) else ():
        key = keys.of(first, second, count)
        place = np.minimum(np.searchsorted(wanted, key), len(wanted) - 1)
        kept = wanted[place] == key
        law = strong[place[kept]]
        parts.append(
            pl.DataFrame(
                {
                    "from": found.accounts.gather(first[kept]),
                    "to": found.accounts.gather(second[kept]),
                    "count": count[kept],
                    "expected": law["expected"],
                    "p_value": law["log_p"].exp(),
                    "q_value": law["log_q"].exp(),
                    # Of a certain event it is 0, not minus 0.
                    "weight": 0.0 - law["log_p"],
                },
                schema=_EDGES,
            )
        )
    return pl.concat(parts)
