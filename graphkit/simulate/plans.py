"""What to plant: kinds of rings and look-alikes, their sizes, and presets to start a measurement from."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum

import polars as pl

from graphkit.errors import ConfigError
from graphkit.words import FEED_CHANNELS, Channel


class Kind(StrEnum):
    """What a planted group does; rings stand first, look-alikes after them."""

    LOCKSTEP = "lockstep"
    SWARM = "swarm"
    POD = "pod"
    CHORUS = "chorus"
    FAN_OUT = "fan_out"
    THIN = "thin"
    JITTER = "jitter"
    TAILING = "tailing"
    FRAMING = "framing"
    FAN_CLUB = "fan_club"
    FRIENDS = "friends"
    CHAT_REGULARS = "chat_regulars"
    SERVICE_DESK = "service_desk"
    LOTTERY = "lottery"
    NEWSROOM = "newsroom"
    NIGHT_OWLS = "night_owls"
    SPARSE_FORUM = "sparse_forum"
    DISCLOSED_BOTS = "disclosed_bots"
    MEME = "meme"
    NEWS_BURST = "news_burst"
    SITTING = "sitting"
    CIRCLE = "circle"
    MATCH = "match"


RING_KINDS = frozenset(list(Kind)[: list(Kind).index(Kind.FAN_CLUB)])

# For each kind the channels it cannot do without: of every tuple the first that the background holds is used.
NEEDS: dict[Kind, tuple[tuple[Channel, ...], ...]] = {
    Kind.LOCKSTEP: (FEED_CHANNELS,),
    Kind.SWARM: (FEED_CHANNELS,),
    Kind.POD: (FEED_CHANNELS,),
    Kind.CHORUS: ((Channel.GROUP,),),
    Kind.FAN_OUT: ((Channel.DM,),),
    Kind.THIN: (FEED_CHANNELS, (Channel.DM,), (Channel.GROUP,)),
    Kind.JITTER: ((*FEED_CHANNELS, Channel.GROUP),),
    Kind.TAILING: ((*FEED_CHANNELS, Channel.GROUP),),
    Kind.FRAMING: ((*FEED_CHANNELS, Channel.GROUP),),
    Kind.FAN_CLUB: (FEED_CHANNELS,),
    Kind.FRIENDS: ((*FEED_CHANNELS, Channel.GROUP, Channel.DM),),
    Kind.CHAT_REGULARS: ((Channel.GROUP,),),
    Kind.SERVICE_DESK: ((*FEED_CHANNELS, Channel.DM, Channel.GROUP),),
    Kind.LOTTERY: (FEED_CHANNELS,),
    Kind.NEWSROOM: ((Channel.POST, Channel.SHARE, Channel.COMMENT, Channel.GROUP),),
    Kind.NIGHT_OWLS: ((*FEED_CHANNELS, Channel.GROUP),),
    Kind.SPARSE_FORUM: (FEED_CHANNELS,),
    Kind.DISCLOSED_BOTS: ((*FEED_CHANNELS, Channel.GROUP),),
    Kind.MEME: ((*FEED_CHANNELS, Channel.GROUP),),
    Kind.NEWS_BURST: ((*FEED_CHANNELS, Channel.GROUP),),
    Kind.SITTING: (FEED_CHANNELS,),
    Kind.CIRCLE: (FEED_CHANNELS,),
    Kind.MATCH: ((*FEED_CHANNELS, Channel.GROUP),),
}


@dataclass(frozen=True)
class Plan:
    """One group to plant.

    n_accounts: members. events: how often a member acts for the group, on average. elsewhere: its ordinary
    events for each of those (camouflage at equal volume is 1). participation: share of the group's occasions
    that a member takes part in. latency_s: members act within about this many seconds of the occasion.
    habits: how far the members' own latencies lie apart (standard deviation of their logarithm; see HABITS).
    scripted: share of the group's texts that are variants of a script (the others are unique). worded: share
    that holds one of the group's invented words. greetings: share that is one of its few stock phrases, word
    for word. n_victims: accounts tailed, framed or messaged. n_chats:
    chats that a chorus meets in. own: share of a pod's occasions that are objects of its members. n_stars:
    accounts that a swarm serves or fans come to. audience: ordinary accounts that come to each object of the
    group or its stars, on average. mixed: a
    channel that the background lacks is made up with ordinary traffic in it, where otherwise ConfigError is
    raised.
    """

    kind: Kind
    n_accounts: int
    events: int = 16
    elsewhere: float = 0.5
    participation: float = 0.6
    latency_s: float = 600.0
    habits: float = 0.0
    scripted: float = 0.0
    worded: float = 0.0
    greetings: float = 0.0
    n_victims: int = 0
    n_chats: int = 4
    own: float = 0.5
    n_stars: int = 1
    audience: float = 2.0
    mixed: bool = False

    def __post_init__(self) -> None:
        """Refuse numbers that describe no group, all of them together."""
        faults = [
            f"`{name}` must be at least {least}, not {value}"
            for name, least, value in (
                ("n_accounts", 2, self.n_accounts),
                ("events", 1, self.events),
                ("elsewhere", 0, self.elsewhere),
                ("n_victims", 0, self.n_victims),
                ("n_chats", 1, self.n_chats),
                ("n_stars", 1, self.n_stars),
                ("habits", 0, self.habits),
                ("audience", 0, self.audience),
            )
            if value < least
        ]
        faults += [
            f"`{name}` must lie between 0 and 1, not {value}"
            for name, value in (
                ("participation", self.participation),
                ("scripted", self.scripted),
                ("worded", self.worded),
                ("greetings", self.greetings),
                ("own", self.own),
            )
            if not 0 <= value <= 1
        ]
        if self.latency_s <= 0:
            faults.append(f"`latency_s` must be positive, not {self.latency_s}")
        if self.participation == 0:
            faults.append("`participation` must be positive: a member that never takes part is none")
        if faults:
            raise ConfigError(f"plan `{self.kind.value}`: {'; '.join(faults)}")

    @property
    def is_ring(self) -> bool:
        """Whether the group acts as one; the others only look like it."""
        return self.kind in RING_KINDS


@dataclass(frozen=True)
class Held:
    """What a background holds that plans depend on: its channels, and how many chats."""

    channels: frozenset[Channel]
    n_chats: int


def held(events: pl.DataFrame) -> Held:
    """What EVENTS hold."""
    name = events["channel"].cast(pl.String)
    chats = events.filter(name == Channel.GROUP.value)["object_id"].n_unique()
    return Held(frozenset(Channel(channel) for channel in name.unique()), chats)


def channels_for(plan: Plan, held: Held) -> tuple[tuple[Channel, ...], frozenset[Channel]]:
    """The channels that `plan` acts in, one for each of its needs, and those of them to be made up first.

    A need that nothing held meets is met by its first channel if the plan is mixed; else ConfigError.
    """
    chosen, lacking = [], []
    for need in NEEDS[plan.kind]:
        found = [channel for channel in need if channel in held.channels]
        chosen.append(found[0] if found else need[0])
        few = plan.kind is Kind.CHORUS and held.n_chats < plan.n_chats
        if found and not few:
            continue
        if not plan.mixed:
            names = " or ".join(f"`{channel.value}`" for channel in need)
            what = (
                f"only {held.n_chats} chats of the {plan.n_chats} needed" if few else f"no event of {names}"
            )
            raise ConfigError(
                f"plan `{plan.kind.value}`: the background holds {what}; "
                "choose another background, or have it made up (`--make-channels`, in code `mixed=True`)"
            )
        lacking.append(chosen[-1])
    return tuple(chosen), frozenset(lacking)


def plans_for(events: pl.DataFrame) -> dict[str, Plan]:
    """The presets that EVENTS can take as they are, with no channel made up."""
    what = held(events)
    return {
        name: plan for name, plan in fitting_plans(PLANS, events).items() if not channels_for(plan, what)[1]
    }


def fitting_plans(plans: Mapping[str, Plan], events: pl.DataFrame) -> dict[str, Plan]:
    """Those of `plans` that EVENTS can take, a missing channel made up where the plan is mixed."""
    what, able = held(events), {}
    for name, plan in plans.items():
        with suppress(ConfigError):
            channels_for(plan, what)
            able[name] = plan
    return able


_POD = Plan(Kind.POD, 12, events=16, participation=0.7, latency_s=20)
_FRIENDS = Plan(Kind.FRIENDS, 8, events=20, elsewhere=1.0, participation=0.4, latency_s=5400)
_FANS = Plan(Kind.FAN_CLUB, 40, events=12, elsewhere=1.0, participation=0.5, latency_s=2400, audience=8.0)
_COLLEAGUES = Plan(
    Kind.CHAT_REGULARS, 14, events=24, elsewhere=0.5, participation=0.6, latency_s=120, scripted=0.1
)

# People come sooner or later by habit. Standard deviation between accounts (of five comings or more) of the
# logarithm of their latency, less what the object and chance bring: .54 in weibo, .83 in zulip, .88 in
# moltbook. Within an account of weibo or moltbook it is 1.3, which is that of an exponential.
HABITS = 0.54

# Sizes follow rings and look-alikes that were seen or reported; every number may be changed with `replace`.
_PRESETS: dict[str, Plan] = {
    "lockstep": Plan(
        Kind.LOCKSTEP, 15, events=20, elsewhere=0.3, participation=0.5, latency_s=1, scripted=0.9
    ),
    "swarm": Plan(Kind.SWARM, 100, events=3, elsewhere=0.5, participation=0.1, latency_s=7200, worded=0.8),
    "pod_seconds": _POD,
    "pod_minutes": replace(_POD, latency_s=600),
    "pod_hours": replace(_POD, latency_s=5400),
    "camouflage_1x": replace(_POD, latency_s=300, elsewhere=1.0),
    "camouflage_2x": replace(_POD, latency_s=300, elsewhere=2.0),
    # Nothing in common but each other.
    "mutual": replace(_POD, latency_s=600, own=1.0),
    "splitting": replace(_POD, n_accounts=18, participation=0.35, latency_s=300),
    "chorus": Plan(Kind.CHORUS, 6, events=24, participation=0.8, latency_s=60, scripted=0.2),
    "fan_out": Plan(
        Kind.FAN_OUT, 10, events=20, participation=0.6, latency_s=5400, scripted=0.9, n_victims=30
    ),
    "thin": Plan(
        Kind.THIN, 12, events=9, participation=0.7, latency_s=120, scripted=0.3, n_victims=6, mixed=True
    ),
    "jitter": Plan(Kind.JITTER, 14, participation=0.6, latency_s=3600, worded=0.6),
    "tailing": Plan(Kind.TAILING, 10, participation=0.6, latency_s=90, n_victims=2),
    "framing": Plan(Kind.FRAMING, 10, participation=0.7, latency_s=60, scripted=0.5, n_victims=6),
    "fan_club": _FANS,
    "friends": _FRIENDS,
    "many_friends": replace(_FRIENDS, n_accounts=20),
    # Each community has words of its own, or slogans.
    "in_jokes": replace(_FRIENDS, worded=0.4),
    "fandom": replace(_FANS, worded=0.4),
    "slogans": replace(_FANS, scripted=0.4),
    "work_jargon": replace(_COLLEAGUES, worded=0.4),
    "chat_regulars": Plan(Kind.CHAT_REGULARS, 25, events=25, elsewhere=0.3, participation=0.4, latency_s=300),
    "family_chat": Plan(Kind.CHAT_REGULARS, 7, events=24, elsewhere=0.5, participation=0.6, latency_s=600),
    "class_chat": Plan(Kind.CHAT_REGULARS, 35, events=12, elsewhere=0.5, participation=0.3, latency_s=900),
    "work_chat": _COLLEAGUES,
    "service_desk": Plan(Kind.SERVICE_DESK, 6, events=25, elsewhere=0.3, participation=0.3, scripted=0.7),
    "lottery": Plan(
        Kind.LOTTERY, 120, events=2, elsewhere=2.0, participation=0.7, latency_s=7200, scripted=0.8
    ),
    "newsroom": Plan(
        Kind.NEWSROOM, 8, events=15, elsewhere=0.5, participation=0.7, latency_s=400, scripted=1.0
    ),
    "night_owls": Plan(Kind.NIGHT_OWLS, 30, events=16, elsewhere=0.2, participation=0.3, latency_s=10800),
    "sparse_forum": Plan(Kind.SPARSE_FORUM, 30, events=8, elsewhere=1.0, participation=0.3, latency_s=10800),
    "disclosed_bots": Plan(
        Kind.DISCLOSED_BOTS, 10, events=24, elsewhere=0.2, participation=0.6, latency_s=2, scripted=0.95
    ),
    "meme": Plan(Kind.MEME, 60, events=1, elsewhere=6.0, participation=0.05, scripted=1.0),
    # They begin within a quarter of an hour of each other, and go through the same things.
    "sitting": Plan(Kind.SITTING, 15, events=30, elsewhere=0.3, participation=0.8, latency_s=400),
    "news_burst": Plan(Kind.NEWS_BURST, 100, events=3, elsewhere=1.5, participation=0.7, latency_s=1200),
    # Those who follow each other for a follow, and greet each other once a year.
    "follow_back": Plan(
        Kind.CIRCLE, 20, events=16, elsewhere=1.0, participation=0.3, latency_s=5400, greetings=0.5
    ),
    "birthdays": Plan(
        Kind.CIRCLE, 25, events=11, elsewhere=1.0, participation=0.45, latency_s=3600, greetings=1.0
    ),
    # Several who are followed by the same: shops, one side of an election, writers in a small language.
    "deal_hunters": replace(
        _FANS, n_accounts=20, participation=0.35, latency_s=300, greetings=0.4, n_stars=8
    ),
    "volunteers": replace(_FANS, n_accounts=30, participation=0.2, scripted=0.25, n_stars=8),
    "minority": replace(_FANS, participation=0.3, latency_s=5400, n_stars=6, audience=0.5),
    "match": Plan(Kind.MATCH, 60, events=12, elsewhere=0.5, participation=0.5, greetings=0.3, audience=8.0),
}
PLANS: dict[str, Plan] = {
    name: plan if plan.is_ring or plan.kind is Kind.DISCLOSED_BOTS else replace(plan, habits=HABITS)
    for name, plan in _PRESETS.items()
}
