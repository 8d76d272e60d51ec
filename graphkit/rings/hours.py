"""When and where members are about: what tells night owls and regulars from who chooses where to meet."""

import numpy as np
import polars as pl
from scipy import special

from graphkit.engine.reach import MICROSECONDS, reach
from graphkit.network.meetings import telling
from graphkit.rings.choice import Choice, choice
from graphkit.rings.concordance import LOOSE_S
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Strand

# Meetings within this long of each other are at once, tight or in one hour, of those within the longest time.
_AT_ONCE_S, _TIGHT_S, _HOUR_S = 60, 600, 3600
# Fewer strangers, or pairs of them, show nothing of what is usual where members meet.
_STRANGERS, _PAIRS = 5, 10
# Share of nats of contacts from which on members are said to engage with each other.
_ENGAGED = 0.2


def minutes_share(suspect: Suspect) -> float | None:
    """Of the pairs of members on one post within 6 hours the share within 10 minutes; None if none met."""
    return _share_within(suspect, _TIGHT_S)


def at_once_share(suspect: Suspect) -> float | None:
    """Of the pairs of members on one post within 6 hours the share within a minute; None if none met."""
    return _share_within(suspect, _AT_ONCE_S)


def surely_at_once(suspect: Suspect) -> float | None:
    """That share, at least (Clopper and Pearson 1934, 97.5 %): one accident is no custom."""
    return _surely_within(suspect, _AT_ONCE_S)


def haste(suspect: Suspect, settings: RingSettings) -> float | None:
    """Their share within a minute over that of strangers among themselves at the same posts, at most.

    Where times are those of approval, of import or of a crawl, everybody is at once. Strangers are those whom
    no edge joins to a member, at posts to which two members came, and their share counts by its upper limit
    (Clopper and Pearson 1934, 97.5 %). None for groups that posts do not carry, those that mostly do not come
    within a minute, and where five strangers have not ten pairs within six hours to show: of none of ten
    within a minute the limit is .31.
    """
    share = at_once_share(suspect)
    if share is None or share < settings.tightness or suspect.carried[Strand.FEED] < 0.5:
        return None
    rows, ours = suspect.network.incidence("feed"), pl.col("account").is_in(suspect.codes)
    members = rows.filter(ours).group_by("key").agg(pl.col("account").n_unique())
    there = members.filter(pl.col("account") > 1)["key"]
    joined = suspect.network.backbone(settings.follow_nats).filter(
        pl.any_horizontal(pl.col("source", "target").is_in(suspect.codes))
    )
    near = pl.concat([joined["source"], joined["target"]]).unique()
    crowd = (
        rows.filter(pl.col("key").is_in(there.implode()) & ~ours & ~pl.col("account").is_in(near.implode()))
        .sort("key", "at", "event")
        .unique(["key", "account"], keep="first", maintain_order=True)
    )
    at_once, loose = (_pairs_within(crowd, within_s) for within_s in (_AT_ONCE_S, LOOSE_S))
    if crowd["account"].n_unique() < _STRANGERS or loose < _PAIRS:
        return None
    usual = special.betaincinv(at_once + 1, loose - at_once, 0.975) if at_once < loose else 1.0
    return share / float(usual)


def _pairs_within(first: pl.DataFrame, within_s: int) -> int:
    """Pairs of rows on one key within so many seconds; rows by key and time."""
    high = reach(first["key"].to_numpy(), first["at"].to_numpy(), within_s * MICROSECONDS)[1]
    return int((high - np.arange(1, len(high) + 1)).sum())


def takes_its_time(suspect: Suspect, settings: RingSettings) -> bool:
    """Whether they meet on posts, mostly not within a minute, and have no script, as people do."""
    at_once = at_once_share(suspect)
    together = at_once is None or at_once >= settings.tightness
    return not together and not suspect.scripted(settings.minimum_texts)


def tightness(suspect: Suspect, settings: RingSettings) -> float | None:
    """Of the pairs of members on one post within 6 hours the share within 10 minutes.

    None for those who have a script or words of their own, engage with each other or are not carried by
    posts, and where none met: night owls share their hours and no more.
    """
    return minutes_share(suspect) if _share_hours_only(suspect, settings) else None


def within_an_hour(suspect: Suspect, settings: RingSettings) -> float | None:
    """Of the same pairs the share within an hour, at least (Clopper and Pearson 1934, 97.5 %).

    None for the same groups as `tightness`. Who comes at any time within hours shares a place and no moment:
    where visits fall off with a mean of three hours a third of such pairs is within one, of two hours .41.
    """
    return _surely_within(suspect, _HOUR_S) if _share_hours_only(suspect, settings) else None


def speakers_within_an_hour(suspect: Suspect, settings: RingSettings) -> float | None:
    """The share within an hour of those who share words of their own on posts, and have no script.

    Night owls may have a language, too. None of others, and where none met.
    """
    return _surely_within(suspect, _HOUR_S) if suspect.speaks_on_posts(settings.minimum_texts) else None


def _surely_within(suspect: Suspect, within_s: int) -> float | None:
    near, loose = _gaps_within(suspect, within_s)
    if not loose:
        return None
    return float(special.betaincinv(near, loose - near + 1, 0.025)) if near else 0.0


def _share_within(suspect: Suspect, within_s: int) -> float | None:
    near, loose = _gaps_within(suspect, within_s)
    return near / loose if loose else None


