"""Codes of texts: their places among the distinct ones, however often they come."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphkit.engine.names import all_differ, coded, numbered

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


@pytest.mark.parametrize("hashed", [lambda text: 7, lambda text: len(text) << 60])
@given(texts=st.lists(st.text(max_size=2), max_size=20))
def test_texts_with_one_hash_are_told_apart(texts: list[str], hashed: Callable[[str], int]) -> None:
    given_texts = pl.Series("text", texts * 5, dtype=pl.String)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            pl.Series, "hash", lambda self: pl.Series([hashed(text) for text in self], dtype=pl.UInt64)
        )
        names, number = numbered(given_texts)
        ordered, place = coded(given_texts)
    assert [names[int(code)] for code in number] == texts * 5
    assert ordered.to_list() == sorted(set(texts), key=lambda text: text.encode())
    assert [ordered[code] for code in place] == texts * 5


def test_whether_all_differ() -> None:
    assert all_differ(pl.Series(["a", "b", ""]))
    assert not all_differ(pl.Series(["a", "b", "a"]))
    assert all_differ(pl.Series([], dtype=pl.String))
