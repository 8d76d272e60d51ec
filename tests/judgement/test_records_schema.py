"""The published schemas: they describe every record to the last key, and cannot change in silence."""

import copy
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from judgement_cases import IN_RING, accounts, findings, line, members, ring, rings
from record_schemas import NAMES, faults

from graphkit.errors import ConfigError
from graphkit.judgement import Judgement, judged, policy
from graphkit.judgement.records import Origin, record, ring_record
from graphkit.judgement.records_schema import schema_names, schema_text
from graphkit.judgement.records_words import speech
from graphkit.words import Channel, Family, Grade, Language, RingKind, Role, Tier

# A schema that is changed is another schema: count up the number in `$id` and in the record, then this.
PUBLISHED = {
    "record": ("urn:graphkit:record:2", "1dbe4263756be8ac5f732ddfd750d2af873e73274abfddc1fc752af45e4cdab6"),
    "ring_record": (
        "urn:graphkit:ring_record:2",
        "6e2803855a513b027c2f5afc6d30ef16b5fbb3cd83aaf85ffbd52fdaf063044f",
    ),
}
ORIGIN = Origin("run-" + "0" * 20, "0.1.0", 7, "a" * 64, "b" * 64, (("events.csv", "c" * 64),))
DECISION = {
    "decision": "warn",
    "is_tool_run": True,
    "by": "Li Lei",
    "at": "2026-03-01T06:00:00+00:00",
    "reason": "it answers in its sleep",
    "territorial_scope": None,
    "duration": "90 days",
}


def judgement(name: str = "generic") -> Judgement:
    """Evidence of every kind: strong, ordinary, voided, membership, a ring's own; a cap, a rule not met."""
    rows = [
        line("a", "T", "strong", signal="output_rate", quantile=0.001, event_ids=["a-1", "a-2"]),
        line("a", "X", "none", signal="length_variation", quantile=0.4, event_ids=["a-1"]),
        line("a", "X", "moderate", signal="self_reuse", event_ids=["a-1"]),
        line("b", "T", "strong", signal="hour_ceiling"),
        line("b", "X", "moderate", signal="style", quantile=0.004),
        line(None, "C", "strong", signal="shared_script", ring="r", event_ids=["a-1"]),
    ]
    rows[1] |= {"lowest": 0.2, "highest": 0.9, "n_reference": 1200, "outside": False, "expected": 0.5}
    declared = accounts(b={"automation_disclosed": True})
    found = findings(*rows, n_events={"a": 150, "b": 30, "c": 3}, declared=declared, **IN_RING)
    return judged(found, policy(name))


def told(language: str = "en", name: str = "generic") -> list[dict[str, Any]]:
    judgement_, say = judgement(name), speech(language)
    records = [record(judgement_, account, say=say, origin=ORIGIN) for account in ("a", "b", "c")]
    decided = record(judgement_, "a", say=say, decision=DECISION)
    return [*records, decided, ring_record(judgement_, "r", say=say, origin=ORIGIN)]


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_a_schema_and_has_a_number(name: str) -> None:
    text = schema_text(name)
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    number = schema["$id"].rpartition(":")[2]
    assert schema["properties"]["schema"]["const"] == f"graphkit.{name}/{number}"
    assert (schema["$id"], hashlib.sha256(text.encode()).hexdigest()) == PUBLISHED[name]
    assert schema_names() == sorted(NAMES)
    with pytest.raises(ConfigError, match="no record `nothing`"):
        schema_text("nothing")


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", ["generic", "xiaohongshu-2026-03"])
def test_records_are_as_published(language: str, name: str) -> None:
    for one in told(language, name):
        assert faults(one) == []
        assert json.loads(json.dumps(one)) == one


def changed(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every way to leave out one key or to add one, anywhere in `value`."""
    if isinstance(value, dict):
        for key in value:
            if path != ".without":
                yield f"{path}.{key} left out", {name: value[name] for name in value if name != key}
            for what, other in changed(value[key], f"{path}.{key}"):
                yield what, {**value, key: other}
        yield f"{path} with a stranger", {**value, "stranger": 1}
    elif isinstance(value, list):
        for place, one in enumerate(value[:1]):
            for what, other in changed(one, f"{path}[{place}]"):
                yield what, [*value[:place], other, *value[place + 1 :]]


def test_a_record_that_changes_no_longer_fits() -> None:
    one, together = told()[0], told()[-1]
    for name, whole in (("record", {**one, "decision": DECISION}), ("ring_record", together)):
        assert faults(whole) == []
        before = copy.deepcopy(whole)
        ways = list(changed(whole))
        assert len(ways) > 60
        for what, other in ways:
            assert faults(other, name), f"{what} is not noticed"
        assert whole == before


def test_words_of_the_schema_are_the_words_of_the_house() -> None:
    properties = json.loads(schema_text("record"))
    defined = properties["$defs"]
    assert defined["tier"]["enum"] == [tier.value for tier in Tier]
    line_ = defined["line"]["properties"]
    assert line_["grade"]["enum"] == [grade.value for grade in Grade]
    assert set(line_["family"]["enum"]) == {family.value for family in Family}
    ring_ = properties["properties"]["ring"]["properties"]
    assert ring_["kind"]["enum"] == [kind.value for kind in RingKind]
    assert ring_["role"]["enum"] == [role.value for role in Role]
    channels = properties["properties"]["facts"]["properties"]["channels"]["items"]["enum"]
    assert channels == [channel.value for channel in Channel]
    assert properties["properties"]["language"]["enum"] == [language.value for language in Language]


def test_a_swarm_is_recommended_for_review_together() -> None:
    """Six members, of whom nothing could be measured: the group is what is proved."""
    names = [f"m{i}" for i in range(6)]
    found = findings(
        line(None, "C", "strong", signal="shared_script", ring="s", event_ids=["m0-0"]),
        n_events=dict.fromkeys(names, 2),
        belongs=members(*[(name, "s", "core", 0.9) for name in names]),
        found=rings(ring("s", 6, kinds=["rare_token"])),
    )
    one = ring_record(judged(found, policy("generic")), "s")
    assert one["review_together"] is True
    assert "6 of its 6 members have too few events to be judged one by one" in one["recommendation"]
    assert {member["tier"] for member in one["members"]} == {"watch"}
    assert faults(one) == []
