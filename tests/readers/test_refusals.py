"""Every way in which a row or a file can be wrong: a counted refusal or a clear error, never a lost row."""

import gzip
import json
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest

from graphkit.errors import InputError, QuarantineError
from graphkit.readers.reading import Reading, refused
from graphkit.readers.reads import read_events
from graphkit.readers.rules import RULES
from graphkit.settings import ReadSettings

HOSTILE = Path(__file__).resolve().parents[2] / "fixtures" / "hostile"
PLAIN = ReadSettings()
HEADER = "event_id,timestamp,channel,account_id,target_id,object_id,parent_id,text\n"
GOOD = "{n},2026-03-01T00:00:00Z,comment,a,b,o,,hello\n"


def read(path: Path, content: str | bytes, name: str = "e.csv") -> Reading:
    file = path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    reading = read_events(file, settings=PLAIN)
    assert reading.rows_read == reading.events.height + reading.quarantine.height
    return reading


def places(reading: Reading) -> list[tuple[int, str]]:
    return list(zip(reading.quarantine["position"], reading.quarantine["rule"], strict=True))


def test_each_line_of_the_hostile_fixture_is_refused_by_its_rule() -> None:
    reading = read_events(HOSTILE / "refused.ndjson", settings=PLAIN)
    assert reading.rows_read == 22
    assert reading.events["event_id"].to_list() == ["r99"]
    assert places(reading) == [
        (1, "control_character"),
        (2, "control_character"),
        (3, "control_character"),
        (4, "control_character"),
        (5, "missing_account_id"),
        (6, "missing_account_id"),
        (7, "float_id"),
        (8, "unknown_channel"),
        (9, "missing_channel"),
        (10, "bad_timestamp"),
        (11, "timestamp_out_of_range"),
        (12, "timestamp_out_of_range"),
        (13, "missing_timestamp"),
        (14, "duplicate_key"),
        (15, "invalid_json"),
        (16, "malformed_row"),
        (17, "invalid_json"),
        (18, "malformed_row"),
        (19, "duplicate_event_id"),
        (21, "malformed_row"),
        (22, "control_character"),
    ]
    assert set(reading.quarantine["rule"]) <= set(RULES)


def test_csv_rows_that_are_not_whole_are_refused_with_their_line(tmp_path: Path) -> None:
    content = (
        HEADER  # line 1
        + GOOD.format(n="e1")
        + "e2,2026-03-01T00:00:00Z,comment,a\n"  # 3: too few fields
        + "\n"  # 4: blank, no row
        + 'e3,2026-03-01T00:00:00Z,comment,a,b,o,,"two\nlines"\n'  # 5 and 6: one row
        + "e4,2026-03-01T00:00:00Z,comment,a,b,o,,x,y\n"  # 7: too many fields
        + 'e5,2026-03-01T00:00:00Z,comment,a,b,o,,"x"y\n'  # 8: a quote inside a quoted field
        + GOOD.format(n="e6")
        + "e7,2026-03-01T00:0"  # 10: cut off
    )
    reading = read(tmp_path, content)
    assert places(reading) == [
        (3, "malformed_row"),
        (7, "malformed_row"),
        (8, "malformed_row"),
        (10, "malformed_row"),
    ]
    assert reading.events["event_id"].to_list() == ["e1", "e3", "e6"]
    assert reading.notes == ("the last line of `e.csv` has no line end; it may be cut short",)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_separators_and_byte_order_marks(
    ending: str, separator: str, mark: str, tmp_path: Path
) -> None:
    rows = (HEADER + GOOD.format(n="e1") + GOOD.format(n="e2")).replace(",", separator).replace("\n", ending)
    reading = read(tmp_path, mark + rows)
    assert reading.events["event_id"].to_list() == ["e1", "e2"]
    assert reading.events["text"].to_list() == ["hello", "hello"]
    assert reading.notes == ()


def test_a_text_longer_than_most_parsers_take(tmp_path: Path) -> None:
    text = "长,\n" * 300_000  # Python's csv takes 131,072 characters unless it is told otherwise
    reading = read(tmp_path, HEADER + GOOD.format(n="e1").replace("hello", f'"{text}"'))
    assert reading.events["text"].to_list() == [text]


def test_an_unclosed_quote_loses_no_line_uncounted(tmp_path: Path) -> None:
    rows = [GOOD.format(n=f"e{n}") for n in range(10)]
    rows[3] = rows[3].replace("hello", '"hello')
    reading = read(tmp_path, HEADER + "".join(rows))
    # The quote swallows its own line and the six that follow: lines 5 to 11, each counted.
    assert places(reading) == [(line, "malformed_row") for line in range(5, 12)]
    assert reading.rows_read == 10


