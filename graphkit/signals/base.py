"""What a signal is: a question with a number as answer, asked of accounts, members or rings alike."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.threads import in_parts
from graphkit.settings import SignalSettings
from graphkit.text.spelling import spelled
from graphkit.words import Direction, Family, Grade, Subject

# Chunks of texts that are worth a thread of their own.
_CHUNKS = 8

# Five characters in a row: rare enough to be new when written anew, common enough to be met again in a copy.
GRAM = 5
# Odd constants (splitmix64, murmur3): five code points and an account become one 64-bit number.
_ACCOUNT_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_GRAM_FACTORS = tuple(
    np.uint64(factor)
    for factor in (
        0xBF58476D1CE4E5B9,
        0x94D049BB133111EB,
        0xD6E8FEB86659FD93,
        0xFF51AFD7ED558CCD,
        0xC4CEB9FE1A85EC53,
    )
)


@dataclass(frozen=True)
class Case:
    """All that a signal may look at: tables, never the run.

    events is EVENTS sorted by timestamp, then event_id; accounts is ACCOUNTS; members is MEMBERS (empty
    when a signal is fitted to ordinary accounts); pairs is PAIRS (the receipts of the rings' edges). `asked`
    are the accounts whose answers are wanted, None for all: others then only show what the crowd does.
    """

    events: pl.DataFrame
    accounts: pl.DataFrame
    members: pl.DataFrame
    pairs: pl.DataFrame
    settings: SignalSettings
    asked: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Ceiling:
    """Values that no person reaches, or no group by chance: they grade without a reference.

    A value must also be `times` what chance or the crowd gives (the column `expected` of MEASURES).
    A ceiling of infinity is never reached.
    """

    moderate: float
    strong: float
    times: float = 0.0


@dataclass(frozen=True)
class Signal:
    """One question.

    `measure` returns the columns of MEASURES but `signal` (for `Subject.RING` account_id holds the ring_id);
    accounts with fewer than `minimum_n` usable events are left out: absent, not zero. `event_ids` holds every
    event that the value was computed from, so that it can be recomputed from them alone.

    `most` is the highest grade that the signal can ever bring. A signal with a `ceiling` is graded by it;
    the others are graded by their place among ordinary accounts (unless the value is `beyond` all people:
    then as by a ceiling), but never where the value falls short of
    the `floor`: what many people do is no evidence, however rare it is on one platform; where `floor_counts`,
    the value is a share of n, and the floor is held against the events that make it. Short of the
    `strong_floor` it is moderate at most: what some people do may be rare, but not out of reach. A value that
    `settles` (a median, a share) scatters less the more events it is made of; then `stand_ins` may give
    account_id, value and n of accounts with fewer than `minimum_n`, who serve as ordinary ones where few have
    more: an account looks less unusual among them than it is.
    """

    name: str
    family: Family
    subject: Subject
    question: str
    unit: str
    direction: Direction
    minimum_n: int
    measure: Callable[[Case], pl.DataFrame]
    explain: Callable[[float, int], str]
    innocent: tuple[str, ...] = ()
    ceiling: Callable[[SignalSettings], Ceiling] | None = None
    beyond: Callable[[SignalSettings], Ceiling] | None = None
    floor: Callable[[SignalSettings], float] | None = None
    floor_counts: bool = False
    strong_floor: Callable[[SignalSettings], float] | None = None
    settles: bool = False
    stand_ins: Callable[[Case], pl.DataFrame] | None = None
    most: Grade = Grade.STRONG


def measured(value: pl.Expr, n: pl.Expr, event_id: pl.Expr, expected: pl.Expr | None = None) -> list[pl.Expr]:
    """The aggregations that make a row of MEASURES out of one account's events."""
    return [
        value.cast(pl.Float64).alias("value"),
        n.cast(pl.Int64).alias("n"),
        (pl.lit(None, pl.Float64) if expected is None else expected.cast(pl.Float64)).alias("expected"),
        event_id.alias("event_ids"),
    ]


def timeline(at: npt.NDArray[np.int64], group: npt.NDArray[np.int64], reach: int) -> npt.NDArray[np.int64]:
    """Times on one line for `searchsorted`, in rows sorted by group and time.

    Differences up to `reach` inside a group stay what they are; longer ones, and those between groups, become
    longer than `reach` but stay small, so that thirty years in microseconds never overflow.
    """
    step = np.minimum(np.diff(at, prepend=at[:1]), reach + 1)
    step[np.diff(group, prepend=group[:1]) != 0] = reach + 1
    line: npt.NDArray[np.int64] = np.cumsum(step)
    return line


def written(events: pl.DataFrame) -> pl.DataFrame:
    """`events` as `spelled`, with how long after the account's previous event, and how much of it is new.

    Adds `novelty` (share of the 5-grams of `typed` that the account uses for the first time; null below five
    characters), `gap_s` (seconds since the account's previous event on any channel; null for its first) and
    `turn` (the place of the event by account, time and id, so that it need not be sorted by them again).
    Comes back in the order of EVENTS; a frame that has the columns already comes back as it is.
    """
    if "novelty" in events.columns:
        return events
    own = spelled(events).sort("account_id", "timestamp", "event_id").with_row_index("turn")
    gap_s = pl.col("timestamp").diff().over("account_id").dt.total_microseconds() / 1e6
    return own.with_columns(gap_s.alias("gap_s"), _novelty(own)).sort("timestamp", "event_id")


def by_account(events: pl.DataFrame, *columns: str | pl.Expr) -> pl.DataFrame:
    """`columns` of `events` (all of them if none is named), by account, time and id."""
    if "turn" not in events.columns:
        ordered = events.sort("account_id", "timestamp", "event_id")
        return ordered.select(columns) if columns else ordered
    order = events["turn"].arg_sort()
    return (events.select(columns) if columns else events)[order]


def of_asked(case: Case, events: pl.DataFrame) -> pl.DataFrame:
    """Those of `events` whose accounts are asked."""
    if case.asked is None:
        return events
    return events.filter(pl.col("account_id").is_in(pl.Series(case.asked, dtype=pl.String).implode()))


def _novelty(own: pl.DataFrame, chunk_characters: int = 200_000) -> pl.Series:
    """The share of new 5-grams of each row of `own`, which is sorted by account and time."""
    length = own["typed"].str.len_chars().fill_null(0).to_numpy().astype(np.int64)
    account = own.select(pl.col("account_id").rle_id()).to_series().to_numpy().astype(np.uint64)
    share = np.full(own.height, np.nan)
    # Whole accounts to a chunk, so that every earlier text is in it; small, so that it stays in the cache.
    begins = np.flatnonzero(np.diff(account, prepend=np.uint64(own.height + 1)) != 0)
    chunk = (np.cumsum(length) // chunk_characters)[begins]
    chunks = list(pairwise([*begins[np.diff(chunk, prepend=-1) > 0].tolist(), own.height]))

    def fill(part: slice) -> None:
        for start, stop in chunks[part]:
            rows = start + np.flatnonzero(length[start:stop] >= GRAM)
            if rows.size:
                share[rows] = _new_share(own["typed"][rows], account[rows], length[rows])

    in_parts(len(chunks), fill, least=_CHUNKS)
    return pl.Series("novelty", share).fill_nan(None)


def _new_share(
    texts: pl.Series, account: npt.NDArray[np.uint64], length: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    points = np.frombuffer(texts.str.join("").item().encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    # Every five characters in a row, then those that do not reach into the next text.
    mixed = np.zeros(points.size - (GRAM - 1), dtype=np.uint64)
    for step, factor in enumerate(_GRAM_FACTORS):
        mixed += points[step : step + mixed.size] * factor
    grams = length - (GRAM - 1)
    row = np.repeat(np.arange(length.size), grams)
    begin = np.repeat(np.cumsum(length) - length - np.cumsum(grams) + grams, grams) + np.arange(grams.sum())
    gram = np.repeat(account * _ACCOUNT_FACTOR, grams) + mixed[begin]
    gram ^= gram >> np.uint64(29)
    first = pl.Series(gram).is_first_distinct().to_numpy()
    share: npt.NDArray[np.float64] = np.bincount(row, weights=first, minlength=length.size) / grams
    return share
