"""Times: one unit for the whole input, no zone guessed, one range gate."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphkit.errors import ConfigError, InputError
from graphkit.readers.reading import Reading
from graphkit.readers.reads import read_events
from graphkit.settings import ReadSettings

PLAIN = ReadSettings()
# 2026-03-01T00:00:00Z, by `date -d 2026-03-01T00:00:00Z +%s`
SECONDS = 1_772_323_200
MIDNIGHT = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def read(times: pl.Series | Sequence[object], rules: ReadSettings = PLAIN) -> Reading:
    table = pl.DataFrame({"timestamp": times}).with_columns(
        pl.int_range(pl.len()).cast(pl.String).alias("event_id"),
        channel=pl.lit("post"),
        account_id=pl.lit("a"),
    )
    return read_events(table, settings=rules)


def refusals(times: pl.Series | Sequence[object], rules: ReadSettings = PLAIN) -> dict[str, int]:
    return read(times, rules).refusals()


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T00:00:00Z",
        "2026-03-01 00:00:00+00:00",
        "2026-03-01T08:00:00+08:00",
        "2026-03-01T08:00+0800",
        "2026-02-28T19:30:00-04:30",
        "2026-02-28T16:00:00-08",
        "2026-03-01 00:00:00 UTC",
        " 2026-03-01T00:00:00.000Z ",
        str(SECONDS),
        f"{SECONDS}.0",
    ],
)
def test_one_moment_in_many_forms(written: str) -> None:
    assert read([written]).events["timestamp"].to_list() == [MIDNIGHT]


def test_fractions_are_kept_to_the_microsecond() -> None:
    read_back = read(["2026-03-01T00:00:00.1234567Z", f"{SECONDS}.5", "2026-03-01T00:00:00,25Z"]).events
    # .1234567 s is cut to 123456 microseconds
    assert read_back["timestamp"].dt.microsecond().to_list() == [123_456, 250_000, 500_000]


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_the_unit_of_integers_is_found_or_declared(unit: str, factor: int) -> None:
    times = pl.Series([SECONDS * factor, (SECONDS + 1) * factor])
    for rules in (PLAIN, replace(PLAIN, time_unit=unit)):
        expected = [MIDNIGHT, MIDNIGHT + dt.timedelta(seconds=1)]
        assert read(times, rules).events["timestamp"].to_list() == expected
        assert read(times.cast(pl.String), rules).events["timestamp"].to_list() == expected
    wrong = replace(PLAIN, time_unit="ms" if unit != "ms" else "s")
    assert refusals(times, wrong) == {"timestamp_out_of_range": 2}


def test_units_that_are_mixed_are_refused() -> None:
    # 2 of 100 in milliseconds: refused row by row. 10 of 100: more than may be refused, so nobody guesses.
    assert refusals([SECONDS] * 98 + [SECONDS * 1000] * 2) == {"timestamp_out_of_range": 2}
    with pytest.raises(InputError, match="of 100 integer times 90 fit the unit s and 10 the unit ms"):
        read([SECONDS] * 90 + [SECONDS * 1000] * 10)
    # From 1970 on, 1,772,323,200 is a moment in seconds and one in milliseconds.
    with pytest.raises(InputError, match="declare one with the setting `time_unit`"):
        read([SECONDS] * 10, replace(PLAIN, earliest="1970-01-01"))


def test_numbers_far_outside_do_not_wrap_around() -> None:
    far = [2**63 - 1, -(2**63), 0, -1, 4_102_444_800]  # the last is 2100-01-01, the gate's open end
    assert refusals(pl.Series([SECONDS] * 200 + far)) == {"timestamp_out_of_range": 5}
    assert refusals([str(SECONDS)] * 200 + ["9" * 30, "-" + "9" * 30]) == {"timestamp_out_of_range": 2}


@pytest.mark.parametrize(
    "written",
    ["yesterday", "2026-02-30T00:00:00Z", "2026-03-01T25:00:00Z", "03/01/2026", "NaN", "٢٠٢٦-03-01", "1e9"],
)
def test_what_is_no_time_is_refused(written: str) -> None:
    assert refusals(["2026-03-01T00:00:00Z", written]) == {"bad_timestamp": 1}


def test_times_without_a_zone_need_one() -> None:
    naive = ["2026-03-01T08:00:00", "2026-03-01 08:00", "2026-03-01"]
    with pytest.raises(InputError, match="3 times carry no zone; declare one with the setting `time_zone`"):
        read(naive)
    placed = read(naive, replace(PLAIN, time_zone="Asia/Shanghai")).events["timestamp"].to_list()
    assert placed == [MIDNIGHT - dt.timedelta(hours=8), MIDNIGHT, MIDNIGHT]
    # One among others that have a zone is a fault of its row.
    assert refusals([*naive[:1], "2026-03-01T00:00:00Z"]) == {"no_time_zone": 1}


def test_the_hours_of_summer_time() -> None:
    berlin = replace(PLAIN, time_zone="Europe/Berlin")
    # On 2026-03-29 there is no 02:30; on 2026-10-25 it comes twice and the first, at UTC+2, is taken.
    assert refusals(["2026-03-29T02:30:00"], berlin) == {"bad_timestamp": 1}
    twice = read(["2026-10-25T02:30:00"], berlin).events["timestamp"].to_list()
    assert twice == [dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_typed_times_are_converted_and_gated(unit: str) -> None:
    instants = pl.Series([MIDNIGHT]).dt.cast_time_unit(unit)  # type: ignore[arg-type]
    elsewhere = instants.dt.convert_time_zone("America/New_York")
    assert read(elsewhere).events["timestamp"].to_list() == [MIDNIGHT]
    naive = instants.dt.replace_time_zone(None)
    with pytest.raises(InputError, match="carry no zone"):
        read(naive)
    assert read(naive, replace(PLAIN, time_zone="UTC")).events["timestamp"].to_list() == [MIDNIGHT]
    ends = pl.Series([-(2**62), 2**62], dtype=pl.Int64).cast(pl.Datetime(unit, "UTC"))  # type: ignore[arg-type]
    assert refusals(ends) == {"timestamp_out_of_range": 2}


def test_float_seconds_and_days_are_times() -> None:
    assert read(pl.Series([SECONDS + 0.5])).events["timestamp"].dt.microsecond().to_list() == [500_000]
    assert refusals(pl.Series([float(SECONDS), float("nan"), None])) == {"missing_timestamp": 2}
    days = pl.Series([dt.date(2026, 3, 1)])
    assert read(days, replace(PLAIN, time_zone="UTC")).events["timestamp"].to_list() == [MIDNIGHT]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"time_unit": "minutes"}, "`time_unit` is `minutes`"),
        ({"time_zone": "Mars/Base"}, "`time_zone` is `Mars/Base`"),
        ({"earliest": "long ago"}, "`earliest` is `long ago`"),
        ({"earliest": "2100-01-01"}, "`earliest` .* must be before `latest`"),
    ],
)
def test_settings_that_make_no_sense(change: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read(["2026-03-01T00:00:00"], replace(PLAIN, **{"time_zone": "UTC", **change}))  # type: ignore[arg-type]


@settings(max_examples=50, deadline=None)
@given(
    moment=st.datetimes(dt.datetime(1990, 1, 2), dt.datetime(2099, 12, 30)),  # noqa: DTZ001
    east=st.integers(-14 * 60, 14 * 60),
)
def test_python_and_graphkit_read_one_moment_alike(moment: dt.datetime, east: int) -> None:
    aware = moment.replace(tzinfo=dt.timezone(dt.timedelta(minutes=east)))
    assert read([aware.isoformat()]).events["timestamp"].to_list() == [aware.astimezone(dt.UTC)]
