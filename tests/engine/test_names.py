"""Codes of texts: their places among the distinct ones, however often they come."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphkit.engine.names import coded, numbered

TEXT = st.one_of(
    st.none(), st.sampled_from(["", "7", "007", "é", "e", "价", "\U0001f44d"]), st.text(max_size=3)
)


@given(st.lists(TEXT, max_size=12), st.integers(1, 8))
def test_a_code_is_the_place_among_the_distinct_texts(texts: list[str | None], times: int) -> None:
    # Repeated often they are looked up, else they are sorted: both ways give the same.
    repeated = pl.Series("text", texts * times, dtype=pl.String)
    distinct, code = coded(repeated)
    ordered = sorted({text for text in texts if text is not None}, key=lambda text: text.encode())
    assert distinct.to_list() == ordered
    assert code.dtype == pl.UInt32
    assert code.to_list() == [None if text is None else ordered.index(text) for text in texts] * times


@given(st.lists(TEXT.filter(lambda text: text is not None), max_size=30), st.integers(1, 8))
def test_numbers_tell_texts_apart(texts: list[str], times: int) -> None:
    names, number = numbered(pl.Series("text", texts * times, dtype=pl.String))
    assert sorted(names) == sorted(set(texts))
    assert number.dtype == "uint32"
    assert [names[int(place)] for place in number] == texts * times
