"""Every declared table: what passes, what is refused, in which order its rows stand."""

import inspect

import polars as pl
import pytest

from graphkit import tables
from graphkit.errors import TableError
from graphkit.tables import EDGES, EVENTS, EVIDENCE, QUARANTINE, Table
from graphkit.tables.base import Table as Base

ALL = [
    value
    for _, value in inspect.getmembers(tables, inspect.isclass)
    if issubclass(value, Base) and value is not Base
]

EVENT = {
    "event_id": "e1",
    "timestamp": "2026-03-01T00:00:00Z",
    "channel": "comment",
    "account_id": "a",
    "target_id": None,
    "object_id": "o",
    "parent_id": None,
    "text": None,
}


def events(*changes: dict[str, object]) -> pl.DataFrame:
    strings = pl.Schema(dict.fromkeys(EVENTS.column_names(), pl.String()))
    table = pl.DataFrame([{**EVENT, **change} for change in changes], schema=strings)
    return table.with_columns(pl.col("timestamp").str.to_datetime(time_unit="us", time_zone="UTC"))


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.__name__)
def test_the_empty_table_passes_its_own_check(table: type[Table]) -> None:
    empty = table.empty()
    assert empty.height == 0
    assert table.check(empty).schema == empty.schema
    assert set(table.order()) <= set(empty.columns)
    assert table.order()


def test_rows_come_out_sorted_typed_and_without_other_columns() -> None:
    rows = events(
        {"event_id": "b"},
        {"event_id": "a"},
        {"event_id": "z", "timestamp": "2026-02-01T00:00:00Z", "channel": "dm"},
    )
    checked = EVENTS.check(rows.with_columns(extra=1))
    assert checked.columns == EVENTS.column_names()
    assert checked["event_id"].to_list() == ["z", "a", "b"]
    assert checked.schema["channel"] == pl.Enum(["post", "comment", "dm", "group", "share", "reaction"])
    assert checked.schema["timestamp"] == pl.Datetime("us", "UTC")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ([{}, {}], "primary_key"),
        ([{"event_id": ""}], "event_id"),
        ([{"account_id": None}], "account_id"),
        ([{"target_id": ""}], "target_id"),
        ([{"timestamp": None}], "timestamp"),
        ([{"channel": "telegram"}], "channel"),
    ],
)
def test_a_broken_rule_is_named(changes: list[dict[str, object]], rule: str) -> None:
    with pytest.raises(TableError, match=rf"`EVENTS` has rows that break its rules: [\s\S]*{rule}"):
        EVENTS.check(events(*changes))


def test_missing_columns_are_named_together() -> None:
    with pytest.raises(TableError, match="`EVENTS` lacks `timestamp`, `text`"):
        EVENTS.check(events({}).drop("text", "timestamp"))


def edge(source: str, target: str, **other: float) -> pl.DataFrame:
    row = {"layer": "feed", "source": source, "target": target, "count": 3, "expected": 0.5}
    return pl.DataFrame([{**row, "p_value": 0.01, "q_value": 0.02, "weight": 4.0, **other}])


def test_an_edge_has_no_direction_and_a_probability_is_one() -> None:
    assert EDGES.check(edge("a", "b")).height == 1
    for broken in (edge("b", "a"), edge("a", "a"), edge("a", "b", p_value=1.5), edge("a", "b", expected=0.0)):
        with pytest.raises(TableError):
            EDGES.check(broken)


@pytest.mark.parametrize("column", ["expected", "p_value", "q_value", "weight"])
def test_no_nan_leaves_a_stage(column: str) -> None:
    # In polars NaN is larger than every number, so a plain comparison would let it through.
    with pytest.raises(TableError):
        EDGES.check(edge("a", "b", **{column: float("nan")}))


def test_one_place_is_refused_once() -> None:
    row = {"source": "e.csv", "position": 2, "rule": "malformed_row", "column": None, "value": None}
    with pytest.raises(TableError, match="primary_key"):
        QUARANTINE.check(pl.DataFrame([row, row]))
    with pytest.raises(TableError, match="position"):
        QUARANTINE.check(pl.DataFrame([{**row, "position": 0}]))


def test_the_evidence_of_a_ring_stands_after_that_of_its_members() -> None:
    row = {
        "signal": "lockstep",
        "family": "T",
        "value": 1.0,
        "unit": "",
        "n": 9,
        "quantile": None,
        "grade": "strong",
    }
    row |= {"bits": 4.0, "explanation": "x", "event_ids": ["e1"]}
    row |= dict.fromkeys(("expected", "lowest", "highest", "n_reference", "outside", "quantile_here"))
    owners = [("r2", "a"), ("r1", None), (None, "z"), ("r1", "b"), ("r1", "a")]
    table = EVIDENCE.check(
        pl.DataFrame([{**row, "ring_id": ring, "account_id": account} for ring, account in owners])
    )
    assert list(zip(table["ring_id"], table["account_id"], strict=True)) == [
        ("r1", "a"),
        ("r1", "b"),
        ("r1", None),
        ("r2", "a"),
        (None, "z"),
    ]
