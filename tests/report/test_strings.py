"""Both languages say the same things with the same numbers; numbers are written as people read them."""

import itertools
import string
from pathlib import Path

import pytest

from graphkit.report import strings as module
from graphkit.report.strings import LANGUAGES, number, percent, strings
from graphkit.rings.guard import Guard
from graphkit.rings.guards import GUARDS


def places(sentence: object) -> set[str]:
    forms = sentence.values() if isinstance(sentence, dict) else [sentence]
    found = {name for form in forms for _, name, _, _ in string.Formatter().parse(str(form)) if name}
    return found - {"n"}


def test_both_languages_have_the_same_sentences_and_places() -> None:
    english, chinese = (strings(language) for language in LANGUAGES)
    assert set(english.sentences) == set(chinese.sentences)
    assert set(english.words) == set(chinese.words)
    for key, sentence in english.sentences.items():
        assert places(sentence) == places(chinese.sentences[key]), key


def test_every_sentence_is_used_somewhere() -> None:
    package = Path(module.__file__).parent
    sources = [*package.glob("*.py"), *(package / "templates").glob("*.j2")]
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    unused = [key for key in strings("en").sentences if f'"{key}"' not in code and f"'{key}'" not in code]
    assert unused == []


@pytest.mark.parametrize("guard", [*itertools.chain(*GUARDS.values())], ids=lambda guard: guard.name)
def test_what_a_guard_says_is_said_in_both_languages(guard: Guard) -> None:
    assert strings("zh").phrase(f"{guard.name}: {guard.sentence}") != f"{guard.name}: {guard.sentence}"


def test_one_and_many() -> None:
    say = strings("en")
    assert say.say("events_all", n=9) == "All 9 events."
    assert say.say("texts_hidden", n=1) == "The text of one event in private channels is not shown."
    assert say.say("texts_hidden", n=2) == "The texts of 2 events in private channels are not shown."
    assert say.word("ban_review") == "ban review"
    assert say.word("some_signal") == "some signal"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (1234567, "1,234,567"),
        (0.5, "0.5"),
        (2.0, "2"),
        (1234.567, "1,234.57"),
        (0.00001, "1.0e-05"),
        (None, "–"),
    ],
)
def test_numbers(value: float | None, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0 %"), (0.001, "< 1 %"), (0.5, "50 %"), (0.999, "> 99 %"), (1.0, "100 %"), (None, "–")],
)
def test_percentages_keep_traces_apart_from_nothing(share: float | None, shown: str) -> None:
    assert percent(share) == shown
