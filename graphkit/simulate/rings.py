"""What planted rings do: one function for each kind, from a company to its deeds."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl

from graphkit.simulate.company import (
    Company,
    Deeds,
    beside,
    delays,
    joined,
    outings,
    own_objects,
    sessions,
    speech,
    turns,
)
from graphkit.simulate.ground import SECOND_US, Ground, Ints, acts
from graphkit.simulate.ids import fresh_ids
from graphkit.simulate.plans import Kind
from graphkit.simulate.texts import prose
from graphkit.words import Channel

# Recipients answer so often; much less than friends do.
_ANSWERED = 0.1
# Of a swarm's occasions this share are objects of its beneficiaries.
_SERVED = 0.5
# Of a framing ring's acts this share is aimed at a victim.
_AIMED = 0.4


def follow(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """Lockstep and jitter: the members come to the same ordinary moments, at the plan's latency."""
    moments = outings(ground, company, company.channels[0], company.n_occasions, rng)
    return Deeds(beside(ground, company, moments, rng))


def pod(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """The members engage on each other's objects and on common targets; on nothing else if `own` is 1."""
    channel, n = company.channels[0], company.n_occasions
    n_own = round(n * company.plan.own)
    parts, made = [], acts(at=[])
    if n_own:
        owners = rng.permutation(np.resize(company.members, n_own))
        mine, made = own_objects(ground, company, owners, channel, rng)
        parts.append(mine)
    if n > n_own:
        parts.append(outings(ground, company, channel, n - n_own, rng))
    return Deeds(pl.concat([beside(ground, company, joined(*parts), rng), made]))


def swarm(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """Many accounts come a few times each, half of them to what their beneficiaries made."""
    channel, n = company.channels[0], company.n_occasions
    owners = np.resize(company.stars, max(1, round(n * _SERVED)))
    theirs, made = own_objects(ground, company, owners, channel, rng)
    moments = joined(theirs, outings(ground, company, channel, max(1, n - len(owners)), rng))
    acted = beside(ground, company, moments, rng)
    return Deeds(pl.concat([acted, made]), beneficiaries=tuple(company.stars))


def chorus(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """A small cast speaks together, session after session, in the same few chats."""
    moments = sessions(ground, company, company.plan.n_chats, company.n_occasions, rng)
    return Deeds(beside(ground, company, moments, rng))


def fan_out(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """The members message the same recipients, who did nothing but receive."""
    recipients = _bystanders(ground, Channel.DM, max(company.plan.n_victims, 1), 1, rng)
    acted = _messages(ground, company, recipients, company.shares, rng)
    return Deeds(acted, victims=tuple(recipients))


def _bystanders(
    ground: Ground,
    channel: Channel,
    n: int,
    least: int,
    rng: np.random.Generator,
    *,
    places: bool = False,
) -> list[str]:
    """Up to `n` background accounts with at least `least` events in `channel` (fewer if none has so many).

    With `places` events on different objects count.
    """
    rows = ground.rows[channel]
    counts = (
        ground.events[rows]
        .group_by("account_id")
        .agg((pl.col("object_id").n_unique() if places else pl.len()).alias("n"))
        .sort(["n", "account_id"], descending=[True, False])
    )
    able = counts.filter(pl.col("n") >= least)
    pool = (able if able.height >= n else counts.head(n))["account_id"].to_list()
    return sorted(rng.choice(np.array(pool, dtype=object), size=min(n, len(pool)), replace=False).tolist())


def _messages(
    ground: Ground, company: Company, recipients: list[str], shares: Ints, rng: np.random.Generator
) -> pl.DataFrame:
    """Messages to `recipients`: each is an occasion, at an ordinary moment of the channel."""
    who, which = turns(rng, shares, len(recipients))
    moments = outings(ground, company, Channel.DM, len(recipients), rng)
    at = rng.permutation(moments.at)[which] + delays(rng, company, who)
    said = speech(ground, company, Channel.DM, who, rng)
    target = np.array(recipients, dtype=object)[which]
    named = ground.share(Channel.DM, "object_id") > 0
    talks = np.array(
        fresh_ids(rng, len(who), ground.object_shapes[Channel.DM]) if named else [None] * len(who),
        dtype=object,
    )
    sent = acts(
        at=ground.told(rng, at),
        channel=Channel.DM.value,
        account_id=company.members[who],
        target_id=target,
        object_id=talks,
        text=said,
    )
    back = np.flatnonzero(rng.random(len(who)) < _ANSWERED)
    later = at[back] + (rng.exponential(1800, size=len(back)) * SECOND_US).astype(np.int64)
    answers = acts(
        at=ground.told(rng, later),
        channel=Channel.DM.value,
        account_id=target[back],
        target_id=company.members[who[back]],
        object_id=talks[back],
        text=prose(rng, ground.voices[Channel.DM], len(back)),
    )
    return pl.concat([sent, answers])


def thin(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """A little in every channel: a third of each member's events in the feed, in messages and in chats."""
    third = np.maximum(1, company.shares // 3)
    n = max(2, round(float(third.mean()) / company.plan.participation))
    feed = beside(ground, company, outings(ground, company, company.channels[0], n, rng), rng, shares=third)
    recipients = _bystanders(ground, Channel.DM, max(company.plan.n_victims, n), 1, rng)
    sent = _messages(ground, company, recipients, third, rng)
    chats = len(np.unique(ground.places[ground.rows[Channel.GROUP]]))
    moments = sessions(ground, company, min(company.plan.n_chats, chats), n, rng)
    talk = beside(ground, company, moments, rng, shares=third)
    return Deeds(pl.concat([feed, sent, talk]), victims=tuple(recipients))


def tailing(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """The members come wherever a victim has just been."""
    channel, n = company.channels[0], company.n_occasions
    victims = _bystanders(ground, channel, max(1, company.plan.n_victims), n, rng, places=True)
    rows = _rows_of(ground, channel, victims)
    # From place to place: where a victim came again, only if there are not enough others.
    came = ground.events[rows].select(pl.struct("account_id", "object_id").is_first_distinct()).to_series()
    fresh = rows[came.to_numpy()]
    # One stretch of their time, not all of it: rings come and go.
    first = int(rng.integers(max(1, len(fresh) - 2 * n + 1)))
    chosen = rng.permutation(fresh[first : first + 2 * n])[:n]
    again = rng.permutation(np.setdiff1d(rows, fresh))[: n - len(chosen)]
    chosen = np.sort(np.concatenate([chosen, again]))
    moments = ground.moments(channel, chosen)
    # Half of the time they speak to the victim, else like it to the owner of the object.
    to_victim = rng.random(len(chosen)) < 0.5
    moments = replace(moments, target_id=np.where(to_victim, moments.account_id, moments.target_id))
    return Deeds(beside(ground, company, moments, rng), victims=tuple(victims))


def _rows_of(ground: Ground, channel: Channel, accounts: list[str]) -> Ints:
    rows = ground.rows[channel]
    found: Ints = rows[ground.events["account_id"].is_in(accounts).to_numpy()[rows]]
    return found


def framing(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """A pod's common targets, with the victims' own texts for a script and the victims mentioned."""
    channel = company.channels[0]
    victims = _bystanders(ground, channel, max(1, company.plan.n_victims), 5, rng)
    acted = beside(ground, company, outings(ground, company, channel, company.n_occasions, rng), rng)
    said = ground.column("text")[_rows_of(ground, channel, victims)]
    theirs = [text for text in said if text] or [None]
    copied = (rng.random(acted.height) < company.plan.scripted) & (theirs != [None])
    lent = np.array(theirs, dtype=object)[rng.integers(len(theirs), size=acted.height)]
    texts = np.where(copied, lent, acted["text"].to_numpy())
    aimed = rng.random(acted.height) < _AIMED
    named = np.where(
        aimed, rng.choice(np.array(victims, dtype=object), size=acted.height), acted["target_id"].to_numpy()
    )
    acted = acted.with_columns(
        pl.Series("text", texts.tolist(), dtype=pl.String),
        pl.Series("target_id", named.tolist(), dtype=pl.String),
    )
    if Channel.DM in ground.channels:
        acted = pl.concat([acted, _messages(ground, company, victims, np.ones_like(company.shares), rng)])
    return Deeds(acted, victims=tuple(victims))


RINGS: dict[Kind, Callable[[Ground, Company, np.random.Generator], Deeds]] = {
    Kind.LOCKSTEP: follow,
    Kind.SWARM: swarm,
    Kind.POD: pod,
    Kind.CHORUS: chorus,
    Kind.FAN_OUT: fan_out,
    Kind.THIN: thin,
    Kind.JITTER: follow,
    Kind.TAILING: tailing,
    Kind.FRAMING: framing,
}
