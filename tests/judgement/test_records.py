"""Records: complete, ready for JSON, without a decision, and safe to print."""

import json
import unicodedata
from dataclasses import replace

import polars as pl
import pytest
from judgement_cases import IN_RING, accounts, events, evidence, findings, line, members, ring, rings

from graphkit.errors import ConfigError
from graphkit.judgement import Judgement, judged, policy
from graphkit.judgement.records import record, ring_record
from graphkit.judgement.records_words import speech
from graphkit.judgement.waterfall import waterfall
from graphkit.signals.base import Signal
from graphkit.words import Direction, Family, Subject

POLICY = policy("generic")
ALL = [f"a-{i}" for i in range(150)]


def judgement() -> Judgement:
    rows = [
        line("a", "T", "strong", signal="output_rate", quantile=0.001, event_ids=ALL),
        line("a", "X", "none", signal="length_variation", quantile=0.4, event_ids=ALL),
        line(None, "C", "strong", signal="shared_script", ring="r", event_ids=["a-1"]),
    ]
    return judged(findings(*rows, n_events={"a": 150, "b": 3}, **IN_RING), POLICY)


def test_a_record_has_what_a_statement_of_reasons_asks() -> None:
    told = record(judgement(), "a")
    assert told["tier"] == "warn"
    statement = told["statement"]
    assert statement["automated_detection"] is True
    assert statement["automated_decision"] is False
    # Only a person can say these.
    for name in ("restriction", "territorial_scope", "duration", "following_a_notice", "legal_ground"):
        assert statement[name] is None
    assert statement["contractual_ground"] == POLICY.basis
    assert statement["facts_and_circumstances"][0] == "something was seen"
    assert told["decision"] is None
    assert told["policy"]["name"] == "generic"
    assert statement["redress"] == POLICY.redress
    assert told["facts"] == {
        "account_id": "a",
        "n_events": 150,
        "n_posts": 0,
        "first_seen": "2026-01-01T00:00:00+00:00",
        "last_seen": "2026-01-31T00:00:00+00:00",
        "channels": ["comment"],
    }
    assert told["ring"]["ring_id"] == "r"
    assert told["ring"]["kind"] == "coordinated"
    assert json.loads(json.dumps(told)) == told


def test_the_gravest_ground_stands_first_with_what_was_seen_and_wanted() -> None:
    told = record(judgement(), "a")
    assert [(ground["tier"], ground["rule"]) for ground in told["grounds"]] == [
        ("warn", "timing and a second aspect"),
        ("warn", "strong timing and a second aspect"),
        ("warn", "core of a ring with group evidence"),
        ("watch", "ring member"),
        ("watch", "strong timing"),
    ]
    aspects = next(item for item in told["grounds"][0]["conditions"] if item["observed"] == "aspects")
    assert (aspects["seen"], aspects["wanted"], aspects["holds"]) == ("2", "at least 2", True)
    missed = next(item for item in told["rules_not_met"] if item["rule"] == "timing and text in a ring")
    assert [item["observed"] for item in missed["lacks"]] == ["X", "windows"]


def test_what_cannot_be_known_is_said() -> None:
    told = record(judgement(), "a")
    assert told["not_attainable"] == ["windows of time with two own families at moderate"]
    assert "whether the account was registered by a tool" in told["not_observable"]
    assert "whether the account says that it is automated" in told["not_observable"]
    assert told["speaks_against"] == ["something was seen"]
    assert told["without"] == {"A": "warn", "C": "watch", "G": "watch", "T": "watch", "X": "warn"}


def test_evidence_leads_back_to_events_and_innocent_explanations() -> None:
    fast = Signal(
        name="output_rate",
        family=Family.TIME,
        subject=Subject.ACCOUNT,
        question="how fast does it write",
        unit="keys/s",
        direction=Direction.HIGH,
        minimum_n=10,
        measure=lambda case: case.events,
        explain=lambda value, n: f"{value} {n}",
        innocent=("it pastes what it wrote elsewhere",),
    )
    even = replace(fast, name="length_variation", innocent=("the channel caps lengths",))
    told = record(judgement(), "a", say=speech(signals=(fast, even)))
    assert told["evidence"][0]["signal"] == "output_rate"
    assert told["evidence"][0]["event_ids"] == ALL
    # Length variation was ordinary: nothing to explain.
    assert told["innocent_explanations"] == ["it pastes what it wrote elsewhere"]
    assert told["score_bits"] == sum(item["bits"] for item in told["evidence"])


