"""The background, indexed: where and when something ordinary happened that one can stand beside."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphkit.errors import InputError
from graphkit.simulate.ids import Shape, shape
from graphkit.simulate.texts import Voice, voice
from graphkit.words import Channel

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
DAY_US = 24 * HOUR_US
Ints = NDArray[np.int64]
Words = NDArray[np.object_]

# Columns of acts: events without an id; `event_id` is null where one is still to be drawn.
ACT = {
    "event_id": pl.String,
    "at": pl.Int64,
    "channel": pl.String,
    "account_id": pl.String,
    "target_id": pl.String,
    "object_id": pl.String,
    "parent_id": pl.String,
    "text": pl.String,
}
# Clocks of platforms, coarsest first: times may carry only minutes, seconds or milliseconds.
# Events of one account on one object belong to one talk where they lie this close.
_TALK_US = HOUR_US
# How many rows before and after a moment count as its surroundings; wider ones where all objects are used.
_REACHES = (40, 400, 4000)
_UNITS_US = (60_000_000, 1_000_000, 1_000)


@dataclass(frozen=True)
class Occasions:
    """Moments of ordinary life to act beside: when (microseconds), on what, and whose it is (None: unknown).

    `event_id` and `account_id` name the ordinary event that is stood beside, None on an object of the
    group's own.
    """

    channel: Channel
    at: Ints
    object_id: Words
    target_id: Words
    event_id: Words
    account_id: Words

    def __len__(self) -> int:
        """How many there are."""
        return len(self.at)


@dataclass(frozen=True)
class Ground:
    """The background sorted by time, with one array for each column that is drawn from."""

    events: pl.DataFrame

    @cached_property
    def at(self) -> Ints:
        """Times in microseconds since 1970, ascending."""
        at: Ints = self.events["timestamp"].dt.epoch("us").to_numpy()
        return at

    def column(self, name: str) -> Words:
        """A column of the background as an array of strings and None."""
        return self._columns[name]

    @cached_property
    def _columns(self) -> dict[str, Words]:
        names = ("event_id", "account_id", "target_id", "object_id", "parent_id", "text")
        return {name: self.events[name].to_numpy().astype(object) for name in names}

    @cached_property
    def channels(self) -> frozenset[Channel]:
        """The channels that the background holds."""
        return frozenset(Channel(name) for name in self.events["channel"].cast(pl.String).unique())

    @cached_property
    def rows(self) -> dict[Channel, Ints]:
        """For each channel its rows in order of time."""
        name = self.events["channel"].cast(pl.String)
        return {channel: np.flatnonzero((name == channel.value).to_numpy()) for channel in Channel}

    def is_in(self, channel: Channel) -> NDArray[np.bool_]:
        """For each row whether it is an event of `channel`."""
        inside = np.zeros(len(self.at), dtype=np.bool_)
        inside[self.rows[channel]] = True
        return inside

    @cached_property
    def voices(self) -> dict[Channel, Voice]:
        """For each channel its texts; channels without events borrow from the others."""
        name = pl.col("channel").cast(pl.String)
        return {channel: voice(self.events.filter(name == channel.value), self.events) for channel in Channel}

    @cached_property
    def days(self) -> Ints:
        """The days (since 1970) that hold events, ascending: archives are often samples of days."""
        return np.unique(self.at // DAY_US)

    @cached_property
    def owners(self) -> dict[str, str]:
        """Whose an object is: who posted it, else the account that first-level comments on it act upon."""
        top = (
            self.events.filter(pl.col("object_id").is_not_null(), pl.col("target_id").is_not_null())
            .filter(~pl.col("channel").cast(pl.String).is_in([Channel.GROUP.value, Channel.DM.value]))
            .group_by("object_id", "target_id")
            .agg(pl.col("parent_id").is_null().sum().alias("n"))
            .sort(["object_id", "n", "target_id"], descending=[False, True, False])
            .unique("object_id", keep="first", maintain_order=True)
        )
        posts = self.events.filter(pl.col("channel").cast(pl.String) == Channel.POST.value)
        owned = dict(zip(top["object_id"], top["target_id"], strict=True))
        return owned | dict(zip(posts["object_id"], posts["account_id"], strict=True))

    @cached_property
    def clock(self) -> tuple[int, Ints]:
        """The unit that the platform's times are told in (microseconds) and what its times hold below it."""
        for unit in _UNITS_US:
            below = self.at % unit
            if np.quantile(below, 0.95) < unit / 10:
                return unit, below
        return 1, np.zeros(1, dtype=np.int64)

    def told(self, rng: np.random.Generator, at: Ints) -> Ints:
        """`at` as the platform's clock tells it, and inside the span of the background."""
        unit, below = self.clock
        # What falls outside is mirrored inside, so that no crowd gathers at the first or last moment.
        first, last = self.at[0], self.at[-1]
        mirrored = last - np.abs(last - first - np.abs(at - first))
        inside = np.clip(mirrored, first, last)
        if unit == 1:
            exact: Ints = inside
            return exact
        # As at about that time: what stands below the unit may count lines, or be always the same.
        rows = np.searchsorted(self.at, inside) + rng.integers(-2, 3, size=len(at))
        told: Ints = inside // unit * unit + below[np.clip(rows, 0, len(below) - 1)]
        return told

    def beside(self, rng: np.random.Generator, channel: Channel, at: Ints, *, near: int = 12) -> Ints:
        """For each time a row of `channel` that happened at about that time."""
        rows = self.rows[channel]
        place = np.searchsorted(self.at[rows], at) + rng.integers(-near, near + 1, size=len(at))
        found: Ints = rows[np.clip(place, 0, len(rows) - 1)]
        return found

    def occasions(self, rng: np.random.Generator, channel: Channel, at: Ints) -> Occasions:
        """An ordinary moment of `channel` at about each of the times `at`, on different objects if possible.

        Objects that are alive then are drawn alike whether busy or quiet, so most are not the crowded ones.
        """
        rows = self.rows[channel]
        place = np.searchsorted(self.at[rows], at)
        used: set[int] = set()
        chosen = []
        # Where there are few places, everybody keeps coming back to them.
        few = len(np.unique(self.places[rows])) < 2 * len(at)
        for here in np.sort(place).tolist():
            for reach in _REACHES:
                near = rng.permutation(rows[max(0, here - reach) : here + reach])
                objects, first = np.unique(self.places[near], return_index=True)
                found = zip(first, objects.tolist(), strict=True)
                fresh = [i for i, name in found if few or name not in used]
                if fresh:
                    break
            row = near[fresh[int(rng.integers(len(fresh)))]] if fresh else near[0]
            used.add(int(self.places[row]))
            chosen.append(row)
        return self.moments(channel, np.sort(np.array(chosen, dtype=np.int64)))

    def moments(self, channel: Channel, rows: Ints) -> Occasions:
        """The moments of these rows of the background."""
        objects = self.column("object_id")[rows]
        owners = [None if channel is Channel.GROUP else self.owners.get(name) for name in objects]
        events, accounts = self.column("event_id")[rows], self.column("account_id")[rows]
        return Occasions(channel, self.at[rows], objects, np.array(owners, dtype=object), events, accounts)

    @cached_property
    def places(self) -> Ints:
        """A number for each object, equal for equal objects; no object counts as one."""
        places: Ints = self.events["object_id"].fill_null("").rank("dense").cast(pl.Int64).to_numpy()
        return places

    @cached_property
    def activity(self) -> pl.DataFrame:
        """How many events each account has: account_id, n; in order of account_id."""
        counts = self.events.group_by("account_id").agg(pl.len().cast(pl.Int64).alias("n"))
        return counts.sort("account_id")

    @cached_property
    def rows_by_account(self) -> dict[str, Ints]:
        """For each account the rows in which it acts, in order of time."""
        order = np.argsort(self.events["account_id"].rank("dense").to_numpy(), kind="stable")
        parts = np.split(order, np.cumsum(self.activity["n"].to_numpy())[:-1])
        return dict(zip(self.activity["account_id"].to_list(), parts, strict=True))

    @cached_property
    def account_shape(self) -> Shape:
        """What account ids look like; accounts that were only acted upon are in use as well."""
        return shape([*self.activity["account_id"], *self.events["target_id"].drop_nulls().unique()])

    @cached_property
    def event_shapes(self) -> dict[Channel, Shape]:
        """What event ids of each channel look like; a channel without events borrows from all."""
        return self._shapes("event_id", shape(self.events["event_id"]))

    @cached_property
    def object_shapes(self) -> dict[Channel, Shape]:
        """What object ids of each channel look like; where there are none, other objects, then accounts."""
        named = self.events["object_id"].drop_nulls().unique()
        return self._shapes("object_id", shape(named) if len(named) else self.account_shape)

    def _shapes(self, name: str, whole: Shape) -> dict[Channel, Shape]:
        found = {}
        for channel, rows in self.rows.items():
            named = self.events[name][rows].drop_nulls().unique()
            # No id of another channel is free either.
            found[channel] = replace(shape(named), taken=whole.taken) if len(named) else whole
        return found

    @cached_property
    def pauses(self) -> dict[Channel, Ints]:
        """Microseconds between an account's events on one object where less than an hour, by channel."""
        gap = pl.col("timestamp").diff().over("account_id", "object_id").dt.total_microseconds()
        near = self.events.select(pl.col("channel").cast(pl.String), gap.alias("gap")).filter(
            pl.col("gap") <= _TALK_US
        )
        return {
            channel: near.filter(pl.col("channel") == channel.value)["gap"].cast(pl.Int64).to_numpy()
            for channel in Channel
        }

    @cached_property
    def _shares(self) -> dict[tuple[Channel, str], float]:
        return {
            (channel, name): float(np.mean([value is not None for value in self.column(name)[rows]]))
            for channel, rows in self.rows.items()
            for name in ("target_id", "object_id", "parent_id")
            if len(rows)
        }

    def share(self, channel: Channel, name: str) -> float:
        """The share of the events of `channel` whose column `name` is filled; 0 without events."""
        return self._shares.get((channel, name), 0.0)

    def stretch(self, rng: np.random.Generator, channel: Channel, n: int, span_us: int) -> Ints:
        """Rows of `channel` in a stretch of time of `span_us` around an ordinary moment.

        It is made longer until it holds twice `n` objects, as far as the channel has so many.
        """
        rows = self.rows[channel]
        at = self.at[rows]
        wanted = min(2 * n, max(1, len(np.unique(self.places[rows])) // 2))
        middle, span = at[int(rng.integers(len(rows)))], max(span_us, SECOND_US)
        while True:
            low, high = np.searchsorted(at, [middle - span // 2, middle + span // 2 + 1])
            inside: Ints = rows[low:high]
            if len(inside) == len(rows):
                return rows
            if len(inside) >= 2 * n and len(np.unique(self.places[inside])) >= wanted:
                return inside
            span = span * 3 // 2


def ground(events: pl.DataFrame) -> Ground:
    """The index of EVENTS; an empty background raises InputError: it has nothing ordinary to draw from."""
    if not events.height:
        raise InputError("the background holds no event; give one with ordinary accounts to plant into")
    return Ground(events.sort("timestamp", "event_id"))


def acts(**columns: Any) -> pl.DataFrame:
    """A table of acts from arrays, lists and single values; columns left out are null."""
    n = max(len(value) for value in columns.values() if not isinstance(value, str | None))
    filled = {name: columns.get(name) for name in ACT}
    return pl.DataFrame(
        {
            name: pl.Series(name, _repeated(value, n), dtype=ACT[name], strict=True)
            for name, value in filled.items()
        }
    )


def _repeated(value: Any, n: int) -> list[Any]:
    if value is None or isinstance(value, str):
        return [value] * n
    return value.tolist() if isinstance(value, np.ndarray) else list(value)
