"""Rows of SHARES as numbers, by object and time: what the pairs of any window are made of."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from graphkit.coaction.peers import Peer
from graphkit.engine.names import Names, coded
from graphkit.engine.order import stable_order
from graphkit.engine.reach import MICROSECONDS, Bools, Codes, Int64s
from graphkit.engine.scratch import Column


class Part(NamedTuple):
    """Some rows in memory; see Rows for its columns."""

    object: Codes
    account: Codes
    content: Codes
    at: Int64s
    itself: Bools


@dataclass(frozen=True)
class Rows:
    """Rows of accounts with enough of them, sorted by object, then time.

    object, account, content: codes in the order of the texts, which `objects`, `accounts` and `contents` give
    back. at: seconds where all are `whole`, else microseconds. itself: whether object and content are one.
    starts: the first row of each object that has rows and, last, the number of rows.
    """

    object: Column
    account: Column
    content: Column
    at: Column
    itself: Column
    starts: Int64s
    objects: Names
    accounts: Names
    contents: Names
    whole: bool

    def __len__(self) -> int:
        return len(self.at)

    def part(self, start: int, stop: int) -> Part:
        """The rows from `start` on and before `stop`."""
        return Part(*(getattr(self, name)[start:stop] for name in Part._fields))

    def ticks(self, seconds: float) -> int:
        """A window in the unit of `at`: as far as whole seconds, or microseconds, reach."""
        return int(seconds) if self.whole else round(seconds * MICROSECONDS)

    def seconds(self, ticks: Int64s) -> pl.Series:
        """Gaps of `at` in seconds: Int64 where all are whole, else Float64."""
        return pl.Series(ticks if self.whole else ticks / MICROSECONDS)


def rows_of(shares: pl.DataFrame, min_participation: int, like: Peer | None) -> Rows:
    """The rows of a table that fits into memory.

    Two rows of one object and one moment are put in order by their ids; for CooRTweet in its own order, which
    is that of accounts by their first row in the input, then that of the input.
    """
    at = shares["timestamp_share"]
    whole = at.dtype.is_integer()
    objects, object_ = coded(shares["object_id"])
    accounts, account = coded(shares["account_id"])
    contents, content = coded(shares["content_id"])
    columns = {
        "object": object_.to_numpy(),
        "account": account.to_numpy(),
        "content": content.to_numpy(),
        "at": at.cast(pl.Int64).to_numpy()
        if whole
        else (at * MICROSECONDS).round().cast(pl.Int64).to_numpy(),
        "itself": (shares["object_id"] == shares["content_id"]).to_numpy(),
    }
    ties = _peers_order(columns["account"], len(accounts)) if like == Peer.COORTWEET else None
    n_rows = np.bincount(columns["account"], minlength=len(accounts))
    order = None
    if len(n_rows) and n_rows.min() < min_participation:
        order = np.flatnonzero(n_rows[columns["account"]] >= min_participation)
        columns = {name: column[order] for name, column in columns.items()}
        ties = None if ties is None else ties[order]
    place = in_order(columns["object"], columns["at"], ties, columns["account"], columns["content"])
    columns = {name: column[place] for name, column in columns.items()}
    return Rows(
        **columns,
        starts=starts_of(columns["object"]),
        objects=Names([objects], [len(objects)]),
        accounts=Names([accounts], [len(accounts)]),
        contents=Names([contents], [len(contents)]),
        whole=whole,
    )


def in_order(object_: Codes, at: Int64s, ties: Int64s | None, account: Codes, content: Codes) -> Int64s:
    """The places of rows sorted by object, time and, in one moment, `ties` or else account and content."""
    if not len(at):
        return np.zeros(0, np.int64)
    began = int(at.min())
    length = int(at.max()) - began + 1
    within = [content, account] if ties is None else [ties]
    if (int(object_.max()) + 1) * length >= 2**62:
        whole: Int64s = np.lexsort((*within, at, object_))
        return whole
    line = object_.astype(np.int64) * length + (at - began)
    order = stable_order(line)
    ranked = line[order]
    same = ranked[1:] == ranked[:-1]
    tied = np.flatnonzero(np.r_[same, False] | np.r_[False, same])
    rows = order[tied]
    order[tied] = rows[np.lexsort((*(column[rows] for column in within), ranked[tied]))]
    return order


def starts_of(object_: Codes) -> Int64s:
    """The first row of each object among sorted rows and, last, their number."""
    if not len(object_):
        return np.zeros(1, np.int64)
    begun = np.flatnonzero(object_[1:] != object_[:-1]) + 1
    return np.concatenate([[0], begun, [len(object_)]]).astype(np.int64)


def _peers_order(account: Codes, n_accounts: int) -> Int64s:
    """For each row its place once rows are regrouped by account, accounts in order of their first row."""
    first = np.full(n_accounts, len(account), dtype=np.int64)
    np.minimum.at(first, account, np.arange(len(account)))
    place = np.empty(len(account), dtype=np.int64)
    place[np.argsort(first[account], kind="stable")] = np.arange(len(account))
    return place