def _gaps_within(suspect: Suspect, within_s: int) -> tuple[int, int]:
    """Pairs on one post within `within_s` and within 6 hours."""
    return int((suspect.gaps_s <= within_s).sum()), int((suspect.gaps_s <= LOOSE_S).sum())


def _share_hours_only(suspect: Suspect, settings: RingSettings) -> bool:
    """Whether posts carry a group without script or words of its own that does not engage with itself."""
    on_posts = suspect.carried[Strand.FEED] >= 0.5 and not _engaged(suspect)
    least = settings.minimum_texts
    return on_posts and not suspect.scripted(least) and not suspect.worded(least)


def loose_members(suspect: Suspect, settings: RingSettings) -> float | None:
    """How many members a group has that does not meet within minutes; None of those that `tightness` is."""
    return float(len(suspect.codes)) if _loose(suspect, settings) else None


def loose_places(suspect: Suspect, settings: RingSettings) -> float | None:
    """The effective number of places of such a group; None of the same others."""
    return suspect.places_by_strand() if _loose(suspect, settings) else None


def loose_choice(suspect: Suspect, settings: RingSettings) -> float | None:
    """How many times more often than strangers a group meets that does not meet within minutes.

    None of the same others, and where posts bring under a quarter of the nats of meetings in time.
    """
    if not _loose(suspect, settings):
        return None
    chosen = _choice(suspect, Strand.FEED)
    return None if chosen is None else chosen.ratio


def _loose(suspect: Suspect, settings: RingSettings) -> bool:
    tight = tightness(suspect, settings)
    return tight is not None and tight < settings.tightness


def chat_clock(suspect: Suspect, _settings: RingSettings) -> float | None:
    """The odds that members who are about at the same minutes are in one chat, over those of strangers.

    None where chats bring under a quarter of the nats of meetings in time.
    """
    return _odds(suspect, Strand.CHAT)


def clock(suspect: Suspect, settings: RingSettings) -> float | None:
    """The odds that members who are about at the same minutes are at one post, over those of strangers.

    Of those who do not engage with each other.

    None for those who mostly meet by themselves: whoever is about is elsewhere. On a crammed evening so many
    come to the other places that the odds of all are low.
    """
    if _engaged(suspect):
        return None
    alone = by_themselves(suspect)
    return None if alone is not None and alone >= settings.by_themselves else _odds(suspect, Strand.FEED)


def by_themselves(suspect: Suspect) -> float | None:
    """Of the pairs of members at one post in ten minutes (by the clock), the share that is by itself.

    That is where a quarter of the members, three at least, outnumber the strangers there, and more than half
    of the strangers who are at any post then are at others. None where no two met.
    """
    rows = suspect.network.incidence("feed").select("account", "key", "at")
    ours = pl.col("account").is_in(suspect.codes)
    timed = rows.select(ours.alias("ours"), "account", "key", slot=pl.col("at") // (_TIGHT_S * MICROSECONDS))
    slots = timed.filter("ours").select("slot").unique()
    about = timed.join(slots, on="slot", how="semi")
    strangers = pl.col("account").filter(~pl.col("ours")).n_unique()
    counts = (
        about.group_by("key", "slot")
        .agg(pl.col("account").filter("ours").n_unique().alias("ours"), strangers.alias("there"))
        .join(about.group_by("slot").agg(strangers.alias("about")), on="slot")
        .filter(pl.col("ours") > 1)
    )
    many = pl.col("ours") >= suspect.several
    alone = many & (pl.col("there") < pl.col("ours")) & (2 * pl.col("there") < pl.col("about"))
    pairs = pl.col("ours").cast(pl.Int64) * (pl.col("ours").cast(pl.Int64) - 1)
    all_pairs, alone_pairs = counts.select(
        pairs.sum().alias("all"), pairs.filter(alone).sum().alias("alone")
    ).row(0)
    return float(alone_pairs / all_pairs) if all_pairs else None


def acquaintance(suspect: Suspect, _settings: RingSettings) -> float | None:
    """The odds of `clock`, of those who engage with each other: they have more in common than the post."""
    return _odds(suspect, Strand.FEED) if _engaged(suspect) else None


def _odds(suspect: Suspect, strand: Strand) -> float | None:
    chosen = _choice(suspect, strand)
    return None if chosen is None else chosen.odds


def _engaged(suspect: Suspect) -> bool:
    """Whether members answer or engage with each other; whoever only shares the hours of others does not."""
    return suspect.shares[Strand.TALK] >= _ENGAGED


def _choice(suspect: Suspect, strand: Strand) -> Choice | None:
    """Where members go at the scale of minutes (see `rings.choice`); None where such places matter less."""
    visited = suspect.network.visits.get(strand.value, {})
    if not visited or suspect.carried[strand] < 0.25:
        return None
    scale_s = min((scale for scale in visited if scale), key=lambda scale: abs(scale - _TIGHT_S))
    return choice(_where(suspect, strand, scale_s), suspect.codes, scale_s)


def _where(suspect: Suspect, strand: Strand, scale_s: int) -> pl.DataFrame:
    """The visits by which its choice is judged: those in large crowds too if most of the group fills some."""
    network = suspect.network
    filling = network.filling(strand.value, scale_s)
    if not len(filling) or 2 * np.isin(suspect.codes, filling.to_numpy()).sum() < len(suspect.codes):
        return network.quiet(strand.value, scale_s)
    visited = network.visits[strand.value][scale_s]
    return visited.filter(telling() | ~pl.col("account").is_in(suspect.codes))
