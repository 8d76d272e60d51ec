"""CooRTweet's pairs: two rows that share an object within a window, and which of them are fast."""

import math

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.coaction.inputs import codes
from graphkit.coaction.peers import Peer
from graphkit.coaction.windows import portions, spans
from graphkit.errors import ConfigError, InputError
from graphkit.network.meetings import Int64s

# Columns of pairs: the older row first. `time_delta` is in seconds (Float64 where a time has a fraction).
PAIRS = ("object_id", "account_id", "account_id_y", "content_id", "content_id_y", "time_delta")

MICROSECONDS = 1_000_000

# Pairs are a table, so they must fit: about 12 GB when ids are short. Fewer seconds give fewer.
MOST_PAIRS = 200_000_000


def coaction_pairs(
    shares: pl.DataFrame,
    *,
    window_s: float,
    min_participation: int = 2,
    remove_loops: bool = True,
    like: Peer | None = None,
    most_pairs: int = MOST_PAIRS,
) -> pl.DataFrame:
    """PAIRS of rows of SHARES on one object within `window_s`, ends included: detect_groups of CooRTweet.

    Accounts with fewer than `min_participation` rows are left out before pairing; after it a pair stays where
    either of its contents belongs to an account that still has so many rows in any pair. `remove_loops` drops
    pairs of one account, of one content, and of an object with itself. Two rows of the same second are put in
    order by their ids; `like=Peer.COORTWEET` puts them in the peer's order, which depends on the order of the
    input. Sorted by object, contents, accounts.

    Raises ConfigError for a negative window, InputError where there are more than `most_pairs` pairs.
    """
    if not 0 <= window_s < 2**40:
        raise ConfigError(f"`window_s` is {window_s:g}; a window is a number of seconds from 0 on")
    whole = shares.schema["timestamp_share"].is_integer()
    rows = _ordered(_participants(shares, min_participation), like)
    at = rows["at"].to_numpy()
    window = math.floor(window_s) if whole else round(window_s * MICROSECONDS)
    high = spans(rows["object"].to_numpy().astype(np.int64), at, window)[1]
    following = np.arange(1, len(at) + 1, dtype=np.int64)
    count = high - following
    _fits(shares, rows, count, most_pairs, window_s)
    account, content = rows["account"].to_numpy(), rows["content"].to_numpy()
    itself = rows["itself"].to_numpy()
    parts = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for first, second in portions(following, count):
        kept = np.ones(len(first), dtype=bool)
        if remove_loops:
            kept = (account[first] != account[second]) & (content[first] != content[second])
            kept &= ~(itself[first] | itself[second])
        parts.append((first[kept], second[kept]))
    first, second = (np.concatenate(side) for side in zip(*parts, strict=True))
    if min_participation >= 1:
        kept = _participating(rows, first, second, min_participation)
        first, second = first[kept], second[kept]
    return _named(shares, rows, first, second)


def flag_speed_share(
    shares: pl.DataFrame,
    pairs: pl.DataFrame,
    *,
    window_s: float,
    min_participation: int = 2,
    like: Peer | None = None,
) -> pl.DataFrame:
    """`pairs` with the column `time_window_<window_s>`: 1 for a pair that a run with this window would keep.

    CooRTweet (`like`) marks every pair with the two contents of such a pair, on whatever object.
    """
    flag = fast_column(window_s)
    rows = pairs.with_row_index("row")
    fast = rows.filter(pl.col("time_delta") <= window_s)
    ends = pl.concat([fast["content_id"], fast["content_id_y"]]).unique()
    busy = shares.filter(pl.col("content_id").is_in(ends.implode())).filter(
        pl.len().over("account_id") >= min_participation
    )["content_id"]
    among = busy.unique().implode()
    fast = fast.filter(pl.col("content_id").is_in(among) | pl.col("content_id_y").is_in(among))
    shared = ["content_id", "content_id_y"] if like == Peer.COORTWEET else ["row"]
    marked = rows.join(fast.select(shared).unique(), on=shared, how="semi")["row"]
    return rows.select(
        *(name for name in pairs.columns if name != flag),
        pl.col("row").is_in(marked.implode()).cast(pl.Int64).alias(flag),
    )


