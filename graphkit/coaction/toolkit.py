"""The six directed networks of coordination-network-toolkit, to the last number."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from graphkit.coaction.meet import LEFT_OUT
from graphkit.coaction.pairs import checked_window
from graphkit.coaction.peers import ToolkitNetwork
from graphkit.coaction.texts import words
from graphkit.coaction.toolkit_rows import MessageRows, keyed_rows, uncrowded
from graphkit.engine.crowding import MOST_PAIRS
from graphkit.engine.names import coded
from graphkit.engine.order import counted, stable_order
from graphkit.engine.reach import Int64s, portions, reach
from graphkit.errors import ConfigError, InputError

# Pairs of accounts that are held before they are counted: half a gigabyte.
_HELD = 64_000_000

# The accounts whose messages are counted, the accounts that they stand beside, and the rows of the messages.
_Found = tuple[Int64s, Int64s, Int64s]


def toolkit_network(
    messages: pl.DataFrame,
    network: ToolkitNetwork,
    *,
    window_s: float,
    min_edge_weight: int = 2,
    similarity: float = 0.8,
    most_pairs: int = MOST_PAIRS,
) -> pl.DataFrame:
    """Directed edges of MESSAGES: user_1, user_2, weight; sorted; an account's loop with itself is kept.

    weight: distinct messages of user_1 that have at least one other message of user_2 with the same key
    within `window_s`, both ends included; each direction by itself is left out below `min_edge_weight`.
    `similarity` is for co_similar_tweet: words in common over words in either, at least. A message_id that
    comes again is passed over, as in the toolkit, but for its addresses. Two texts without a word, which make
    the toolkit fail, are not similar.

    Raises ConfigError for an unknown network, a negative window, a similarity outside 0 to 1 or a limit below
    one pair, InputError where more than `most_pairs` pairs of messages share a key within the window;
    `toolkit_coactions` leaves out crowds instead.
    """
    made = toolkit_coactions(
        messages,
        network,
        window_s=window_s,
        min_edge_weight=min_edge_weight,
        similarity=similarity,
        most_pairs=most_pairs,
    )
    if made.left_out.height:
        key, _, n = made.left_out.row(0)
        raise InputError(
            f"more than {most_pairs:,} pairs of messages lie within {window_s:g} s, {n:,} of them in crowds"
            f" on `{key}`; shorten the window, or take `toolkit_coactions`, which leaves crowds out"
        )
    return made.edges


@dataclass(frozen=True)
class ToolkitCoactions:
    """Edges of the toolkit, and what was in too large a crowd to be paired (object_id, rows, pairs)."""

    edges: pl.DataFrame
    left_out: pl.DataFrame


def toolkit_coactions(
    messages: pl.DataFrame,
    network: ToolkitNetwork,
    *,
    window_s: float,
    min_edge_weight: int = 2,
    similarity: float = 0.8,
    most_pairs: int = MOST_PAIRS,
) -> ToolkitCoactions:
    """`toolkit_network`, where messages in the largest crowds are left out if there are too many pairs.

    co_post and co_similar_tweet, where all messages share one key, leave nothing out: they take their time.
    """
    if network not in tuple(ToolkitNetwork):
        raise ConfigError(
            f"`{network}` is no network of the toolkit; take one of {', '.join(ToolkitNetwork)}"
        )
    checked_window(window_s)
    if not 0 <= similarity <= 1:
        raise ConfigError(f"`similarity` is {similarity:g}; a share of words lies between 0 and 1")
    if most_pairs < 1:
        raise ConfigError(f"`most_pairs` is {most_pairs}; allow one pair at least")
    rows = keyed_rows(messages, network)
    left_out = LEFT_OUT.to_frame()
    if network == ToolkitNetwork.CO_SIMILAR_TWEET:
        found = _alike(rows, window_s, similarity)
    elif network == ToolkitNetwork.CO_POST:
        found = _together(rows, *reach(rows.key, rows.at, window_s))
    else:
        rows, low, high, left_out = uncrowded(rows, window_s, most_pairs)
        found = _together(rows, low, high)
    if network == ToolkitNetwork.CO_LINK:
        found = _once_a_message(found, rows)
    n = len(rows.accounts)
    both, weight = _weights((account * n + other for account, other, _ in found), min_edge_weight)
    ends = np.divmod(both, max(n, 1))
    return ToolkitCoactions(_named(*ends, weight, rows.accounts), left_out)


def _named(first: Int64s, second: Int64s, weight: Int64s, accounts: pl.Series) -> pl.DataFrame:
    """Edges of numbered accounts, in the order of the names of both."""
    ends = np.zeros(len(accounts), dtype=bool)
    ends[first] = True
    ends[second] = True
    names, place = coded(accounts.filter(pl.Series(ends)))
    rank = np.zeros(len(accounts), dtype=np.int64)
    rank[ends] = place.to_numpy()
    first, second = rank[first], rank[second]
    order = stable_order(first * len(names) + second)
    return pl.DataFrame(
        {
            "user_1": names.gather(first[order]),
            "user_2": names.gather(second[order]),
            "weight": weight[order],
        }
    )


def _weights(parts: Iterator[Int64s], least: int) -> tuple[Int64s, Int64s]:
    """The numbers that come at least `least` times in all parts, in order, and how often each does."""
    runs: list[tuple[Int64s, Int64s]] = []
    waiting, held = [np.zeros(0, np.int64)], 0
    for part in parts:
        waiting.append(part)
        held += len(part)
        # Few long sorts are faster than many short ones and a merge.
        if held > _HELD:
            runs.append(counted(np.concatenate(waiting)))
            waiting, held = [np.zeros(0, np.int64)], 0
    last = np.concatenate(waiting)
    if not runs:
        return _frequent(last, least)
    runs.append(counted(last))
    numbers, times = counted(*(np.concatenate(side) for side in zip(*runs, strict=True)))
    kept = times >= least
    return numbers[kept], times[kept]


def _frequent(values: Int64s, least: int) -> tuple[Int64s, Int64s]:
    """`counted` of what comes at least `least` times; sorts `values` in place, since most come once."""
    values.sort()
    step = max(least, 1) - 1
    if step >= len(values):
        return values[:0], values[:0]
    repeated = values[step:] == values[: len(values) - step]
    repeated[1:] &= values[1 : len(repeated)] != values[: len(repeated) - 1]
    starts = np.flatnonzero(repeated)
    numbers = values[starts]
    return numbers, np.searchsorted(values, numbers, side="right") - starts


def _together(rows: MessageRows, low: Int64s, high: Int64s) -> Iterator[_Found]:
    """Rows with the same key within reach: each row and other account once for a key."""
    account = rows.account
    before, after = _neighbours(rows.key, account)
    beside = np.flatnonzero((before >= low) | (after < high))
    yield account[beside], account[beside], beside
    for first, second in portions(low, high - low):
        # Of several rows of another account in reach, one counts: the earliest, with none before it in reach.
        kept = np.flatnonzero((account[first] != account[second]) & (before[second] < low[first]))
        yield account[first[kept]], account[second[kept]], first[kept]


def _neighbours(key: Int64s, account: Int64s) -> tuple[Int64s, Int64s]:
    """The rows before and after of the same account on the same key; -1 and the height for none."""
    both = key * (int(account.max(initial=0)) + 1) + account
    order = stable_order(both)
    ranked = both[order]
    same = np.flatnonzero(ranked[1:] == ranked[:-1])
    before, after = np.full(len(key), -1), np.full(len(key), len(key))
    before[order[same + 1]] = order[same]
    after[order[same]] = order[same + 1]
    return before, after


def _alike(rows: MessageRows, window_s: float, similarity: float) -> Iterator[_Found]:
    """Messages within the window whose words are alike; all have one key."""
    low, high = reach(rows.key, rows.at, window_s)
    said = words(rows.texts if rows.texts is not None else pl.Series([], dtype=pl.String))
    n = len(rows.accounts)
    for first, second in portions(low, high - low):
        other = first != second
        first, second = first[other], second[other]
        kept = said.alike(first, second, similarity)
        # All pairs of one message are in one portion, so each other account is counted once.
        message, account = np.divmod(counted(first[kept] * n + rows.account[second[kept]])[0], max(n, 1))
        yield rows.account[message], account, message


def _once_a_message(found: Iterator[_Found], rows: MessageRows) -> Iterator[_Found]:
    """Each message and other account once: two messages may share several addresses, in several portions."""
    parts = [(account, other, rows.message[row]) for account, other, row in found]
    account, other, message = (np.concatenate(side) for side in zip(*parts, strict=True))
    order = np.lexsort((message, other, account))
    columns = [column[order] for column in (account, other, message)]
    fresh = np.r_[True, np.logical_or.reduce([column[1:] != column[:-1] for column in columns])]
    fresh = fresh[: len(order)]
    yield columns[0][fresh], columns[1][fresh], columns[2][fresh]
