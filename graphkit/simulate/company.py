"""What every planted group has: members, how much each takes part, ways to act beside ordinary moments."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphkit.simulate.ground import DAY_US, SECOND_US, Ground, Ints, Occasions, Words, acts
from graphkit.simulate.ids import fresh_ids
from graphkit.simulate.plans import Plan
from graphkit.simulate.texts import greetings, invented_words, pasted, prose, reworded, variants, with_word
from graphkit.words import Channel

# Different scripts that a group has at hand.
_SCRIPTS = 6
_WORDS = 5
_GREETINGS = 4
# From this latency on the second at which an account acts says nothing of its ring.
_SLOW_S = 600.0
# Mean pause between two messages of one account in one chat, where the background has none to show.
_PAUSE_S = 45.0


@dataclass(frozen=True)
class Company:
    """A group with names: its members, how many events each gives to it, and the channels it acts in."""

    plan: Plan
    members: Words
    shares: Ints
    channels: tuple[Channel, ...]
    # Accounts of its own that the group serves or admires; only some kinds have any.
    stars: Words
    # The rows of the background in which each member's donor acts: how a member writes.
    manners: tuple[Ints, ...]
    # How long ordinary accounts take for as many events; the group takes about as long.
    span_us: int
    # How much later than others each member comes by habit, as a factor.
    habits: NDArray[np.float64]

    @property
    def n_occasions(self) -> int:
        """So many that members take part in about `participation` of them."""
        visits = _visits(self.channels[0], self.shares).mean()
        return max(2, round(float(visits) / self.plan.participation))

    def places(self, names: pl.Series) -> Ints:
        """The place of each name among the members: rows of acts know only names."""
        place = {name: number for number, name in enumerate(self.members.tolist())}
        return np.array([place[name] for name in names], dtype=np.int64)


@dataclass(frozen=True)
class Deeds:
    """What a group did, and the accounts with a role in it that are no members."""

    acts: pl.DataFrame
    victims: tuple[str, ...] = ()
    beneficiaries: tuple[str, ...] = field(default=())


def _visits(channel: Channel, shares: Ints) -> Ints:
    """In how many occasions a member spends its events: in chats people say more than one thing at a time."""
    return (shares + 1) // 2 if channel is Channel.GROUP else shares


def turns(rng: np.random.Generator, shares: Ints, n_occasions: int) -> tuple[Ints, Ints]:
    """Who (place among members) takes part in which occasion: each in as many as its share says."""
    order = rng.random((len(shares), n_occasions)).argsort(axis=1).argsort(axis=1)
    who, which = np.nonzero(order < np.minimum(shares, n_occasions)[:, None])
    return who, which


def outings(
    ground: Ground, company: Company, channel: Channel, n: int, rng: np.random.Generator
) -> Occasions:
    """`n` ordinary moments of `channel` in the rhythm of the first member's donor: its hours, bursts, pauses.

    Where that donor has fewer events, those of the next members' donors are moved to its days.
    """
    beats: list[Ints] = []
    for rows in company.manners:
        at = ground.at[rows]
        first = int(rng.integers(max(1, len(at) - n + 1)))
        beats.append(at[first : first + n])
        if sum(map(len, beats)) >= n:
            break
    middle = int(np.median(beats[0]))
    moved = [beat + (middle - int(np.median(beat))) // DAY_US * DAY_US for beat in beats]
    times = np.resize(np.concatenate(moved), n)
    return ground.occasions(rng, channel, ground.told(rng, times))


def sessions(ground: Ground, company: Company, n_chats: int, n: int, rng: np.random.Generator) -> Occasions:
    """`n` moments in `n_chats` chats, chosen among the liveliest of one stretch of time."""
    rows = ground.stretch(rng, Channel.GROUP, max(n, 2 * n_chats), company.span_us)
    chats = (
        ground.events[rows]
        .group_by("object_id")
        .agg(pl.col("timestamp").dt.truncate("1h").n_unique().alias("n_hours"))
        .sort(["n_hours", "object_id"], descending=[True, False])
    )
    names = chats["object_id"].to_list()[: max(n_chats, chats.height // 4)]
    chosen = rng.choice(np.array(names, dtype=object), size=min(n_chats, len(names)), replace=False)
    there = rows[ground.events["object_id"][rows].is_in(chosen.tolist()).to_numpy()]
    # Chats alike, whether busy or quiet: a row's chance is one over the rows of its chat.
    _, chat, size = np.unique(ground.places[there], return_inverse=True, return_counts=True)
    odds = 1 / size[chat] / len(size)
    picked = rng.choice(there, size=n, replace=len(there) < n, p=odds / odds.sum())
    return ground.moments(Channel.GROUP, np.sort(picked))


def delays(rng: np.random.Generator, company: Company, who: Ints) -> Ints:
    """Microseconds after the occasion: exponential around the member's latency, at most six times as long."""
    usual = company.plan.latency_s * company.habits[who]
    seconds = np.minimum(rng.exponential(usual), 6 * usual)
    return (seconds * SECOND_US).astype(np.int64)


