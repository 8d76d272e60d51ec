"""Values among ordinary accounts: quantiles by counting, grades by what the reference can bear."""

from dataclasses import replace

import polars as pl
import pytest
from casework import graded, town
from hypothesis import given
from hypothesis import strategies as st

from graphkit.settings import SignalSettings
from graphkit.signals import SIGNALS, Ceiling, output_rate, waking
from graphkit.signals.base import Case, Signal
from graphkit.signals.known import reference_of
from graphkit.signals.reference import fitted, placed, shipped, thinned
from graphkit.tables import MEASURES
from graphkit.words import Direction, Family, Grade, Subject

SETTINGS = SignalSettings()
GRADES = [Grade.NONE.value, Grade.WEAK.value, Grade.MODERATE.value, Grade.STRONG.value]


def nothing(of: Case) -> pl.DataFrame:
    return MEASURES.empty().drop("signal")


def signal(direction: Direction = Direction.HIGH) -> Signal:
    return Signal(
        "speed",
        Family.TIME,
        Subject.ACCOUNT,
        "fast?",
        "x",
        direction,
        1,
        nothing,
        lambda value, n: f"{value}",
    )


def answered(values: dict[str, tuple[float, int]], name: str = "speed") -> pl.DataFrame:
    return MEASURES.check(
        pl.DataFrame(
            {
                "signal": [name] * len(values),
                "account_id": list(values),
                "value": [value for value, _ in values.values()],
                "n": [n for _, n in values.values()],
                "expected": [None] * len(values),
                "event_ids": [[]] * len(values),
            },
            schema_overrides={"expected": pl.Float64, "event_ids": pl.List(pl.String)},
        )
    )


def crowd(size: int, n: int = 8) -> dict[str, tuple[float, int]]:
    """Ordinary accounts with the values 1, 2, ..., size."""
    return {f"p{value:05d}": (float(value), n) for value in range(1, size + 1)}


def grade(size: int, value: float, *, outside: bool = False, n: int = 8) -> tuple[float | None, str]:
    ordinary = crowd(size)
    measured = answered({**ordinary, "suspect": (value, n)})
    row = placed(
        measured,
        fitted(measured, ordinary, source="own"),
        [signal()],
        SETTINGS,
        ordinary=ordinary,
        outside=outside,
    )
    found = row.filter(account_id="suspect").select("quantile", "grade").row(0)
    return found[0], found[1]


def test_the_quantile_is_never_zero() -> None:
    # Nobody of 999 is as fast: (0 + 1) / (999 + 1).
    assert grade(999, 5000.0)[0] == pytest.approx(0.001)
    # 10 of 999 are as fast or faster: 990 to 999.
    assert grade(999, 990.0)[0] == pytest.approx(11 / 1000)


def test_a_small_reference_limits_the_grade() -> None:
    assert [grade(size, 1e9)[1] for size in (1000, 999, 300, 299, 20)] == [
        Grade.STRONG,
        Grade.MODERATE,
        Grade.MODERATE,
        Grade.WEAK,
        Grade.WEAK,
    ]
    assert grade(19, 1e9) == (None, Grade.ABSENT)


def test_a_reference_from_elsewhere_ranks_only() -> None:
    assert grade(5000, 1e9, outside=True)[1] == Grade.MODERATE


def test_accounts_are_compared_at_equal_n() -> None:
    # Strata 8 to 15 and, by pooling, 2 to 63; nothing is known of accounts with a thousand events.
    assert grade(5000, 1e9, n=15)[1] == Grade.STRONG
    assert grade(5000, 1e9, n=63)[1] == Grade.STRONG
    assert grade(5000, 1e9, n=1000) == (None, Grade.ABSENT)


