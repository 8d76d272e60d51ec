"""What a group that only its words hold together may be instead: one number for each look-alike."""

from graphkit.rings.circles import acquainted
from graphkit.rings.guard import Guard
from graphkit.rings.hours import chatting_within_an_hour
from graphkit.rings.speech import common_share, listeners, speaking_hours, taken_up
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Verdict


def _own_words(suspect: Suspect, _settings: RingSettings) -> float | None:
    """Words that are the group's own."""
    return float(len(suspect.own_words))


LEXICON_GUARDS: tuple[Guard, ...] = (
    Guard(
        "one_name",
        Verdict.LOOKALIKE,
        "too few words are their own",
        _own_words,
        lambda settings: settings.minimum_texts,
        at_least=True,
    ),
    Guard(
        "colleagues",
        Verdict.LOOKALIKE,
        "they meet in chats, and have had words with each other",
        acquainted,
        lambda settings: settings.chat_contact_share,
        at_least=False,
    ),
    Guard(
        "one_evening",
        Verdict.LOOKALIKE,
        "they use their words in too few hours",
        speaking_hours,
        lambda settings: settings.minimum_occasions,
        at_least=True,
    ),
    Guard(
        "fellow_speakers",
        Verdict.LOOKALIKE,
        "they share words, and come at any time within hours",
        chatting_within_an_hour,
        lambda settings: settings.speakers_hour_share,
        at_least=True,
    ),
    Guard(
        "own_place",
        Verdict.LOOKALIKE,
        "few others write where they use their words",
        listeners,
        lambda settings: settings.lexicon_strangers,
        at_least=True,
    ),
    Guard(
        "language",
        Verdict.LOOKALIKE,
        "they write a language that few others write there",
        common_share,
        lambda settings: settings.lexicon_common_share,
        at_least=True,
    ),
    Guard(
        "subject",
        Verdict.LOOKALIKE,
        "they may talk about what they name: nothing shows that they do not take up each other's words",
        taken_up,
        lambda settings: settings.lexicon_taken_up,
        at_least=False,
    ),
)
