"""Texts behind codes, rows in buckets and arrays in files: what is had back is what was put there."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphkit.engine.buckets import Buckets, splitters
from graphkit.engine.names import Names, coded
from graphkit.engine.scratch import Scratch, Stored, scratch

TEXTS = st.lists(st.sampled_from(["", "007", "7", "a", "A", "é", "z", "价", "\U0001f600"]), max_size=40)
MAYBE = st.lists(st.one_of(st.none(), st.sampled_from(["", "007", "7", "a", "价"])), max_size=40)


def _strings(texts: list[str] | list[str | None]) -> pl.Series:
    return pl.Series(texts, dtype=pl.String)


@given(MAYBE)
def test_codes_are_places_among_the_distinct_texts(texts: list[str | None]) -> None:
    distinct, codes = coded(_strings(texts))
    known = sorted({text for text in texts if text is not None}, key=str.encode)
    assert distinct.to_list() == known
    assert codes.dtype == pl.UInt32
    assert codes.to_list() == [None if text is None else known.index(text) for text in texts]


@pytest.mark.parametrize("times", [1, 2, 10])
def test_few_and_many_of_a_text_have_the_same_codes(times: int) -> None:
    # One of each is ranked, ten of each are looked up; 300 texts need more than eight bits.
    texts = [f"id{number:03}" for number in range(300)]
    distinct, codes = coded(_strings(list(reversed(texts * times))))
    assert distinct.to_list() == texts
    assert codes.to_list() == list(reversed(list(range(300)) * times))


@pytest.mark.parametrize("texts", [[], [None], [None] * 9, ["a"] + [None] * 9])
def test_texts_that_are_absent_have_no_code(texts: list[str | None]) -> None:
    distinct, codes = coded(_strings(texts))
    assert distinct.to_list() == ["a"] * texts.count("a")
    assert codes.null_count() == texts.count(None)


@given(
    st.lists(st.lists(st.text(max_size=3), max_size=4), max_size=5),
    st.lists(st.integers(0, 10**6), max_size=30),
    st.booleans(),
)
def test_texts_are_found_in_pieces_and_in_files(
    pieces: list[list[str]], drawn: list[int], on_disk: bool
) -> None:
    texts = [text for piece in pieces for text in piece]
    codes = np.array([number % len(texts) for number in drawn] if texts else [], np.uint32)
    with tempfile.TemporaryDirectory() as folder:
        series = [_strings(piece) for piece in pieces]
        files = [Path(folder) / f"{number}.ipc" for number in range(len(pieces))]
        for path, piece in zip(files, series, strict=True):
            piece.alias("text").to_frame().write_ipc(path)
        names = Names(files if on_disk else series, [len(piece) for piece in pieces])
        assert len(names) == len(texts)
        assert names.of(codes).to_list() == [texts[code] for code in codes]
        assert names.of(codes).dtype == pl.String


@given(TEXTS, st.integers(1, 8))
def test_splitters_are_in_order_and_part_into_so_many_at_most(texts: list[str], ranges: int) -> None:
    between = splitters(_strings(texts), ranges).to_list()
    assert between == sorted(set(between), key=str.encode)
    assert len(between) < ranges
    assert set(between) <= set(texts)


@given(TEXTS, TEXTS, TEXTS, st.integers(1, 6))
def test_buckets_give_all_rows_back_range_by_range_in_order(
    one: list[str], two: list[str], drawn: list[str], ranges: int
) -> None:
    between = splitters(_strings(drawn), ranges)
    texts = one + two
    with scratch(on_disk=True) as room:
        buckets = Buckets(room, "text", between)
        for part, start in ((one, 0), (two, len(one))):
            places = pl.Series(range(start, start + len(part)), dtype=pl.Int64)
            buckets.add(pl.DataFrame({"text": _strings(part), "row": places}))
        found = list(buckets.read())
        assert room.folder is not None
        assert list(room.folder.iterdir()) == []
    assert all(bucket.height for bucket in found)
    rows = [row for bucket in found for row in bucket.rows()]
    assert sorted(rows, key=lambda row: row[1]) == [(text, place) for place, text in enumerate(texts)]
    for bucket in found:
        assert bucket["row"].is_sorted()
    # Each bucket is a range: no text of a later one comes before, or is, one of an earlier one.
    ends = [(bucket["text"].min(), bucket["text"].max()) for bucket in found]
    for (_, before), (after, _) in itertools.pairwise(ends):
        assert str(before).encode() < str(after).encode()


@given(
    st.lists(st.lists(st.integers(-(2**62), 2**62), max_size=9), max_size=5),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=5),
)
def test_arrays_in_memory_and_in_files_give_the_same_slices(
    parts: list[list[int]], slices: list[tuple[int, int]]
) -> None:
    numbers = [number for part in parts for number in part]
    with scratch(on_disk=True) as disk, scratch(on_disk=False) as memory:
        columns = []
        for room in (disk, memory):
            growing = room.growing(np.int64)
            for part in parts:
                growing.extend(np.array(part, np.int64))
            columns.append(growing.done())
        for column in columns:
            assert len(column) == len(numbers)
            assert column[:].tolist() == numbers
            assert column[:].dtype == np.int64
            for start, stop in slices:
                assert column[start:stop].tolist() == numbers[start:stop]


@pytest.mark.parametrize("dtype", [np.uint32, np.int64, np.float64, np.bool_])
def test_an_array_has_the_type_that_was_asked_for(dtype: type) -> None:
    with scratch(on_disk=True) as disk, scratch(on_disk=False) as memory:
        for room in (disk, memory):
            growing = room.growing(dtype)
            assert growing.done()[:].dtype == dtype
            # Every second number, which does not lie in one piece.
            growing.extend(np.arange(6)[::2])
            column = growing.done()
            assert column[1:].dtype == dtype
            assert column[1:].tolist() == np.array([2, 4], dtype).tolist()
            assert isinstance(column, Stored) == (room is disk)


def test_names_in_a_folder_are_given_once_and_the_folder_goes(tmp_path: Path) -> None:
    with scratch(on_disk=True, beside=tmp_path / "deep" / "out") as room:
        assert len({room.path("ipc") for _ in range(100)}) == 100
        path = room.path("ipc")
        assert path is not None
        assert path.is_relative_to(tmp_path / "deep" / "out")
        path.write_bytes(b"rest")
    assert list((tmp_path / "deep" / "out").iterdir()) == []
    assert Scratch(None).path("ipc") is None


def test_the_folder_goes_after_an_error_too(tmp_path: Path) -> None:
    def fail() -> None:
        with scratch(on_disk=True, beside=tmp_path) as room:
            growing = room.growing(np.int64)
            growing.extend(np.arange(9))
            raise KeyError("midway")

    with pytest.raises(KeyError, match="midway"):
        fail()
    assert list(tmp_path.iterdir()) == []
