"""Lockstep: whether members act within two seconds of each other, time after time."""

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.clock import clocked
from graphkit.settings import SignalSettings
from graphkit.signals.base import Case, Ceiling, Signal, measured, timeline
from graphkit.words import Channel, Direction, Family, Subject

MINIMUM_EVENTS = 10
MINIMUM_SESSIONS = 5
MINIMUM_ACTING = 3
_NOBODY = -1


def _locked_share(case: Case) -> pl.DataFrame:
    """The share of a member's events on objects that are in lockstep; n is the number of those events.

    An event is in lockstep when two or more fellow members have events within `lockstep_s` of it on the same
    object, one of them truly earlier: the first of a volley may be a victim that the others tail, and so may
    any of those that a clock of whole seconds puts at one moment. `expected` is the share of strangers'
    events on the ring's objects that are so close to other strangers; null where no three of them answer.
    Events whose clock does not know seconds stand aside. Listed are the member's events, and for each in
    lockstep an earlier fellow's event and one of another fellow.
    """
    ours, strangers = _on_objects(case, case.settings.lockstep_s)
    locked = _lockstep(ours, case.settings.lockstep_s)
    crowd = _lockstep(strangers, case.settings.lockstep_s).group_by("ring_id").agg(pl.col("locked").mean())
    witnesses = pl.concat_list("event_id", "earlier", "other").explode(empty_as_null=True, keep_nulls=True)
    enough = (pl.len() >= MINIMUM_EVENTS) & (pl.col("object_id").n_unique() >= case.settings.lockstep_objects)
    return (
        locked.join(crowd.rename({"locked": "crowd"}), on="ring_id", how="left")
        .filter(enough.over("account_id"))
        .sort("account_id", "at", "event_id")
        .group_by("account_id", maintain_order=True)
        .agg(
            measured(
                pl.col("locked").mean(),
                pl.len(),
                witnesses.drop_nulls().unique(maintain_order=True),
                pl.col("crowd").first(),
            )
        )
    )


def _median_spread(case: Case) -> pl.DataFrame:
    """The median seconds between the first and the last of the members that act in a session; n sessions.

    A session is a run of members' events on one object without `session_gap_s` of silence; it counts when
    three or more members act in it, each by its first event there. `expected` is the same of strangers on
    the ring's objects, null where they have no session. Nobody is seen to be closer than one step of the
    clock; events whose clock does not know seconds stand aside, and a ring whose crowd is too fast for the
    clock to show it `lockstep_times` as fast is left out. Listed are the members' first events in the
    sessions.
    """
    settings = case.settings
    ours, strangers = _on_objects(case, settings.volley_s)
    crowd = _sessions(strangers, settings.session_gap_s)
    expected = crowd.group_by("ring_id").agg(pl.col("spread").median().alias("crowd"))
    shown = pl.col("crowd") > settings.lockstep_times * pl.col("grain_s").max().over("ring_id")
    enough = (pl.len() >= MINIMUM_SESSIONS) & (pl.col("object_id").n_unique() >= settings.lockstep_objects)
    return (
        _sessions(ours, settings.session_gap_s)
        .filter(enough.over("ring_id"))
        .join(expected, on="ring_id", how="left")
        .filter(shown.fill_null(value=True))
        .group_by(pl.col("ring_id").alias("account_id"), maintain_order=True)
        .agg(
            measured(
                pl.col("spread").median(),
                pl.len(),
                pl.col("event_id").explode(empty_as_null=True, keep_nulls=True),
                pl.col("crowd").first(),
            )
        )
    )