def test_an_account_is_left_out_of_its_own_reference() -> None:
    ordinary = crowd(1000)
    measured = answered(ordinary)
    row = placed(measured, fitted(measured, ordinary, source="own"), [signal()], SETTINGS, ordinary=ordinary)
    # The fastest of a thousand: none of the other 999 is as fast.
    assert row.filter(account_id="p01000")["quantile"].to_list() == [pytest.approx(1 / 1000)]
    # The slowest: all the other 999 are.
    assert row.filter(account_id="p00001")["quantile"].to_list() == [1.0]


def test_what_falls_short_of_the_floor_is_no_evidence() -> None:
    ordinary = crowd(1100)
    measured = answered({**ordinary, "suspect": (5000.0, 8)})
    reference = fitted(measured, ordinary, source="own")
    grades = []
    for keys in (5000.0, 5001.0):
        settings = replace(SETTINGS, floor_keys_s=keys)
        asked = replace(signal(), floor=lambda chosen: chosen.floor_keys_s)
        row = placed(measured, reference, [asked], settings, ordinary=ordinary).filter(account_id="suspect")
        grades.append(row["grade"][0])
    assert grades == [Grade.STRONG, Grade.NONE]


def test_what_some_people_do_is_moderate_at_most_however_rare() -> None:
    # The fastest of 1,101 is strong by rank: at 7.9 keys/s some typist does it, at 8 hardly anybody.
    ordinary = {f"p{n:04d}": (n / 1100, 8) for n in range(1100)}
    measured = answered({**ordinary, "fast": (7.9, 8), "faster": (8.0, 8)}, "output_rate")
    reference = fitted(measured, ordinary, source="own")
    row = placed(measured, reference, [output_rate.SIGNAL], SETTINGS, ordinary=ordinary)
    found = dict(row.filter(~pl.col("account_id").is_in([*ordinary])).select("account_id", "grade").rows())
    assert found == {"fast": Grade.MODERATE, "faster": Grade.STRONG}


def test_what_is_beyond_all_people_needs_no_ordinary_accounts() -> None:
    # Four accounts are no reference. Three nights and more are moderate, never strong: hands may take turns.
    measured = answered({"b": (71.9, 60), "c": (72.0, 60), "d": (4512.0, 9000), "p": (9.0, 60)}, "awake")
    row = placed(measured, fitted(measured, "p", source="own"), [waking.AWAKE], SETTINGS, ordinary="p")
    found = row.select("account_id", "grade", "quantile", "n_reference").rows()
    assert found == [
        ("b", Grade.ABSENT, None, 1),
        ("c", Grade.MODERATE, None, 0),
        ("d", Grade.MODERATE, None, 0),
        ("p", Grade.ABSENT, None, 1),
    ]


def test_below_all_people_is_beyond_them_where_low_values_are_unusual() -> None:
    # The crowd has 1, 2, ..., 1100; half of that is as low as nobody's, yet .25 alone is beyond.
    ordinary = crowd(1100)
    measured = answered({**ordinary, "low": (0.5, 8), "lower": (0.25, 8)})
    asked = replace(signal(Direction.LOW), beyond=lambda chosen: Ceiling(0.25, 0.0), most=Grade.MODERATE)
    row = placed(measured, fitted(measured, ordinary, source="own"), [asked], SETTINGS, ordinary=ordinary)
    found = row.filter(~pl.col("account_id").is_in([*ordinary])).select("account_id", "grade", "quantile")
    assert found.rows() == [("low", Grade.MODERATE, pytest.approx(1 / 1101)), ("lower", Grade.MODERATE, None)]


def test_a_floor_may_count_the_events_behind_a_share() -> None:
    # One in 30 and two in 35 are both more than anybody's 0; once is an accident.
    ordinary = {f"p{n:04d}": (0.0, 32) for n in range(1000)}
    measured = answered({**ordinary, "once": (1 / 30, 30), "twice": (2 / 35, 35)})
    asked = replace(signal(), floor=lambda chosen: chosen.floor_style_texts, floor_counts=True)
    row = placed(measured, fitted(measured, ordinary, source="own"), [asked], SETTINGS, ordinary=ordinary)
    found = dict(row.filter(~pl.col("account_id").is_in([*ordinary])).select("account_id", "grade").rows())
    assert found == {"once": Grade.NONE, "twice": Grade.STRONG}


