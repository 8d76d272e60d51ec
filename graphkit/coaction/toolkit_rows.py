"""What two messages may share in each network of the toolkit, as numbers sorted by key and time."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from graphkit.coaction.meet import LEFT_OUT
from graphkit.coaction.peers import ToolkitNetwork
from graphkit.coaction.texts import normal_forms
from graphkit.engine.crowding import Crowding
from graphkit.engine.names import coded, numbered
from graphkit.engine.order import counted, stable_order
from graphkit.engine.reach import Int64s, Times, reach

# What each network keys messages by.
_KEYS = {
    ToolkitNetwork.CO_RETWEET: "repost_id",
    ToolkitNetwork.CO_TWEET: "message",
    ToolkitNetwork.CO_REPLY: "reply_id",
    ToolkitNetwork.CO_LINK: "urls",
    ToolkitNetwork.CO_POST: "message_id",
    ToolkitNetwork.CO_SIMILAR_TWEET: "message",
}

# The columns of MESSAGES that each network needs.
NEEDED = {network: ("message_id", "user_id", "repost_id", "timestamp", key) for network, key in _KEYS.items()}

# Networks of what an account wrote itself; reposts are left out.
_OWN = (ToolkitNetwork.CO_TWEET, ToolkitNetwork.CO_REPLY, ToolkitNetwork.CO_SIMILAR_TWEET)
_SIMILAR = ToolkitNetwork.CO_SIMILAR_TWEET


@dataclass(frozen=True)
class MessageRows:
    """What may meet, a row for each message and key, sorted by key, then time.

    key, account, message: numbers; at: seconds, whole or not. accounts, keys: the texts behind numbers.
    """

    key: Int64s
    at: Times
    account: Int64s
    message: Int64s
    texts: pl.Series | None
    accounts: pl.Series
    keys: pl.Series

    def only(self, places: Int64s) -> "MessageRows":
        """The rows at `places`."""
        names = ("key", "at", "account", "message")
        return replace(self, **{name: getattr(self, name)[places] for name in names})


def keyed_rows(messages: pl.DataFrame, network: ToolkitNetwork) -> MessageRows:
    """What may meet in `network`."""
    rows = messages.select(
        "timestamp",
        "user_id",
        pl.int_range(pl.len(), dtype=pl.Int64).alias("message"),
        pl.col("repost_id").is_null().alias("own"),
        _shared(messages, network).alias("shared"),
    )
    fresh = _first_of_each(messages["message_id"])
    if network == ToolkitNetwork.CO_LINK:
        # The addresses of a message_id that comes again do count, with the account and time of that row.
        # Addresses are parted at every space and nowhere else: no address is one empty address.
        ids = coded(messages["message_id"])[1].cast(pl.Int64)
        rows = rows.with_columns(ids.alias("message")).filter("own")
        rows = rows.with_columns(pl.col("shared").str.split(" ")).explode("shared")
        rows = rows.filter(pl.struct("message", "shared").is_first_distinct())
    else:
        rows = rows if fresh is None else rows.filter(fresh)
        rows = rows.filter("own") if network in _OWN else rows
    if network == ToolkitNetwork.CO_TWEET:
        rows = rows.with_columns(normal_forms(rows["shared"]).alias("shared"))
    rows = rows.drop_nulls("shared") if rows["shared"].null_count() else rows
    accounts, account = numbered(rows["user_id"])
    if network in (_SIMILAR, ToolkitNetwork.CO_POST):
        keys, key = pl.Series([""]), np.zeros(rows.height, np.int64)
    else:
        keys, codes = numbered(rows["shared"])
        key = codes.astype(np.int64)
    at = _times(rows["timestamp"])
    order = _order(key, at)
    texts = rows["shared"].gather(order) if network == _SIMILAR else None
    message = rows["message"].to_numpy()[order]
    return MessageRows(key[order], at[order], account[order].astype(np.int64), message, texts, accounts, keys)


def _first_of_each(ids: pl.Series) -> pl.Series | None:
    """Which rows bring an id for the first time; None where all do, which their hashes tell at once."""
    hashes = np.sort(ids.hash().to_numpy())
    return ids.is_first_distinct() if (hashes[1:] == hashes[:-1]).any() else None


def _times(seconds: pl.Series) -> Times:
    """Whole seconds as integers, which are compared faster, and the same."""
    whole = bool((seconds == seconds.floor()).all() and (seconds.abs() < 2**53).all())
    return seconds.cast(pl.Int64).to_numpy() if whole else seconds.to_numpy()


def _order(key: Int64s, at: Times) -> Int64s:
    if at.dtype == np.int64 and len(at):
        began, length = int(at.min()), int(np.ptp(at)) + 1
        if (int(key.max()) + 1) * length < 2**62:
            return stable_order(key * length + (at.astype(np.int64) - began))
    order: Int64s = np.lexsort((at, key))
    return order


def _shared(messages: pl.DataFrame, network: ToolkitNetwork) -> pl.Series:
    """What each message is keyed by, before it is brought into form."""
    return messages[_KEYS[network]]


def uncrowded(
    rows: MessageRows, window_s: float, most_pairs: int
) -> tuple[MessageRows, Int64s, Int64s, pl.DataFrame]:
    """Rows without those in too large a crowd, what they reach (see `reach`), and those left out by key."""
    low, high = reach(rows.key, rows.at, window_s)
    followers = high - np.arange(1, len(high) + 1)
    if int(followers.sum()) <= most_pairs:
        return rows, low, high, LEFT_OUT.to_frame()
    crowding = Crowding()
    crowding.add(high - low - 1, followers)
    gone = high - low - 1 > crowding.limit(most_pairs)
    left = rows.only(np.flatnonzero(~gone))
    begin, past = reach(left.key, left.at, window_s)
    made = np.zeros(len(gone), dtype=np.int64)
    made[~gone] = past - np.arange(1, len(past) + 1)
    keys, n_rows = counted(rows.key, gone.astype(np.int64))
    table = pl.DataFrame(
        {
            "object_id": rows.keys.gather(keys),
            "rows": n_rows,
            "pairs": counted(rows.key, followers - made)[1],
        }
    )
    left_out = table.filter(pl.col("rows") > 0).sort("pairs", "object_id", descending=[True, False])
    return left, begin, past, left_out