def speech(
    ground: Ground, company: Company, channel: Channel, who: Ints, rng: np.random.Generator
) -> list[str | None]:
    """Texts of members (places `who`) as the plan has them: in their own manner, scripted, or with a word."""
    voice, plan, n = ground.voices[channel], company.plan, len(who)
    texts = _in_manner(ground, company, channel, who, rng)
    if plan.scripted:
        scripted = rng.random(n) < plan.scripted
        script = variants(rng, voice, n, _SCRIPTS)
        texts = [new if chosen else old for new, old, chosen in zip(script, texts, scripted, strict=True)]
    if plan.greetings:
        stock, greeted = greetings(rng, voice, _GREETINGS), rng.random(n) < plan.greetings
        drawn = rng.integers(_GREETINGS, size=n)
        texts = [stock[i] if chosen else old for i, old, chosen in zip(drawn, texts, greeted, strict=True)]
    words = invented_words(rng, voice, _WORDS) if plan.worded else []
    if words:
        marked = rng.random(n) < plan.worded
        drawn = rng.integers(len(words), size=n)
        texts = [
            with_word(rng, text, words[i]) if chosen else text
            for text, i, chosen in zip(texts, drawn, marked, strict=True)
        ]
    return texts


def _in_manner(
    ground: Ground, company: Company, channel: Channel, who: Ints, rng: np.random.Generator
) -> list[str | None]:
    """Texts, each with the form and length of one that the member's donor wrote in `channel`.

    They are unique but for those that the donor pastes.
    """
    texts = prose(rng, ground.voices[channel], len(who))
    copies: list[str | None] = [None] * len(who)
    here = ground.is_in(channel)
    for member in np.unique(who).tolist():
        rows = company.manners[member][here[company.manners[member]]]
        if len(rows):
            places = np.flatnonzero(who == member).tolist()
            said = ground.column("text")[rows].tolist()
            again = pasted([member] * len(said), said)
            for place, row in zip(places, rng.choice(len(rows), size=len(places)).tolist(), strict=True):
                texts[place], copies[place] = said[row], again[row]
    return reworded(rng, ground.voices[channel], texts, copies)


def beside(
    ground: Ground,
    company: Company,
    moments: Occasions,
    rng: np.random.Generator,
    *,
    shares: Ints | None = None,
    texts: Sequence[str | None] | None = None,
) -> pl.DataFrame:
    """The members act beside `moments`, each in as many as its share says, and address whom others do."""
    given = company.shares if shares is None else shares
    who, which = turns(rng, _visits(moments.channel, given), len(moments))
    mine = company.members[who] == moments.target_id[which]
    who, which = who[~mine], which[~mine]
    at = _at_seconds(ground, moments.at[which] + delays(rng, company, who), company.plan, rng)
    if moments.channel is Channel.GROUP:
        further = rng.permutation(len(who))[: max(0, int(given.sum()) - len(who))]
        at = np.concatenate([at, at[further] + _pauses(ground, moments.channel, len(further), rng)])
        who, which = np.concatenate([who, who[further]]), np.concatenate([which, which[further]])
    target, parent = _addressed(ground, company, moments, who, which, rng)
    said = speech(ground, company, moments.channel, who, rng) if texts is None else texts
    return acts(
        at=ground.told(rng, at),
        channel=moments.channel.value,
        account_id=company.members[who],
        target_id=target,
        object_id=moments.object_id[which],
        parent_id=parent,
        text=[said[i % len(said)] for i in range(len(who))] if said else None,
    )


