"""Who the ordinary accounts are: by hand, with a signal that says what it was told."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl
import pytest
from casework import case, table

from graphkit.signals.base import Case, Ceiling, Signal
from graphkit.signals.known import reference_of
from graphkit.signals.reference import fitted
from graphkit.signals.standing import Yardstick, ranked, yardstick
from graphkit.tables import ACCOUNTS, MEASURES
from graphkit.words import Direction, Family, Grade, Subject

Values = Mapping[str, tuple[float, int]]
# Four hundred people elsewhere with the values .005, .010, ..., 2.
PEOPLE = {f"e{n:03d}": (n / 200, 8) for n in range(1, 401)}


def answered(values: Values) -> pl.DataFrame:
    rows: list[tuple[object, ...]] = [
        ("speed", name, value, n, None, []) for name, (value, n) in values.items()
    ]
    return MEASURES.check(pl.DataFrame(rows, schema=MEASURES.empty().schema, orient="row"))


def speed(fewer: Values | None = None) -> Signal:
    """A signal with stand-ins, if they are told."""

    def stand_ins(of: Case) -> pl.DataFrame:
        return answered(fewer or {}).drop("signal")

    return Signal(
        name="speed",
        family=Family.TIME,
        subject=Subject.ACCOUNT,
        question="fast?",
        unit="x",
        direction=Direction.HIGH,
        minimum_n=5,
        measure=lambda of: MEASURES.empty().drop("signal"),
        explain=lambda value, n: f"{value}",
        settles=fewer is not None,
        stand_ins=stand_ins if fewer is not None else None,
    )


def place(values: Values) -> Case:
    """A platform of these accounts, one event each."""
    return case(table([(float(row), name, "o1", None) for row, name in enumerate(values)]))


def elsewhere() -> pl.DataFrame:
    return fitted(answered(PEOPLE), PEOPLE, source="elsewhere")


def stands(values: Values, signal: Signal, *, among: Values | None = None) -> dict[str, tuple[str, bool]]:
    """Grade, and whether people elsewhere gave it; `among` are further people of the place."""
    everyone = {**values, **(among or {})}
    of, asked = place(everyone), answered(values)
    marks = yardstick(of, asked, elsewhere=elsewhere(), signals=[signal])
    shown = ranked(asked, marks, of.settings, signals=[signal])
    return {row[0]: (row[1], row[2]) for row in shown.select("account_id", "grade", "outside").rows()}


def crowd(size: int, value: float = 1.0) -> dict[str, tuple[float, int]]:
    return {f"p{n:04d}": (value, 8) for n in range(size)}


def test_a_tenth_of_tools_is_no_measure_of_tools() -> None:
    # 400 people at 1 and 40 tools at 20: with the tools among the ordinary, 40 of 440 would be as fast (9 %).
    # People elsewhere reach 2, so the tools are left out; then 0 of 400 are: 1/401 is strong, and only the
    # size of the reference (at least 300, not 1,000) keeps it at moderate.
    tools = {f"t{n}": (20.0, 8) for n in range(40)}
    found = stands({**crowd(400), **tools}, speed())
    assert {found[name] for name in tools} == {("moderate", False)}
    assert {found[name] for name in crowd(400)} == {("none", False)}


def test_accounts_left_out_are_named() -> None:
    of = place({**crowd(30), "t": (20.0, 8), "said": (1.0, 8), "known": (1.0, 8)})
    told = ACCOUNTS.check(
        pl.DataFrame(
            [{**dict.fromkeys(ACCOUNTS.column_names()), "account_id": "said", "automation_disclosed": True}],
            schema=ACCOUNTS.empty().schema,
        )
    )
    asked = answered({**crowd(30), "t": (20.0, 8), "said": (1.0, 8), "known": (1.0, 8)})
    marks = yardstick(
        replace(of, accounts=told), asked, suspects=["known"], elsewhere=elsewhere(), signals=[speed()]
    )
    assert marks.candidates == ("t",)
    assert marks.ordinary == tuple(sorted(crowd(30)))
    assert marks.own["n_accounts"].to_list() == [30]


def test_people_elsewhere_rank_where_the_own_are_too_few() -> None:
    # 30 own people at 1 bear a weak grade at most; of the 400 elsewhere nobody reaches 3.
    assert stands({**crowd(30), "t": (3.0, 8)}, speed())["t"] == ("moderate", True)
    # Nobody else answers here at all.
    assert stands({"t": (3.0, 8)}, speed())["t"] == ("moderate", True)


def test_what_enough_of_the_few_do_is_not_unusual_here() -> None:
    # Three of the other 30 are as fast, but no faster than 2, so they are no candidates: (3 + 1) / 31 > .05.
    few = {**crowd(27), **{f"q{n}": (1.95, 8) for n in range(3)}}
    assert stands({**few, "t": (1.95, 8)}, speed())["t"][1] is False


@pytest.mark.parametrize(("size", "grade"), [(298, "weak"), (299, "moderate"), (2000, "moderate")])
def test_stand_ins_bear_a_moderate_grade_at_most(size: int, grade: str) -> None:
    # Own people with one or two events, all at 1, and `t` itself; the value is not unusual elsewhere (400
    # reach 2).
    fewer = dict.fromkeys(crowd(size), (1.0, 2))
    assert stands({"t": (1.9, 8)}, speed(fewer), among=fewer)["t"] == (grade, False)


def test_stand_ins_serve_those_who_lack_peers_and_nobody_else() -> None:
    # A thousand people with 64 events each: within reach (32 to 63) of nobody with 8. The 300 with two events
    # stand in for those; whoever has 64 events has a thousand peers and may be strong.
    busy = {f"b{n:04d}": (1.0, 64) for n in range(1000)}
    fewer = {f"x{n:03d}": (1.0, 2) for n in range(300)}
    found = stands({**busy, "t": (1.9, 8), "u": (1.9, 64)}, speed(fewer), among=fewer)
    assert found["t"] == ("moderate", False)
    assert found["u"] == ("strong", False)


def test_what_the_few_say_is_kept_where_people_elsewhere_say_more() -> None:
    # Of 400 people here ten reach 1.995 (11/401, weak), of 400 elsewhere two (3/401, moderate). A habit in
    # texts makes nobody a candidate: the ten are ordinary.
    texts = replace(speed(), family=Family.TEXT)
    values = {**crowd(390), **{f"q{n}": (1.995, 8) for n in range(10)}, "t": (1.995, 8), "u": (1.0, 8)}
    of, asked = place(values), answered(values)
    marks = yardstick(of, asked, elsewhere=elsewhere(), signals=[texts])
    shown = ranked(asked, marks, of.settings, signals=[texts])
    found = shown.filter(account_id="t").select("grade", "outside", "quantile", "quantile_here")
    assert found.rows() == [
        ("moderate", True, pytest.approx(3 / 401), pytest.approx(11 / 402)),
    ]
    assert shown.filter(account_id="u").select("outside", "quantile_here").rows() == [(False, None)]


def test_stand_ins_are_not_asked_where_enough_answer() -> None:
    fewer = {f"x{n}": (50.0, 2) for n in range(500)}
    of = place({**crowd(300), **fewer})
    marks = yardstick(of, answered(crowd(300)), elsewhere=elsewhere(), signals=[speed(fewer)])
    assert marks.own["n_accounts"].to_list() == [300]


def test_a_kept_reference_speaks_for_its_own_platform_only() -> None:
    kept = reference_of(elsewhere(), place({"t": (3.0, 8)}).settings, {"platform": "there"})
    asked, of = answered({"t": (3.0, 8)}), place({"t": (3.0, 8)})

    def marks(platform: str) -> Yardstick:
        return yardstick(of, asked, reference=kept, platform=platform, signals=[speed()])

    assert marks("there").own.equals(kept.values)
    for platform in ("", "here"):
        assert marks(platform).own.is_empty()
        assert marks(platform).elsewhere.equals(kept.values)
        shown = ranked(asked, marks(platform), of.settings, signals=[speed()])
        assert shown.select("grade", "outside").rows() == [("moderate", True)]


def test_no_signals_are_no_standing() -> None:
    of, asked = place(crowd(3)), answered({})
    marks = yardstick(of, asked, elsewhere=elsewhere(), signals=[])
    assert ranked(asked, marks, of.settings, signals=[]).is_empty()
    assert marks.ordinary == tuple(sorted(crowd(3)))


def test_what_is_beyond_all_people_is_graded_here_and_is_no_measure_of_anybody() -> None:
    # Ten accounts are no reference. People elsewhere reach 2; from 3 on no person does.
    asked = replace(speed(), beyond=lambda chosen: Ceiling(3.0, float("inf")), most=Grade.MODERATE)
    values = {f"p{n}": (1.0, 8) for n in range(9)} | {"machine": (3.0, 9000)}
    of = place(values)
    marks = yardstick(of, answered(values), elsewhere=elsewhere(), signals=[asked])
    assert marks.candidates == ("machine",)
    found = ranked(answered(values), marks, of.settings, signals=[asked]).filter(account_id="machine")
    assert found.select("grade", "quantile", "outside").rows() == [("moderate", None, False)]