def test_accounts_with_fewer_events_stand_in_only_where_values_settle() -> None:
    ordinary = crowd(1100)
    measured = answered({**ordinary, "busy": (5000.0, 4000), "quiet": (5000.0, 1)})
    reference = fitted(measured, ordinary, source="own")
    found = []
    for settles in (False, True):
        asked = replace(signal(), settles=settles)
        row = placed(measured, reference, [asked], SETTINGS, ordinary=ordinary)
        found.append(
            dict(
                row.filter(pl.col("account_id").is_in(["busy", "quiet"])).select("account_id", "grade").rows()
            )
        )
    # The crowd has 8 events each; 1 is in the stratum three below, 4,000 in the eighth above.
    assert found == [
        {"busy": Grade.ABSENT, "quiet": Grade.ABSENT},
        {"busy": Grade.STRONG, "quiet": Grade.ABSENT},
    ]


@given(
    values=st.lists(st.integers(0, 30), min_size=25, max_size=80),
    value=st.integers(0, 30),
    direction=st.sampled_from(Direction),
)
def test_the_quantile_equals_counting(values: list[int], value: int, direction: Direction) -> None:
    ordinary = {f"p{index}": (float(item), 4 + index % 12) for index, item in enumerate(values)}
    measured = answered({**ordinary, "suspect": (float(value), 8)})
    reference = fitted(measured, ordinary, source="own")
    row = placed(measured, reference, [signal(direction)], SETTINGS, ordinary=ordinary).filter(
        account_id="suspect"
    )
    beyond = sum(item >= value if direction == Direction.HIGH else item <= value for item in values)
    assert row["quantile"].to_list() == [pytest.approx((beyond + 1) / (len(values) + 1))]


@given(value=st.integers(0, 1200), more=st.integers(0, 1200))
def test_a_more_unusual_value_never_earns_less(value: int, more: int) -> None:
    lower, higher = sorted((value, more))
    assert GRADES.index(grade(1100, float(lower))[1]) <= GRADES.index(grade(1100, float(higher))[1])


def test_thinning_keeps_the_shape_and_never_overstates() -> None:
    ordinary = crowd(5000)
    measured = answered({**ordinary, "fastest": (1e9, 8), "middle": (2500.0, 8)})
    reference = fitted(measured, ordinary, source="elsewhere")
    fewer = thinned(reference, quantiles=200)
    assert fewer["values"].list.len().to_list() == [200]
    assert fewer["n_accounts"].to_list() == [5000]
    row = placed(measured, fewer, [signal()], SETTINGS, outside=True)
    assert row.filter(account_id="fastest")["quantile"].to_list() == [pytest.approx(1 / 201)]
    assert row.filter(account_id="middle")["quantile"].to_list() == [pytest.approx(0.5, abs=0.01)]


def test_the_shipped_reference_knows_people_for_every_signal_that_needs_one() -> None:
    reference = shipped()
    assert set(reference["signal"]) == {item.name for item in SIGNALS if item.ceiling is None}
    assert reference["values"].list.len().max() <= 200  # type: ignore[operator]


def test_the_shipped_reference_ranks_the_town() -> None:
    elsewhere = reference_of(shipped(), SETTINGS, {"platform": "people elsewhere"})
    shown = graded(town(7), reference=elsewhere)
    rate = shown.filter(signal="output_rate", account_id="fast")
    assert rate["grade"].to_list() == [Grade.MODERATE.value]
    assert "ranks only" in rate["explanation"][0]
    ranked = [item.name for item in SIGNALS if item.ceiling is None]
    assert Grade.STRONG.value not in shown.filter(pl.col("signal").is_in(ranked))["grade"].to_list()
