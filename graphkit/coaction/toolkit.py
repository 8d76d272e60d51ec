"""The six directed networks of coordination-network-toolkit, to the last number."""

from collections.abc import Iterator
from itertools import chain

import numpy as np
import polars as pl

from graphkit.coaction.inputs import codes
from graphkit.coaction.peers import ToolkitNetwork
from graphkit.coaction.texts import normal_forms, words
from graphkit.engine.reach import Codes, Int64s, portions, reach
from graphkit.errors import ConfigError

# What is counted: the message of one account (as a number) beside the other account (as a number).
_FOUND = pl.Schema({"account": pl.UInt32, "message": pl.UInt32, "other": pl.UInt32})

# Networks of what an account wrote itself; reposts are left out.
_OWN = (ToolkitNetwork.CO_TWEET, ToolkitNetwork.CO_REPLY, ToolkitNetwork.CO_SIMILAR_TWEET)
_SIMILAR = ToolkitNetwork.CO_SIMILAR_TWEET


def toolkit_network(
    messages: pl.DataFrame,
    network: ToolkitNetwork,
    *,
    window_s: float,
    min_edge_weight: int = 2,
    similarity: float = 0.8,
) -> pl.DataFrame:
    """Directed edges of MESSAGES: user_1, user_2, weight; sorted; an account's loop with itself is kept.

    weight: distinct messages of user_1 that have at least one other message of user_2 with the same key
    within `window_s`, both ends included; each direction by itself is left out below `min_edge_weight`.
    `similarity` is for co_similar_tweet: words in common over words in either, at least. A message_id that
    comes again is passed over, as in the toolkit, but for its addresses. Two texts without a word, which make
    the toolkit fail, are not similar.

    Raises ConfigError for an unknown network, a negative window or a similarity outside 0 to 1.
    """
    if network not in tuple(ToolkitNetwork):
        raise ConfigError(
            f"`{network}` is no network of the toolkit; take one of {', '.join(ToolkitNetwork)}"
        )
    if not 0 <= window_s < 2**40:
        raise ConfigError(f"`window_s` is {window_s:g}; a window is a number of seconds from 0 on")
    if not 0 <= similarity <= 1:
        raise ConfigError(f"`similarity` is {similarity:g}; a share of words lies between 0 and 1")
    ids = messages["user_id"].unique().sort()
    rows = _keyed(messages, network).sort("key", "at", "message")
    parts = _alike(rows, window_s, similarity) if network == _SIMILAR else _together(rows, window_s)
    if network == ToolkitNetwork.CO_LINK:
        # Two messages may share several addresses, which may stand in several portions.
        parts = iter([pl.concat([_FOUND.to_frame(), *parts]).unique()])
    counts = [_counted(part) for part in chain([_FOUND.to_frame()], parts)]
    weights = pl.concat(counts).group_by("account", "other").agg(pl.col("weight").sum())
    kept = weights.filter(pl.col("weight") >= min_edge_weight).sort("account", "other")
    return kept.select(
        ids.gather(kept["account"]).alias("user_1"), ids.gather(kept["other"]).alias("user_2"), "weight"
    )


def _counted(found: pl.DataFrame) -> pl.DataFrame:
    """How many messages of each account stand beside each other one."""
    return found.group_by("account", "other").agg(pl.len().cast(pl.Int64).alias("weight"))


