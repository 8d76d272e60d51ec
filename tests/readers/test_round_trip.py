"""Whatever the ids and texts are, csv, ndjson and parquet give back the same events."""

import gzip
import json
import random
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphkit.errors import ConfigError, InputError
from graphkit.readers import READERS
from graphkit.readers.reads import read_events
from graphkit.settings import ReadSettings, settings_from
from graphkit.tables import EVENTS
from graphkit.words import Channel

HOSTILE = Path(__file__).resolve().parents[2] / "fixtures" / "hostile"
RULES = ReadSettings()

# No controls (a rule of its own) and no surrogates, which no UTF-8 file can hold.
_characters = st.characters(
    categories=("L", "M", "N", "P", "S", "Z", "Cf", "Co", "Cn"), exclude_characters="\ufffe\uffff"
)
_ids = st.one_of(
    st.sampled_from(
        ["007", "7", "1e5", "1.0", "1760000000000000001", "NaN", "null", "true", " a", "a ", '"', ","]
    ),
    st.text(_characters, min_size=1, max_size=12),
)
_texts = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
_moments = st.integers(631_152_000_000_000, 4_102_444_799_999_999)  # microseconds of 1990 to 2099


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    """Tables of events as a platform would export them."""
    names = draw(st.lists(_ids, min_size=1, max_size=12, unique=True))
    rows = [
        {
            "event_id": name,
            "timestamp": draw(_moments),
            "channel": draw(st.sampled_from(list(Channel))).value,
            "account_id": draw(_ids),
            "target_id": draw(st.none() | _ids),
            "object_id": draw(st.none() | _ids),
            "parent_id": draw(st.none() | _ids),
            "text": draw(_texts),
        }
        for name in names
    ]
    strings = pl.Schema(dict.fromkeys(EVENTS.column_names(), pl.String()))
    return pl.DataFrame(rows, schema={**strings, "timestamp": pl.Datetime("us", "UTC")})


def stored(table: pl.DataFrame, folder: Path, name: str) -> Path:
    path = folder / name
    if path.suffix == ".parquet":
        table.write_parquet(path)
        return path
    content = (table.write_csv() if ".csv" in path.suffixes else table.write_ndjson()).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@settings(max_examples=25, deadline=None)
@given(table=tables(), seed=st.integers(0, 99))
def test_every_format_gives_the_same_events(table: pl.DataFrame, seed: int) -> None:
    expected = read_events(table, settings=RULES)
    assert expected.rows_read == table.height == expected.events.height
    assert expected.events["text"].to_list() == [text or None for text in _in_order(table)["text"]]
    shuffled = table.sample(fraction=1.0, shuffle=True, seed=seed)
    with TemporaryDirectory() as folder:
        for name in ("e.csv", "e.jsonl", "e.parquet", "e.csv.gz", "e.jsonl.gz"):
            read = read_events(stored(shuffled, Path(folder), name), settings=RULES)
            assert read.events.equals(expected.events), name
            assert read.quarantine.height == 0


def _in_order(table: pl.DataFrame) -> pl.DataFrame:
    return table.sort("timestamp", "event_id")


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_every_reader_keeps_ids_digit_by_digit(reader: object, tmp_path: Path) -> None:
    names = ["007", "7", "1e5", "1.0", "1760000000000000001", "1760000000000000002", "1760000000000000003"]
    table = pl.DataFrame({"event_id": names, "account_id": names}).with_columns(
        timestamp=pl.lit("2026-03-01T00:00:00Z"), channel=pl.lit("comment")
    )
    suffix = {"csv": ".csv", "ndjson": ".jsonl", "parquet": ".parquet"}[reader.name]  # type: ignore[attr-defined]
    read = read_events(stored(table, tmp_path, f"e{suffix}"), settings=RULES)
    assert sorted(read.events["account_id"]) == sorted(names)


