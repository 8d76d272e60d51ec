from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphkit.text.normalise import folded_space, keys, normalised, typed


def answer(expression: Callable[[pl.Expr], pl.Expr], text: str | None) -> Any:
    frame = pl.DataFrame({"text": [text]}, schema={"text": pl.String})
    return frame.select(expression(pl.col("text"))).item()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain words", "plain words"),
        ("see https://a.example/x?y=1 now", "see now"),
        ("看https://a.example/x这个", "看 这个"),
        ("a [label](https://a.example) b", "a label b"),
        ("use `rm -rf` here", "use here"),
        ("before\n```py\ncode\n```\nafter", "before after"),
        ("before\n```py\nnever closed", "before"),
        ("> what you said\nwhat I say", "what I say"),
        ("好的//@张三:原来的话", "好的"),
        ("回复@张三: 好的", "好的"),
        ("@bob @eve: hello @sam", "hello"),
        # What clients write for a name that was picked, and for pictures and times.
        ("[id123|Анна], согласен", "согласен"),
        ("[club201289377|MUSIC DEEP HOUSE], да", "да"),
        ("[id5fa739b6f912d63a882ce724361cbb19|Антон], да", "да"),
        ("[id12:bp-34_56|Анна], да", "да"),
        ("так сказал [id123|Анна] вчера", "так сказал вчера"),
        ("[idea|thing] stays", "[idea thing] stays"),
        ("<@123> <@!45> hello <#6> there <:smile:789> <a:dance:1> <t:1618953630:R>", "hello there"),
        ("<@U12AB|ann> <!here> done in <#C3|general>", "done in"),
        ("@**Ann Lee|12** done, @_**Bob** too", "done, too"),
        ("[Ann](tg://user?id=12) hi and [a label](https://a.example)", "hi and a label"),
        ("@[12:Ann Lee] hi", "hi"),
        ("**bold** and # not heading", "bold and # not heading"),
        ("# Heading\n- item", "Heading item"),
        ("ha 👍🏽❤️ [哈哈][笑哭R][j吐血]", "ha"),
        ("zero\u200bwidth \u202eflip\ufeff", "zerowidth flip"),
        ("👨‍👩‍👧", ""),
        ("", ""),
        (None, None),
    ],
)
def test_typed_keeps_what_a_person_would_type(text: str | None, kept: str | None) -> None:
    assert answer(typed, text) == kept


@pytest.mark.parametrize(
    ("text", "count"),
    [("abc d", 5), ("你好", 6), ("你好 ok", 9), ("かな", 6), ("👍", 0), ("@bob hi", 2), (None, None)],
)
def test_keys_count_three_for_a_chinese_character(text: str | None, count: int | None) -> None:
    assert answer(keys, text) == count


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Buy NOW!!!", "buy now"),
        ("ＢＵＹ　ｎｏｗ", "buy now"),
        ("@bob buy now 🚀🚀", "buy\u200b now…"),
        ("don't", "dont"),
        ("加我微信：ａｂｃ１２３！", "加我微信 abc123"),
        ("https://www.a.example/x?utm_source=1", "http://a.example/x#top"),
        ("𝐛𝐮𝐲 now", "buy now"),
    ],
)
def test_copies_look_the_same(one: str, other: str) -> None:
    assert answer(normalised, one) == answer(normalised, other) != ""


@given(st.text(max_size=60))
def test_normalised_text_holds_only_words_and_single_spaces(text: str) -> None:
    once = answer(normalised, text)
    assert once == once.strip()
    assert "  " not in once
    assert not any(character in once for character in "\u200b\ufeff\u202e\n\r\t!?*`")


@given(st.text(max_size=60))
def test_keys_are_never_fewer_than_the_characters_typed(text: str) -> None:
    assert len(answer(typed, text)) <= answer(keys, text) <= 3 * len(answer(typed, text))


@given(st.text(alphabet="ab \t\n\r\x85\u00a0\u2003\u3000", max_size=30))
def test_folding_white_space_is_replacing_all_of_it(text: str) -> None:
    assert answer(folded_space, text) == answer(lambda typing: typing.str.replace_all(r"\s+", " "), text)


@given(st.text(alphabet="aé字9́ .,-\t!", max_size=30))
def test_between_words_of_the_normal_form_is_one_space(text: str) -> None:
    plain = answer(normalised, text)
    assert plain == plain.strip()
    assert plain == answer(lambda form: form.str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " "), plain)
