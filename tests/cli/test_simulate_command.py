"""`graphkit simulate`: a world on the disk that `detect` can be run on, and plans changed by hand."""

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from graphkit.cli import app
from graphkit.errors import ConfigError
from graphkit.simulate import PLANS, Kind, chosen_plans, read_plans, with_changes
from graphkit.tables import EVENTS


def _call(*words: str) -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["simulate", *words], catch_exceptions=False)
    return answer.exit_code, answer.output


def test_a_world_is_written_with_its_truth_and_the_same_again(quarter_hour: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        words = ("--plan", "lockstep", "--plan", "friends", "--set", "lockstep.n_accounts=7", "--seed", "3")
        code, output = _call(str(quarter_hour), "--out", str(tmp_path / name), *words)
        assert code == 0, output
    assert "2 groups with 15 new accounts" in output
    events = pl.read_parquet(tmp_path / "one" / "events.parquet")
    assert EVENTS.is_valid(events)
    truth = pl.read_parquet(tmp_path / "one" / "truth.parquet")
    assert dict(truth["group_id"].value_counts().rows()) == {"lockstep": 7, "friends": 8}
    manifests = [json.loads((tmp_path / name / "manifest.json").read_text()) for name in ("one", "two")]
    assert manifests[0]["outputs"] == manifests[1]["outputs"]
    assert manifests[0]["plans"]["lockstep"]["n_accounts"] == 7
    assert manifests[0]["seed"] == 3


def test_the_list_names_every_plan() -> None:
    code, output = _call("--list")
    assert code == 0
    assert [line.partition(":")[0] for line in output.splitlines()] == list(PLANS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--plan", "pod_hour"], "unknown plan `pod_hour`; did you mean `pod_hours`?"),
        (["--plan", "friends", "--set", "friends.size=3"], "a plan has no `size`"),
        (["--plan", "friends", "--set", "friend.events=3"], "did you mean `friends`?"),
        (["--plan", "friends", "--set", "events=3"], "write `plan.field=value`"),
        (["--plan", "friends", "--set", "friends.events=many"], "`events` must be int, not str"),
        (["--plan", "chorus"], "only 0 chats of the 4 needed"),
    ],
)
def test_what_cannot_be_planted_is_told(
    quarter_hour: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    code, output = _call(str(quarter_hour), "--out", str(tmp_path / "out"), *words)
    assert code == 2
    assert said in output
    assert not (tmp_path / "out").exists()


def test_a_background_is_asked_for(tmp_path: Path) -> None:
    assert _call()[0] == 2


def test_plans_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "plans.toml"
    path.write_text('[slow]\nlike = "pod_hours"\nlatency_s = 9000\n\n[mine]\nkind = "meme"\nn_accounts = 9\n')
    plans = read_plans(path)
    assert (plans["slow"].latency_s, plans["slow"].n_accounts) == (9000.0, PLANS["pod_hours"].n_accounts)
    assert (plans["mine"].kind, plans["mine"].n_accounts) == (Kind.MEME, 9)
    path.write_text("[mine]\nn_accounts = 9\n")
    with pytest.raises(ConfigError, match="either `like`, the name of a preset, or `kind`"):
        read_plans(path)


def test_a_plan_named_twice_is_planted_twice() -> None:
    plans = with_changes(chosen_plans(["friends", "friends"]), ["friends-2.events=5", "*.mixed=true"])
    assert {name: plan.events for name, plan in plans.items()} == {"friends": 20, "friends-2": 5}
    assert all(plan.mixed for plan in plans.values())
