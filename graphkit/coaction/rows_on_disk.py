"""Rows of SHARES that are more than memory holds: dealt out to files twice, and sorted range by range."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from graphkit.coaction.inputs import share_batches
from graphkit.coaction.peers import Peer
from graphkit.coaction.rows import Part, Rows, in_order
from graphkit.engine.buckets import SAMPLE, Buckets, splitters
from graphkit.engine.budget import Budget
from graphkit.engine.names import Names, coded
from graphkit.engine.reach import MICROSECONDS, Int64s
from graphkit.engine.scratch import Scratch
from graphkit.errors import ConfigError

# Bytes that a row takes while its range is worked through, ids of twenty characters assumed.
ROW_BYTES = 400

# A range takes this share of the budget; more ranges than this are a flood of small files.
_RANGE_SHARE = 0.25
_MOST_RANGES = 512

_TYPES = {"object": np.uint32, "account": np.uint32, "content": np.uint32, "at": np.int64, "itself": np.bool_}


@dataclass(frozen=True)
class _Survey:
    """What must be known of all rows before any is dealt out.

    accounts: account_id in order, with n (rows) and first (row). objects, contents: samples of both columns.
    """

    accounts: pl.DataFrame
    objects: pl.Series
    contents: pl.Series
    n_rows: int
    whole: bool


def rows_on_disk(
    paths: Sequence[Path],
    n_rows: int,
    min_participation: int,
    like: Peer | None,
    scratch: Scratch,
    memory: Budget,
) -> Rows:
    """The rows of Parquet files as `rows_of` gives them, in the same order; contents have other codes.

    In memory are the accounts, a range of contents, then a range of objects; an object with more rows than a
    range is worked through alone. Raises ConfigError where the budget is too small for so many rows.
    """
    batch = memory.items(ROW_BYTES, 0.125, most=1_000_000)
    ranges = -(-n_rows // memory.items(ROW_BYTES, _RANGE_SHARE))
    if ranges > _MOST_RANGES:
        least = -(-n_rows * ROW_BYTES // int(_MOST_RANGES * _RANGE_SHARE * 2**20))
        raise ConfigError(
            f"{n_rows:,} rows would be dealt out to {ranges:,} ranges in {memory.facts()['budget_mib']} MiB;"
            f" allow {least:,} MiB or more"
        )
    survey = _survey(paths, batch, n_rows)
    by_content = Buckets(scratch, "content_id", splitters(survey.contents, ranges))
    for rows in _participants(paths, batch, survey, min_participation):
        by_content.add(rows)
    by_object = Buckets(scratch, "object_id", splitters(survey.objects, ranges))
    contents = _Dictionary(scratch)
    for rows in by_content.read():
        code = contents.add(rows["content_id"])
        by_object.add(rows.drop("content_id").with_columns(code.alias("content")))
    return _sorted(by_object, contents.names(), survey, like, scratch)


def _survey(paths: Sequence[Path], batch: int, n_rows: int) -> _Survey:
    every = max(n_rows // SAMPLE, 1)
    accounts = pl.DataFrame(schema={"account_id": pl.String, "n": pl.Int64, "first": pl.Int64})
    objects, contents, seen, whole = [], [], 0, True
    for shares in share_batches(paths, batch):
        mine = (
            shares.select("account_id", pl.int_range(pl.len(), dtype=pl.Int64).alias("first") + seen)
            .group_by("account_id")
            .agg(pl.len().cast(pl.Int64).alias("n"), pl.col("first").min())
        )
        sums = pl.concat([accounts, mine.select(accounts.columns)]).group_by("account_id")
        accounts = sums.agg(pl.col("n").sum(), pl.col("first").min())
        objects.append(shares["object_id"].gather_every(every))
        contents.append(shares["content_id"].gather_every(every))
        seconds = shares["timestamp_share"]
        whole = whole and (seconds.dtype.is_integer() or bool((seconds == seconds.floor()).all()))
        seen += shares.height
    none = pl.Series([], dtype=pl.String)
    object_ids, content_ids = (
        pl.concat([none, *(part.alias("") for part in drawn)]) for drawn in (objects, contents)
    )
    return _Survey(accounts.sort("account_id"), object_ids, content_ids, seen, whole)


def _participants(
    paths: Sequence[Path], batch: int, survey: _Survey, min_participation: int
) -> Iterator[pl.DataFrame]:
    """Rows of accounts with enough of them: object_id, content_id, account, at, itself and row."""
    known = survey.accounts.with_row_index("account").filter(pl.col("n") >= min_participation)
    known = known.select("account_id", "account")
    at = pl.col("timestamp_share")
    ticks = at.cast(pl.Int64) if survey.whole else (at * MICROSECONDS).round().cast(pl.Int64)
    seen = 0
    for shares in share_batches(paths, batch):
        yield (
            shares.select(
                "object_id",
                "content_id",
                "account_id",
                ticks.alias("at"),
                (pl.col("object_id") == pl.col("content_id")).alias("itself"),
                pl.int_range(pl.len(), dtype=pl.Int64).alias("row") + seen,
            )
            .join(known, on="account_id", how="inner", maintain_order="left")
            .drop("account_id")
        )
        seen += shares.height


class _Dictionary:
    """Distinct texts, range by range in order, kept in files."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._pieces: list[pl.Series | Path] = []
        self._lengths: list[int] = []

    def add(self, texts: pl.Series) -> pl.Series:
        """The codes of the texts of the next range."""
        distinct, code = coded(texts)
        path = self._scratch.path("ipc")
        if path is not None:
            distinct.alias("text").to_frame().write_ipc(path, compression="uncompressed")
        before = sum(self._lengths)
        self._pieces.append(distinct if path is None else path)
        self._lengths.append(len(distinct))
        return (code.cast(pl.Int64) + before).cast(pl.UInt32)

    def names(self) -> Names:
        return Names(self._pieces, self._lengths)


def _sorted(
    by_object: Buckets, contents: Names, survey: _Survey, like: Peer | None, scratch: Scratch
) -> Rows:
    first = survey.accounts["first"].to_numpy()
    columns = {name: scratch.growing(dtype) for name, dtype in _TYPES.items()}
    objects = _Dictionary(scratch)
    sizes: list[Int64s] = [np.zeros(0, np.int64)]
    for rows in by_object.read():
        table = rows.with_columns(objects.add(rows["object_id"]).alias("object"))
        values = {name: table[name].to_numpy() for name in (*_TYPES, "row")}
        ties = None
        if like == Peer.COORTWEET:
            # Accounts by their first row, then rows as they came: one number, since both are rows.
            ties = np.lexsort((values["row"], first[values["account"]]))
            ties = np.argsort(ties, kind="stable")
        order = in_order(
            values["object"], values["at"], ties, values["account"], values["content"].__getitem__
        )
        for name, column in columns.items():
            column.extend(values[name][order])
        sizes.append(np.unique(values["object"], return_counts=True)[1].astype(np.int64))
    accounts = survey.accounts["account_id"]
    return Rows(
        **{name: columns[name].done() for name in Part._fields},
        starts=np.concatenate([[0], np.cumsum(np.concatenate(sizes))]).astype(np.int64),
        objects=objects.names(),
        accounts=Names([accounts], [len(accounts)]),
        contents=contents,
        whole=survey.whole,
    )
