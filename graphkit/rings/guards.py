"""What else a dense group may be: one number for each look-alike."""

from collections.abc import Mapping
from dataclasses import replace

from graphkit.rings.circles import audience, contact_density, conversation, loose_talk
from graphkit.rings.guard import Guard
from graphkit.rings.habits import HABITS, habits
from graphkit.rings.hours import (
    acquaintance,
    chat_clock,
    clock,
    haste,
    loose_choice,
    loose_members,
    loose_places,
    speakers_within_an_hour,
    tightness,
    within_an_hour,
)
from graphkit.rings.recipients import answered, solicited
from graphkit.rings.strands import (
    chats,
    colleagues,
    coordination,
    keys_of_content,
    own_keys,
    own_posts,
    own_rooms,
    places,
    places_by_strand,
    top_topic,
    words_each,
    written_again,
)
from graphkit.rings.walks import walked_along
from graphkit.words import Level, Verdict

_OWN_POSTS = Guard(
    "own_posts",
    Verdict.LOOKALIKE,
    "they share words or texts, and meet where nearly all use them",
    own_posts,
    lambda settings: settings.own_posts_share,
    at_least=False,
)

_TIGHT: tuple[Guard, ...] = (
    Guard(
        "lottery",
        Verdict.LOOKALIKE,
        "they met in too few places",
        places,
        lambda settings: settings.minimum_occasions,
        at_least=True,
    ),
    Guard(
        "fan_club",
        Verdict.LOOKALIKE,
        "they meet at the posts of one author",
        top_topic,
        lambda settings: settings.top_author_share,
        at_least=False,
    ),
    _OWN_POSTS,
    Guard(
        "walk_through",
        Verdict.LOOKALIKE,
        "they came about the same time and went through the same things one after another",
        walked_along,
        lambda settings: settings.walk_share,
        at_least=False,
    ),
    Guard(
        HABITS,
        Verdict.LOOKALIKE,
        "they come in an order that returns, as people with habits of their own do",
        habits,
        lambda settings: settings.habits,
        at_least=False,
    ),
    Guard(
        "audience",
        Verdict.LOOKALIKE,
        "as many others hold to them half as much: they have no border",
        audience,
        lambda settings: settings.audience,
        at_least=False,
    ),
    Guard(
        "live",
        Verdict.LOOKALIKE,
        "they write more than once where they meet, as those do who follow what happens",
        written_again,
        lambda settings: settings.again_share,
        at_least=False,
    ),
    Guard(
        "batches",
        Verdict.LOOKALIKE,
        "strangers come to the same posts at the same moments, as where a clock goes in batches",
        haste,
        lambda settings: settings.haste,
        at_least=True,
    ),
    Guard(
        "language",
        Verdict.LOOKALIKE,
        "they have so many words of their own that it is a language",
        words_each,
        lambda settings: settings.words_each,
        at_least=False,
        of_people=True,
    ),
    Guard(
        "night_owls",
        Verdict.LOOKALIKE,
        "they meet within hours, not within minutes, and where whoever is about then goes",
        loose_choice,
        lambda settings: settings.choice,
        at_least=True,
        of_people=True,
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
        chats,
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
        "own_rooms",
        Verdict.LOOKALIKE,
        "they chat where hardly anybody else comes, as a class or a club does",
        own_rooms,
        lambda settings: settings.own_rooms_share,
        at_least=False,
    ),
    Guard(
        "colleagues",
        Verdict.LOOKALIKE,
        "they meet in chats or write to the same people, and have had words with each other",
        colleagues,
        lambda settings: settings.contact_share,
        at_least=False,
    ),
    Guard(
        "one_meme",
        Verdict.LOOKALIKE,
        "they share too few different texts or words",
        keys_of_content,
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
        of_people=True,
    ),
    Guard(
        "talk",
        Verdict.CIRCLE,
        "most of what holds them together is talk with each other, and they meet within hours",
        loose_talk,
        lambda settings: settings.talk_share,
        at_least=False,
        of_people=True,
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
        coordination,
        lambda settings: settings.coordination_share,
        at_least=True,
    ),
)

_BURST = Guard(
    "burst",
    Verdict.LOOKALIKE,
    "few occasions hold most of their meetings",
    places_by_strand,
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
        of_people=True,
    ),
    Guard(
        "clock",
        Verdict.LOOKALIKE,
        "they meet where whoever is about at those minutes goes",
        clock,
        lambda settings: settings.choice,
        at_least=True,
        of_people=True,
    ),
    Guard(
        "acquaintances",
        Verdict.LOOKALIKE,
        "they engage with each other and meet where whoever is about at those minutes goes",
        acquaintance,
        lambda settings: settings.engaged_choice,
        at_least=True,
        of_people=True,
    ),
)

# A swarm, of few events each, must meet in many places and say more than one thing. Its places are counted in
# all: of so many members some share chats, and by strand a crowd on one post would reach 6.0 (1.6 in all).
_SWARM: tuple[Guard, ...] = (
    replace(_BURST, number=places),
    _OWN_POSTS,
    Guard(
        "one_meme",
        Verdict.LOOKALIKE,
        "too few texts or words are their own",
        own_keys,
        lambda settings: settings.minimum_texts,
        at_least=True,
    ),
)

GUARDS: Mapping[Level, tuple[Guard, ...]] = {Level.TIGHT: _TIGHT, Level.THIN: _THIN, Level.SWARM: _SWARM}