def _on_objects(case: Case, within_s: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The events of members, and of a crowd of strangers on the same objects: by ring, object and time.

    Left out are events whose clock has steps of `within_s` or more. `place` numbers objects and rings
    together.
    """
    events = (
        clocked(case.events)
        .filter(pl.col("object_id").is_not_null() & (pl.col("grain_s") < within_s))
        .select(
            "event_id",
            "account_id",
            "object_id",
            "grain_s",
            pl.col("timestamp").dt.epoch("us").alias("at"),
            (pl.col("channel").cast(pl.String) == Channel.POST.value).alias("posted"),
        )
    )
    members = case.members.select("account_id", "ring_id")
    ours = events.join(members, on="account_id", maintain_order="left")
    places = ours.select("ring_id", "object_id").unique().sort("ring_id", "object_id").with_row_index("place")
    # Events lie in order of time, and joins and the sort keep it within a place.
    ours = ours.join(places, on=["ring_id", "object_id"], maintain_order="left")
    around = events.join(places, on="object_id", maintain_order="left")
    strangers = around.join(members, on=["account_id", "ring_id"], how="anti", maintain_order="left")
    # A crowd is three who answer: fewer are never in lockstep, and an author does not answer his own post.
    answering = strangers.filter(~pl.col("posted"))
    strangers = answering.filter(pl.col("account_id").n_unique().over("place") >= MINIMUM_ACTING)
    return ours.sort("place", maintain_order=True), strangers.sort("place", maintain_order=True)


def _lockstep(rows: pl.DataFrame, window_s: float) -> pl.DataFrame:
    """`rows` with `locked`, and the ids of an `earlier` event and one of an `other` account that show it."""
    group = rows["place"].to_numpy().astype(np.int64)
    account = rows["account_id"].rank("dense").to_numpy().astype(np.int64)
    reach = int(window_s * 1e6)
    line = timeline(rows["at"].to_numpy(), group, reach)
    begin = np.searchsorted(line, line - reach, side="left")
    end = np.searchsorted(line, line + reach, side="right") - 1
    nobody = np.full(line.size, _NOBODY)
    earlier = _nearest(account, begin, -1, nobody)
    before = _nearest(account, begin, -1, earlier)
    other = np.where(before == _NOBODY, _nearest(account, end, 1, earlier), before)
    # Of events of one moment none is known to be the earlier one: `begin` is the earliest within reach.
    sooner = np.searchsorted(line, line, side="left") > begin
    locked = (earlier != _NOBODY) & (other != _NOBODY) & sooner
    ids = rows["event_id"]
    shown = [
        ids.gather(pl.Series(np.where(locked, found, 0))).alias(name)
        for name, found in (("earlier", earlier), ("other", other))
    ]
    return rows.with_columns(pl.Series("locked", locked), *shown).with_columns(
        pl.when("locked").then(pl.col("earlier", "other"))
    )


def _nearest(
    account: npt.NDArray[np.int64],
    bound: npt.NDArray[np.int64],
    step: int,
    besides: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """The nearest row up to `bound` of an account that is neither the row's own nor that of row `besides`.

    Walks all rows one step at a time and drops those that are done: as many steps as the longest walk, and
    walks are short, since the account next door is mostly another one. _NOBODY where there is none.
    """
    found = np.full(account.size, _NOBODY)
    taken = np.where(besides == _NOBODY, _NOBODY, account[besides]) if account.size else besides
    active = np.arange(account.size)
    reached = active
    while active.size:
        reached = reached + step
        inside = (bound[active] - reached) * step >= 0
        active, reached = active[inside], reached[inside]
        seen = account[reached]
        hit = (seen != account[active]) & (seen != taken[active])
        found[active[hit]] = reached[hit]
        active, reached = active[~hit], reached[~hit]
    return found


def _sessions(rows: pl.DataFrame, gap_s: float) -> pl.DataFrame:
    """Sessions in which three or more accounts act: ring_id, object_id, spread (s), grain_s and event_ids."""
    on = ["ring_id", "object_id"]
    silence = pl.col("at").diff().over(on) > gap_s * 1e6
    apart = (pl.col("at").max() - pl.col("at").min()) / 1e6
    return (
        rows.with_columns(silence.fill_null(False).cast(pl.Int64).cum_sum().over(on).alias("session"))
        .unique([*on, "session", "account_id"], keep="first", maintain_order=True)
        .group_by(*on, "session", maintain_order=True)
        .agg(
            pl.max_horizontal(apart, pl.col("grain_s").max()).alias("spread"),
            pl.col("grain_s").max(),
            pl.col("event_id"),
        )
        .filter(pl.col("event_id").list.len() >= MINIMUM_ACTING)
    )


def _member_ceiling(settings: SignalSettings) -> Ceiling:
    return Ceiling(settings.lockstep_moderate, settings.lockstep_strong, settings.lockstep_times)


def _ring_ceiling(settings: SignalSettings) -> Ceiling:
    return Ceiling(settings.glance_s, settings.volley_s, settings.lockstep_times)


def _explain_member(value: float, n: int) -> str:
    return (
        f"{100 * value:.0f} % of its {n} events come within 2 seconds of two or more fellow members "
        "on the same object, after one of them"
    )


def _explain_ring(value: float, n: int) -> str:
    return (
        f"in {n} sessions three or more members act on one object, in the median within {value:.2f} seconds"
    )


LOCKSTEP = Signal(
    name="lockstep",
    family=Family.TIME,
    subject=Subject.MEMBER,
    question="does it act within two seconds of fellow members?",
    unit="share of events",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_EVENTS,
    measure=_locked_share,
    explain=_explain_member,
    innocent=(
        "a live event that everyone answers at once (the crowd's rate is set against it)",
        "a queue of the platform that releases waiting events together",
    ),
    ceiling=_member_ceiling,
)

RING_LOCKSTEP = Signal(
    name="ring_lockstep",
    family=Family.COORDINATION,
    subject=Subject.RING,
    question="do its members act within moments of each other?",
    unit="s",
    direction=Direction.LOW,
    minimum_n=MINIMUM_SESSIONS,
    measure=_median_spread,
    explain=_explain_ring,
    innocent=(
        "a class or a call in which people were told to comment now",
        "a queue of the platform that releases waiting events together",
    ),
    ceiling=_ring_ceiling,
)
