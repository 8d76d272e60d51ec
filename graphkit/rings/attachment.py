"""Accounts with too few events for pair scores of their own, that act where, when and as a core acts."""

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.reach import MICROSECONDS, reach
from graphkit.network.build import Network
from graphkit.network.meetings import once
from graphkit.rings.candidates import inside
from graphkit.settings import RingSettings
from graphkit.words import TIMED, Strand

Codes = npt.NDArray[np.uint32]

# A swarm's own word: used by so many of its accounts, which are this share of all who use it. It is looked
# for again with those who joined, at most so many times.
_OWN_ACCOUNTS, _OWN_SHARE, _ROUNDS = 5, 1 / 3, 5
# Layers in which events meet in time, and so have sessions.
_TIMED = ("feed", "chat")


def attached(core: Codes, network: Network, settings: RingSettings) -> Codes:
    """Accounts that score `attach_nats` or more with at least half of `core`, by meetings in time.

    Only where one strand holds most of the core's evidence; elsewhere thin scores of several kinds swallowed
    strangers. Shared content attaches nobody: whose text a ring copies did nothing.
    """
    within = inside(network.pooled, core)
    totals = [float(within[strand.value].sum()) for strand in Strand]
    if max(totals) * 2 <= sum(totals):
        return np.zeros(0, np.uint32)
    near = network.pooled.filter(
        (pl.sum_horizontal([strand.value for strand in TIMED]) >= settings.attach_nats)
        & (pl.col("source").is_in(core) ^ pl.col("target").is_in(core))
    )
    outside = pl.when(pl.col("source").is_in(core)).then("target").otherwise("source")
    counts = near.group_by(outside.alias("account")).len().filter(pl.col("len") * 2 >= len(core))
    return np.sort(counts["account"].to_numpy())


def followers(core: Codes, receipts: pl.DataFrame, network: Network, settings: RingSettings) -> Codes:
    """Accounts of which most events fall into the core's sessions, as close in time as the core keeps itself.

    A session is an event of the core with a quarter of the core around it, within the gap that holds 90 % of
    the core's own meetings. Only events after the first of the session count: what the core does after
    somebody else's event says nothing about him. With k of an account's n topics (an author's posts, a day of
    a chat) in sessions, and p the share of strangers' events that fall into one, an account joins with
    k >= 3, k >= n / 2 and k ln(k / (n p)) - k >= `follow_nats`: a shop's customers come to its posts alone.
    """
    found = [
        _in_sessions(core, receipts.filter(pl.col("layer") == name), network.incidences[name], settings)
        for name in _TIMED
        if name in network.incidences
    ]
    return np.unique(np.concatenate([np.zeros(0, np.uint32), *found]))


def adherents(core: Codes, network: Network, settings: RingSettings) -> Codes:
    """Accounts of few events that use a swarm's own words and meet the swarm, or use two of its words.

    A word is the swarm's own when a third of those who use it belong to it. Whoever used a word first is
    attached by none of its copies: whose words a swarm takes up did nothing.
    """
    if "rare_token" not in network.visits:
        return np.zeros(0, np.uint32)
    timed = pl.concat([network.incidence(name).select("account") for name in _TIMED])
    few = timed.group_by("account").len().filter(pl.col("len") <= settings.swarm_events)["account"]
    words = once(network.quiet("rare_token", None)).select("key", "account", "at")
    later = words.filter(pl.col("at") > pl.col("at").min().over("key"))
    joined = core
    for _ in range(_ROUNDS):
        inner = pl.col("account").is_in(joined)
        own = words.group_by("key").agg(inner.sum().alias("ours"), pl.len().alias("all"))
        keys = own.filter((pl.col("ours") >= _OWN_ACCOUNTS) & (pl.col("ours") >= _OWN_SHARE * pl.col("all")))
        speakers = later.filter(~inner).join(keys, on="key", how="semi").group_by("account").len("words")
        near = network.pooled.filter(
            (pl.col(Strand.FEED.value) > 0)
            & (pl.col("source").is_in(joined) ^ pl.col("target").is_in(joined))
        )
        met = pl.concat([near["source"], near["target"]]).unique().implode()
        more = speakers.filter(
            pl.col("account").is_in(few.implode()) & ((pl.col("words") > 1) | pl.col("account").is_in(met))
        )
        if not more.height:
            break
        joined = np.union1d(joined, more["account"].to_numpy()).astype(np.uint32)
    return np.setdiff1d(joined, core).astype(np.uint32)


def _in_sessions(core: Codes, met: pl.DataFrame, rows: pl.DataFrame, settings: RingSettings) -> Codes:
    if not met.height:
        return np.zeros(0, np.uint32)
    gap = max(int(np.quantile(met["gap"].to_numpy(), 0.9)), MICROSECONDS)
    touched = rows.filter(pl.col("account").is_in(core))["key"].unique()
    ordered = rows.filter(pl.col("key").is_in(touched)).sort("key", "at", "event")
    around = _core_around(ordered, core, gap)
    stranger = ~np.isin(ordered["account"].to_numpy(), core)
    follows = stranger & (around >= max(2.0, len(core) / 4))
    rate = max(int(follows.sum()), 1) / max(rows.height - int((~stranger).sum()), 1)
    inside_sessions = (
        ordered.filter(pl.Series(follows)).group_by("account").agg(pl.col("topic").n_unique().alias("k"))
    )
    everywhere = rows.group_by("account").agg(pl.col("topic").n_unique().alias("n"))
    counts = inside_sessions.join(everywhere, on="account").with_columns(
        pl.col("k").cast(pl.Float64), pl.col("n").cast(pl.Float64)
    )
    nats = pl.col("k") * (pl.col("k") / (pl.col("n") * rate)).log() - pl.col("k")
    joined = counts.filter(
        (pl.col("k") >= settings.follow_objects)
        & (pl.col("k") * 2 >= pl.col("n"))
        & (nats >= settings.follow_nats)
    )
    return np.sort(joined["account"].to_numpy())


def _core_around(ordered: pl.DataFrame, core: Codes, gap: int) -> npt.NDArray[np.int64]:
    """For each row, the core's events on its key within `gap` before and after it, a member's own included.

    0 where none of them is earlier than the row, or as early with a smaller event number.
    """
    low, high = reach(ordered["key"].to_numpy(), ordered["at"].to_numpy(), gap)
    member = np.isin(ordered["account"].to_numpy(), core)
    counted = np.concatenate([[0], np.cumsum(member)])
    position = np.arange(len(member))
    earlier = counted[position] - counted[low]
    around = counted[high] - counted[low]
    return np.where(earlier > 0, around, 0)
