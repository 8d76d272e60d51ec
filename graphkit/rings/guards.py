"""Which guards a group must pass, by the level on which it was found."""

from collections.abc import Mapping
from dataclasses import replace

from graphkit.rings.guard import Guard
from graphkit.rings.hours import acquaintance, clock, tightness
from graphkit.rings.lookalikes import OWN_POSTS, TIGHT
from graphkit.rings.strands import own_keys, places, places_by_strand
from graphkit.words import Level, Verdict

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
    *TIGHT,
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
    replace(OWN_POSTS, limit=lambda settings: settings.swarm_own_posts_share),
    Guard(
        "one_meme",
        Verdict.LOOKALIKE,
        "too few texts or words are their own",
        own_keys,
        lambda settings: settings.minimum_texts,
        at_least=True,
    ),
)

GUARDS: Mapping[Level, tuple[Guard, ...]] = {Level.TIGHT: TIGHT, Level.THIN: _THIN, Level.SWARM: _SWARM}
