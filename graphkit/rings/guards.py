"""What else a dense group may be: one number for each look-alike."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.effective import effective
from graphkit.network.build import Network
from graphkit.rings.chorus import chorus
from graphkit.rings.circles import acquainted, contact_density, conversation, loose_talk
from graphkit.rings.guard import Guard
from graphkit.rings.hours import (
    acquaintance,
    chat_clock,
    clock,
    loose_choice,
    loose_members,
    loose_places,
    speakers_within_an_hour,
    tightness,
    within_an_hour,
)
from graphkit.rings.lexicon_guards import LEXICON_GUARDS
from graphkit.rings.recipients import answered, solicited
from graphkit.rings.suspect import Suspect, strand_shares
from graphkit.settings import RingSettings
from graphkit.words import Level, Strand, Verdict

Codes = npt.NDArray[np.uint32]


def _places(suspect: Suspect, _settings: RingSettings) -> float | None:
    """The effective number of occasions on which they met in time."""
    return suspect.places()


def _places_by_strand(suspect: Suspect, _settings: RingSettings) -> float | None:
    """The same of each strand, added up: a thin group may meet a little in each."""
    return suspect.places_by_strand()


def _own_keys(suspect: Suspect, _settings: RingSettings) -> float | None:
    """Texts and words that are the group's own."""
    return float(suspect.own_texts + len(suspect.own_words))


def _top_topic(suspect: Suspect, _settings: RingSettings) -> float | None:
    """The share of feed meetings that fall on the most frequented author, where posts carry the group."""
    feed = suspect.receipts.filter(pl.col("strand") == Strand.FEED.value)
    if not feed.height or suspect.carried[Strand.FEED] < 0.5:
        return None
    occasions = feed.unique(["topic", "occasion"])
    return float(occasions.group_by("topic").len()["len"].max()) / occasions.height  # type: ignore[arg-type]


def _chats(suspect: Suspect, _settings: RingSettings) -> float | None:
    """The effective number of chats they met in, where chats carry the group."""
    if suspect.carried[Strand.CHAT] < 0.5:
        return None
    met = suspect.receipts.filter(pl.col("layer") == "chat")
    return effective(suspect.network.events["object_id"].gather(met["source_event"]).value_counts()["count"])


def _colleagues(suspect: Suspect, settings: RingSettings) -> float | None:
    """The share of pairs who have had words, where chats carry a group that is no chorus.

    There a cast may act a dialogue; of others in chats people talk to each other, and planted rings do not.
    """
    if suspect.carried[Strand.CHAT] < 0.5 or sings(suspect.network, suspect.codes, settings):
        return None
    return acquainted(suspect, settings)


def _keys_of_content(suspect: Suspect, _settings: RingSettings) -> float | None:
    """Different texts or words that members share, where content carries the group."""
    if suspect.shares[Strand.CONTENT] < 0.25:
        return None
    content = suspect.receipts.filter(pl.col("strand") == Strand.CONTENT.value)
    return float(content.select("layer", "occasion").n_unique())


def _coordination(suspect: Suspect, settings: RingSettings) -> float | None:
    """The share of nats that posts, recipients and content give; all of them for a chorus.

    Chats and contacts alone are affinity.
    """
    if sings(suspect.network, suspect.codes, settings):
        return 1.0
    shares = suspect.shares
    return shares[Strand.FEED] + shares[Strand.RECIPIENT] + shares[Strand.CONTENT]


def sings(network: Network, codes: Codes, settings: RingSettings) -> bool:
    """Whether members of a group that chats carry are a chorus (see `rings.chorus`)."""
    if strand_shares(network, codes)[Strand.CHAT] < 0.25:
        return False
    return chorus(network.incidence("chat"), codes).sings(settings.chorus_nats)


