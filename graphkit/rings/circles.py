"""What tells friends, who talk to each other and come when they can, from members who engage on demand."""

import polars as pl

from graphkit.rings.candidates import inside
from graphkit.rings.hours import minutes_share
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Strand

# Texts and words of their own that bring less of the nats than this are what friends have as well.
_SCRIPT_SHARE = 0.1


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
    if len(suspect.codes) <= settings.circle_members or _scripted(suspect, settings):
        return None
    minutes = minutes_share(suspect)
    loose = minutes is not None and minutes < settings.tightness
    return suspect.shares[Strand.TALK] if loose else None


def _scripted(suspect: Suspect, settings: RingSettings) -> bool:
    """Whether they have a script of their own: friends paste, too, what others say as well."""
    return suspect.shares[Strand.CONTENT] > _SCRIPT_SHARE and suspect.own_keys >= settings.minimum_texts
