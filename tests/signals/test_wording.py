"""Each language says a line of evidence from the same facts: the same numbers, nothing else."""

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from graphkit.settings import SignalSettings
from graphkit.signals import SIGNALS, Ceiling, Signal, waking
from graphkit.signals.wording import PLACING, Wording, limit, wording
from graphkit.words import Grade, Language

ENGLISH, CHINESE = wording(Language.EN), wording(Language.ZH)
HAN = re.compile(r"[\u4e00-\u9fff]")


def facts(**known: Any) -> dict[str, Any]:
    ordinary = {"lowest": 0.71, "highest": 1.52, "n_reference": 1234, "outside": False}
    row = {"value": 0.37, "n": 53, "grade": "strong", "quantile": 0.004, "expected": 0.0123, **ordinary}
    return {**row, **known}


def numbers(sentence: str) -> Counter[str]:
    return Counter(re.findall(r"\d+(?:\.\d+)?", sentence))


def ceiling(signal: Signal) -> Ceiling | None:
    return signal.ceiling(SignalSettings()) if signal.ceiling else None


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
@pytest.mark.parametrize(
    "known",
    [
        {},
        {"value": 12.0, "grade": "none", "quantile": 0.4},
        {"value": 0.0, "grade": "none", "expected": None},
        {"quantile": None, "lowest": None, "highest": None, "grade": "absent"},
        {"outside": True, "grade": "moderate"},
    ],
    ids=["strong", "ordinary", "zero", "nobody to compare with", "from elsewhere"],
)
def test_both_languages_say_the_same_numbers(signal: Signal, known: dict[str, Any]) -> None:
    row = facts(**known)
    english = ENGLISH.sentence(signal, row, ceiling(signal))
    chinese = CHINESE.sentence(signal, row, ceiling(signal))
    assert numbers(chinese) == numbers(english), (english, chinese)
    assert HAN.search(chinese)
    assert not HAN.search(english)
    assert signal.unit in CHINESE.strings.words


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_a_value_that_no_ordinary_account_graded_is_told_with_its_limit(words: Wording) -> None:
    known: dict[str, Any] = {"value": 576.6, "n": 12780, "expected": None, "lowest": None, "highest": None}
    beyond = facts(**known, grade="moderate", quantile=None, n_reference=0)
    found = limit(waking.AWAKE, beyond, SignalSettings())
    said = words.sentence(waking.AWAKE, beyond, found)
    assert numbers(said) == Counter(["576.6", "12780", "72"])
    # Of one that nobody could be compared with, and of one that was, there is none to tell.
    assert limit(waking.AWAKE, facts(quantile=None, grade="absent"), SignalSettings()) is None
    assert limit(waking.AWAKE, facts(), SignalSettings()) is None


def test_both_languages_have_the_same_sentences() -> None:
    assert set(ENGLISH.strings.sentences) == set(CHINESE.strings.sentences)
    assert set(CHINESE.seen) == {signal.name for signal in SIGNALS}


def test_a_signal_of_ones_own_is_told_by_its_number() -> None:
    mine = replace(SIGNALS[0], name="mine", unit="hats", explain=lambda value, n: f"{value:.0f} of {n} hats")
    row = facts(value=3.0, n=9, quantile=None)
    assert ENGLISH.sentence(mine, row, None).startswith("3 of 9 hats; there are too few")
    assert CHINESE.sentence(mine, row, None).startswith("mine：3 hats（n = 9）；")


def test_the_facts_are_columns_of_the_evidence() -> None:
    assert set(facts()) == set(PLACING)
    assert facts()["grade"] == Grade.STRONG.value
