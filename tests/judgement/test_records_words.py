"""Records in two languages: the same codes and numbers, and every fixed sentence has its Chinese."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from test_records_schema import told

from graphkit.judgement import HeldReason, policy, shipped
from graphkit.judgement.observed import OBSERVED
from graphkit.judgement.records_words import speech
from graphkit.signals import SIGNALS

HAN = re.compile(r"[\u4e00-\u9fff]")
ENGLISH, CHINESE = speech("en"), speech("zh")
# Values that are words of people; everything else in a record is a code, a number or an id.
SENTENCES = {
    *("explanation", "question", "reason", "name", "contractual_ground", "redress", "recommendation"),
    *("facts_and_circumstances", "speaks_against", "innocent_explanations"),
    *("not_observable", "not_attainable", "next_steps"),
}


def fixed() -> Iterator[str]:
    """Every sentence that a policy or a signal brings along."""
    for name in shipped():
        rules = policy(name)
        yield from (rules.basis, rules.redress, *rules.not_observable)
        for rule in (*rules.rules, *rules.caps):
            yield from (rule.name, rule.reason)
    for observed in OBSERVED.values():
        yield from (observed.question, observed.missing)
    for signal in SIGNALS:
        yield from (signal.question, *signal.innocent)


def test_every_fixed_sentence_has_its_chinese_and_no_other_has() -> None:
    sentences = set(fixed())
    known = set(CHINESE.strings.phrases)
    assert sentences - known == set()
    assert known - sentences == set(), "nobody says these any more"
    assert all(HAN.search(said) for said in CHINESE.strings.phrases.values())


def test_both_languages_have_the_same_sentences() -> None:
    assert set(ENGLISH.strings.sentences) == set(CHINESE.strings.sentences)
    for key, sentence in ENGLISH.strings.sentences.items():
        places = re.findall(r"{(\w+)", str(sentence))
        assert set(re.findall(r"{(\w+)", str(CHINESE.strings.sentences[key]))) == set(places), key


def shape(value: Any, key: str = "") -> Any:
    """A record without its sentences: what must be the same in both languages."""
    if isinstance(value, dict):
        return {name: shape(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [shape(one, key) for one in value]
    return "said" if key in (*SENTENCES, "seen", "wanted", "language") else value


def said(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name in value.keys() - {"policy", "run"}:
            yield from said(value[name], name)
    elif isinstance(value, list):
        for one in value:
            yield from said(one, key)
    elif key in SENTENCES and value is not None and value != "it answers in its sleep":
        yield value


@pytest.mark.parametrize("name", shipped())
def test_the_languages_differ_in_sentences_only(name: str) -> None:
    for english, chinese in zip(told("en", name), told("zh", name), strict=True):
        assert shape(english) == shape(chinese)
        sentences = list(said(chinese))
        assert len(sentences) >= 5
        assert [one for one in sentences if not HAN.search(one)] == []
        assert [one for one in said(english) if HAN.search(one)] == []


def test_a_rule_of_ones_own_is_told_as_it_is_written() -> None:
    assert CHINESE.strings.phrase("it wears a hat") == "it wears a hat"


def test_what_was_seen_and_wanted_is_said() -> None:
    assert (CHINESE.seen("strong"), CHINESE.seen("yes"), CHINESE.seen("251")) == ("强", "是", "251")
    assert CHINESE.seen("not attainable from this data") == "由现有数据无法得知"
    assert CHINESE.wanted("at least moderate") == "至少 中"
    assert CHINESE.wanted("at most 19") == "至多 19"
    assert ENGLISH.wanted("at least 0.8") == "at least 0.8"
    assert ENGLISH.wanted("no") == "no"


def test_why_a_run_is_held_is_said_with_both_numbers() -> None:
    many = HeldReason("trailing median", 30.0, 9.0, "30 accounts ...")
    assert ENGLISH.held(many) == "30 accounts at limit or ban review, where the last runs allow 9"
    assert CHINESE.held(many).startswith("30 个账号")
    assert "至多允许 9 个" in CHINESE.held(many)
    assert "18" in CHINESE.held(HeldReason("one signal", 18.0, 17.5, "..."))
    assert CHINESE.held(HeldReason("a rule of its own", 1.0, 0.0, "as it says")) == "as it says"
