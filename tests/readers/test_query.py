"""A real SQLite database read through DB-API, and other connections that answer like one."""

import datetime as dt
import decimal
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from graphkit.errors import InputError
from graphkit.readers.reads import read_events, read_query
from graphkit.settings import ReadSettings

HOSTILE = Path(__file__).resolve().parents[2] / "fixtures" / "hostile"
PLAIN = ReadSettings()
COLUMNS = "event_id, timestamp, channel, account_id, target_id, object_id, parent_id, text"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "events.sqlite")) as connection:
        connection.execute(f"create table log ({COLUMNS})")
        yield connection


def test_a_database_gives_the_same_events_as_a_file(database: sqlite3.Connection) -> None:
    expected = read_events(HOSTILE / "events.ndjson", settings=PLAIN).events
    rows = [[str(cell) if cell is not None else None for cell in row] for row in expected.rows()]
    database.executemany("insert into log values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    read = read_query("select * from log", database, settings=PLAIN)
    assert read.events.equals(expected)
    assert read.rows_read == 118
    [(name, digest, _)] = read.inputs
    again = read_query("select * from log order by random()", database, settings=PLAIN)
    assert (name, digest) == ("query", again.inputs[0][1])
    one = read_query("select * from log where account_id = ?", database, settings=PLAIN, parameters=("007",))
    assert set(one.events["account_id"]) == {"007"}


def test_values_that_differ_in_type_stay_apart(database: sqlite3.Connection) -> None:
    # SQLite types each value: the integer 7 and the text '007' are two accounts.
    rows = [
        (1, 1772323200, "post", 7),
        ("2", "1772323201", "post", "007"),
        (3, 1772323202, "post", 2**62 + 1),
    ]
    database.executemany(
        "insert into log (event_id, timestamp, channel, account_id) values (?, ?, ?, ?)", rows
    )
    read = read_query("select * from log", database, settings=PLAIN)
    assert read.events["account_id"].to_list() == ["7", "007", "4611686018427387905"]
    assert read.events["event_id"].to_list() == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("select * from nowhere", "the query failed: no such table"),
        ("delete from log", "gives no rows to read"),
        ("select *, account_id from log", "names the column `account_id` twice"),
        ("select * from log", "holds no rows"),
        (
            "select 1.5 as account_id, 'post' as channel, 0 as timestamp",
            "gives `account_id` as float; cast it to text",
        ),
        ("select x'00' as account_id, 'post' as channel, 0 as timestamp", "gives `account_id` as bytes"),
        ("select 1 as account_id", "lacks the column `timestamp`, `channel`"),
    ],
)
def test_queries_that_give_no_events(database: sqlite3.Connection, query: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_query(query, database, settings=PLAIN)


class _Typed:
    """A connection such as those of servers, which give times, decimals and UUIDs as Python objects."""

    class Error(Exception):
        """What this database raises."""

    def __init__(self, rows: list[tuple[object, ...]]) -> None:
        self.rows = rows
        self.description = [(name.strip(),) for name in COLUMNS.split(",")[:4]]

    def cursor(self) -> "_Typed":
        return self

    def execute(self, query: str, parameters: object) -> None:
        if not self.rows:
            raise self.Error("connection lost")

    def fetchmany(self, size: int) -> list[tuple[object, ...]]:
        taken, self.rows = self.rows[:2], self.rows[2:]
        return taken

    def close(self) -> None:
        self.rows = []


def test_typed_values_are_written_exactly() -> None:
    shanghai = dt.timezone(dt.timedelta(hours=8))
    name = uuid.UUID(int=7)
    rows: list[tuple[object, ...]] = [
        (name, dt.datetime(2026, 3, 1, 8, tzinfo=shanghai), "post", "a"),
        ("2", decimal.Decimal("1772323200.5"), "post", "a"),
        ("3", 1772323201.25, "post", "a\ud83d"),
    ]
    read = read_query("select", _Typed(rows), settings=PLAIN)
    assert read.events["event_id"].to_list() == [str(name), "2"]
    assert read.events["timestamp"].dt.epoch("us").to_list() == [1_772_323_200_000_000, 1_772_323_200_500_000]
    assert read.refusals() == {"control_character": 1}
    assert read.quarantine["position"].to_list() == [3]
    with pytest.raises(InputError, match="the query failed: connection lost"):
        read_query("select", _Typed([]), settings=PLAIN)
