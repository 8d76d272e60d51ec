"""Hostile text on its way out: nothing hidden, nothing too long, nothing that breaks a writer."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphkit.report.clean import _PLAIN, _shown, drawn, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("  two\r\n\tlines \u2028 ", "two lines"),
        ("\x00\x1b[31mred", "␀␛[31mred"),
        ("\x7f\x9b", "␡\ufffd"),
        ("exe.\u202egnp", "exe.‹U+202E›gnp"),
        ("\ufeffname", "‹U+FEFF›name"),
        ("a\u200bb", "a‹U+200B›b"),
        ("pay\u200dpal", "pay‹U+200D›pal"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("\ufffe", "\ufffd"),
        ("月之暗面", "月之暗面"),
        ("$$\\frac{", "$$\\frac{"),
        ("<script>", "<script>"),
    ],
)
def test_what_cannot_be_seen_is_shown(text: str, shown: str) -> None:
    assert visible(text, 40) == shown


def test_what_is_taken_for_plain_is_shown_letter_by_letter_as_it_is() -> None:
    plain = [letter for letter in map(chr, range(0x3_0000)) if _PLAIN.match(letter)]
    assert len(plain) > 20_000
    assert "".join(map(_shown, plain)) == "".join(plain)


def test_a_long_text_is_clipped_and_says_so() -> None:
    assert visible("abcdefghij", 10) == "abcdefghij"
    assert visible("abcdefghijk", 10) == "abcdefghi…"
    assert visible("x" * 1_000_000, 10) == "xxxxxxxxx…"


def test_marks_do_not_pile_up() -> None:
    assert visible("z" + "\u0335" * 50, 80) == "z" + "\u0335" * 3


def test_a_label_with_an_underscore_stays_in_the_legend() -> None:
    assert drawn("_hidden", 20) == "\u2009_hidden"
    assert drawn("seen", 20) == "seen"


@given(st.text(st.characters(), max_size=300), st.integers(1, 60))
def test_any_text_becomes_one_short_visible_line(text: str, limit: int) -> None:
    shown = visible(text, limit)
    assert len(shown) <= limit
    assert shown.encode("utf-8").decode("utf-8") == shown
    kinds = {unicodedata.category(letter) for letter in shown if letter not in "\u200c\u200d"}
    assert not kinds & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