def _keyed(messages: pl.DataFrame, network: ToolkitNetwork) -> pl.DataFrame:
    """What may meet, a row for each message and key: key, at (seconds), account and message as numbers."""
    numbered = messages.select(
        codes(messages["user_id"]).alias("account"),
        (pl.col("message_id").rank("dense") - 1).cast(pl.UInt32).alias("message"),
        pl.col("timestamp").alias("at"),
        pl.col("repost_id").is_null().alias("own"),
        _shared(messages, network).alias("shared"),
    )
    if network == ToolkitNetwork.CO_LINK:
        # The addresses of a message_id that comes again do count, with the account and time of that row.
        # Addresses are parted at every space and nowhere else: no address is one empty address.
        links = numbered.filter("own").with_columns(pl.col("shared").str.split(" ")).explode("shared")
        rows = links.filter(pl.struct("message", "shared").is_first_distinct())
    else:
        rows = numbered.filter(pl.col("message").is_first_distinct())
        rows = rows.filter("own") if network in _OWN else rows
    if network == ToolkitNetwork.CO_TWEET:
        rows = rows.with_columns(normal_forms(rows["shared"]).alias("shared"))
    rows = rows.drop_nulls("shared")
    key = pl.lit(0) if network in (_SIMILAR, ToolkitNetwork.CO_POST) else codes(rows["shared"])
    text = ["shared"] if network == _SIMILAR else []
    return rows.select(key.cast(pl.Int64).alias("key"), "at", "account", "message", *text)


def _shared(messages: pl.DataFrame, network: ToolkitNetwork) -> pl.Series:
    """What each message is keyed by, before it is brought into form."""
    columns = {
        ToolkitNetwork.CO_RETWEET: "repost_id",
        ToolkitNetwork.CO_REPLY: "reply_id",
        ToolkitNetwork.CO_LINK: "urls",
        ToolkitNetwork.CO_POST: "message_id",
    }
    return messages[columns.get(network, "message")]


def _together(rows: pl.DataFrame, window_s: float) -> Iterator[pl.DataFrame]:
    """_FOUND of rows with the same key within the window: each message and other account once for a key."""
    low, high = _reach(rows, window_s)
    account, message = rows["account"].to_numpy(), rows["message"].to_numpy()
    before, after = _neighbours(rows["key"].to_numpy(), account)
    beside = np.flatnonzero((before >= low) | (after < high))
    yield _found(account, message, beside, account[beside])
    for first, second in portions(low, high - low):
        # Of several rows of another account in reach, one counts: the earliest, with none before it in reach.
        kept = (account[first] != account[second]) & (before[second] < low[first])
        yield _found(account, message, first[kept], account[second[kept]])


def _neighbours(key: Int64s, account: Codes) -> tuple[Int64s, Int64s]:
    """The rows before and after of the same account on the same key; -1 and the height for none."""
    both = key * (int(account.max(initial=0)) + 1) + account
    order = np.argsort(both, kind="stable")
    same = both[order[1:]] == both[order[:-1]]
    before, after = np.full(len(key), -1), np.full(len(key), len(key))
    before[order[1:][same]] = order[:-1][same]
    after[order[:-1][same]] = order[1:][same]
    return before, after


def _reach(rows: pl.DataFrame, window_s: float) -> tuple[Int64s, Int64s]:
    """The spans of rows; whole seconds are compared as integers, which is faster and the same."""
    at = rows["at"]
    whole = window_s == int(window_s) and (at == at.floor()).all() and (at.abs() < 2**53).all()
    times = (at.cast(pl.Int64) if whole else at).to_numpy()
    return reach(rows["key"].to_numpy(), times, window_s)


def _alike(rows: pl.DataFrame, window_s: float, similarity: float) -> Iterator[pl.DataFrame]:
    """_FOUND of messages within the window whose words are alike; all have one key."""
    low, high = _reach(rows, window_s)
    account, message = rows["account"].to_numpy(), rows["message"].to_numpy()
    said = words(rows["shared"])
    for first, second in portions(low, high - low):
        other = first != second
        first, second = first[other], second[other]
        kept = said.alike(first, second, similarity)
        # All pairs of one message are in one portion, so each other account is counted once.
        yield _found(account, message, first[kept], account[second[kept]]).unique()


def _found(account: Codes, message: Codes, rows: Int64s, other: Codes) -> pl.DataFrame:
    return pl.DataFrame({"account": account[rows], "message": message[rows], "other": other}, schema=_FOUND)
