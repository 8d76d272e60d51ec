"""Policies: complete, exact about their keys, and laid over one another by name."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from graphkit.errors import ConfigError
from graphkit.judgement import policy, policy_from, shipped
from graphkit.judgement.observed import OBSERVED
from graphkit.words import Tier

SHIPPED = ["generic", "xiaohongshu-2026-03"]


def values(**changes: Any) -> dict[str, Any]:
    return {"extends": "generic", **changes}


def rule(**changes: Any) -> dict[str, Any]:
    plain = {
        "name": "mine",
        "tier": "watch",
        "reason": "since it is",
        "conditions": [{"observed": "T", "at_least": "weak"}],
    }
    return {**plain, **changes}


def test_the_shipped_policies_are_these() -> None:
    assert shipped() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_policy_has_rules_for_every_tier_above_clear(name: str) -> None:
    read = policy(name)
    assert read.name == name
    assert {item.tier for item in read.rules} == set(Tier) - {Tier.CLEAR}
    named = [item.name for item in (*read.rules, *read.caps)]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_required_number_is_told_in_words(name: str) -> None:
    read = policy(name)
    for item in (*read.rules, *read.caps):
        for condition in item.conditions:
            assert condition.observed in OBSERVED
            assert condition.required().split()[0] in ("at", "yes", "no")


def test_a_policy_laid_over_another_replaces_rules_by_name() -> None:
    base, over = policy("generic"), policy("xiaohongshu-2026-03")
    assert [item.name for item in over.rules] == [item.name for item in base.rules]
    assert over.caps == base.caps
    changed = {item.name for item, other in zip(over.rules, base.rules, strict=True) if item != other}
    assert changed == {
        "timing and text in a ring",
        "beyond a person's reach in a ring",
        "timing and registration in a ring",
        "run by a tool throughout",
    }


def test_a_table_is_laid_over_key_by_key() -> None:
    read = policy_from(values(bits={"strong": 5}))
    assert (read.bits.strong, read.bits.moderate) == (5.0, 2.0)


def test_a_file_is_read_as_a_policy(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('extends = "generic"\nname = "mine"\n', encoding="utf-8")
    assert policy(str(path)).name == "mine"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (values(redres="by mail"), "unknown key `redres`; did you mean `redress`?"),
        (values(bits={"stronk": 3.0}), "unknown key `stronk`; did you mean `strong`?"),
        (values(bits={"strong": "much"}), "`strong` must be float, not str"),
        (values(bits=3), "`bits` must be a table"),
        (values(aspects={"families": {"T": "tyme"}}), "unknown word `tyme`; did you mean `time`?"),
        (values(rules=[rule(tire="watch")]), "unknown key `tire`; did you mean `tier`?"),
        (values(rules=[rule(tier="wach")]), "unknown word `wach`; did you mean `watch`?"),
        (values(rules=[rule(conditions=[])]), "lacks `conditions`"),
        (
            values(rules=[rule(conditions=[{"observed": "n_event", "at_least": 1}])]),
            "did you mean `n_events`?",
        ),
        (values(rules=[rule(conditions=[{"observed": "T", "at_least": "strog"}])]), "did you mean `strong`?"),
        (values(rules=[rule(conditions=[{"observed": "T"}])]), "needs either `at_least` or `at_most`"),
        (
            values(rules=[rule(conditions=[{"observed": "n_events", "at_least": "many"}])]),
            "must be held against a number",
        ),
        (
            values(
                rules=[
                    rule(
                        conditions=[
                            {"observed": "n_events", "at_least": 1},
                            {"observed": "n_events", "at_most": 9},
                        ]
                    )
                ]
            ),
            "looks at the same number twice",
        ),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        policy_from(wrong)
    assert message in str(caught.value)


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ConfigError, match="lacks `version`, `basis`"):
        policy_from({"name": "mine"})


def test_a_policy_that_cannot_be_had_names_those_that_can(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="`generic`, `xiaohongshu-2026-03`"):
        policy("generik")
    broken = tmp_path / "broken.toml"
    broken.write_text("name = ", encoding="utf-8")
    with pytest.raises(ConfigError, match="is not valid TOML"):
        policy(str(broken))


def test_the_shipped_files_are_plain_toml() -> None:
    folder = Path(__file__).parents[2] / "graphkit" / "judgement" / "policies"
    assert {tomllib.loads(path.read_text(encoding="utf-8"))["name"] for path in folder.glob("*.toml")} == set(
        SHIPPED
    )
