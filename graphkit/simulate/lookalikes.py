"""What look-alikes do: dense, alike or at once for honest reasons; one function for each kind."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl

from graphkit.simulate.company import (
    Company,
    Deeds,
    beside,
    delays,
    habit,
    only,
    outings,
    own_objects,
    sessions,
    speech,
    turns,
)
from graphkit.simulate.followings import circle, fan_club, in_chats, match
from graphkit.simulate.ground import DAY_US, HOUR_US, SECOND_US, Ground, Ints, Occasions, acts
from graphkit.simulate.ids import fresh_ids
from graphkit.simulate.plans import Kind
from graphkit.simulate.texts import prose, variants
from graphkit.words import Channel

_NIGHT_HOURS = 5
# A friend's word is answered so often (directed pairs answered both ways in private messages: .61 to .64).
_ANSWERED = 0.65
# So often a second agent of a desk takes a customer over.
_HANDED_OVER = 0.2
# Chats that a desk serves.
_COUNTERS = 2
# Threads of a forum that are open at a time.
_OPEN = 3
# Objects that a burst of news or a lottery happens on.
_STAGES = 4
# Seconds that people take for one thing of many: each has a pace of its own, and keeps it loosely.
_STEP_S = 30.0


def friends(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """Nearly every two of them talk, on each other's objects, in chats or in messages, and answer."""
    channel = company.channels[0]
    first = np.repeat(np.arange(len(company.members)), np.maximum(1, company.shares * 2 // 3))
    other = (first + rng.integers(1, len(company.members), size=len(first))) % len(company.members)
    answered = rng.random(len(first)) < _ANSWERED
    objects, made = _places(ground, company, channel, other, rng)
    rows = np.sort(outings(ground, company, channel, len(first), rng).at)
    at = rng.permutation(rows)
    at = np.where(objects.at > 0, objects.at + delays(rng, company, first), at)
    later = at[answered] + delays(rng, company, other[answered])
    who, whom = np.concatenate([first, other[answered]]), np.concatenate([other, first[answered]])
    said = speech(ground, company, channel, who, rng)
    target = company.members[whom]
    if channel is Channel.GROUP:
        # In a chat the one who is meant is named as often as anybody is.
        target = only(rng.random(len(who)) < habit(ground, company, channel, "target_id", who), target)
    acted = acts(
        at=ground.told(rng, np.concatenate([at, later])),
        channel=channel.value,
        account_id=company.members[who],
        target_id=target,
        object_id=np.concatenate([objects.object_id, objects.object_id[answered]]),
        text=said,
    )
    return Deeds(pl.concat([acted, made]))


def _places(
    ground: Ground, company: Company, channel: Channel, other: Ints, rng: np.random.Generator
) -> tuple[Occasions, pl.DataFrame]:
    """Where each talk happens: the other's own object in a feed, a chat, or a conversation (time 0)."""
    n, nobody = len(other), np.array([None] * len(other), dtype=object)
    untimed = np.zeros(n, dtype=np.int64)
    if channel is Channel.GROUP:
        moments = outings(ground, company, channel, max(2, company.n_occasions), rng)
        chosen = rng.integers(len(moments), size=n)
        return Occasions(
            channel, moments.at[chosen], moments.object_id[chosen], nobody, nobody, nobody
        ), acts(at=[])
    if channel is Channel.DM:
        return Occasions(channel, untimed, nobody, nobody, nobody, nobody), acts(at=[])
    # Two objects of each friend; a talk goes to one of them.
    owned, made = own_objects(ground, company, np.repeat(company.members, 2), channel, rng)
    chosen = other * 2 + rng.integers(2, size=n)
    return Occasions(channel, owned.at[chosen], owned.object_id[chosen], nobody, nobody, nobody), made


def chat_regulars(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """A class or a team in one chat of its own: bursts of talk in which whoever is there answers whom."""
    chat = fresh_ids(rng, 1, ground.object_shapes[Channel.GROUP])[0]
    moments = outings(ground, company, Channel.GROUP, company.n_occasions, rng)
    moments = in_chats(moments, np.array([chat] * len(moments), dtype=object))
    acted = beside(ground, company, moments, rng)
    # Whoever is named is of the chat, too.
    who = company.places(acted["account_id"])
    named = rng.random(acted.height) < habit(ground, company, Channel.GROUP, "target_id", who)
    target = only(named, rng.choice(company.members, size=acted.height))
    target = only(target != acted["account_id"].to_numpy(), target)
    return Deeds(acted.with_columns(pl.Series("target_id", target.tolist(), dtype=pl.String)))


def service_desk(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """Customers come first; an agent answers within minutes, mostly from stock, and hands some over."""
    channel = company.channels[0]
    agent = np.repeat(np.arange(len(company.members)), company.shares)
    if channel is Channel.GROUP:
        moments = sessions(ground, company, _COUNTERS, len(agent), rng)
    else:
        moments = outings(ground, company, channel, len(agent), rng)
    voice = ground.voices[channel]
    n = len(agent)
    place, parent = moments.object_id, moments.event_id
    second = (agent + (rng.random(n) < _HANDED_OVER)) % len(company.members)
    asked = acts(at=[])
    if channel is Channel.DM:
        asked = acts(
            at=ground.told(rng, moments.at),
            channel=channel.value,
            account_id=moments.account_id,
            target_id=company.members[agent],
            object_id=place,
            text=prose(rng, voice, n),
        )
        parent = np.array([None] * n, dtype=object)
    elif not ground.share(channel, "parent_id"):
        parent = np.array([None] * n, dtype=object)
    answered = acts(
        at=ground.told(rng, moments.at + delays(rng, company, second)),
        channel=channel.value,
        account_id=company.members[second],
        target_id=moments.account_id if ground.share(channel, "target_id") else None,
        object_id=place,
        parent_id=parent,
        text=speech(ground, company, channel, second, rng),
    )
    return Deeds(pl.concat([asked, answered]))


def crowd(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """Lottery and news burst: many accounts come once each to the same few busy objects."""
    channel = company.channels[0]
    rows = ground.rows[channel]
    moment = ground.at[rows[int(rng.integers(len(rows)))]]
    near = rows[np.abs(ground.at[rows] - moment) <= 6 * HOUR_US]
    names, first, size = np.unique(ground.places[near], return_index=True, return_counts=True)
    busiest = first[np.lexsort((names, -size))][:_STAGES]
    moments = ground.moments(channel, near[busiest])
    return Deeds(beside(ground, company, replace(moments, at=np.full(len(moments), moment)), rng))


def sitting(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """They come about the same time and go through one feed, survey or tour, each at a pace of its own."""
    channel, n = company.channels[0], len(company.members)
    rows = ground.rows[channel]
    moment = ground.at[rows[int(rng.integers(len(rows)))]]
    near = rows[np.argsort(np.abs(ground.at[rows] - moment), kind="stable")]
    first = np.sort(np.unique(ground.places[near], return_index=True)[1])
    moments = ground.moments(channel, near[first[: company.n_occasions]])
    who, which = turns(rng, company.shares, len(moments))
    pace_us = rng.gamma(4.0, _STEP_S * SECOND_US / 4.0, size=n)
    steps = rng.gamma(2.0, 0.5, size=len(who)) * pace_us[who]
    gone = pl.DataFrame({"who": who, "step": steps}).select(pl.col("step").cum_sum().over("who"))
    at = moment + delays(rng, company, np.arange(n))[who] + gone["step"].to_numpy().astype(np.int64)
    acted = acts(
        at=ground.told(rng, at),
        channel=channel.value,
        account_id=company.members[who],
        target_id=moments.target_id[which] if ground.share(channel, "target_id") else None,
        object_id=moments.object_id[which],
        text=speech(ground, company, channel, who, rng),
    )
    return Deeds(acted)


def newsroom(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """The desks of one agency bring the same story within minutes, each in a place of its own."""
    channel, plan = company.channels[0], company.plan
    moments = outings(ground, company, channel, company.n_occasions, rng)
    told = beside(ground, company, moments, rng)
    stories = dict(
        zip(
            moments.object_id.tolist(),
            variants(rng, ground.voices[channel], len(moments), len(moments)),
            strict=True,
        )
    )
    # Nobody brings the same story twice.
    first = told.select(pl.struct("account_id", "object_id").is_first_distinct()).to_series().to_numpy()
    same = (rng.random(told.height) < plan.scripted) & first
    said = [
        stories[place] if chosen else text
        for place, text, chosen in zip(told["object_id"], told["text"], same, strict=True)
    ]
    told = told.with_columns(pl.Series("text", said, dtype=pl.String))
    nobody = pl.lit(None, pl.String)
    return Deeds(
        told.with_columns(
            _desks(ground, company, channel, told, rng), nobody.alias("target_id"), nobody.alias("parent_id")
        )
    )


def _desks(
    ground: Ground, company: Company, channel: Channel, told: pl.DataFrame, rng: np.random.Generator
) -> pl.Series:
    """Where each story is told: a new post or thread each time; in a chat platform the desk's own chat."""
    shape = ground.object_shapes[channel]
    if channel is not Channel.GROUP:
        return pl.Series("object_id", fresh_ids(rng, told.height, shape), dtype=pl.String)
    chats = dict(zip(company.members.tolist(), fresh_ids(rng, len(company.members), shape), strict=True))
    return told["account_id"].replace_strict(chats, return_dtype=pl.String).alias("object_id")


def night_owls(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """They share nothing but the hours in which few are awake, and so the threads that live then."""
    channel, n = company.channels[0], company.n_occasions
    rows = ground.rows[channel]
    hour = ground.at[rows] % DAY_US // HOUR_US
    counts = np.bincount(hour, minlength=24)
    nights = [int(np.take(counts, range(h, h + _NIGHT_HOURS), mode="wrap").sum()) for h in range(24)]
    # The quietest hours that still hold enough ordinary events to stand beside.
    able = [h for h in range(24) if nights[h] >= min(3 * n, max(nights))]
    start = min(able, key=lambda h: (nights[h], h))
    awake = rows[(hour - start) % 24 < _NIGHT_HOURS]
    moments = ground.moments(channel, np.sort(rng.permutation(awake)[:n]))
    return Deeds(beside(ground, company, moments, rng))


def sparse_forum(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """A small board: threads by its members are few, so all meet in them, each at hours of its own."""
    channel, n = company.channels[0], company.n_occasions
    threads, made = own_objects(ground, company, rng.permutation(np.resize(company.members, n)), channel, rng)
    order = np.argsort(threads.at, kind="stable")
    who = np.repeat(np.arange(len(company.members)), company.shares)
    begin, end = int(threads.at.min()), int(threads.at.max())
    # Each comes when its donor was there, on days of the board.
    hour = np.concatenate(
        [
            rng.choice(ground.at[rows], size=share) % DAY_US
            for rows, share in zip(company.manners, company.shares.tolist(), strict=False)
        ]
    )
    days = ground.days[(ground.days >= begin // DAY_US) & (ground.days <= end // DAY_US)]
    at = rng.choice(days, size=len(who)) * DAY_US + hour
    newest = np.searchsorted(threads.at[order], at)
    which = order[np.clip(newest - rng.integers(1, _OPEN + 1, size=len(who)), 0, n - 1)]
    at = np.maximum(at, threads.at[which] + delays(rng, company, who) // _OPEN)
    acted = acts(
        at=ground.told(rng, at),
        channel=channel.value,
        account_id=company.members[who],
        target_id=threads.target_id[which],
        object_id=threads.object_id[which],
        text=speech(ground, company, channel, who, rng),
    ).filter(pl.col("target_id").is_null() | (pl.col("target_id") != pl.col("account_id")))
    return Deeds(pl.concat([acted, made]))


def disclosed_bots(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """Bots of one maker that answer the same moments within seconds from stock, and say what they are."""
    moments = outings(ground, company, company.channels[0], company.n_occasions, rng)
    return Deeds(beside(ground, company, moments, rng))


def meme(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """One phrase on everybody's lips, each saying it somewhere else at another time."""
    channel = company.channels[0]
    moments = outings(ground, company, channel, company.n_occasions, rng)
    return Deeds(beside(ground, company, moments, rng, texts=variants(rng, ground.voices[channel], 1, 1)))


LOOKALIKES: dict[Kind, Callable[[Ground, Company, np.random.Generator], Deeds]] = {
    Kind.FAN_CLUB: fan_club,
    Kind.FRIENDS: friends,
    Kind.CHAT_REGULARS: chat_regulars,
    Kind.SERVICE_DESK: service_desk,
    Kind.LOTTERY: crowd,
    Kind.NEWSROOM: newsroom,
    Kind.NIGHT_OWLS: night_owls,
    Kind.SPARSE_FORUM: sparse_forum,
    Kind.DISCLOSED_BOTS: disclosed_bots,
    Kind.MEME: meme,
    Kind.NEWS_BURST: crowd,
    Kind.SITTING: sitting,
    Kind.CIRCLE: circle,
    Kind.MATCH: match,
}