def test_bytes_that_are_no_utf8_are_refused(tmp_path: Path) -> None:
    row = GOOD.format(n="e1").encode()
    reading = read(
        tmp_path, HEADER.encode() + row + row.replace(b"e1", b"e2").replace(b"hello", "你好".encode("gbk"))
    )
    assert places(reading) == [(3, "invalid_utf8")]
    line = b'{"timestamp":"2026-03-01T00:00:00Z","channel":"post","account_id":"a"}\n'
    assert places(read(tmp_path, line + line.replace(b'"a"', b'"\xff"'), "e.jsonl")) == [(2, "invalid_utf8")]


def test_a_key_first_seen_late_is_not_dropped(tmp_path: Path) -> None:
    row = {"timestamp": "2026-03-01T00:00:00Z", "channel": "comment", "account_id": "a"}
    lines = [json.dumps({**row, "event_id": str(n)}) for n in range(500)]
    lines.append(json.dumps({**row, "event_id": "500", "target_id": "late", "text": "late"}))
    events = read(tmp_path, "\n".join(lines), "e.jsonl").events
    assert events.filter(pl.col("target_id") == "late")["text"].to_list() == ["late"]


def test_json_integers_are_ids_digit_by_digit(tmp_path: Path) -> None:
    row = '{{"timestamp":1767225600,"channel":"post","account_id":{id}}}\n'
    ids = ["1760000000000000001", "1760000000000000002", "123456789012345678901234567890"]
    reading = read(tmp_path, "".join(row.format(id=name) for name in ids), "e.jsonl")
    assert sorted(reading.events["account_id"]) == sorted(ids)
    assert places(
        read(tmp_path, row.format(id="7") + row.format(id="7.0") + row.format(id="1e5"), "e.jsonl")
    ) == [
        (2, "float_id"),
        (3, "float_id"),
    ]


@pytest.mark.parametrize("kind", [pl.Float64, pl.Float32])
def test_float_ids_in_tables_are_refused_as_a_whole(kind: pl.DataType, tmp_path: Path) -> None:
    table = pl.DataFrame({"account_id": [1.0, 2.0], "object_id": ["1", "2"]}).with_columns(
        pl.col("account_id").cast(kind), timestamp=pl.lit("2026-03-01T00:00:00Z"), channel=pl.lit("post")
    )
    table.write_parquet(tmp_path / "e.parquet")
    for source in (table, tmp_path / "e.parquet"):
        with pytest.raises(InputError, match=r"`account_id` is Float.*export ids as text"):
            read_events(source, settings=PLAIN)
    whole = table.with_columns(pl.col("account_id").cast(pl.Int64))
    assert read_events(whole, settings=PLAIN).events["account_id"].to_list() == ["1", "2"]


def test_rows_that_say_the_same_twice_and_ids_that_name_two_events(tmp_path: Path) -> None:
    row = GOOD.format(n="e1")
    reading = read(tmp_path, HEADER + row + row.replace("hello", "another") + row + GOOD.format(n="e2"))
    # `another` sorts before `hello`, so line 3 is kept; lines 2 and 4 differ from it.
    assert reading.events["text"].to_list() == ["another", "hello"]
    assert places(reading) == [(2, "duplicate_event_id"), (4, "duplicate_event_id")]
    reading = read(tmp_path, HEADER + row + row)
    assert places(reading) == [(3, "repeated_row")]
    assert reading.quarantine["value"].to_list() == ["e1"]


def test_a_million_identical_rows_are_one_event_and_counted() -> None:
    table = pl.DataFrame(
        {"timestamp": ["2026-03-01T00:00:00Z"], "channel": ["comment"], "account_id": ["a"], "text": ["hi"]}
    )
    reading = read_events(table.select(pl.all().repeat_by(1_000_000).explode()), settings=PLAIN)
    assert (reading.rows_read, reading.events.height, reading.refusals()) == (
        1_000_000,
        1,
        {"repeated_row": 999_999},
    )
    with pytest.raises(QuarantineError, match="999999 of 1000000 rows were refused"):
        refused(reading, PLAIN)


def test_derived_ids_come_from_the_content_alone(tmp_path: Path) -> None:
    header = "timestamp,channel,account_id,object_id,text\n"
    rows = [f"2026-03-01T00:00:0{n}Z,comment,a,o,x\n" for n in range(3)]
    reading = read(tmp_path, header + "".join(rows))
    again = read(tmp_path, header + "".join(reversed(rows)))
    assert reading.events.equals(again.events)
    assert reading.notes == ("3 rows had no event_id; it is derived from the content of the row",)
    # printf '1772323200000000\x1fcomment\x1fa\x1f\x1fo\x1f\x1fx' | b2sum -l 96
    assert reading.events["event_id"][0] == "derived-cb14f63ed591db5f0530413c"


