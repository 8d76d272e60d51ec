"""From a file of shares to pairs and edges in one call."""

from dataclasses import dataclass

import polars as pl

from graphkit.coaction.edges import coordinated_network
from graphkit.coaction.inputs import read_shares
from graphkit.coaction.pairs import coaction_pairs, flag_speed_share
from graphkit.coaction.peers import Peer
from graphkit.errors import ConfigError
from graphkit.readers import Source


@dataclass(frozen=True)
class Coactions:
    """PAIRS of shares within the window and the edges that they sum to, under the names of CooRTweet."""

    pairs: pl.DataFrame
    edges: pl.DataFrame


def coactions(
    source: Source,
    *,
    window_s: float,
    min_participation: int = 2,
    remove_loops: bool = True,
    edge_weight: float = 0.5,
    fast_window_s: float | None = None,
    subgraph: int = 0,
    like: Peer | str | None = None,
) -> Coactions:
    """Who shared the same object within `window_s` seconds, read from a file or a frame of SHARES.

    `like="coortweet"` gives that peer's numbers, with its faults; without it the counts of contents are those
    of each account. `fast_window_s` marks the pairs of a faster window and measures every edge in both. See
    `coaction_pairs`, `flag_speed_share` and `coordinated_network` for what each option does.

    Raises InputError for an input that cannot be read, ConfigError for options that do not fit together.
    """
    if like not in (None, Peer.COORTWEET):
        raise ConfigError(f"`like` is `{like}`; pairs are like `{Peer.COORTWEET}` or like nobody")
    if fast_window_s is not None and fast_window_s > window_s:
        raise ConfigError(
            f"`fast_window_s` is {fast_window_s:g}, longer than `window_s` of {window_s:g}; shorten it"
        )
    peer = None if like is None else Peer.COORTWEET
    shares = read_shares(source)
    pairs = coaction_pairs(
        shares,
        window_s=window_s,
        min_participation=min_participation,
        remove_loops=remove_loops,
        like=peer,
    )
    fast = fast_window_s is not None
    if fast_window_s is not None:
        pairs = flag_speed_share(
            shares, pairs, window_s=fast_window_s, min_participation=min_participation, like=peer
        )
    edges = coordinated_network(pairs, edge_weight=edge_weight, subgraph=subgraph, fast=fast, like=peer)
    return Coactions(pairs, edges)