def fast_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs that `flag_speed_share` marked; InputError where none of its columns is there."""
    flags = [name for name in pairs.columns if name.startswith("time_window_")]
    if not flags:
        raise InputError("`pairs` has no column `time_window_...`; mark them with `flag_speed_share` first")
    return pairs.filter(pl.col(flags[0]) == 1)


def fast_column(window_s: float) -> str:
    """The column that marks the pairs of a faster window: `time_window_10`, `time_window_0.5`."""
    return f"time_window_{int(window_s) if window_s == int(window_s) else window_s}"


def _participants(shares: pl.DataFrame, min_participation: int) -> pl.DataFrame:
    """Rows of accounts with enough: their place in `shares`, ids as codes in order of text, whole times."""
    at = pl.col("timestamp_share")
    whole = shares.schema["timestamp_share"].is_integer()
    return (
        shares.select(
            codes(shares["object_id"]).alias("object"),
            codes(shares["account_id"]).alias("account"),
            pl.col("content_id").rank("dense").cast(pl.UInt32).alias("content"),
            (at.cast(pl.Int64) if whole else (at * MICROSECONDS).round().cast(pl.Int64)).alias("at"),
            (pl.col("object_id") == pl.col("content_id")).alias("itself"),
        )
        .with_row_index("row")
        .filter(pl.len().over("account") >= min_participation)
    )


def _ordered(rows: pl.DataFrame, like: Peer | None) -> pl.DataFrame:
    """Rows by object and time; what is left open decides which row of a tie counts as the older."""
    if like == Peer.COORTWEET:
        # Its first step regroups the rows by account, in the order in which accounts first appear.
        began = pl.col("row").min().over("account").alias("began")
        return rows.with_columns(began).sort("object", "at", "began", "row").drop("began")
    return rows.sort("object", "at", "account", "content")


def _fits(shares: pl.DataFrame, rows: pl.DataFrame, count: Int64s, most_pairs: int, window_s: float) -> None:
    total = int(count.sum())
    if total <= most_pairs:
        return
    by_object = (
        rows.select("object", "row", pl.Series("n", count))
        .group_by("object")
        .agg(pl.col("n").sum(), pl.col("row").min())
    )
    _, n, row = by_object.sort("n", "object", descending=[True, False]).row(0)
    raise InputError(
        f"{total:,} pairs within {window_s:g} s are more than the {most_pairs:,} that a table may hold,"
        f" {n:,} of them on object `{shares['object_id'][row]}`; shorten the window or leave that object out"
    )


def _participating(rows: pl.DataFrame, first: Int64s, second: Int64s, least: int) -> npt.NDArray[np.bool_]:
    """Which pairs hold a content of an account with at least `least` rows whose contents are in any pair."""
    content, account = rows["content"].to_numpy(), rows["account"].to_numpy()
    size = int(content.max(initial=0)) + 1
    paired = np.zeros(size, dtype=bool)
    paired[content[first]] = True
    paired[content[second]] = True
    taking_part = paired[content]
    n = np.bincount(account[taking_part], minlength=int(account.max(initial=0)) + 1)
    busy = np.zeros(size, dtype=bool)
    busy[content[taking_part & (n[account] >= least)]] = True
    either: npt.NDArray[np.bool_] = busy[content[first]] | busy[content[second]]
    return either


def _named(shares: pl.DataFrame, rows: pl.DataFrame, first: Int64s, second: Int64s) -> pl.DataFrame:
    """PAIRS of two aligned lists of places in `rows`, sorted by object, contents, accounts and gap."""
    made = pl.DataFrame(
        {
            "object": rows["object"].gather(first),
            **{name: rows[name].gather(first) for name in ("content", "account")},
            **{f"{name}_y": rows[name].gather(second) for name in ("content", "account")},
            "gap": rows["at"].gather(second) - rows["at"].gather(first),
            "older": rows["row"].gather(first),
            "newer": rows["row"].gather(second),
        }
    ).sort("object", "content", "content_y", "account", "account_y", "gap")
    older, newer, gap = made["older"], made["newer"], made["gap"]
    del made
    whole = shares.schema["timestamp_share"].is_integer()
    return pl.DataFrame(
        {
            "object_id": shares["object_id"].gather(older),
            "account_id": shares["account_id"].gather(older),
            "account_id_y": shares["account_id"].gather(newer),
            "content_id": shares["content_id"].gather(older),
            "content_id_y": shares["content_id"].gather(newer),
            "time_delta": gap if whole else gap.to_numpy() / MICROSECONDS,
        }
    )
