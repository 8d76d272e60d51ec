"""The peers' tables read: exact ids, every row or an error, plain files as exactly as quoted ones."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import coaction_cases as cases
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphkit as gk
from graphkit.coaction.plain import plain_lines

HEADER = "object_id,account_id,content_id,timestamp_share\n"
MESSAGE_HEADER = "message_id,user_id,username,repost_id,reply_id,message,timestamp,urls\n"


def _written(folder: Path, content: str) -> Path:
    path = folder / "shares.csv"
    path.write_text(content, encoding="utf-8")
    return path


def test_ids_stay_exact_text(tmp_path: Path) -> None:
    path = _written(tmp_path, HEADER + "007,1e5,1.0,10\n7,100000,1,11\n")
    assert gk.read_shares(path).rows() == [("007", "1e5", "1.0", 10), ("7", "100000", "1", 11)]


@pytest.mark.parametrize("set_name", sorted(cases.SETS.values()))
def test_parquet_and_frames_read_as_csv_does(set_name: str, tmp_path: Path) -> None:
    from_csv = gk.read_shares(cases.COORTWEET / f"{set_name}.csv")
    from_csv.write_parquet(tmp_path / "shares.parquet")
    assert gk.read_shares(tmp_path / "shares.parquet").equals(from_csv)
    assert gk.read_shares(from_csv).equals(from_csv)


FIELDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n\ufeff"), min_size=1, max_size=3
)


@given(st.lists(st.tuples(FIELDS, FIELDS, FIELDS, st.integers(0, 99)), min_size=1, max_size=6))
def test_a_file_reads_the_same_with_quotes_and_without(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str, int]]
) -> None:
    table = cases.shares(rows)
    folder = tmp_path_factory.mktemp("quotes")
    for style in ("always", "necessary"):
        path = folder / f"{style}.csv"
        table.write_csv(path, quote_style=style)
        assert gk.read_shares(path).equals(table)


def test_extra_columns_and_their_order_are_of_no_account(tmp_path: Path) -> None:
    path = _written(tmp_path, "note,timestamp_share,content_id,account_id,object_id\n,5,c,a,o\n")
    assert gk.read_shares(path).rows() == [("o", "a", "c", 5)]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (HEADER + "o,a,c,10\no,b,d\n", "shares.csv"),
        (HEADER + "o,a,c,10\no,b,d,11,12\n", "shares.csv"),
        # One comma too many and one too few add up, and are found all the same.
        (HEADER + "o,a,c,10,11\no,b,d\n", "shares.csv"),
        (HEADER + 'o,a,c,10\no,"b,d,11\n', "shares.csv"),
        (HEADER + "o,a,c,10\no,,d,11\n", "`account_id` is empty in 1 rows, first in row 3"),
        (HEADER + "o,a,c,10\no,b,d,soon\n", "row 3: `soon`"),
        (HEADER + "o,a,c,nan\n", "`timestamp_share` is no number"),
        (HEADER + "o,a,c,1623881091000\n", "divide milliseconds by 1000"),
        ("object,account_id,content_id,timestamp_share\no,a,c,1\n", "lacks the column `object_id`"),
        ("", "empty"),
    ],
)
def test_a_bad_file_is_an_error_that_says_where(content: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(gk.GraphkitError) as told:
        gk.read_shares(_written(tmp_path, content))
    assert fault in str(told.value)


def test_float_ids_are_refused() -> None:
    table = pl.DataFrame(
        {"object_id": [1.0], "account_id": ["a"], "content_id": ["c"], "timestamp_share": [1]}
    )
    with pytest.raises(gk.GraphkitError, match="float"):
        gk.read_shares(table)


def test_messages_are_known_by_the_place_of_their_columns(tmp_path: Path) -> None:
    path = _written(tmp_path, 'id,who,name,re,to,says,at,links\n1,007,n,,9,"Hi, you",1.5,x y\n2,7,n,8,,,2,\n')
    read = gk.read_messages(path)
    assert read.rows() == [
        ("1", "007", "n", None, "9", "Hi, you", 1.5, "x y"),
        ("2", "7", "n", "8", None, "", 2.0, ""),
    ]


def test_empty_fields_in_quotes_are_empty_fields(tmp_path: Path) -> None:
    path = _written(tmp_path, MESSAGE_HEADER + '1,a,n,"","","",5,""\n2,b,"",r,"",x,6,u\n')
    assert gk.read_messages(path).rows() == [
        ("1", "a", "n", None, None, "", 5.0, ""),
        ("2", "b", "", "r", None, "x", 6.0, "u"),
    ]


def test_a_header_alone_is_no_pair_and_no_edge(tmp_path: Path) -> None:
    made = gk.coactions(_written(tmp_path, HEADER), window_s=10, like="coortweet")
    assert (made.pairs.height, made.edges.height) == (0, 0)


def test_line_ends_marks_and_archives_change_nothing(tmp_path: Path) -> None:
    rows = [HEADER.strip(), "o,a,1,0", "o,b,2,1"]
    plain = gk.read_shares(_written(tmp_path, "\n".join(rows)))
    for name, content in {
        "crlf.csv": "\r\n".join(rows).encode(),
        "marked.csv": b"\xef\xbb\xbf" + "\n".join(rows).encode(),
        "packed.csv.gz": gzip.compress("\n".join(rows).encode()),
        "tabs.tsv": "\n".join(rows).replace(",", "\t").encode(),
    }.items():
        (tmp_path / name).write_bytes(content)
        assert gk.read_shares(tmp_path / name).equals(plain), name


@pytest.mark.parametrize(
    "content", [b"a,b\rc,d\r", HEADER.encode() + b"o,\xff,c,1\n"], ids=["CR", "no UTF-8"]
)
def test_bytes_that_are_no_table_are_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "shares.csv").write_bytes(content)
    with pytest.raises(gk.GraphkitError, match=r"shares\.csv"):
        gk.read_shares(tmp_path / "shares.csv")


@given(st.text('a,"\n\r\0', max_size=24), st.integers(1, 4), st.integers(1, 9))
def test_a_text_passes_for_plain_only_if_a_strict_reader_finds_the_same(
    text: str, n_fields: int, chunk: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # Chunks of a few letters, so that fields in quotes lie across their borders.
        patch.setattr("graphkit.coaction.plain._CHUNK", chunk)
        found = plain_lines(text.encode(), n_fields)
    if found:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        assert [len(row) for row in rows if row] == [n_fields] * len([row for row in rows if row])
        # A blank line is one empty field to graphkit and no row to Python.
        assert len(rows) == found
        assert not any(letter in text for letter in "\r\0")
        assert '"' not in "".join(field for row in rows for field in row)


@given(
    st.lists(st.lists(st.sampled_from(["", '""', "a", "ab"]), min_size=3, max_size=3), min_size=1, max_size=9)
)
def test_a_plain_text_passes_in_chunks_of_any_size(rows: list[list[str]]) -> None:
    text = "".join(",".join(row) + "\n" for row in rows).encode()
    for chunk in (1, 2, 3, 5, 1000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("graphkit.coaction.plain._CHUNK", chunk)
            quoted_first = text.startswith(b'"')
            assert quoted_first or plain_lines(text, 3) == len(rows)
            assert quoted_first or plain_lines(text.removesuffix(b"\n"), 3) == len(rows)