def test_a_private_message_without_conversation_gets_that_of_its_two_accounts(tmp_path: Path) -> None:
    header = "event_id,timestamp,channel,account_id,target_id\n"
    rows = [
        "e1,2026-03-01T00:00:00Z,dm,b,a\n",
        "e2,2026-03-01T00:00:01Z,dm,a,b\n",
        "e3,2026-03-01T00:00:02Z,dm,a,\n",
    ]
    # `a|b` with `c` and `a` with `b|c` are two conversations.
    rows += [
        "e4,2026-03-01T00:00:03Z,dm,a|b,c\n",
        "e5,2026-03-01T00:00:04Z,dm,a,b|c\n",
        "e6,2026-03-01T00:00:05Z,dm,a,a\n",
    ]
    events = read(tmp_path, header + "".join(rows)).events
    assert events["object_id"].to_list() == [
        "dm:1:a|b",
        "dm:1:a|b",
        None,
        "dm:3:a|b|c",
        "dm:1:a|b|c",
        "dm:1:a|a",
    ]


def test_quarantine_never_holds_a_text(tmp_path: Path) -> None:
    secret = "meet me at 5"
    rows = [
        f"e1,{secret},dm,a,b,o,,\n",  # in the place of the time
        f"e2,2026-03-01T00:00:00Z,{secret},a,b,o,,\n",  # in the place of the channel
        "e3,password,hunter,a,b,o,,\n",  # a row that has slipped
        f"e4,2026-03-01T00:00:00Z,dm,\x07{secret},b,o,,\n",  # in the place of an id
    ]
    table = read(tmp_path, HEADER + "".join(rows)).quarantine
    assert table.height == 4
    assert not any(word in str(table.rows()) for word in ("meet", "hunter", "password"))
    shown = read(tmp_path, HEADER + GOOD.format(n="e1").replace("comment", "telegram")).quarantine
    assert shown["value"].to_list() == ["telegram"]


def test_too_many_refusals_name_every_rule(tmp_path: Path) -> None:
    rows = [GOOD.format(n=f"e{n}") for n in range(19)]
    refused(read(tmp_path, HEADER + "".join(rows) + "cut,off\n"), PLAIN)  # 1 of 20 is .05, which is allowed
    with pytest.raises(
        QuarantineError, match=r"^2 of 21 rows .* 1 malformed_row .* 1 unknown_channel "
    ) as caught:
        refused(read(tmp_path, HEADER + "".join(rows) + "cut,off\nx,2026-03-01T00:00:00Z,fax,a,,,,\n"), PLAIN)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("e.csv", b"", "is empty"),
        ("e.jsonl", b"\n\n", "is empty"),
        ("e.csv", HEADER.encode(), "holds no rows"),
        ("e.csv", HEADER.replace("\n", "\r").encode() + b"e1,2026-03-01T00:00:00Z,post,a,,,,\r", "CR alone"),
        ("e.csv", HEADER.encode("utf-16"), "UTF-16"),
        ("e.csv", b"account_id,account_id,timestamp,channel\n", "`account_id` stands twice"),
        (
            "e.csv",
            b"user,when\nu,1\n",
            "lacks the column `timestamp`, `channel`, `account_id`; it has `user`, `when`",
        ),
        ("e.csv", b'"account_id\n', "header line cannot be taken apart"),
        ("e.csv.gz", gzip.compress(HEADER.encode() * 99)[:-9], "damaged archive"),
        ("e.jsonl.gz", b"plain text", "damaged archive"),
        ("e.parquet", b"PAR1 no parquet PAR1", "cannot be read as Parquet"),
        ("e.parquet", b"", "cannot be read as Parquet"),
        ("e.docx", b"x", "is of no known kind"),
    ],
)
def test_files_that_cannot_be_events_at_all(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, content, name)


def test_sources_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_events(tmp_path / "nowhere.csv", settings=PLAIN)
    with pytest.raises(InputError, match="holds no file to read"):
        read_events(tmp_path, settings=PLAIN)
    with pytest.raises(InputError, match="frame cannot be computed"):
        read_events(pl.LazyFrame({"a": [1]}).select("b"), settings=PLAIN)


def test_a_flipped_bit_in_parquet_is_an_error_or_a_reading_never_a_crash(tmp_path: Path) -> None:
    table = read_events(HOSTILE / "events.ndjson", settings=PLAIN).events
    path = tmp_path / "e.parquet"
    table.write_parquet(path)
    whole = path.read_bytes()
    for place in range(4, len(whole), len(whole) // 60):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        with suppress(InputError):
            reading = read_events(path, settings=PLAIN)
            assert reading.rows_read == reading.events.height + reading.quarantine.height
