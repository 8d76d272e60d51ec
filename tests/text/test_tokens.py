from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphkit.settings import TextSettings
from graphkit.text.tokens import collapsed, rare_tokens

# In a test everybody may be an author, and what was said twice of fifty characters holds together.
OPEN = TextSettings(token_author_share=1.0, token_cohesion=4.0)


def table(texts: Sequence[str | None]) -> pl.DataFrame:
    columns = {"event": range(len(texts)), "account": range(len(texts)), "text": texts}
    return pl.DataFrame(columns, schema={"event": pl.UInt32, "account": pl.UInt32, "text": pl.String})


def found(texts: Sequence[str | None], names: list[str] | None = None) -> set[str]:
    known = None if names is None else pl.Series(names, dtype=pl.String)
    return set(rare_tokens(table(texts), OPEN, names=known)["token"])


@pytest.mark.parametrize(
    ("one", "other", "token", "kind"),
    [
        ("pure veth'ku drift", "such Veth’ku again", "veth'ku", "word"),
        (
            "see https://www.shop.example/p/1?utm_source=a",
            "http://shop.example/p/1/",
            "shop.example/p/1",
            "link",
        ),
        ("加我微信：abc_123", "薇信 ABC_123 有货", "abc_123", "contact"),
        ("打 138-1234-5678", "tel 13812345678", "13812345678", "contact"),
        ("use code save2026now", "SAVE2026NOW works", "save2026now", "code"),
        ("推荐晓卡兰精华", "买了晓卡兰很好", "晓卡兰", "word"),
    ],
)
def test_what_two_texts_share_is_named(one: str, other: str, token: str, kind: str) -> None:
    table_found = rare_tokens(table([one, other]), OPEN).filter(pl.col("token") == token)
    assert table_found["event"].to_list() == [0, 1]
    assert table_found["kind"].to_list() == [kind, kind]
    assert table_found["n_authors"].to_list() == [2, 2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("> zorblax said so\nno", "zorblax is great"),
        ("no//@张三:zorblax", "zorblax is great"),
        ("`zorblax`", "zorblax is great"),
        ("hello @zorblax there", "@zorblax hi there @zorblax's"),
        ("[id123|Zorblax], hello there", "zorblax is great"),
        ("<@U12|zorblax> so it is", "zorblax is great"),
        ("it is a cat", "a cat it is"),
        ("12345678", "12345678"),
        ("https://shop.example", "https://shop.example/"),
    ],
)
def test_quotes_names_short_words_and_front_pages_are_no_tokens(one: str, other: str) -> None:
    assert not found([one, other]) & {"zorblax", "zorblax's", "12345678", "shop.example", "a", "cat"}


def test_names_of_accounts_are_no_tokens() -> None:
    texts = ["ask zorblax first", "zorblax knows, zorblax's way"]
    assert "zorblax" in found(texts, [])
    assert not found(texts, ["irc:Zorblax"]) & {"zorblax", "zorblax's"}


def test_an_ending_on_a_common_word_makes_no_rare_word() -> None:
    # 5 accounts say clock: more than a quarter of 8. Two say clocking, two say zorbing.
    texts = ["clock"] * 5 + ["clocking zorbing", "zorbing clocking", "nothing"]
    few = TextSettings(token_author_share=0.25)
    assert set(rare_tokens(table(texts), few)["token"]) == {"zorbing"}


def test_the_authors_are_counted_not_the_events() -> None:
    texts = table(["zorblax one", "zorblax two", "zorblax three"]).with_columns(
        account=pl.Series([7, 7, 9], dtype=pl.UInt32)
    )
    assert rare_tokens(texts, OPEN).filter(pl.col("token") == "zorblax")["n_authors"].to_list() == [2, 2, 2]
    alone = texts.with_columns(account=pl.lit(7, dtype=pl.UInt32))
    assert rare_tokens(alone, OPEN).is_empty()


def test_more_authors_than_the_limit_are_no_evidence() -> None:
    assert rare_tokens(table(["zorblax"] * 61), OPEN).is_empty()
    assert rare_tokens(table(["zorblax"] * 60), OPEN).height == 60


def test_a_phrase_used_whole_is_one_token() -> None:
    tokens = rare_tokens(
        table(["zorblax vrekth umbra", "zorblax vrekth umbra", "umbra vorax", "vorax"]), OPEN
    )
    # zorblax and vrekth stand in events 0 and 1 and nowhere else; umbra also in 2.
    assert set(tokens["token"]) == {"zorblax", "vrekth", "umbra", "vorax"}
    assert set(collapsed(tokens)["token"]) == {"zorblax", "umbra", "vorax"}


def test_nothing_gives_nothing() -> None:
    assert rare_tokens(table([])).is_empty()
    assert rare_tokens(table([None, ""])).is_empty()
    assert collapsed(rare_tokens(table([None]))).is_empty()


@settings(max_examples=40, deadline=None)
@given(
    words=st.lists(
        st.lists(
            st.sampled_from(["zorblax", "vrekth", "umbra", "晓卡兰", "@kim", "see", "https://a.example/x"])
        )
    ),
    data=st.data(),
)
def test_any_order_of_rows_gives_the_same_tokens(words: list[list[str]], data: st.DataObject) -> None:
    texts = table([" ".join(chosen) for chosen in words])
    shuffled = texts[data.draw(st.permutations(range(len(words))))] if words else texts
    once, again = rare_tokens(texts, OPEN), rare_tokens(shuffled, OPEN)
    assert again.equals(once)
    assert collapsed(again).equals(collapsed(once))
