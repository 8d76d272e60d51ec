"""What tells friends, who talk to each other and come when they can, from members who engage on demand."""

import polars as pl

from graphkit.rings.candidates import inside
from graphkit.rings.hours import minutes_share
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Channel, Strand

# Texts and words of their own that bring less of the nats than this are what friends have as well.
_SCRIPT_SHARE = 0.1
# Friends have words with so many friends at least.
_FEW = 2


def contact_density(suspect: Suspect, settings: RingSettings) -> float | None:
    """The share of pairs in mutual contact, for groups that share no script.

    Of more than `circle_members` only if they do not meet within minutes: so many friends come when they can.
    """
    n = len(suspect.codes)
    minutes = minutes_share(suspect)
    on_demand = minutes is not None and minutes >= settings.tightness
    if (n > settings.circle_members and on_demand) or _scripted(suspect, settings):
        return None
    talk = suspect.network.edges.filter(pl.col("strand") == Strand.TALK.value)
    mutual = inside(talk, suspect.codes).unique(["source", "target"])
    return mutual.height / (n * (n - 1) / 2)


def loose_talk(suspect: Suspect, settings: RingSettings) -> float | None:
    """Nats of contacts as a share, for many without a script that meet on posts but not within minutes.

    Not each of so many friends talks to each other; of up to `circle_members` nearly each does.
    """
    many = len(suspect.codes) > settings.circle_members
    return suspect.shares[Strand.TALK] if many and _come_when_they_can(suspect, settings) else None


def conversation(suspect: Suspect, settings: RingSettings) -> float | None:
    """The share of members who had words both ways with two or more others, each time at one object.

    Of groups without a script that meet on posts but not within minutes: friends come to say something to
    each other and answer, where members of a pod come to be counted. Two others, since a ring's mouthpiece
    that answers all of it makes no friends of them.
    """
    if not _come_when_they_can(suspect, settings):
        return None
    members = suspect.network.ids.gather(suspect.codes)
    sender, target = pl.col("account_id"), pl.col("target_id")
    said = suspect.network.events.filter(
        pl.col("channel") != Channel.DM.value,
        sender.is_in(members.implode()),
        target.is_in(members.implode()),
        sender != target,
    ).select("object_id", "account_id", "target_id")
    back = {"account_id": "target_id", "target_id": "account_id", "object_id": "object_id"}
    both = said.join(said, left_on=list(back), right_on=list(back.values()), how="semi")
    others = both.group_by("account_id").agg(target.n_unique().alias("others"))
    return int((others["others"] >= _FEW).sum()) / len(members)


def _come_when_they_can(suspect: Suspect, settings: RingSettings) -> bool:
    """Whether they meet on posts, not within minutes, and have no script."""
    minutes = minutes_share(suspect)
    return minutes is not None and minutes < settings.tightness and not _scripted(suspect, settings)


def _scripted(suspect: Suspect, settings: RingSettings) -> bool:
    """Whether they have a script of their own: friends paste, too, what others say as well."""
    return suspect.shares[Strand.CONTENT] > _SCRIPT_SHARE and suspect.own_keys >= settings.minimum_texts
