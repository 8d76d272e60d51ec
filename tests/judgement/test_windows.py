"""Whether evidence lasts: the periods and the counts, by hand."""

from datetime import timedelta

import polars as pl
from judgement_cases import START, events, evidence, line

from graphkit.judgement import periods, policy, windows

POLICY = policy("generic")


def test_three_equal_windows_hold_every_event_once() -> None:
    log = events({"a": 31}, days=30.0)
    parts = periods(log, POLICY)
    assert len(parts) == 3
    assert parts[0][0] == START
    held = [log.filter(pl.col("timestamp").is_between(*part, closed="left")).height for part in parts]
    # One event a day from day 0 to day 30: days 0-10 (ten days and a microsecond), 11-20, 21-30.
    assert held == [11, 10, 10]


def test_a_short_period_is_one_occasion() -> None:
    assert periods(events({"a": 10}, days=2.9), POLICY) == []
    assert len(periods(events({"a": 10}, days=3.0), POLICY)) == 3
    assert periods(events({}), POLICY) == []


def test_a_window_counts_when_two_own_families_are_moderate() -> None:
    both = [line("a", "T", "strong"), line("a", "X", "moderate")]
    one = [line("a", "T", "strong"), line("a", "X", "weak")]
    parts = [evidence(*both, line("b", "T", "strong")), evidence(*one), evidence(*both), evidence()]
    assert windows(parts, POLICY).rows() == [("a", 3, 2), ("b", 1, 0)]


def test_what_a_group_says_is_no_evidence_of_a_window() -> None:
    part = evidence(line("a", "T", "strong"), line(None, "C", "strong", ring="r"))
    assert windows([part], POLICY).rows() == [("a", 1, 0)]


def test_no_windows_are_an_empty_table() -> None:
    none = windows([], POLICY)
    assert none.is_empty()
    assert none.columns == ["account_id", "n_windows", "n_windows_with_evidence"]
    assert periods(events({"a": 1}), POLICY) == []
    assert timedelta(hours=POLICY.windows.minimum_hours) == timedelta(days=1)
