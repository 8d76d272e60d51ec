"""What a coarse clock may not be asked: nobody is in step because everybody stands at midnight."""

import random
from datetime import timedelta

import polars as pl
import pytest
from casework import NOON, Row, answers, case, graded, ring, sentence, table

from graphkit.engine.clock import clocked, coarse, grain_s
from graphkit.settings import SignalSettings
from graphkit.signals import chorus, heartbeat, lockstep, output_rate, provenance, waking
from graphkit.signals.base import Signal
from graphkit.signals.reference import placed
from graphkit.tables import ACCOUNTS, EVENTS, MEASURES
from graphkit.words import Grade

SETTINGS = SignalSettings()
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
LOCKSTEPS = [lockstep.LOCKSTEP, lockstep.RING_LOCKSTEP]


def microseconds(seconds: list[float]) -> pl.Series:
    return pl.Series([int(second * 1_000_000) for second in seconds])


@pytest.mark.parametrize(
    ("seconds", "grain"),
    [
        ([7.123457 * n for n in range(1, 300)], 0.0),
        ([7.0 * n for n in range(300)], 1.0),
        # Minutes, in whose first seconds the order is told.
        ([7 * MINUTE * n + 0.03 * (n % 300) for n in range(300)], MINUTE),
        # Half hours, tens and fives of minutes.
        ([30 * MINUTE * n for n in range(300)], 30 * MINUTE),
        ([10 * MINUTE * n for n in range(300)], 10 * MINUTE),
        ([35 * MINUTE * n for n in range(300)], 5 * MINUTE),
        # Hours, and days of a zone that is 5 h 45 behind and has summer time for half of the year.
        ([7 * HOUR * n + 0.75 * HOUR for n in range(300)], HOUR),
        ([DAY * n for n in range(300)], DAY),
        ([DAY * n + 5.75 * HOUR - HOUR * (n > 150) for n in range(300)], DAY),
        # A chat that meets in the evening, on a clock of minutes and of seconds.
        ([DAY * (n // 60) + 7 * MINUTE * (n % 60) for n in range(300)], MINUTE),
        ([DAY * (n // 60) + 61.0 * (n % 60) for n in range(300)], 1.0),
        ([], 0.0),
    ],
)
def test_the_grain_is_the_step_of_nearly_all_times(seconds: list[float], grain: float) -> None:
    assert grain_s(microseconds(seconds)) == grain


def test_each_channel_has_a_clock_of_its_own() -> None:
    rows: list[Row] = [(MINUTE * 7 * n, "ann", "o1", None) for n in range(30)]
    fine: list[Row] = [(7.5 * n, "ann", "o1", None) for n in range(30)]
    both = pl.concat(
        [
            table(rows),
            table(fine, channel="group").with_columns(
                pl.concat_str(pl.lit("g"), "event_id").alias("event_id")
            ),
        ]
    )
    found = clocked(both)
    assert dict(found.select(pl.col("channel").cast(pl.String), "grain_s").unique().rows()) == {
        "comment": 60.0,
        "group": 0.0,
    }
    assert clocked(found) is found


def gathered(step_s: float, *, members: float = 0.0, crowd: float = 0.0) -> list[Row]:
    """Twelve objects, each with three members and then three strangers so many seconds apart."""
    return [
        (step_s * 7 * object_ + gap * place, name, f"o{object_}", None)
        for object_ in range(12)
        for names, gap in (("abc", members), ("xyz", crowd))
        for place, name in enumerate(names)
    ]


@pytest.mark.parametrize("step_s", [MINUTE, HOUR, DAY])
@pytest.mark.parametrize("signal", LOCKSTEPS, ids=lambda one: one.name)
def test_a_clock_of_minutes_or_days_shows_no_lockstep(signal: Signal, step_s: float) -> None:
    together = case(table(gathered(step_s)), ring("abc"))
    assert answers(signal, together) == {}
    assert graded(together, [signal]).is_empty()


def test_two_times_on_the_hour_are_no_clock_of_hours() -> None:
    two, three = (table([(HOUR * i, "a", f"o{i}", None) for i in range(n)]) for n in (2, 3))
    assert coarse(two) == []
    (said,) = coarse(three)
    assert "come in steps of a day" in said


def test_nobody_is_closer_than_a_step_of_the_clock() -> None:
    # On a clock of whole seconds members at one second are up to one second apart.
    events = table([(at + 1.0, *rest) for at, *rest in gathered(100.0, crowd=20.0)])  # type: ignore[misc]
    (line,) = graded(case(events, ring("abc")), [lockstep.RING_LOCKSTEP]).to_dicts()
    assert (line["value"], line["expected"], line["grade"]) == (1.0, 40.0, Grade.STRONG.value)
    # A crowd of seconds is too fast to be told from them.
    quick = table([(at + 1.0, *rest) for at, *rest in gathered(100.0, crowd=1.0)])  # type: ignore[misc]
    assert answers(lockstep.RING_LOCKSTEP, case(quick, ring("abc"))) == {}


def test_without_a_crowd_nothing_is_said_of_lockstep() -> None:
    alone = [row for row in gathered(100.0, members=0.5) if row[1] in "abc"]
    lines = graded(case(table(alone), ring("abc")), LOCKSTEPS)
    assert set(lines["grade"]) == {Grade.ABSENT.value}
    assert lines["explanation"].str.contains("no crowd beside it").all()


@pytest.mark.parametrize(
    ("signal", "value", "expected", "grade"),
    [
        (lockstep.RING_LOCKSTEP, 0.0, 0.0, Grade.NONE),
        (lockstep.RING_LOCKSTEP, 1.0, 3.0, Grade.NONE),
        (lockstep.RING_LOCKSTEP, 1.0, 3.1, Grade.STRONG),
        (lockstep.RING_LOCKSTEP, 1.0, None, Grade.ABSENT),
        (lockstep.LOCKSTEP, 0.75, 0.25, Grade.NONE),
        (lockstep.LOCKSTEP, 0.9, 0.0, Grade.STRONG),
        (lockstep.LOCKSTEP, 0.9, None, Grade.ABSENT),
    ],
)
def test_what_must_stand_out_from_a_crowd_does_so_strictly(
    signal: Signal, value: float, expected: float | None, grade: Grade
) -> None:
    row = {"signal": signal.name, "account_id": "a", "value": value, "n": 20, "expected": expected}
    asked = MEASURES.check(
        pl.DataFrame(
            [{**row, "event_ids": []}],
            schema_overrides={"expected": pl.Float64, "event_ids": pl.List(pl.String)},
        )
    )
    none = pl.DataFrame(schema={"signal": pl.String})
    assert placed(asked, none, [signal], SETTINGS)["grade"].to_list() == [grade.value]


def test_a_clock_of_half_hours_has_no_heartbeat() -> None:
    halves = [(30 * MINUTE * n, "ann", f"o{n}", None) for n in range(60)]
    assert answers(heartbeat.SIGNAL, case(table(halves))) == {}


def test_a_clock_of_hours_knows_no_rhythm_of_minutes() -> None:
    # Every five hours: on a clock of hours everyone's pauses agree.
    steady = [(HOUR * 2 * n, "ann", f"o{n}", None) for n in range(60)]
    assert answers(heartbeat.SIGNAL, case(table(steady))) == {}
    minutes = [(at + MINUTE * 7 * (n % 9), *rest) for n, (at, *rest) in enumerate(steady)]
    assert answers(heartbeat.SIGNAL, case(table(minutes))).keys() == {"ann"}  # type: ignore[arg-type]


def test_a_date_in_the_night_is_no_waking() -> None:
    # Awake from 13 to 19 o'clock; a post of each day is told by its date, which is midnight.
    talk: list[Row] = [
        (DAY * day + MINUTE * (61 + 37 * n), "ann", "o1", None) for day in range(4) for n in range(9)
    ]
    dates: list[Row] = [(DAY * day + 12 * HOUR, "ann", "o1", None) for day in range(4)]
    posts = table(dates, channel="post").with_columns(
        pl.concat_str(pl.lit("p"), "event_id").alias("event_id")
    )
    both = EVENTS.check(pl.concat([table(talk), posts.with_columns(pl.col("text").cast(pl.String))]))
    only = answers(waking.AWAKE, case(table(talk)))
    hours, n = only["ann"]
    assert hours == pytest.approx(37 * 8 / 60)
    assert n == 36
    assert answers(waking.AWAKE, case(both)) == only
    assert answers(waking.HOUR_CEILING, case(table(dates * 9))) == {}


def test_a_text_after_an_event_of_a_coarse_clock_shows_no_speed() -> None:
    texts: list[Row] = [(10.0 * n, "ann", "o1", sentence(random.Random(n), 8)) for n in range(20)]
    fine = table([(at + 0.5, *rest) for at, *rest in texts], channel="group")  # type: ignore[misc]
    assert answers(output_rate.SIGNAL, case(fine)).keys() == {"ann"}
    # Between any two of them an event of whose time only the day is known.
    dated = table([(10.0 * n, "ann", "o1", None) for n in range(20)]).with_columns(
        pl.concat_str(pl.lit("d"), "event_id").alias("event_id"), pl.col("text").cast(pl.String)
    )
    read = clocked(EVENTS.check(pl.concat([fine, dated])))
    coarse = pl.when(pl.col("channel").cast(pl.String) == "comment").then(DAY).otherwise("grain_s")
    assert answers(output_rate.SIGNAL, case(read.with_columns(coarse.alias("grain_s")))) == {}


def test_days_are_no_sessions_of_a_chat() -> None:
    daily: list[Row] = [
        (DAY * day, name, f"c{day % 3}", None) for day in range(9) for name in ("a", "b", "c")
    ]
    assert answers(chorus.SIGNAL, case(table(daily, channel="group"), ring("abc"))) == {}


def test_dates_of_registration_are_no_hour() -> None:
    def born(minutes: int) -> dict[str, tuple[float, int]]:
        opened = pl.DataFrame(
            {
                "account_id": list("abcdefxyz"),
                "created_at": [NOON + timedelta(minutes=minutes * n) for n in range(6)]
                + [NOON + timedelta(days=n) for n in range(3)],
            }
        )
        empty = ACCOUNTS.empty()
        rest = [name for name in ACCOUNTS.column_names() if name not in opened.columns]
        accounts = opened.with_columns(pl.lit(None, empty.schema[name]).alias(name) for name in rest)
        events = table([(0.0, "a", "o1", None)])
        return answers(provenance.BIRTH_BURST, case(events, ring("abcdef"), ACCOUNTS.check(accounts)))

    assert born(0) == {}
    assert born(1)["a"] == (5.0, 5)