def test_an_account_without_evidence_has_a_record_too() -> None:
    told = record(judgement(), "b")
    assert (told["tier"], told["score_bits"], told["ring"], told["grounds"]) == ("clear", 0.0, None, [])
    assert "no evidence" in waterfall(told)


def test_a_cap_is_named_where_it_lowers() -> None:
    rows = (line("a", "T", "strong"), line("a", "X", "strong"))
    said = findings(*rows, declared=accounts(a={"automation_disclosed": True}))
    told = record(judged(said, POLICY), "a")
    assert (told["tier"], told["grounds"][0]["tier"]) == ("watch", "warn")
    assert [(cap["cap"], cap["tier"]) for cap in told["capped_by"]] == [("disclosed automation", "watch")]
    assert "at most watch: disclosed automation, since" in waterfall(told)
    # Few events are capped at warn, and no rule recommends more: nothing was lowered.
    few = judged(findings(*rows, n_events={"a": 19}, **IN_RING), POLICY)
    assert record(few, "a")["capped_by"] == []


def test_what_spam_voids_is_told() -> None:
    rows = [line("a", "T", "strong", signal="output_rate"), line("a", "X", "moderate", signal="self_reuse")]
    told = record(judged(findings(*rows), POLICY), "a")
    assert {item["signal"]: item["voided"] for item in told["evidence"]} == {
        "output_rate": "self_reuse",
        "self_reuse": None,
    }
    assert "output_rate (says nothing beside self_reuse): something was seen" in waterfall(told)


def test_a_ring_has_a_record_of_its_own() -> None:
    told = ring_record(judgement(), "r")
    assert told["kind"] == "coordinated"
    assert told["members"] == [{"account_id": "a", "role": "core", "stability": 0.9, "tier": "warn"}]
    assert [item["signal"] for item in told["evidence"]] == ["shared_script"]
    assert "together" in told["recommendation"]
    assert told["decision"] is None
    assert json.loads(json.dumps(told)) == told


def test_an_unknown_id_is_told() -> None:
    with pytest.raises(ConfigError, match="`nobody` is no account of this run"):
        record(judgement(), "nobody")
    with pytest.raises(ConfigError, match="`nowhere` is no ring of this run"):
        ring_record(judgement(), "nowhere")


def test_the_waterfall_of_bits() -> None:
    text = waterfall(record(judgement(), "a"), n_events=2)
    lines = text.splitlines()
    assert lines[0] == "account a"
    assert lines[1] == "tier    warn, 6.0 bits (policy generic 2026-03)"
    assert " +4.0  T       strong    output_rate: something was seen" in lines
    assert " -0.5  X       none      length_variation: something was seen" in lines
    assert (
        " +2.5  C       strong    ring_evidence: the 5 accounts of its ring were seen to act as one" in lines
    )
    assert "                         events: a-0, a-1 and 148 more" in lines
    assert " +6.0  sum" in lines
    assert "decision: none taken; a person takes it" in lines


@pytest.mark.parametrize(
    "nasty", ["\x1b[31mred", "a\nb: forged line", "‮evil", "x​y", "[bold]b[/bold]", "\x00"]
)
def test_hostile_names_move_nothing_on_a_terminal(nasty: str) -> None:
    row = {**line(nasty, "T", "strong", event_ids=[f"{nasty}-0"]), "explanation": nasty * 3}
    found = findings(
        row,
        log=events({nasty: 30}),
        belongs=members((nasty, nasty, "core", 0.9)),
        found=rings(ring(nasty)),
    )
    told = record(judged(found, POLICY), nasty)
    assert told["account_id"] == nasty
    text = waterfall(told)
    assert all(
        char == "\n" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in text
    )
    assert not any(shown.startswith("b: forged") for shown in text.splitlines())


def test_a_judgement_put_together_from_tables_gives_the_same_record() -> None:
    first = judgement()
    again = Judgement(first.tiers, first.trace, first.evidence, first.rings, POLICY)
    told, other = record(first, "a"), record(again, "a")
    assert {**told, "facts": None} == other
    assert isinstance(first.facts, pl.DataFrame)
    assert evidence().is_empty()
