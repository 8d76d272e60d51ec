"""CooRTweet's pairs: two rows that share an object within a window, and which of them are fast."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from graphkit.coaction.meet import Pairing, busy_contents, paired
from graphkit.coaction.peers import Peer
from graphkit.coaction.rows import Part, Rows, rows_of
from graphkit.engine.crowding import MOST_PAIRS
from graphkit.engine.reach import Bools, Int64s
from graphkit.engine.scratch import Scratch
from graphkit.errors import ConfigError, InputError

# Columns of pairs: the older row first. `time_delta` is in seconds (Float64 where a time has a fraction).
PAIRS = ("object_id", "account_id", "account_id_y", "content_id", "content_id_y", "time_delta")


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
    input. Sorted by object, then by the older and the newer row in order of time.

    Raises ConfigError for a negative window, InputError where there are more than `most_pairs` pairs;
    `coactions` leaves out crowds instead.
    """
    checked_window(window_s)
    rows = rows_of(shares, min_participation, like)
    pairing = paired(
        rows,
        rows.ticks(window_s),
        Scratch(None),
        remove_loops=remove_loops,
        most_pairs=most_pairs,
        leave_out=False,
    )
    return pairs_frame(pairing, kept_contents(pairing, min_participation, pairing.window))


def checked_window(window_s: float) -> None:
    """ConfigError unless `window_s` is a number of seconds."""
    if not 0 <= window_s < 2**40:
        raise ConfigError(f"`window_s` is {window_s:g}; a window is a number of seconds from 0 on")


def kept_contents(pairing: Pairing, min_participation: int, window: int) -> Bools | None:
    """The contents of which a pair needs one to stay; None: every pair stays."""
    return busy_contents(pairing, min_participation, window) if min_participation >= 1 else None


def kept_pairs(pairing: Pairing, busy: Bools | None) -> Iterator[tuple[Part, Int64s, Int64s]]:
    """The pairs that stay, in portions: rows, and the places of the older and the newer row among them."""
    for part, first, second in pairing.look():
        if busy is None:
            yield part, first, second
            continue
        wanted = busy[part.content.astype(np.int64)]
        kept = wanted[first] | wanted[second]
        yield part, first[kept], second[kept]


def named_pairs(
    rows: Rows, part: Part, first: Int64s, second: Int64s, accounts: pl.Series | None = None
) -> pl.DataFrame:
    """PAIRS of the places of older and newer rows; account ids out of `accounts`, if that is given."""
    gap = rows.seconds(part.at[second] - part.at[first])
    # Texts are fetched once for each row: what pairs want of them lies close together then.
    used = np.zeros(len(part.at), dtype=bool)
    used[first] = True
    used[second] = True
    place = np.cumsum(used, dtype=np.uint32) - np.uint32(1)
    older, newer = place[first], place[second]
    contents = rows.contents.of(part.content[used])
    account = part.account[used]
    ids = rows.accounts.of(account) if accounts is None else accounts.gather(account)
    return pl.DataFrame(
        {
            "object_id": rows.objects.of(part.object[used]).gather(older),
            "account_id": ids.gather(older),
            "account_id_y": ids.gather(newer),
            "content_id": contents.gather(older),
            "content_id_y": contents.gather(newer),
            "time_delta": gap,
        }
    )


def pairs_frame(pairing: Pairing, busy: Bools | None) -> pl.DataFrame:
    """PAIRS of all pairs that stay."""
    rows = pairing.rows
    none = np.zeros(0, np.int64)
    found = [named_pairs(rows, *found) for found in kept_pairs(pairing, busy)]
    return pl.concat(found or [named_pairs(rows, rows.part(0, 0), none, none)])


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
