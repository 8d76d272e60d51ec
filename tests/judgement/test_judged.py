"""Every tier by a constructed case, the caps, and what must hold whatever the evidence."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judgement_cases import (
    IN_RING,
    START,
    accounts,
    events,
    evidence,
    findings,
    lasting,
    line,
    members,
    ring,
    rings,
)

from graphkit.judgement import Findings, judged, policy, without
from graphkit.judgement.observed import TIER_RANK
from graphkit.judgement.records import record
from graphkit.words import Family, Tier

GENERIC = policy("generic")
POLICIES = {name: policy(name) for name in ("generic", "xiaohongshu-2026-03")}
ALL = [f"a-{i}" for i in range(150)]
LADDER = ("absent", "none", "weak", "moderate", "strong")
TAIL = {"absent": None, "none": 0.5, "weak": 0.02, "moderate": 0.008, "strong": 0.001}

T_STRONG = line("a", "T", "strong", event_ids=ALL)
X_STRONG = line("a", "X", "strong", event_ids=ALL)
X_MODERATE = line("a", "X", "moderate")
NOTICES = line("a", "X", "moderate", signal="notices")


def tier(found: Findings, name: str = "generic") -> str:
    tiers = judged(found, POLICIES[name]).tiers
    return str(tiers.filter(pl.col("account_id") == "a")["tier"].item())


@pytest.mark.parametrize("name", POLICIES)
def test_every_tier_can_be_reached(name: str) -> None:
    posts: dict[str, Any] = {"log": events({"a": 150}, channel="post")}
    lasts: dict[str, Any] = {"windows": lasting(a=3)}
    assert tier(findings(line("a", "T", "moderate", quantile=0.008)), name) == "clear"
    assert tier(findings(T_STRONG), name) == "watch"
    assert tier(findings(line("a", "T", "moderate"), X_MODERATE), name) == "warn"
    assert tier(findings(T_STRONG, X_MODERATE, **IN_RING, windows=lasting(a=2)), name) == "limit"
    assert tier(findings(T_STRONG, line("a", "A", "moderate"), **IN_RING, **lasts), name) == "limit"
    assert tier(findings(T_STRONG, X_STRONG, **IN_RING, **lasts, **posts), name) == "ban_review"
    assert (
        tier(findings(T_STRONG, line("a", "A", "strong"), **IN_RING, **lasts, **posts), name) == "ban_review"
    )


def test_nobody_is_judged_by_a_ring_alone_and_everybody_has_a_row() -> None:
    found = findings(n_events={"a": 150, "b": 2}, declared=accounts(c={}), **IN_RING)
    tiers = judged(found, GENERIC).tiers
    assert tiers.select("account_id", pl.col("tier").cast(pl.String), "score").rows() == [
        ("a", "watch", 4.0),
        ("b", "clear", 0.0),
        ("c", "clear", 0.0),
    ]


def test_what_only_one_look_at_the_data_cannot_say_is_not_assumed() -> None:
    judgement = judged(findings(T_STRONG, X_STRONG, **IN_RING), GENERIC)
    assert judgement.tiers["tier"].to_list() == ["warn"]
    windows = judgement.trace.filter(pl.col("condition").str.ends_with(": windows"))
    assert windows.select(pl.col("tier").cast(pl.String), "holds", "observed", "required").unique().sort(
        "tier"
    ).rows() == [
        ("ban_review", False, "not attainable from this data", "at least 3"),
        ("limit", False, "not attainable from this data", "at least 2"),
    ]


def test_the_graph_alone_stops_at_watch() -> None:
    ring_says = [
        line(None, "C", "strong", signal=signal, ring="r")
        for signal in ("lockstep", "shared_script", "shared_beneficiary", "birth_burst")
    ]
    kinds = ["feed", "chat", "talk", "content"]
    found = findings(
        *ring_says, belongs=IN_RING["belongs"], found=rings(ring("r", kinds=kinds)), windows=lasting(a=3)
    )
    assert tier(found) == "watch"


def test_text_alone_stops_at_warn() -> None:
    texts = [line("a", "X", "strong", signal=f"x{i}", event_ids=ALL) for i in range(4)]
    script = line(None, "C", "strong", signal="shared_script", ring="r")
    assert tier(findings(*texts, script, **IN_RING, windows=lasting(a=3))) == "watch"
    lockstep = line(None, "C", "strong", signal="lockstep", ring="r")
    assert tier(findings(*texts, script, lockstep, **IN_RING, windows=lasting(a=3))) == "warn"


@pytest.mark.parametrize(
    ("time", "text", "expected"),
    [
        # k (1 - ln k): .02 x .006 = .00012 gives .0012, .04 x .009 = .00036 gives .0032; .0025 is the line.
        (("weak", 0.02), ("moderate", 0.006), "warn"),
        (("weak", 0.04), ("moderate", 0.009), "clear"),
        (("moderate", 0.009), ("weak", 0.02), "warn"),
        # Two weak ones are .0112 x .0112 = .00013, .0013: neither is moderate.
        (("weak", 0.0112), ("weak", 0.0112), "clear"),
        # A grade held down by a small reference: .001 counts as .01, and .01 x .009 gives .0009.
        (("weak", 0.001), ("moderate", 0.009), "warn"),
        (("none", 0.2), ("strong", 0.0001), "clear"),
    ],
)
def test_timing_and_text_together(time: tuple[str, float], text: tuple[str, float], expected: str) -> None:
    rows = [line("a", family, grade, quantile=tail) for family, (grade, tail) in (("T", time), ("X", text))]
    assert tier(findings(*rows)) == expected
    # Under 20 events, against another platform's people, and in an aspect of one family only, it is nothing.
    assert tier(findings(*rows, n_events={"a": 19})) == "clear"
    assert tier(findings(*rows, own_reference=False)) == "clear"
    assert tier(findings(*({**row, "outside": True} for row in rows))) == "clear"
    assert tier(findings(rows[0])) == tier(findings(rows[1])) == "clear"


def test_what_people_elsewhere_graded_counts_here_as_weak() -> None:
    # .008 x .02 is .00016, together .0016; a rule that asks for a grade among the platform's own has none.
    text = line("a", "X", "moderate", quantile=0.006, outside=True, quantile_here=0.02)
    assert tier(findings(line("a", "T", "moderate", quantile=0.008), text)) == "warn"
    assert (
        tier(findings(line("a", "T", "moderate", quantile=0.008), {**text, "quantile_here": 0.04})) == "watch"
    )
    # Two weak ones are none, however grave people elsewhere find one of them.
    assert tier(findings(line("a", "T", "weak", quantile=0.012), text)) == "clear"


def test_how_rare_two_are_together_is_traced_and_rounded_up() -> None:
    rows = (line("a", "T", "weak", quantile=0.02), line("a", "X", "moderate", quantile=0.006))
    trace = judged(findings(*rows), GENERIC).trace
    # .00012 x (1 - ln .00012) = .00012 x 10.02801 = .0012034.
    shown = trace.filter(condition="timing and text together: joint_tail")
    assert shown.select("observed", "required", "holds").rows() == [("0.121 %", "at most 0.25 %", True)]
    alone = judged(findings(T_STRONG), GENERIC).trace.filter(condition="timing and text together: joint_tail")
    assert alone["observed"].to_list() == ["not unusual in both"]


def test_one_aspect_never_counts_for_two_families() -> None:
    lockstep = line("a", "T", "strong", signal="lockstep")
    same = line(None, "C", "strong", signal="lockstep", ring="r")
    # The account's lockstep, its ring's lockstep and a ring found by its timing are one aspect: time.
    assert tier(findings(lockstep, same, **IN_RING)) == "watch"
    assert (
        tier(findings(lockstep, line(None, "C", "strong", signal="shared_script", ring="r"), **IN_RING))
        == "warn"
    )
    # A ring found by timing and by texts is spent as a whole; one found by whom they turn to is not.
    for kinds, reached in (
        (["feed", "content"], "watch"),
        (["talk"], "warn"),
        (["talk", "strange"], "watch"),
    ):
        in_ring = {**IN_RING, "found": rings(ring("r", kinds=kinds))}
        assert tier(findings(lockstep, **in_ring)) == reached
    # Its own texts and its ring's shared script are one aspect too.
    script = line(None, "C", "strong", signal="shared_script", ring="r")
    assert tier(findings(X_STRONG, script, **IN_RING)) == "watch"


@pytest.mark.parametrize(
    ("declared", "capped"),
    [
        ({"automation_disclosed": True}, "watch"),
        ({"verified": True}, "watch"),
        ({"automation_disclosed": False, "verified": False}, "ban_review"),
        # Born on the 26th, the data ends on the 31st: five days old.
        ({"created_at": START + timedelta(days=25)}, "ban_review"),
    ],
)
def test_caps_by_what_the_platform_knows(declared: dict[str, Any], capped: str) -> None:
    found = findings(T_STRONG, X_STRONG, **IN_RING, windows=lasting(a=3), declared=accounts(a=declared))
    assert tier(found) == capped


def test_a_young_account_is_not_considered_for_a_ban() -> None:
    young = findings(
        T_STRONG,
        X_STRONG,
        **IN_RING,
        days=4.0,
        windows=lasting(a=3),
        declared=accounts(a={"created_at": START - timedelta(days=1)}),
    )
    assert tier(young) == "limit"
    # Four days of events and no date of birth: nobody knows that it is a week old.
    assert tier(replace(young, accounts=accounts(a={}))) == "limit"
    assert (
        tier(replace(young, accounts=accounts(a={"created_at": START - timedelta(days=9)}))) == "ban_review"
    )


def test_few_events_are_capped_and_ten_suffice_for_strong_timing() -> None:
    rows = (line("a", "T", "strong"), line("a", "X", "strong"))
    lasts: dict[str, Any] = {"windows": lasting(a=3), **IN_RING}
    assert tier(findings(*rows, n_events={"a": 20}, **lasts)) == "limit"
    assert tier(findings(*rows, n_events={"a": 19}, **lasts)) == "warn"
    assert tier(findings(*rows, n_events={"a": 10}, **lasts)) == "warn"
    assert tier(findings(*rows, n_events={"a": 9}, **lasts)) == "watch"
    moderate = (line("a", "T", "moderate"), line("a", "X", "moderate"))
    assert tier(findings(*moderate, n_events={"a": 19})) == "watch"


def test_a_reference_from_elsewhere_stops_at_watch() -> None:
    rows = (line("a", "T", "strong", signal="heartbeat"), X_MODERATE)
    assert tier(findings(*rows)) == "warn"
    assert tier(findings(*rows, own_reference=False)) == "watch"


@pytest.mark.parametrize("name", POLICIES)
def test_beyond_a_persons_reach_people_elsewhere_may_rank_the_texts(name: str) -> None:
    elsewhere = line("a", "X", "moderate", outside=True)
    # T has no quantile: no person can do it. The texts are moderate by people on other platforms only.
    found = findings(T_STRONG, elsewhere, parts=lasting(a=2), **IN_RING)
    assert tier(found, name) == "limit"
    assert tier(replace(found, parts=lasting(a=1)), name) == "watch"
    assert tier(replace(found, parts=None), name) == "watch"
    assert tier(replace(found, evidence=evidence(T_STRONG)), name) == "watch"
    # Strong by its place among ordinary accounts: that is no limit of what a person can do.
    ranked = line("a", "T", "strong", quantile=0.001, event_ids=ALL)
    assert tier(replace(found, evidence=evidence(ranked, elsewhere)), name) == "watch"
    assert tier(replace(found, members=members(("a", "r", "core", 0.4))), name) == "watch"


@pytest.mark.parametrize("name", POLICIES)
def test_more_than_one_person_is_looked_at_and_by_itself_no_more(name: str) -> None:
    # Awake for three nights: no quantile, and moderate at most, since several hands can take turns.
    awake = line("a", "T", "moderate", signal="awake", event_ids=ALL)
    assert tier(findings(awake), name) == "watch"
    assert tier(findings(line("a", "T", "moderate", signal="awake", quantile=0.008)), name) == "clear"
    lasts: dict[str, Any] = {"windows": lasting(a=3), "parts": lasting(a=3), **IN_RING}
    assert tier(findings(awake, X_STRONG, **lasts), name) == "warn"


def test_what_people_elsewhere_rank_puts_on_watch_at_most() -> None:
    def both(*outside: bool) -> str:
        of_family = zip("TX", outside, strict=True)
        rows = [line("a", one, "moderate", quantile=0.005, outside=other) for one, other in of_family]
        return tier(findings(*rows))

    assert both(False, False) == "warn"
    assert both(False, True) == both(True, False) == both(True, True) == "watch"


def test_spam_explains_writing_speed_and_nothing_else() -> None:
    spam = line("a", "X", "moderate", signal="self_reuse")
    fast = line("a", "T", "strong", signal="output_rate", quantile=0.001)
    assert tier(findings(fast, X_MODERATE)) == "warn"
    assert tier(findings(fast, X_MODERATE, spam)) == "clear"
    assert tier(findings(line("a", "T", "strong", signal="lockstep"), X_MODERATE, spam)) == "warn"


def test_an_account_that_only_announces_stops_at_watch() -> None:
    rows = (T_STRONG, X_STRONG)
    assert tier(findings(*rows)) == "warn"
    assert tier(findings(*rows, line("a", "X", "none", signal="notices"))) == "warn"
    judgement = judged(findings(*rows, NOTICES), GENERIC)
    assert judgement.tiers["tier"].to_list() == ["watch"]
    told = judgement.trace.filter(pl.col("condition").str.starts_with("cap functional"))
    assert told.select("condition", "holds", "observed", "required").rows() == [
        ("cap functional: functional", True, "yes", "yes"),
        ("cap functional: ring_member", True, "no", "no"),
    ]
    assert [cap["cap"] for cap in record(judgement, "a")["capped_by"]] == ["functional"]
    assert "it announces, it does not converse" in record(judgement, "a")["capped_by"][0]["reason"]
    # Alone it puts nobody on watch.
    assert tier(findings(NOTICES)) == "clear"
    # Of somebody else it says nothing.
    assert tier(findings(*rows, {**NOTICES, "account_id": "b"}, n_events={"a": 150, "b": 30})) == "warn"


@pytest.mark.parametrize("role", ["core", "periphery"])
def test_in_a_ring_announcing_caps_nobody(role: str) -> None:
    in_ring: dict[str, Any] = {"belongs": members(("a", "r", role, 0.9)), "found": rings(ring("r"))}
    for rows in ((T_STRONG, X_STRONG), (T_STRONG, X_MODERATE), (X_MODERATE,), ()):
        found = findings(*rows, **in_ring, windows=lasting(a=3))
        assert tier(replace(found, evidence=evidence(*rows, NOTICES))) == tier(found)
    assert tier(findings(T_STRONG, X_STRONG, NOTICES, **in_ring, windows=lasting(a=3))) == "ban_review"


def test_the_function_stays_found_whatever_family_is_left_out() -> None:
    found = findings(T_STRONG, line("a", "A", "moderate"), NOTICES)
    assert tier(found) == "watch"
    assert without(found, GENERIC, Family.TEXT).rows() == [("a", "watch")]


def test_the_share_explained_counts_the_accounts_own_events_and_understates() -> None:
    lasts: dict[str, Any] = {"windows": lasting(a=3), **IN_RING}
    others = [f"b-{i}" for i in range(150)]
    # 128 of 150 events: .853, lower Wilson bound .788; 132 of 150: .88, .818.
    few = line("a", "T", "strong", event_ids=[*ALL[:128], *others])
    assert tier(findings(few, line("a", "X", "strong"), n_events={"a": 150, "b": 150}, **lasts)) == "limit"
    most = line("a", "T", "strong", event_ids=ALL[:132])
    assert tier(findings(most, line("a", "X", "strong"), **lasts)) == "ban_review"


def test_the_platform_policy_wants_notes_and_more_than_occasional_use() -> None:
    name, lasts = "xiaohongshu-2026-03", {"windows": lasting(a=3), **IN_RING}
    comments = judged(findings(T_STRONG, X_STRONG, **lasts), POLICIES[name])
    assert comments.tiers["tier"].to_list() == ["limit"]
    posts = comments.trace.filter(pl.col("condition") == "run by a tool throughout: n_posts")
    assert posts["observed"].to_list() == ["not observable: the data holds no posts"]
    # 30 of 150 events: occasional.
    occasional = line("a", "T", "strong", event_ids=ALL[:30])
    assert tier(findings(occasional, X_MODERATE, **lasts), name) == "warn"
    assert tier(findings(occasional, X_MODERATE, **lasts), "generic") == "limit"


def test_an_exonerating_family_stops_a_ban() -> None:
    rows = (T_STRONG, line("a", "A", "strong", event_ids=ALL))
    lasts: dict[str, Any] = {"windows": lasting(a=3), **IN_RING}
    assert tier(findings(*rows, **lasts)) == "ban_review"
    assert tier(findings(*rows, line("a", "X", "none", quantile=0.5), **lasts)) == "limit"
    # Nothing placed it among ordinary accounts: it only reached no ceiling.
    assert tier(findings(*rows, line("a", "X", "none"), **lasts)) == "ban_review"


def test_the_alert_budget_keeps_the_strongest_and_names_the_others() -> None:
    rows = [
        line("a", "T", "strong"),
        line("b", "T", "strong"),
        line("b", "X", "weak"),
        line("c", "T", "strong"),
    ]
    found = findings(*rows, n_events={"a": 9, "b": 9, "c": 9})
    judgement = judged(found, GENERIC, watch_budget=2)
    # Scores 4, 4.5, 4: b, then a before c by id.
    assert dict(judgement.tiers.select("account_id", pl.col("tier").cast(pl.String)).rows()) == {
        "a": "watch",
        "b": "watch",
        "c": "clear",
    }
    told = judgement.trace.filter(pl.col("condition") == "alert budget")
    assert told.select("account_id", "holds", "observed", "required").rows() == [
        ("a", True, "place 2", "place 2 or better"),
        ("b", True, "place 1", "place 2 or better"),
        ("c", False, "place 3", "place 2 or better"),
    ]


def test_the_tier_without_each_family_is_traced() -> None:
    found = findings(line("a", "T", "strong"), X_MODERATE, **IN_RING)
    judgement = judged(found, GENERIC)
    told = judgement.trace.filter(pl.col("condition").str.starts_with("without "))
    assert dict(told.select("condition", "observed").rows()) == {
        "without A": "warn",
        "without C": "warn",
        "without G": "warn",
        "without T": "watch",
        # Time and a ring found by time are one aspect.
        "without X": "watch",
    }
    assert without(found, GENERIC, Family.TIME).rows() == [("a", "watch")]


def test_spam_stays_found_whatever_family_is_left_out() -> None:
    fast = line("a", "T", "strong", signal="output_rate", quantile=0.001)
    found = findings(fast, line("a", "A", "moderate"), line("a", "X", "moderate", signal="self_reuse"))
    assert without(found, GENERIC, Family.TEXT).rows() == [("a", "clear")]


def test_the_trace_has_every_condition_of_every_rule() -> None:
    judgement = judged(findings(T_STRONG), GENERIC)
    rules = {f"{item.name}: {condition.observed}" for item in GENERIC.rules for condition in item.conditions}
    caps = {
        f"cap {item.name}: {condition.observed}" for item in GENERIC.caps for condition in item.conditions
    }
    assert set(judgement.trace["condition"]) == rules | caps | {f"without {family}" for family in Family}


def test_nothing_at_all_is_judged() -> None:
    empty = findings(log=events({}))
    judgement = judged(empty, GENERIC)
    assert (judgement.tiers.height, judgement.trace.height, judgement.evidence.height) == (0, 0, 0)
    assert judgement.held is None


# A limit of what a person can do has no quantile: what it finds is strong, or nothing.
REACH = "T3"


# What must hold whatever was measured. A case gives the rung of each signal on the ladder
# absent < none < weak < moderate < strong; its ring says things on the same ladder.
OWN = ("T1", "T2", "X1", "X2", "A1", REACH)
GROUP = ("lockstep", "shared_script", "shared_beneficiary", "strange")
KINDS = ("feed", "chat", "talk", "content", "strange")
rungs = st.integers(0, 4)
described = st.fixed_dictionaries(
    {
        **dict.fromkeys((*OWN, *GROUP), rungs),
        "n": st.sampled_from([5, 15, 30, 100]),
        "kinds": st.lists(st.sampled_from(KINDS), max_size=3, unique=True),
        "role": st.sampled_from(["core", "periphery", None]),
        "stability": st.sampled_from([0.4, 0.6, 0.9]),
        "windows": st.integers(0, 3),
        "parts": st.sampled_from([None, 0, 2, 3]),
        "outside": st.lists(st.sampled_from(OWN), max_size=3, unique=True),
    }
)
# Accounts do not touch one another, so a batch of cases is judged at once.
batches = st.lists(described, min_size=12, max_size=12)
batched = settings(max_examples=8, deadline=None)


def rows_of(account: str, case: dict[str, Any]) -> list[dict[str, Any]]:
    ids = [f"{account}-{i}" for i in range(case["n"])]
    words = {name: LADDER[case[name]] for name in (*OWN, *GROUP) if case[name]}
    own = [
        line(
            account,
            name[0],
            words[name],
            signal=name,
            quantile=None if name == REACH else TAIL[words[name]],
            outside=name in case["outside"] and name != REACH,
            event_ids=ids,
        )
        for name in OWN
        if name in words
    ]
    group = [
        line(None, "C", words[name], signal=name, ring=f"r-{account}", quantile=TAIL[words[name]])
        for name in GROUP
        if name in words and case["role"]
    ]
    return [*own, *group]


def described_findings(cases: dict[str, dict[str, Any]]) -> Findings:
    """Findings about accounts that are each described by a case, each with a ring of its own."""
    in_rings = {account: case for account, case in cases.items() if case["role"]}
    belongs = [
        (account, f"r-{account}", case["role"], case["stability"]) for account, case in in_rings.items()
    ]
    return findings(
        *(row for account, case in cases.items() for row in rows_of(account, case)),
        log=events({account: case["n"] for account, case in cases.items()}),
        belongs=members(*belongs),
        found=rings(*(ring(f"r-{account}", kinds=case["kinds"]) for account, case in in_rings.items())),
        windows=lasting(**{account: case["windows"] for account, case in cases.items()}),
        parts=lasting(**{name: case["parts"] for name, case in cases.items() if case["parts"] is not None}),
    )


def results(cases: list[dict[str, Any]], name: str = "generic") -> list[tuple[int, float]]:
    """Rank of the tier and score of each case."""
    named = {f"a{i:03d}": case for i, case in enumerate(cases)}
    tiers = judged(described_findings(named), POLICIES[name]).tiers
    return [(TIER_RANK[Tier(word)], score) for word, score in tiers.select("tier", "score").rows()]


@pytest.mark.parametrize("policy_name", POLICIES)
@given(before=batches, data=st.data())
@batched
def test_incriminating_evidence_never_lowers_a_tier_or_a_score(
    policy_name: str, before: list[dict[str, Any]], data: st.DataObject
) -> None:
    after = []
    for case in before:
        name = data.draw(st.sampled_from((*OWN, *GROUP)))
        # A step up to weak or more: from absent to none would be exonerating.
        after.append({**case, name: data.draw(st.integers(max(2, case[name]), 4))})
    found = results([*before, *after], policy_name)
    for (low, less), (high, more) in zip(found[: len(before)], found[len(before) :], strict=True):
        assert low <= high
        assert less <= more


@pytest.mark.parametrize("policy_name", POLICIES)
@given(before=batches, data=st.data())
@batched
def test_exonerating_evidence_never_raises_a_tier_or_a_score(
    policy_name: str, before: list[dict[str, Any]], data: st.DataObject
) -> None:
    after = [{**case, data.draw(st.sampled_from(OWN)): 1} for case in before]
    found = results([*before, *after], policy_name)
    for (high, more), (low, less) in zip(found[: len(before)], found[len(before) :], strict=True):
        assert low <= high
        assert less <= more


@given(cases=batches)
@batched
def test_a_finding_of_function_only_caps_and_only_outside_rings(cases: list[dict[str, Any]]) -> None:
    named = {f"a{i:03d}": case for i, case in enumerate(cases)}
    found = described_findings(named)
    notices = evidence(*({**NOTICES, "account_id": account} for account in named))
    before = judged(found, GENERIC).tiers
    after = judged(replace(found, evidence=pl.concat([found.evidence, notices])), GENERIC).tiers
    assert before["score"].equals(after["score"])
    for case, low, high in zip(cases, after["tier"], before["tier"], strict=True):
        most = TIER_RANK[Tier.BAN_REVIEW if case["role"] else Tier.WATCH]
        assert TIER_RANK[Tier(low)] == min(TIER_RANK[Tier(high)], most)


@given(cases=batches)
@batched
def test_a_score_is_the_sum_of_its_lines_and_of_its_families(cases: list[dict[str, Any]]) -> None:
    judgement = judged(described_findings({f"a{i}": case for i, case in enumerate(cases)}), GENERIC)
    families = [f"bits_{family.lower()}" for family in Family]
    lines = judgement.evidence.drop_nulls("account_id").group_by("account_id").agg(pl.col("bits").sum())
    both = judgement.tiers.with_columns(pl.sum_horizontal(families).alias("families")).join(
        lines, on="account_id", how="left"
    )
    assert both["score"].to_list() == pytest.approx(both["families"].to_list())
    assert both["score"].to_list() == pytest.approx(both["bits"].fill_null(0.0).to_list())


@pytest.mark.parametrize("policy_name", POLICIES)
@given(cases=batches)
@batched
def test_without_evidence_of_its_own_nobody_goes_past_watch(
    policy_name: str, cases: list[dict[str, Any]]
) -> None:
    ordinary = [{**case, **dict.fromkeys(OWN, 2)} for case in cases]
    assert max(rank for rank, _ in results(ordinary, policy_name)) <= TIER_RANK[Tier.WATCH]


@pytest.mark.parametrize("policy_name", POLICIES)
@given(cases=batches)
@batched
def test_with_texts_alone_nobody_goes_past_warn(policy_name: str, cases: list[dict[str, Any]]) -> None:
    texts = [{**case, "T1": 2, "T2": 2, REACH: 0, "A1": 2} for case in cases]
    assert max(rank for rank, _ in results(texts, policy_name)) <= TIER_RANK[Tier.WARN]


@pytest.mark.parametrize("policy_name", POLICIES)
@pytest.mark.parametrize(
    ("own", "kinds", "said"),
    [
        (("T1", "T2", REACH), ["feed", "chat"], "lockstep"),
        (("X1", "X2"), ["content"], "shared_script"),
    ],
    ids=["time", "text"],
)
@given(cases=batches)
@batched
def test_one_aspect_of_its_events_never_goes_past_watch(
    policy_name: str, own: tuple[str, ...], kinds: list[str], said: str, cases: list[dict[str, Any]]
) -> None:
    """However many families speak of it, with nothing else moderate in another aspect."""
    others = [name for name in (*OWN, *GROUP) if name not in (*own, said)]
    alone = [{**case, **dict.fromkeys(others, 0), "kinds": kinds} for case in cases]
    assert max(rank for rank, _ in results(alone, policy_name)) <= TIER_RANK[Tier.WATCH]


@given(cases=batches)
@batched
def test_what_people_elsewhere_rank_counts_no_more_than_what_people_here_do(
    cases: list[dict[str, Any]],
) -> None:
    here = [{**case, "outside": []} for case in cases]
    for (low, _), (high, _) in zip(results(cases), results(here), strict=True):
        assert low <= high


@given(cases=batches, seed=st.integers(0, 99))
@batched
def test_the_order_of_rows_is_irrelevant(cases: list[dict[str, Any]], seed: int) -> None:
    found = described_findings({f"a{i}": case for i, case in enumerate(cases)})
    names = ("events", "members", "rings", "evidence", "windows")
    shuffled = {name: getattr(found, name).sample(fraction=1, shuffle=True, seed=seed) for name in names}
    first, second = judged(found, GENERIC), judged(replace(found, **shuffled), GENERIC)
    for name in ("tiers", "trace", "evidence", "rings"):
        assert getattr(first, name).equals(getattr(second, name)), name


def test_tables_that_were_given_are_left_as_they_were() -> None:
    found = findings(T_STRONG, X_MODERATE, **IN_RING)
    judged(found, GENERIC)
    assert found.evidence.equals(evidence(T_STRONG, X_MODERATE))
