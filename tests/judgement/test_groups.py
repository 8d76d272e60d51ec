"""What a ring says of its members and its members of the ring, by hand."""

from typing import Any

import polars as pl
import pytest
from judgement_cases import IN_RING, events, findings, line, members, ring, rings

from graphkit.judgement import judged, policy
from graphkit.tables import PAIRS

POLICY = policy("generic")
FIVE = [f"m{i}" for i in range(5)]


def bits_of(*rows: dict[str, Any], **more: Any) -> tuple[float, ...]:
    """Bits g, t, x, c, a of account `a`."""
    tiers = judged(findings(*rows, **{**IN_RING, **more}), POLICY).tiers
    return tiers.select("bits_g", "bits_t", "bits_x", "bits_c", "bits_a").row(0)


def kind_of(*rows: dict[str, Any]) -> tuple[str, float | None]:
    belongs = members(*((account, "r", "core", 0.9) for account in FIVE))
    found = findings(*rows, belongs=belongs, found=rings(ring("r")), n_events=dict.fromkeys(FIVE, 30))
    return (
        judged(found, POLICY)
        .rings.select(pl.col("kind").cast(pl.String), pl.col("automation_share").round(4))
        .row(0)
    )


def test_a_group_that_acts_as_one_is_coordinated_and_no_more() -> None:
    assert kind_of(line(None, "C", "strong", signal="shared_beneficiary", ring="r")) == ("coordinated", None)


@pytest.mark.parametrize("signal", ["lockstep", "ring_lockstep"])
def test_a_ring_that_acts_as_tools_act_is_ai_operated(signal: str) -> None:
    assert kind_of(line(None, "C", "strong", signal=signal, ring="r"))[0] == "ai_operated"
    assert kind_of(line(None, "C", "moderate", signal=signal, ring="r"))[0] == "coordinated"


def test_a_script_may_be_copied_by_hand_and_is_no_sign_of_a_tool() -> None:
    script = line(None, "C", "strong", signal="shared_script", ring="r")
    assert kind_of(script) == ("coordinated", None)
    # It does not stand in the way of what is one.
    assert kind_of(script, line(None, "C", "strong", signal="ring_lockstep", ring="r"))[0] == "ai_operated"


def test_most_of_the_measured_members_must_carry_evidence_of_their_own() -> None:
    # 5 of 5: lower Wilson bound .566; 4 of 5: .376; 3 of 3: .438, two could not be measured.
    five = [line(account, "T", "moderate") for account in FIVE]
    assert kind_of(*five) == ("ai_operated", 0.5655)
    four = [*five[:4], line("m4", "T", "none")]
    assert kind_of(*four) == ("coordinated", 0.3755)
    assert kind_of(*five[:3]) == ("coordinated", 0.4385)


def test_evidence_of_registration_is_no_evidence_of_automation() -> None:
    assert kind_of(*(line(account, "A", "strong") for account in FIVE)) == ("coordinated", None)


def test_the_core_of_a_sound_ring_is_strong_and_the_rest_weak() -> None:
    assert bits_of() == (4.0, 0.0, 0.0, 0.0, 0.0)
    assert bits_of(belongs=members(("a", "r", "periphery", 0.9))) == (0.5, 0.0, 0.0, 0.0, 0.0)
    # Kept in 60 % of the resamplings: moderate; in 40 %: weak.
    assert bits_of(belongs=members(("a", "r", "core", 0.6))) == (2.0, 0.0, 0.0, 0.0, 0.0)
    assert bits_of(belongs=members(("a", "r", "core", 0.4))) == (0.5, 0.0, 0.0, 0.0, 0.0)
    assert bits_of(found=rings(ring("r", q_value=0.2))) == (0.5, 0.0, 0.0, 0.0, 0.0)


def test_where_its_own_timing_speaks_the_timing_of_the_ring_is_spent() -> None:
    assert bits_of(line("a", "T", "strong", signal="lockstep")) == (0.0, 4.0, 0.0, 0.0, 0.0)
    # Own timing has 2 of the 4 bits that the ring's timing is worth: the ring adds the other 2.
    assert bits_of(line("a", "T", "moderate", signal="lockstep")) == (2.0, 2.0, 0.0, 0.0, 0.0)
    # Found by timing and by texts: nobody knows by which more, so the whole of it is spent.
    both = rings(ring("r", kinds=["content", "feed"]))
    assert bits_of(line("a", "T", "strong", signal="lockstep"), found=both) == (0.0, 4.0, 0.0, 0.0, 0.0)
    # A ring found by whom its members turn to is about something else.
    assert bits_of(line("a", "T", "strong"), found=rings(ring("r", kinds=["talk"]))) == (
        4.0,
        4.0,
        0.0,
        0.0,
        0.0,
    )


def test_one_claim_of_the_group_counts_and_text_is_capped() -> None:
    script = line(None, "C", "strong", signal="shared_script", ring="r")
    # Timing of G is spent, the script (text, at most 2.5) is not.
    assert bits_of(line("a", "T", "strong"), script) == (0.0, 4.0, 0.0, 2.5, 0.0)
    # Its own texts have 2 of the 2.5 bits.
    assert bits_of(line("a", "T", "strong"), line("a", "X", "moderate"), script) == (0.0, 4.0, 2.0, 0.5, 0.0)


def test_what_is_not_listed_adds_nothing_to_own_evidence() -> None:
    strange = line(None, "C", "strong", signal="strange", ring="r")
    assert bits_of(line("a", "T", "strong"), strange) == (0.0, 4.0, 0.0, 0.0, 0.0)
    assert bits_of(line("a", "T", "strong"), found=rings(ring("r", kinds=["strange"])))[0] == 0.0


def test_the_evidence_of_a_ring_is_not_said_of_its_periphery() -> None:
    script = line(None, "C", "strong", signal="shared_script", ring="r")
    assert bits_of(script, belongs=members(("a", "r", "periphery", 0.9))) == (0.5, 0.0, 0.0, 0.0, 0.0)


def test_lines_of_membership_lead_to_the_accounts_own_events() -> None:
    pair = {
        "layer": "feed",
        "source": "a",
        "target": "b",
        "source_event_id": "a-1",
        "target_event_id": "b-0",
        "ring_id": "r",
        "met_on": "post p",
        "gap_s": 1.0,
        "crowd": 2,
        "repetition": 1,
    }
    script = line(None, "C", "strong", signal="shared_script", ring="r", event_ids=["a-2", "b-1", "x-9"])
    found = findings(
        script,
        log=events({"a": 30, "b": 30}),
        belongs=members(("a", "r", "core", 0.9), ("b", "r", "periphery", 0.9)),
        found=rings(ring("r", 2)),
        pairs=PAIRS.check(pl.DataFrame([pair])),
    )
    own = judged(found, POLICY).evidence.filter(pl.col("account_id").is_not_null())
    assert own.select("account_id", "signal", "event_ids").rows() == [
        ("a", "ring_membership", ["a-1"]),
        ("a", "ring_evidence", ["a-2"]),
        ("b", "ring_membership", ["b-0"]),
    ]


def test_bits_of_a_ring_stand_on_the_row_that_carries_them() -> None:
    rows = [
        line(None, "C", "strong", signal="shared_script", ring="r"),
        line(None, "C", "moderate", signal="chorus", ring="r"),
    ]
    evidence = judged(findings(*rows, **IN_RING), POLICY).evidence.filter(pl.col("account_id").is_null())
    assert evidence.select("signal", "bits").rows() == [("chorus", 0.0), ("shared_script", 2.5)]
