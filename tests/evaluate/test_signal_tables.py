"""The measured part of judgement: by hand where numbers are small, and the command on made-up logs."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from graphkit import cli
from graphkit.evaluate import together
from graphkit.evaluate.leave_one_out import auc
from graphkit.evaluate.operators import OPERATORS, summed
from graphkit.judgement import policy
from graphkit.words import Direction

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LETTERS = "abcdefghijklmnopqrstuvwxyz      "


def log(path: Path, n_accounts: int, *, seed: int, gap_s: float, characters: tuple[int, int]) -> Path:
    """Accounts that write thirty comments each, `gap_s` apart on average, on forty posts."""
    chance = random.Random(seed)
    rows = []
    for account in range(n_accounts):
        at = chance.random() * 3600
        for step in range(30):
            at += gap_s * (0.5 + chance.random())
            rows.append(
                {
                    "event_id": f"{account}-{step}",
                    "timestamp": NOON + timedelta(seconds=at),
                    "channel": "comment",
                    "account_id": f"p{account:03d}",
                    "object_id": f"o{chance.randrange(40)}",
                    "text": "".join(chance.choices(LETTERS, k=chance.randint(*characters))),
                }
            )
    pl.DataFrame(rows).write_parquet(path)
    return path


def _invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("signals")
    here = log(folder / "here.parquet", 400, seed=1, gap_s=120, characters=(20, 160))
    there = log(folder / "there.parquet", 400, seed=2, gap_s=120, characters=(20, 160))
    # Twenty keys a second, and texts of about one length.
    agents = log(folder / "agents.parquet", 30, seed=3, gap_s=6, characters=(130, 140))
    answer = _invoke(
        *("evaluate-signals", here, there, "--agents", agents, "--seeds", "2"),
        *("--out", folder / "out", "--page", folder / "page.md"),
    )
    assert answer.exit_code == 0, answer.output
    return folder


def results(folder: Path) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = json.loads((folder / "out" / "results.json").read_text())
    return found


def test_agents_among_people_are_found_and_people_are_not(measured: Path) -> None:
    for row in results(measured)["transfer"]:
        # Two worlds, 5 % of 400 accounts in each.
        assert row["agents"] == 40
        assert row["agents_warn"] == row["agents"]
        assert row["people_warn"] == row["people_limit"] == 0


def test_everybody_is_in_one_stratum_of_each_kind(measured: Path) -> None:
    strata = [row for row in results(measured)["strata"] if row["platform"] == "here"]
    people = {str(row["stratum"]): row["people"] for row in strata}
    assert people["all"] == people["20 to 99 events"] == people["mostly comment"] == 400
    assert people["texts in other scripts"] == 400


def test_one_platform_is_tested_with_the_other(measured: Path) -> None:
    rows = {(row["platform"], row["signal"]): row for row in results(measured)["by_signal"]}
    rate = rows["here", "output_rate"]
    assert (rate["people"], rate["agents"], rate["auc"], rate["agents_moderate"]) == (400, 30, 1.0, 1.0)
    assert float(str(rate["people_moderate"])) < 0.05


def test_the_page_is_written_twice_and_says_what_escapes(measured: Path) -> None:
    page = (measured / "page.md").read_text()
    assert page == (measured / "out" / "judgement.md").read_text()
    assert "two minutes between comments: 0% at `warn`" in page
    assert all(operator.name in page for operator in OPERATORS)


def test_a_second_call_measures_nothing_again(measured: Path) -> None:
    journal = (measured / "out" / "signals.jsonl").read_bytes()
    before = (measured / "out" / "results.json").read_bytes()
    logs = [measured / f"{name}.parquet" for name in ("here", "there")]
    agents = ("--agents", measured / "agents.parquet")
    answer = _invoke("evaluate-signals", *logs, *agents, "--seeds", "2", "--out", measured / "out", "--quiet")
    assert answer.exit_code == 0, answer.output
    assert (measured / "out" / "signals.jsonl").read_bytes() == journal
    assert (measured / "out" / "results.json").read_bytes() == before


def test_one_platform_alone_is_no_test(measured: Path) -> None:
    answer = _invoke(
        *("evaluate-signals", measured / "here.parquet", "--agents", measured / "agents.parquet"),
        *("--out", measured / "none"),
    )
    assert answer.exit_code == 2
    assert "two platforms of people or more" in answer.output


def test_people_of_one_platform_are_moved_among_those_of_the_other(measured: Path) -> None:
    rows = results(measured)["newcomers"]
    assert {(row["from"], row["platform"]) for row in rows} == {("here", "there"), ("there", "here")}
    # Both write alike: 5 % of 400 accounts, and nobody is warned.
    assert [(row["agents"], row["agents_warn"], row["people_warn"]) for row in rows] == [(20, 0, 0)] * 2


def test_who_is_as_rare_and_why_others_are_missed_by_hand() -> None:
    def answer(
        account: str, signal: str, grade: str, tail: float | None, outside: bool = False
    ) -> tuple[object, ...]:
        return (account, signal, grade, tail, outside)

    names = ["account_id", "signal", "grade", "quantile", "outside"]
    placed = pl.DataFrame(
        [
            # .02 x .006 is .0012 together: `a` is as rare as that. Spam voids the speed of `b`, only people
            # elsewhere speak of the texts of `c`, and of `d` and `e` nothing that tells much was measured.
            answer("a", "output_rate", "weak", 0.02),
            answer("a", "style", "moderate", 0.006),
            answer("b", "output_rate", "moderate", 0.006),
            answer("b", "self_reuse", "moderate", None),
            answer("c", "output_rate", "none", 0.3),
            answer("c", "style", "moderate", 0.006, outside=True),
            answer("d", "heartbeat", "none", 0.3),
        ],
        schema=names,
        orient="row",
    ).with_columns(pl.lit(None, pl.Float64).alias("quantile_here"))
    rules = policy("generic")
    weighed = together.ranks(placed, rules)
    assert together.as_rare(weighed, ["a", "b", "c", "d"]) == {"asked": 2, "0.0025": 1, "0.01": 1, "0.05": 1}
    found = together.reasons(weighed, rules, ["a", "b", "c", "d", "e"])
    assert {(row["T"], row["X"]): row["accounts"] for row in found} == {
        (together.UNMEASURED, together.UNMEASURED): 2,
        (together.WEAK, together.FOUND): 1,
        (together.VOID, together.UNMEASURED): 1,
        (together.ORDINARY, together.ELSEWHERE): 1,
    }


def test_auc_by_hand() -> None:
    # Of the pairs (2, 1), (2, 2), (2, 3), (4, 1), (4, 2), (4, 3): four won, one tied, one lost.
    unusual, ordinary = pl.Series([2.0, 4.0]), pl.Series([1.0, 2.0, 3.0])
    assert auc(unusual, ordinary, Direction.HIGH) == pytest.approx(4.5 / 6)
    assert auc(unusual, ordinary, Direction.LOW) == pytest.approx(1.5 / 6)
    assert auc(unusual.head(0), ordinary, Direction.HIGH) is None


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
def test_an_operator_waits_as_its_name_says(operator: object) -> None:
    named = next(one for one in OPERATORS if one is operator)
    waits = named.waits(np.random.default_rng(1), np.full(2000, 100.0))
    middle = {"a minute": 60.0, "two minutes": 120.0, "waits of 5": 6.5, "log-normal": 30.0}
    wanted = next((value for start, value in middle.items() if named.name.startswith(start)), None)
    # Reading 100 keys at 25 a second takes four seconds, and one to three to begin; all others take 4 to 12.
    wanted = wanted or (6.0 if "reading" in named.name else 8.0)
    assert float(np.median(waits)) == pytest.approx(wanted, rel=0.06)
    assert (waits > 0).all()


def test_operators_are_summed_over_seeds() -> None:
    name = OPERATORS[0].name
    one = {"accounts": 10, "watch": 10, "warn": 10, "T": 10, "X": 5}
    other = {**one, "warn": 0}
    blank = {operator.name: one for operator in OPERATORS}
    row = summed({"1": blank, "2": {**blank, name: other}})[0]
    # Half are at `warn`; the fifth percentile of 0 and 1 lies at .05.
    assert (row["accounts"], row["warn"], row["X"]) == (20, 0.5, 0.5)
    assert row["warn_p05"] == pytest.approx(0.05)
