"""What is found out once about each text is what the functions of texts say of it, row by row."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphkit.text.near_duplicates import groups
from graphkit.text.normalise import composed, keys, normalised, own_words, typed
from graphkit.text.phrases import hits
from graphkit.text.spelling import spelled
from graphkit.text.tokens import rare_tokens

PIECES = st.sampled_from(
    [
        "> quoted\n",
        "@ann ",
        "ｆｕｌｌ　ｗｉｄｔｈ",
        "`code`",
        "https://a.example/b?utm_x=1 ",
        "作为一个AI语言模型",
        "{{name}}",
        "[哈哈]",
        "é",
        "e\u0301",
        "\u200b",
        "As an AI language model ",
        "word words ",
        "// @bob: old",
        "ﬁne 😀",
        "<b>",
    ]
)
TEXTS = st.lists(st.none() | st.lists(PIECES, max_size=5).map("".join), min_size=1, max_size=8)


def table(texts: list[str | None]) -> pl.DataFrame:
    rows = {"event": range(len(texts)), "account": [i % 3 for i in range(len(texts))], "text": texts}
    return pl.DataFrame(rows, schema={"event": pl.UInt32, "account": pl.UInt32, "text": pl.String})


@given(TEXTS)
def test_each_text_is_spelled_as_if_it_stood_alone(texts: list[str | None]) -> None:
    text = pl.col("text")
    plain = table(texts).with_columns(
        own_words(text).alias("own"),
        own_words(text.str.normalize("NFKC")).alias("composed"),
        typed(text).alias("typed"),
        normalised(text).alias("form"),
        keys(text).alias("keys"),
    )
    once = spelled(table(texts))
    assert once.select(plain.columns).equals(plain)
    assert once["leaks"].to_list() == hits(table(texts)["text"]).to_list()


@given(TEXTS)
def test_copies_and_tokens_are_the_same_whether_texts_were_spelled_before(texts: list[str | None]) -> None:
    once = spelled(table(texts))
    assert groups(once.select("event", "form")).equals(groups(table(texts)))
    given_words = once.select("event", "account", "text", "composed")
    assert rare_tokens(given_words).equals(rare_tokens(table(texts)))


@given(st.lists(st.none() | st.text(max_size=6), max_size=6))
def test_nfkc_is_that_of_polars(texts: list[str | None]) -> None:
    series = pl.Series("text", texts, dtype=pl.String)
    assert composed(series).to_list() == series.str.normalize("NFKC").to_list()