_TIGHT: tuple[Guard, ...] = (
    Guard(
        "lottery",
        Verdict.LOOKALIKE,
        "they met in too few places",
        _places,
        lambda settings: settings.minimum_occasions,
        at_least=True,
    ),
    Guard(
        "fan_club",
        Verdict.LOOKALIKE,
        "they meet at the posts of one author",
        _top_topic,
        lambda settings: settings.top_author_share,
        at_least=False,
    ),
    Guard(
        "night_owls",
        Verdict.LOOKALIKE,
        "they meet within hours, not within minutes, and where whoever is about then goes",
        loose_choice,
        lambda settings: settings.choice,
        at_least=True,
    ),
    Guard(
        "sparse_forum",
        Verdict.LOOKALIKE,
        "they come to one place at any time within hours",
        within_an_hour,
        lambda settings: settings.hour_share,
        at_least=True,
    ),
    Guard(
        "fellow_speakers",
        Verdict.LOOKALIKE,
        "they share words, and come at any time within hours",
        speakers_within_an_hour,
        lambda settings: settings.speakers_hour_share,
        at_least=True,
    ),
    Guard(
        "few",
        Verdict.LOOKALIKE,
        "so few always meet more often than others who come within hours",
        loose_members,
        lambda settings: settings.thin_members,
        at_least=True,
    ),
    Guard(
        "few_places",
        Verdict.LOOKALIKE,
        "they come within hours, and to few places",
        loose_places,
        lambda settings: settings.loose_places,
        at_least=True,
    ),
    Guard(
        "chat_regulars",
        Verdict.LOOKALIKE,
        "they meet in too few chats",
        _chats,
        lambda settings: settings.minimum_chats,
        at_least=True,
    ),
    Guard(
        "chat_clock",
        Verdict.LOOKALIKE,
        "they chat where whoever is about at those minutes chats",
        chat_clock,
        lambda settings: settings.choice,
        at_least=True,
    ),
    Guard(
        "colleagues",
        Verdict.LOOKALIKE,
        "they meet in chats, and have had words with each other",
        _colleagues,
        lambda settings: settings.chat_contact_share,
        at_least=False,
    ),
    Guard(
        "one_meme",
        Verdict.LOOKALIKE,
        "they share too few different texts or words",
        _keys_of_content,
        lambda settings: settings.minimum_texts,
        at_least=True,
    ),
    Guard(
        "service_desk",
        Verdict.LOOKALIKE,
        "whom they write to had written to them first",
        solicited,
        lambda settings: settings.solicited_share,
        at_least=False,
    ),
    Guard(
        "customers",
        Verdict.LOOKALIKE,
        "whom they write to answers them",
        answered,
        lambda settings: settings.answered_share,
        at_least=False,
    ),
    Guard(
        "circle",
        Verdict.CIRCLE,
        "most of them are in mutual contact and they share no script",
        contact_density,
        lambda settings: settings.circle_contact_share,
        at_least=False,
    ),
    Guard(
        "talk",
        Verdict.CIRCLE,
        "most of what holds them together is talk with each other, and they meet within hours",
        loose_talk,
        lambda settings: settings.talk_share,
        at_least=False,
    ),
    Guard(
        "conversation",
        Verdict.CIRCLE,
        "most of them converse on posts, and most of their meetings are minutes apart",
        conversation,
        lambda settings: settings.conversation_share,
        at_least=False,
    ),
    Guard(
        "affinity",
        Verdict.LOOKALIKE,
        "they talk to each other, and nothing shows that they act as one",
        _coordination,
        lambda settings: settings.coordination_share,
        at_least=True,
    ),
)

_BURST = Guard(
    "burst",
    Verdict.LOOKALIKE,
    "few occasions hold most of their meetings",
    _places_by_strand,
    lambda settings: settings.minimum_places,
    at_least=True,
)

# A thin group has no strong pair to point to; it must meet in many places, in minutes, by choice or alone.
_THIN: tuple[Guard, ...] = (
    *_TIGHT,
    _BURST,
    Guard(
        "loose",
        Verdict.LOOKALIKE,
        "they meet within hours, not within minutes",
        tightness,
        lambda settings: settings.tightness,
        at_least=True,
    ),
    Guard(
        "clock",
        Verdict.LOOKALIKE,
        "they meet where whoever is about at those minutes goes",
        clock,
        lambda settings: settings.choice,
        at_least=True,
    ),
    Guard(
        "acquaintances",
        Verdict.LOOKALIKE,
        "they engage with each other and meet where whoever is about at those minutes goes",
        acquaintance,
        lambda settings: settings.engaged_choice,
        at_least=True,
    ),
)

# A swarm, of few events each, must meet in many places and say more than one thing. Its places are counted in
# all: of so many members some share chats, and by strand a crowd on one post would reach 6.0 (1.6 in all).
_SWARM: tuple[Guard, ...] = (
    replace(_BURST, number=_places),
    Guard(
        "one_meme",
        Verdict.LOOKALIKE,
        "too few texts or words are their own",
        _own_keys,
        lambda settings: settings.minimum_texts,
        at_least=True,
    ),
)

GUARDS: Mapping[Level, tuple[Guard, ...]] = {
    Level.TIGHT: _TIGHT,
    Level.THIN: _THIN,
    Level.LEXICON: LEXICON_GUARDS,
    Level.SWARM: _SWARM,
}
