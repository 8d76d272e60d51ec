"""What tells friends, who talk to each other and come when they can, from members who engage on demand."""

import numpy as np
import polars as pl

from graphkit.rings.candidates import inside
from graphkit.rings.hours import minutes_share, surely_at_once, takes_its_time
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import FEED_CHANNELS, TIMED, Channel, Strand

# Friends have words with so many friends at least.
_FEW = 2


def contact_density(suspect: Suspect, settings: RingSettings) -> float | None:
    """The share of pairs in mutual contact, for groups that share no script.

    Of more than `circle_members` only if they do not meet on posts within minutes: so many friends come when
    they can. Of as many or fewer that posts carry unless they surely come within one minute of each other
    (at least half of their meetings, 97.5 %), as friends never do.
    """
    n = len(suspect.codes)
    if n > settings.circle_members:
        share = minutes_share(suspect)
    else:
        share = surely_at_once(suspect) if suspect.carried[Strand.FEED] >= 0.5 else None
    on_demand = share is not None and share >= settings.tightness
    if on_demand or suspect.scripted(settings.minimum_texts):
        return None
    talk = suspect.network.edges.filter(pl.col("strand") == Strand.TALK.value)
    mutual = inside(talk, suspect.codes).unique(["source", "target"])
    return mutual.height / (n * (n - 1) / 2)


def loose_talk(suspect: Suspect, settings: RingSettings) -> float | None:
    """Nats of contacts as a share, for many without a script that meet on posts but not within minutes.

    Not each of so many friends talks to each other; of up to `circle_members` nearly each does.
    """
    if len(suspect.codes) <= settings.circle_members or suspect.scripted(settings.minimum_texts):
        return None
    minutes = minutes_share(suspect)
    loose = minutes is not None and minutes < settings.tightness
    return suspect.shares[Strand.TALK] if loose else None


def conversation(suspect: Suspect, settings: RingSettings) -> float | None:
    """The share of members who converse on posts.

    That is who has words both ways, on one post, with two or more of the others and with half of those he has
    words with at all: a mouthpiece that answers all of a ring makes no friends of it, and where everybody
    names anybody some name each other. Of groups without a script that meet on posts, mostly not within a
    minute: friends come to say something to each other and answer, where members of a pod come to be counted.
    What is said in chats is no answer: there a cast may act a dialogue.
    """
    if not takes_its_time(suspect, settings):
        return None
    members = suspect.network.ids.gather(suspect.codes)
    sender, target = pl.col("account_id"), pl.col("target_id")
    said = suspect.network.events.filter(
        pl.col("channel").cast(pl.String).is_in([channel.value for channel in FEED_CHANNELS]),
        sender.is_in(members.implode()),
        target.is_in(members.implode()),
        sender != target,
        pl.col("object_id").is_not_null(),
    ).select("object_id", member="account_id", other="target_id")
    back = said.select("object_id", member="other", other="member")
    words = pl.concat([said, back])
    both = said.join(back, on=["object_id", "member", "other"], how="semi")
    counts = _others(words).join(_others(both), on="member", suffix="_answered")
    converse = (pl.col("others_answered") >= _FEW) & (2 * pl.col("others_answered") >= pl.col("others"))
    return counts.filter(converse).height / len(members)


def acquainted(suspect: Suspect, channel: Channel | None = None) -> float:
    """The share of pairs of members of whom one has addressed the other, on `channel` or anywhere."""
    members = suspect.network.ids.gather(suspect.codes).implode()
    sender, target = pl.col("account_id"), pl.col("target_id")
    words = suspect.network.events.filter(sender.is_in(members), target.is_in(members), sender != target)
    if channel is not None:
        words = words.filter(pl.col("channel") == channel.value)
    pairs = words.select(pl.min_horizontal(sender, target).alias("one"), pl.max_horizontal(sender, target))
    n = len(suspect.codes)
    return pairs.n_unique() / (n * (n - 1) / 2)


def audience(suspect: Suspect, settings: RingSettings) -> float | None:
    """How many others hold to a group half as much as its members do, for each member.

    That is by nats of meetings in time with all of it, against half of the members' median: words are shared
    with whoever else writes of the same things. A ring ends where its tool's accounts end: of an audience,
    which comes to what a lecture or a match brings, any part is as close to the rest as to itself. None for
    groups without posts, with a script, of which half meet nobody, or who come within a minute of each other:
    part of a large ring is such a part as well, and shows what it is.
    """
    if not takes_its_time(suspect, settings):
        return None
    timed = pl.sum_horizontal(strand.value for strand in TIMED)
    near = pl.concat(
        suspect.network.pooled.filter(pl.col(member).is_in(suspect.codes)).select(
            pl.col(other).alias("account"), timed.alias("weight")
        )
        for member, other in (("source", "target"), ("target", "source"))
    )
    held = near.group_by("account").agg(pl.col("weight").sort().sum())
    ours = pl.col("account").is_in(suspect.codes)
    n = len(suspect.codes)
    inside, outside = (held.filter(side)["weight"].to_numpy() for side in (ours, ~ours))
    inside = np.pad(inside, (0, n - len(inside)))
    if not np.median(inside):
        return None
    # A member has one account fewer to hold to.
    return float((outside / n > np.median(inside) / (n - 1) / 2).sum()) / n


def _others(words: pl.DataFrame) -> pl.DataFrame:
    return words.group_by("member").agg(pl.col("other").n_unique().alias("others"))
