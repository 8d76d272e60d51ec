"""Pairs and edges as lazy tables, made while they are written: they may be longer than memory."""

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

from graphkit.coaction.edges import counted_quantile, summed
from graphkit.coaction.meet import Pairing
from graphkit.coaction.pairs import kept_pairs, named_pairs
from graphkit.coaction.peers import Peer
from graphkit.engine.order import dealt
from graphkit.engine.reach import Bools, Int64s
from graphkit.engine.scratch import Column, Growing, Scratch

# Bytes that a pair takes while it is summed, and pairs that are summed at once: more are no faster.
SUM_BYTES = 120
SUM_PAIRS = 8_000_000

_CODES = ("account_id", "account_id_y", "content_id", "content_id_y")

# Rows of edges that are named at once.
_NAMED_ROWS = 1_000_000

_EDGES = {
    "from": np.uint32,
    "to": np.uint32,
    "weight": np.int64,
    "avg_time_delta": np.float64,
    "n_content_id": np.int64,
    "n_content_id_y": np.int64,
    "edge_symmetry_score": np.float64,
}


def lazy_pairs(pairing: Pairing, busy: Bools | None) -> pl.LazyFrame:
    """PAIRS of the pairs that stay, in order."""
    rows = pairing.rows
    none = np.zeros(0, np.uint32)

    def parts() -> Iterator[pl.DataFrame]:
        return (named_pairs(rows, *found) for found in kept_pairs(pairing, busy))

    return _lazy(parts, named_pairs(rows, rows.part(0, 0), none, none))


def lazy_edges(
    pairing: Pairing,
    busy: Bools | None,
    scratch: Scratch,
    *,
    window: int,
    edge_weight: float,
    like: Peer | None,
    sum_pairs: int = SUM_PAIRS,
) -> pl.LazyFrame:
    """The edges of the pairs that stay, no further apart than `window`, with their threshold, in order."""
    columns = {name: scratch.growing(dtype) for name, dtype in _EDGES.items()}
    weights = [pl.DataFrame(schema={"weight": pl.Int64, "n": pl.Int64})]
    for codes in _by_account(pairing, busy, window, scratch, sum_pairs):
        edges = summed(codes, like, whole=pairing.rows.whole)
        for name, column in columns.items():
            column.extend(edges[name].to_numpy())
        weights.append(edges.group_by("weight").agg(pl.len().cast(pl.Int64).alias("n")))
    counts = pl.concat(weights).group_by("weight").agg(pl.col("n").sum()).sort("weight")
    threshold = counted_quantile(counts["weight"], counts["n"], edge_weight)
    return _lazy_edges({name: column.done() for name, column in columns.items()}, pairing, threshold)


def _lazy_edges(columns: dict[str, Column], pairing: Pairing, threshold: float) -> pl.LazyFrame:
    accounts, n = pairing.rows.accounts, len(columns["weight"])

    def part(start: int, stop: int) -> pl.DataFrame:
        values = {name: column[start:stop] for name, column in columns.items()}
        ends = {end: accounts.of(values[end]) for end in ("from", "to")}
        return pl.DataFrame(values | ends).with_columns(
            (pl.col("weight") > threshold).cast(pl.Int64).alias("weight_threshold")
        )

    def parts() -> Iterator[pl.DataFrame]:
        return (part(start, min(start + _NAMED_ROWS, n)) for start in range(0, n, _NAMED_ROWS))

    return _lazy(parts, part(0, 0))


def _by_account(
    pairing: Pairing, busy: Bools | None, window: int, scratch: Scratch, sum_pairs: int
) -> Iterator[pl.DataFrame]:
    """Codes and gaps of the pairs that stay, as `summed` wants them; all of two accounts in one frame."""
    if len(pairing) <= sum_pairs:
        none = np.zeros(0, np.uint32)
        empty = pl.DataFrame(dict.fromkeys(_CODES, none) | {"gap": np.zeros(0, np.int64)})
        yield pl.concat([empty, *_coded(pairing, busy, window)])
        return
    lowest = np.zeros(len(pairing.rows.accounts), dtype=np.int64)
    for part in _coded(pairing, busy, window):
        lowest += np.bincount(_lower(part), minlength=len(lowest))
    bounds = _bounds(lowest, sum_pairs)
    types = dict.fromkeys(_CODES, np.uint32) | {"gap": np.int64}
    files = [{name: scratch.growing(dtype) for name, dtype in types.items()} for _ in range(len(bounds) + 1)]
    for part in _coded(pairing, busy, window):
        _deal(part, np.searchsorted(bounds, _lower(part), side="right"), files)
    for file in files:
        yield pl.DataFrame({name: column.done()[:] for name, column in file.items()})


def _coded(pairing: Pairing, busy: Bools | None, window: int) -> Iterator[pl.DataFrame]:
    for part, first, second in kept_pairs(pairing, busy):
        gap = part.at[second] - part.at[first]
        codes = pl.DataFrame(
            {
                "account_id": part.account[first],
                "account_id_y": part.account[second],
                "content_id": part.content[first],
                "content_id_y": part.content[second],
                "gap": gap,
            }
        )
        yield codes if window >= pairing.window else codes.filter(pl.Series(gap <= window))


def _lower(part: pl.DataFrame) -> Int64s:
    return part.select(pl.min_horizontal("account_id", "account_id_y").cast(pl.Int64)).to_series().to_numpy()


def _bounds(counts: Int64s, most: int) -> Int64s:
    """Codes at which ranges of accounts begin that have about `most` pairs each."""
    reached = np.cumsum(counts)
    steps = np.arange(1, -(-int(reached[-1]) // most)) * most if len(reached) else np.zeros(0, np.int64)
    return np.unique(np.searchsorted(reached, steps, side="left") + 1)


def _deal(part: pl.DataFrame, place: Int64s, files: list[dict[str, Growing]]) -> None:
    order, ends = dealt(place, len(files))
    for name in part.columns:
        values = part[name].to_numpy()[order]
        for file, start, stop in zip(files, ends[:-1], ends[1:], strict=True):
            if stop > start:
                file[name].extend(values[start:stop])


def _lazy(parts: Callable[[], Iterator[pl.DataFrame]], empty: pl.DataFrame) -> pl.LazyFrame:
    """A lazy table of what `parts` gives, made anew whenever it is asked for."""

    def source(
        columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, _batch: int | None
    ) -> Iterator[pl.DataFrame]:
        left = n_rows
        for part in parts():
            shown = part if left is None else part.head(left)
            left = None if left is None else left - shown.height
            shown = shown if predicate is None else shown.filter(predicate)
            yield shown if columns is None else shown.select(columns)
            if left == 0:
                return

    return register_io_source(source, schema=empty.schema)