def test_any_order_of_rows_gives_the_same_bytes(tmp_path: Path) -> None:
    lines = (HOSTILE / "events.ndjson").read_text().splitlines()
    # Two events under one id, one row twice, one row without id: what is kept must not depend on the order.
    row = json.loads(lines[5])
    lines += [json.dumps({**row, "text": "another"}), lines[9], json.dumps({**row, "event_id": None})]
    seen = set()
    for seed in range(4):
        random.Random(seed).shuffle(lines)
        path = tmp_path / "e.jsonl"
        path.write_text("\n".join(lines))
        read = read_events(path, settings=RULES)
        assert (read.rows_read, read.quarantine.height) == (121, 2)
        read.events.write_parquet(tmp_path / "e.parquet")
        seen.add((tmp_path / "e.parquet").read_bytes())
    assert len(seen) == 1


def test_hostile_strings_are_events_like_any_other() -> None:
    read = read_events(HOSTILE / "events.ndjson", settings=RULES)
    assert (read.rows_read, read.events.height, read.quarantine.height) == (118, 118, 0)
    assert {"007", "1e5", "=1+1", "../../etc/passwd", "账号_小红"} <= set(read.events["account_id"])
    texts = read.events["text"].drop_nulls()
    assert not texts.str.contains("\0", literal=True).any()
    assert "nul\ufffdinside" in texts.to_list()
    assert "broken \ufffd half" in texts.to_list()
    assert "x" * 40_000 in texts.to_list()


def test_a_folder_and_a_glob_read_as_one(tmp_path: Path) -> None:
    table = read_events(HOSTILE / "events.ndjson", settings=RULES).events
    whole = read_events(table, settings=RULES)
    (tmp_path / "day=1").mkdir()
    stored(table[:50], tmp_path, "day=1/a.csv")
    stored(table[50:80], tmp_path, "b.jsonl")
    stored(table[80:], tmp_path, "c.parquet")
    (tmp_path / "_notes.csv").write_text("not,events\n")
    (tmp_path / "README.txt").write_text("nothing to read\n")
    for source in (tmp_path, str(tmp_path / "**" / "*.*")):
        read = read_events(source, settings=RULES)
        assert read.events.equals(whole.events)
        assert [name for name, _, _ in read.inputs] == ["b.jsonl", "c.parquet", "day=1/a.csv"]
    assert read_events(table.lazy(), settings=RULES).events.equals(whole.events)


def test_columns_may_bear_other_names(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text("author,when,channel,note\nu1,2026-03-01T00:00:00Z,comment,x\n")
    names = {"account_id": "author", "timestamp": "when"}
    read = read_events(path, settings=RULES, columns=names)
    assert read.events["account_id"].to_list() == ["u1"]
    assert "columns that were not used: note" in read.notes
    with pytest.raises(InputError, match="lacks the column `timestamp`, `account_id`; it has `author`"):
        read_events(path, settings=RULES, columns={})
    with pytest.raises(InputError, match="lacks the column `writer`"):
        read_events(path, settings=RULES, columns={**names, "account_id": "writer"})
    with pytest.raises(ConfigError, match="`author` is no column of this table"):
        read_events(path, settings=RULES, columns={"author": "account_id"})


def test_settings_may_name_columns() -> None:
    table = pl.DataFrame({"author": ["u1"], "when": ["2026-03-01T00:00:00Z"], "channel": ["comment"]})
    named = settings_from({"read": {"columns": ["account_id=author", "timestamp=when"]}}).read
    assert read_events(table, settings=named).events["account_id"].to_list() == ["u1"]
    with pytest.raises(InputError, match=r"say which column stands for which \(`--column timestamp="):
        read_events(table, settings=RULES)
    for wrong, message in (
        (("timestamp",), "`timestamp` names no column for another"),
        (("=when",), "`=when` names no column"),
        (("timestamp=when", "timestamp=author"), "a column is named twice"),
        (("moment=when",), "`moment` is no column of this table"),
    ):
        with pytest.raises(ConfigError, match=message):
            read_events(table, settings=ReadSettings(columns=wrong))


def test_inputs_are_named_with_their_digest(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_bytes(b"account_id,timestamp,channel\na,2026-03-01T00:00:00Z,post\n")
    [(name, digest, size)] = read_events(path, settings=RULES).inputs
    # sha256sum of these 57 bytes, by coreutils
    assert (name, size) == ("e.csv", 57)
    assert digest == "64631795ca140ee8bbcd70f69ddfa0117e2a56ba61a19586e320f8a2f416c628"
