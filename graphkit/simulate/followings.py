"""What communities around somebody's objects do: fans, circles that visit each other, watchers of a match."""

import numpy as np
import polars as pl

from graphkit.simulate.company import Company, Deeds, beside, outings, own_objects, speech, turns
from graphkit.simulate.ground import DAY_US, HOUR_US, SECOND_US, Ground, Ints, Occasions, Words, acts
from graphkit.simulate.ids import fresh_ids
from graphkit.words import Channel

# Hours of sleep.
_NIGHT = 8
# A match lasts so long; what happens in it is answered within seconds, by so many of those who are there.
_MATCH_S = 6600.0
_CHEER_S = 25.0
_CHEERED = 0.4
# Things to cheer at in a match, at most.
_GOALS = 5
# What a member says in one match, on average.
_SAID = 3


def fan_club(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """The fans come to what their stars make, each when it is told of it and awake."""
    owners = rng.permutation(np.resize(company.stars, company.n_occasions))
    acted, made = _visited(ground, company, owners, rng)
    return Deeds(pl.concat([acted, made]), beneficiaries=tuple(company.stars))


def circle(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """The members come to each other's objects, as those who follow for a follow do."""
    owners = rng.permutation(np.resize(company.members, company.n_occasions))
    return Deeds(pl.concat(_visited(ground, company, owners, rng)))


def match(ground: Ground, company: Company, rng: np.random.Generator) -> Deeds:
    """On some evenings they watch one thing, say what they think, and cheer at the same seconds."""
    channel = company.channels[0]
    evenings = (company.shares + _SAID - 1) // _SAID
    n = max(2, round(float(evenings.mean()) / company.plan.participation))
    if channel is Channel.GROUP:
        evening = outings(ground, company, channel, n, rng)
        chats = np.array(fresh_ids(rng, n, ground.object_shapes[channel]), dtype=object)
        moments, made = in_chats(evening, chats), acts(at=[])
    else:
        moments, made = own_objects(ground, company, np.resize(company.stars, n), channel, rng)
    who, which = turns(rng, evenings, n)
    said = rng.poisson(_SAID - 1, size=len(who)) + 1
    who, which = np.repeat(who, said), np.repeat(which, said)
    goals = rng.uniform(0, _MATCH_S, size=(n, _GOALS))
    scored = goals[which, rng.integers(rng.integers(1, _GOALS + 1, size=n)[which])]
    cheered = rng.random(len(who)) < _CHEERED
    cheers = scored + rng.exponential(_CHEER_S, size=len(who))
    seconds = np.where(cheered, cheers, rng.uniform(0, _MATCH_S, size=len(who)))
    acted = acts(
        at=ground.told(rng, moments.at[which] + (seconds * SECOND_US).astype(np.int64)),
        channel=channel.value,
        account_id=company.members[who],
        target_id=moments.target_id[which],
        object_id=moments.object_id[which],
        text=speech(ground, company, channel, who, rng),
    )
    return Deeds(pl.concat([acted, made]), beneficiaries=tuple(company.stars))


def in_chats(moments: Occasions, chats: Words) -> Occasions:
    """The times of `moments` in chats of the group's own, where nothing stands that one could answer."""
    nobody = np.array([None] * len(moments), dtype=object)
    return Occasions(Channel.GROUP, moments.at, chats, nobody, nobody, nobody)


def _visited(
    ground: Ground, company: Company, owners: Words, rng: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the members do on a new object of each of `owners`, and the acts that come with the objects."""
    theirs, made = own_objects(ground, company, owners, company.channels[0], rng)
    return _awake(ground, company, beside(ground, company, theirs, rng), rng), made


def _awake(ground: Ground, company: Company, acted: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """`acted` with what falls into a member's night put off to the hour after it."""
    bed = _bedtimes(ground, company)[company.places(acted["account_id"])]
    at = acted["at"].to_numpy()
    slept = (at - bed * HOUR_US) % DAY_US
    wake = at - slept + _NIGHT * HOUR_US + rng.exponential(HOUR_US / 2, size=len(at)).astype(np.int64)
    later = ground.told(rng, np.where(slept < _NIGHT * HOUR_US, wake, at))
    return acted.with_columns(pl.Series("at", later))


def _bedtimes(ground: Ground, company: Company) -> Ints:
    """For each member the hour (UTC) at which the eight hours begin in which its donor does least."""
    everybody = np.bincount(ground.at % DAY_US // HOUR_US, minlength=24)
    # Where a donor leaves it open, the night of the place.
    hint = everybody / (everybody.sum() + 1)
    found = []
    for rows in company.manners[: len(company.members)]:
        hours = np.bincount(ground.at[rows] % DAY_US // HOUR_US, minlength=24) + hint
        found.append(np.argmin([np.take(hours, range(h, h + _NIGHT), mode="wrap").sum() for h in range(24)]))
    return np.array(found, dtype=np.int64)