def _at_seconds(ground: Ground, at: Ints, plan: Plan, rng: np.random.Generator) -> Ints:
    """`at` with the seconds that ordinary events have: programmes of a place may wake at the full minute.

    Rings that come within minutes are left as they are, since their seconds are what they share.
    """
    if plan.latency_s < _SLOW_S:
        return at
    minute = 60 * SECOND_US
    slow: Ints = at // minute * minute + rng.choice(ground.at, size=len(at)) % minute
    return slow


def _pauses(ground: Ground, channel: Channel, n: int, rng: np.random.Generator) -> Ints:
    """Pauses between messages of one account in one chat, as ordinary accounts make them."""
    ordinary = ground.pauses[channel]
    if len(ordinary):
        return rng.choice(ordinary, size=n)
    return (rng.exponential(_PAUSE_S, size=n) * SECOND_US).astype(np.int64)


def _addressed(
    ground: Ground, company: Company, moments: Occasions, who: Ints, which: Ints, rng: np.random.Generator
) -> tuple[Words, Words]:
    """Target and parent of acts beside moments, filled as often as each member's donor fills them."""
    channel, known = moments.channel, moments.event_id[which] != np.array(None)
    answers = known & (rng.random(len(which)) < habit(ground, company, channel, "parent_id", who))
    parent = only(answers, moments.event_id[which])
    if channel is Channel.GROUP:
        named = known & (rng.random(len(which)) < habit(ground, company, channel, "target_id", who))
        return only(answers | named, moments.account_id[which]), parent
    return np.where(answers, moments.account_id[which], moments.target_id[which]), parent


def habit(ground: Ground, company: Company, channel: Channel, name: str, who: Ints) -> NDArray[np.float64]:
    """For acts of members (places `who`) how often each one's donor fills the column `name`."""
    filled, here = ground.column(name) != np.array(None), ground.is_in(channel)
    usual = ground.share(channel, name)
    shares = np.full(len(company.members), usual)
    for member in np.unique(who).tolist():
        rows = company.manners[member][here[company.manners[member]]]
        # One ordinary event is added, or a donor of two would always answer or never.
        shares[member] = (float(filled[rows].sum()) + usual) / (len(rows) + 1)
    return shares[who]


def own_objects(
    ground: Ground, company: Company, owners: Words, channel: Channel, rng: np.random.Generator
) -> tuple[Occasions, pl.DataFrame]:
    """A new object for each of `owners` at an ordinary moment, and the acts that come with it.

    Where the background holds posts, each begins with its post; some ordinary accounts come by as well.
    """
    n = len(owners)
    place = outings(ground, company, channel, n, rng)
    names = np.array(fresh_ids(rng, n, ground.object_shapes[channel]), dtype=object)
    nobody = np.array([None] * n, dtype=object)
    shown = owners if ground.share(channel, "target_id") else nobody
    moments = Occasions(channel, place.at, names, shown, nobody, nobody)
    passing = rng.poisson(company.plan.audience, size=n)
    which = np.repeat(np.arange(n), passing)
    later = place.at[which] + (rng.exponential(3600, size=len(which)) * SECOND_US).astype(np.int64)
    rows = ground.beside(rng, channel, later, near=40)
    crowd = acts(
        at=ground.told(rng, later),
        channel=channel.value,
        account_id=ground.column("account_id")[rows],
        target_id=shown[which],
        object_id=names[which],
        text=prose(rng, ground.voices[channel], len(which)),
    )
    if Channel.POST not in ground.channels:
        return moments, crowd
    posts = acts(
        at=place.at,
        channel=Channel.POST.value,
        account_id=owners,
        object_id=names,
        text=prose(rng, ground.voices[Channel.POST], n),
    )
    return moments, pl.concat([posts, crowd])


def only(chosen: NDArray[np.bool_], values: Words) -> Words:
    """`values` where `chosen`, None elsewhere."""
    kept = values.copy()
    kept[~chosen] = None
    return kept


def joined(*parts: Occasions) -> Occasions:
    """Occasions of one channel put together."""
    return Occasions(
        parts[0].channel,
        np.concatenate([part.at for part in parts]),
        np.concatenate([part.object_id for part in parts]),
        np.concatenate([part.target_id for part in parts]),
        np.concatenate([part.event_id for part in parts]),
        np.concatenate([part.account_id for part in parts]),
    )
