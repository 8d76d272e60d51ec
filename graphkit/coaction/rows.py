"""Rows of SHARES as numbers, by object and time: what the pairs of any window are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.coaction.peers import Peer
from graphkit.engine.names import Names, all_differ, coded, numbered
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

    object, account: codes in the order of the texts; content: codes that tell contents apart. `objects`,
    `accounts` and `contents` give the texts back. at: seconds where all are `whole`, else microseconds.
    itself: whether object and content are one.
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
    given = shares["timestamp_share"]
    whole = given.dtype.is_integer()
    ticks = given if whole else (given * MICROSECONDS).round()
    at = ticks.cast(pl.Int64).to_numpy()
    objects, object_ = _texts_and_codes(shares["object_id"])
    accounts, account = _texts_and_codes(shares["account_id"])
    ties = _peers_order(account, len(accounts)) if like == Peer.COORTWEET else None
    rows = _participants(account, len(accounts), min_participation)
    contents = shares["content_id"]
    place = in_order(
        object_[rows],
        at[rows],
        None if ties is None else ties[rows],
        account[rows],
        lambda some: contents.gather(np.arange(len(contents))[rows][some]).rank("dense").to_numpy(),
    )
    rows = place if isinstance(rows, slice) else rows[place]
    content, first = _numbers(contents, rows)
    itself = (shares["object_id"] == contents).to_numpy()
    object_ = object_[rows]
    return Rows(
        object=object_,
        account=account[rows],
        content=content,
        at=at[rows],
        itself=itself[rows],
        starts=starts_of(object_),
        objects=Names([objects], [len(objects)]),
        accounts=Names([accounts], [len(accounts)]),
        contents=Names([contents], [len(contents)], first.astype(np.uint32)),
        whole=whole,
    )


def _texts_and_codes(texts: pl.Series) -> tuple[pl.Series, Codes]:
    distinct, code = coded(texts)
    return distinct, code.to_numpy()


def _participants(account: Codes, n_accounts: int, least: int) -> Int64s | slice:
    """The rows of accounts with at least so many of them."""
    n_rows = np.bincount(account, minlength=n_accounts)
    if not len(n_rows) or n_rows.min() >= least:
        return slice(None)
    return np.flatnonzero((n_rows >= least)[account.astype(np.int64)])


def _numbers(texts: pl.Series, rows: Int64s) -> tuple[Codes, Int64s]:
    """Numbers of the texts in `rows`, as they come in these, and for each number a row with its text.

    What is near in rows is near in numbers too, and so in all that is looked up by them.
    """
    if all_differ(texts):
        return np.arange(len(rows), dtype=np.uint32), rows
    number = numbered(texts)[1][rows].astype(np.int64)
    first = np.zeros(int(number.max(initial=0)) + 1, dtype=np.int64)
    # Of several rows with one text the first is written last.
    first[number[::-1]] = np.arange(len(rows))[::-1]
    fresh = first[number] == np.arange(len(rows))
    new = np.cumsum(fresh, dtype=np.uint32)
    new -= np.uint32(1)
    return new[first[number]], rows[fresh]


def in_order(
    object_: Codes,
    at: Int64s,
    ties: Int64s | None,
    account: Codes,
    contents: Callable[[Int64s], npt.NDArray[np.integer]],
) -> Int64s:
    """The places of rows sorted by object, time and, in one moment, `ties` or else account and content.

    `contents` gives numbers for some rows that are in the order of their contents.
    """
    if not len(at):
        return np.zeros(0, np.int64)
    began = int(at.min())
    length = int(at.max()) - began + 1
    if (int(object_.max()) + 1) * length >= 2**62:
        order: Int64s = np.lexsort((at, object_))
        same = np.logical_and(*(column[order][1:] == column[order][:-1] for column in (at, object_)))
    else:
        line = object_.astype(np.int64) * length + (at - began)
        order = stable_order(line)
        ranked = line[order]
        same = ranked[1:] == ranked[:-1]
    if ties is not None:
        _settle(order, same, lambda rows: ties[rows])
        return order
    _settle(order, same, lambda rows: account[rows])
    same &= account[order][1:] == account[order][:-1]
    _settle(order, same, contents)
    return order


def _settle(order: Int64s, same: Bools, rank: Callable[[Int64s], npt.NDArray[np.integer]]) -> None:
    """Put rows that are the `same` as the one before them in the order of their `rank`, in place."""
    tied = np.flatnonzero(np.r_[same, False] | np.r_[False, same])
    if len(tied):
        # Every run of rows that are the same is one group.
        group = np.cumsum(~np.r_[False, same][tied])
        rows = order[tied]
        order[tied] = rows[np.lexsort((rank(rows), group))]


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
    place[stable_order(first[account])] = np.arange(len(account))
    return place
