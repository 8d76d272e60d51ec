"""Ordinary traffic in a channel that the background lacks, so that a ring there does not stand alone.

The accounts, their hours and their ties are the background's own: whoever was active at about the same time
talks to each other. What comes of it is plainer than real messages and chats; where those can be had, prefer
a background that holds them.
"""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.simulate.ground import SECOND_US, Ground, acts, ground
from graphkit.simulate.ids import fresh_ids
from graphkit.simulate.texts import prose
from graphkit.words import Channel

# Events made for each moment at which somebody acted.
_VOLUME = 0.15
# A tie carries about this many messages; so many of them are answers (.61 to .64 in real private messages).
_PER_TIE = 6
_ANSWERED = 0.6
# A chat holds about this many events.
_PER_CHAT = 150


def with_traffic(base: Ground, lacking: Collection[Channel], rng: np.random.Generator) -> Ground:
    """`base` with ordinary events in each channel of `lacking`; unchanged if that is empty."""
    parts = [_traffic(base, channel, rng) for channel in sorted(lacking)]
    if not parts:
        return base
    made = pl.concat(parts).sort("at", "account_id", "object_id", "target_id", nulls_last=True)
    rows = made.with_columns(
        pl.Series("event_id", fresh_ids(rng, made.height, base.event_shapes[min(lacking)]), dtype=pl.String),
        pl.col("at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias("timestamp"),
        pl.col("channel").cast(base.events.schema["channel"]),
    ).select(base.events.columns)
    return ground(pl.concat([base.events, rows]))


def _traffic(base: Ground, channel: Channel, rng: np.random.Generator) -> pl.DataFrame:
    """Ties (messages) or places (chats, threads) among accounts of about the same time, and their talk."""
    deeds = _deeds(base)
    who, when = base.column("account_id")[deeds], base.at[deeds]
    n = max(200, round(len(who) * _VOLUME))
    private = channel is Channel.DM
    n_places = max(3, n // (_PER_TIE if private else _PER_CHAT))
    start = rng.integers(len(who), size=n_places)
    places = np.array(fresh_ids(rng, n_places, base.object_shapes[channel]), dtype=object)
    # Some places are busier than others.
    weight = rng.pareto(1.5, size=n_places) + 0.2
    where = np.sort(rng.choice(n_places, size=n, p=weight / weight.sum()))
    reach = max(200, len(who) // 50)
    row = np.clip(start[where] + rng.integers(-reach, reach + 1, size=n), 0, len(who) - 1)
    at = when[row] + rng.integers(0, 600 * SECOND_US, size=n)
    account = who[row]
    target = np.array([None] * n, dtype=object)
    if private:
        first, second = who[start], who[(start + 7) % len(who)]
        back = rng.random(n) < _ANSWERED / (1 + _ANSWERED)
        account = np.where(back, second[where], first[where])
        target = np.where(back, first[where], second[where])
    elif channel is not Channel.GROUP:
        target = who[start][where]
    kept = account != target
    return acts(
        at=base.told(rng, at)[kept],
        channel=channel.value,
        account_id=account[kept],
        target_id=target[kept],
        object_id=places[where][kept],
        text=prose(rng, base.voices[channel], int(kept.sum())),
    )


def _deeds(base: Ground) -> npt.NDArray[np.int64]:
    """The first event of each account in each second: a message to three hundred people is one deed."""
    rows = pl.DataFrame({"account": base.column("account_id").tolist(), "second": base.at // SECOND_US})
    first = rows.select(pl.struct("account", "second").is_first_distinct()).to_series()
    return np.flatnonzero(first.to_numpy())
