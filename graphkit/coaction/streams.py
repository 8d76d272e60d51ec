"""Pairs and edges as lazy tables, made while they are written: they may be longer than memory."""

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

from graphkit.coaction.edges import counted_quantile
from graphkit.coaction.meet import Pairing
from graphkit.coaction.pairs import kept_pairs, named_pairs
from graphkit.coaction.peers import Peer
from graphkit.coaction.sums import CodedPairs, sums
from graphkit.engine.names import Names
from graphkit.engine.order import counted, dealt
from graphkit.engine.reach import Bools, Codes, Int64s
from graphkit.engine.scratch import Column, Growing, Scratch

# Bytes that a pair takes while it is summed, and pairs that are summed at once: with more, memory that is
# had anew each time makes it slower.
SUM_BYTES = 120
SUM_PAIRS = 1_000_000

_CODED = {
    "account": np.uint32,
    "account_y": np.uint32,
    "content": np.uint32,
    "content_y": np.uint32,
    "gap": np.int64,
}

# Names that are written beside every 262,144 rows, the size of a group of rows in a file: a quarter at most.
_WRITTEN_NAMES = 131_072

# Rows of edges that are named at once.
_NAMED_ROWS = 500_000

_EDGES = {
    "from": np.uint32,
    "to": np.uint32,
    "weight": np.int64,
    "avg_time_delta": np.float64,
    "n_content_id": np.int64,
    "n_content_id_y": np.int64,
    "edge_symmetry_score": np.float64,
}


def account_codes(pairing: Pairing) -> pl.Series | None:
    """The names of accounts as codes, written in half the time, if that is worth it for so many pairs."""
    accounts = pairing.rows.accounts
    return accounts.codes() if len(accounts) <= min(len(pairing), _WRITTEN_NAMES) else None


def lazy_pairs(pairing: Pairing, busy: Bools | None, accounts: pl.Series | None = None) -> pl.LazyFrame:
    """PAIRS of the pairs that stay, in order; account ids out of `accounts`, if that is given."""
    rows = pairing.rows
    none = np.zeros(0, np.int64)

    def parts() -> Iterator[pl.DataFrame]:
        return (named_pairs(rows, *found, accounts) for found in kept_pairs(pairing, busy))

    return _lazy(parts, named_pairs(rows, rows.part(0, 0), none, none, accounts))


def lazy_edges(
    pairing: Pairing,
    busy: Bools | None,
    scratch: Scratch,
    *,
    window: int,
    edge_weight: float,
    like: Peer | None,
    sum_pairs: int = SUM_PAIRS,
    accounts: pl.Series | None = None,
) -> pl.LazyFrame:
    """The edges of the pairs that stay, no further apart than `window`, with their threshold, in order.

    Account ids come out of `accounts`, if that is given.
    """
    columns = {name: scratch.growing(dtype) for name, dtype in _EDGES.items()}
    weights, times = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for codes in _by_account(pairing, busy, window, scratch, sum_pairs):
        edges = sums(codes, like, whole=pairing.rows.whole)
        for name, column in columns.items():
            column.extend(edges[name])
        for found, part in zip((weights, times), counted(edges["weight"]), strict=True):
            found.append(part)
    weight, n = counted(np.concatenate(weights), np.concatenate(times))
    threshold = counted_quantile(pl.Series(weight), pl.Series(n), edge_weight)
    done = {name: column.done() for name, column in columns.items()}
    return _lazy_edges(done, pairing.rows.accounts, accounts, threshold)


def _lazy_edges(
    columns: dict[str, Column], names: Names, accounts: pl.Series | None, threshold: float
) -> pl.LazyFrame:
    n = len(columns["weight"])

    def part(start: int, stop: int) -> pl.DataFrame:
        values = {name: column[start:stop] for name, column in columns.items()}
        codes = {end: values[end] for end in ("from", "to")}
        ends = {
            end: names.of(code) if accounts is None else accounts.gather(code) for end, code in codes.items()
        }
        return pl.DataFrame(values | ends).with_columns(
            (pl.col("weight") > threshold).cast(pl.Int64).alias("weight_threshold")
        )

    def parts() -> Iterator[pl.DataFrame]:
        return (part(start, min(start + _NAMED_ROWS, n)) for start in range(0, n, _NAMED_ROWS))

    return _lazy(parts, part(0, 0))


def _by_account(
    pairing: Pairing, busy: Bools | None, window: int, scratch: Scratch, sum_pairs: int
) -> Iterator[CodedPairs]:
    """Codes and gaps of the pairs that stay, as `sums` wants them; all of two accounts in one of them."""
    if len(pairing) <= sum_pairs:
        files = [{name: Scratch(None).growing(dtype) for name, dtype in _CODED.items()}]
        for codes in _coded(pairing, busy, window):
            for name, column in files[0].items():
                column.extend(getattr(codes, name))
    else:
        bounds = _bounds(_lowest(pairing, busy), sum_pairs)
        files = [
            {name: scratch.growing(dtype) for name, dtype in _CODED.items()} for _ in range(len(bounds) + 1)
        ]
        for codes in _coded(pairing, busy, window):
            lower = np.minimum(codes.account, codes.account_y)
            _deal(codes, np.searchsorted(bounds, lower, side="right"), files)
    while files:
        yield CodedPairs(**{name: column.done()[:] for name, column in files.pop(0).items()})


def _coded(pairing: Pairing, busy: Bools | None, window: int) -> Iterator[CodedPairs]:
    for part, first, second in kept_pairs(pairing, busy):
        if window < pairing.window:
            near = part.at[second] - part.at[first] <= window
            first, second = first[near], second[near]
        yield CodedPairs(
            part.account[first],
            part.account[second],
            part.content[first],
            part.content[second],
            part.at[second] - part.at[first],
        )


def _lowest(pairing: Pairing, busy: Bools | None) -> Int64s:
    """How many pairs each account is the lower one of."""
    lowest = np.zeros(len(pairing.rows.accounts), dtype=np.int64)
    for part, first, second in kept_pairs(pairing, busy):
        lower: Codes = np.minimum(part.account[first], part.account[second])
        lowest += np.bincount(lower, minlength=len(lowest))
    return lowest


def _bounds(counts: Int64s, most: int) -> Int64s:
    """Codes at which ranges of accounts begin that have about `most` pairs each."""
    reached = np.cumsum(counts)
    steps = np.arange(1, -(-int(reached[-1]) // most)) * most if len(reached) else np.zeros(0, np.int64)
    return np.unique(np.searchsorted(reached, steps, side="left") + 1)


def _deal(codes: CodedPairs, place: Int64s, files: list[dict[str, Growing]]) -> None:
    # Places of 16 bits are sorted by their digits, far faster than others.
    order, ends = dealt(place.astype(np.uint16) if len(files) <= 2**16 else place, len(files))
    for name in _CODED:
        values = getattr(codes, name)[order]
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
