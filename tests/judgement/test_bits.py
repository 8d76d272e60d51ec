"""From grades to bits, worked out by hand."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judgement_cases import evidence, line

from graphkit.judgement import policy
from graphkit.judgement.bits import carriers, joint_tail, own_bits, ranked, wilson
from graphkit.judgement.observed import GRADE_RANK
from graphkit.words import Grade

POLICY = policy("generic")


def bits(*rows: dict[str, object]) -> dict[str, tuple[str, float]]:
    """By family of account `a`: the signal that carries it and its bits."""
    own = own_bits(ranked(evidence(*rows), POLICY), POLICY.bits).filter(pl.col("account_id") == "a")
    return {
        family: (signal, worth) for family, signal, worth in own.select("family", "signal", "bits").rows()
    }


@pytest.mark.parametrize(
    ("family", "grade", "worth"),
    [
        ("T", "none", -0.5),
        ("T", "weak", 0.5),
        ("T", "moderate", 2.0),
        ("T", "strong", 4.0),
        ("X", "moderate", 2.0),
        ("X", "strong", 2.5),
        # No shared device is no sign of innocence.
        ("A", "none", 0.0),
        ("A", "strong", 4.0),
    ],
)
def test_a_grade_is_worth_its_bits(family: str, grade: str, worth: float) -> None:
    # Placed among ordinary accounts; .001 is rare enough for every grade.
    tail = 0.5 if grade == "none" else 0.001
    assert bits(line("a", family, grade, quantile=tail))[family][1] == worth


def test_what_was_not_measured_says_nothing() -> None:
    assert bits(line("a", "T", "absent")) == {}


def test_the_best_tail_is_paid_for_by_what_found_nothing() -> None:
    # Alone, .004 is strong (at most .005); beside one miss it is 1 - .996^2 = .008, moderate (at most .01);
    # beside two misses 1 - .996^3 = .012, weak (at most .05).
    best = line("a", "T", "strong", signal="best", quantile=0.004)
    miss = line("a", "T", "none", signal="miss", quantile=0.6)
    other = line("a", "T", "none", signal="other", quantile=0.7)
    assert bits(best) == {"T": ("best", 4.0)}
    assert bits(best, miss) == {"T": ("best", 2.0)}
    assert bits(best, miss, other) == {"T": ("best", 0.5)}


def tails(*rows: dict[str, object]) -> dict[str, float | None]:
    """How rare each row may call itself, by signal."""
    return dict(ranked(evidence(*rows), POLICY).select("signal", "tail").rows())


def test_a_row_calls_itself_as_rare_as_it_has_paid_for_and_as_its_grade_allows() -> None:
    # .02 beside one miss is 1 - .98^2 = .0396; the miss itself, and what is paid away, are not rare at all.
    miss = line("a", "T", "none", signal="miss", quantile=0.6)
    assert tails(line("a", "T", "weak", signal="one", quantile=0.02), miss) == {
        "one": pytest.approx(0.0396),
        "miss": None,
    }
    assert tails(line("a", "T", "weak", signal="one", quantile=0.03), miss)["one"] is None
    # A small reference or a signal's own cap holds the grade down: .001 is no rarer than weak can be.
    held = {"weak": 0.01, "moderate": 0.005, "strong": 0.001}
    for grade, tail in held.items():
        assert tails(line("a", "T", grade, signal="one", quantile=0.001))["one"] == pytest.approx(tail)
    # A ceiling has no quantile: it is as rare as its grade.
    stands_for = {"none": None, "weak": 0.05, "moderate": 0.01, "strong": 0.005}
    for grade, limit in stands_for.items():
        assert tails(line("a", "T", grade, signal="one")) == {"one": limit}


def test_what_people_elsewhere_graded_is_weak_at_most_here() -> None:
    # Moderate elsewhere; here .02 is weak, .001 no rarer than weak can be, .2 nothing; or nobody is here.
    for here, tail in ((0.02, 0.02), (0.001, 0.01), (0.2, None), (None, None)):
        row = line("a", "X", "moderate", signal="one", quantile=0.006, outside=True, quantile_here=here)
        assert tails(row)["one"] == (None if tail is None else pytest.approx(tail))
    # Beside one miss .02 is 1 - .98^2 = .0396.
    row = line("a", "X", "moderate", signal="one", quantile=0.006, outside=True, quantile_here=0.02)
    assert tails(row, line("a", "X", "none", signal="miss", quantile=0.5))["one"] == pytest.approx(0.0396)


def test_two_tails_together_by_hand() -> None:
    # .02 x .005 = .0001, and .0001 (1 - ln .0001) = .0001 x 10.2103 = .00102; of two certainties, 1.
    one, other = pl.lit(0.02), pl.lit(0.005)
    assert pl.select(joint_tail(one, other)).item() == pytest.approx(0.0010210, abs=1e-7)
    assert pl.select(joint_tail(pl.lit(1.0), pl.lit(1.0))).item() == 1.0


@given(one=st.floats(0.0001, 1.0), other=st.floats(0.0001, 1.0), rarer=st.floats(0.1, 1.0))
def test_a_rarer_tail_makes_two_rarer_together(one: float, other: float, rarer: float) -> None:
    pair = pl.select(
        now=joint_tail(pl.lit(one), pl.lit(other)), then=joint_tail(pl.lit(one * rarer), pl.lit(other))
    )
    assert pair["then"].item() <= pair["now"].item() <= 1.0 + 1e-12


def test_a_weak_tail_that_is_paid_away_does_not_exonerate() -> None:
    # .03 beside one miss: 1 - .97^2 = .059, above the .05 of weak: nothing, but nothing ordinary either.
    weak = line("a", "X", "weak", signal="weak", quantile=0.03)
    assert bits(weak, line("a", "X", "none", signal="miss", quantile=0.6)) == {"X": ("weak", 0.0)}


def test_another_account_or_family_pays_nothing() -> None:
    best = line("a", "T", "strong", signal="best", quantile=0.004)
    others = [line("b", "T", "none", signal="miss", quantile=0.6), line("a", "X", "none", quantile=0.5)]
    assert bits(best, *others)["T"] == ("best", 4.0)


def test_a_ceiling_pays_nothing() -> None:
    ceiling = line("a", "T", "strong", signal="ceiling")
    misses = [line("a", "T", "none", signal=f"miss{i}", quantile=0.5) for i in range(4)]
    assert bits(ceiling, *misses) == {"T": ("ceiling", 4.0)}


def test_a_ceiling_that_is_not_reached_exonerates_nobody() -> None:
    below = line("a", "T", "none", signal="ceiling")
    assert bits(below) == {"T": ("ceiling", 0.0)}
    assert bits(below, line("a", "T", "none", signal="placed", quantile=0.5)) == {"T": ("placed", -0.5)}


def test_a_small_reference_limits_the_grade() -> None:
    # The signal said weak since its reference was small: its tail alone would be strong.
    assert bits(line("a", "T", "weak", quantile=0.001))["T"][1] == 0.5


def test_a_signal_of_members_and_one_of_accounts_are_one_family() -> None:
    # .004 beside a miss that names the ring: still one miss.
    best = line("a", "T", "strong", signal="best", quantile=0.004)
    assert bits(best, line("a", "T", "none", signal="miss", quantile=0.6, ring="r")) == {"T": ("best", 2.0)}


def test_spam_is_no_evidence_and_voids_writing_speed() -> None:
    fast = line("a", "T", "strong", signal="output_rate", quantile=0.001)
    assert bits(fast) == {"T": ("output_rate", 4.0)}
    assert bits(fast, line("a", "X", "moderate", signal="self_reuse", quantile=0.008)) == {}
    assert bits(fast, line("a", "X", "weak", signal="self_reuse", quantile=0.04)) == {
        "T": ("output_rate", 4.0)
    }
    # Only its own spam: somebody else's voids nothing.
    other = line("b", "X", "strong", signal="self_reuse", quantile=0.001)
    assert bits(fast, other) == {"T": ("output_rate", 4.0)}


def test_a_finding_of_function_is_worth_nothing_and_costs_nothing() -> None:
    # A tail of .008 paid for one miss would be .016 and weak: a finding is no miss.
    texts = line("a", "X", "moderate", signal="length_variation", quantile=0.008)
    for grade in ("none", "moderate"):
        notices = line("a", "X", grade, signal="notices")
        assert bits(notices) == {}
        assert bits(texts, notices) == bits(texts) == {"X": ("length_variation", 2.0)}


def test_a_ring_has_its_own_carriers() -> None:
    rows = [
        line(None, "C", "moderate", signal="chorus", ring="r"),
        line(None, "C", "strong", signal="shared_script", ring="r"),
        line(None, "C", "weak", signal="chorus", ring="s"),
    ]
    found = carriers(ranked(evidence(*rows), POLICY), by="ring_id")
    assert found.select("ring_id", "signal", "rank").rows() == [("r", "shared_script", 4), ("s", "chorus", 2)]


@pytest.mark.parametrize(
    ("k", "n", "bound"),
    # 5 of 5: 1 / (1 + 3.8415 / 5) = .5655; 8 of 10 by the formula: .4902; 0 of 9 is 0; nobody is null.
    [(5, 5, 0.5655), (8, 10, 0.4902), (0, 9, 0.0), (0, 0, None)],
)
def test_wilson_by_hand(k: int, n: int, bound: float | None) -> None:
    found = pl.DataFrame({"k": [k], "n": [n]}).select(wilson(pl.col("k"), pl.col("n")))
    assert found.item() == (bound if bound is None else pytest.approx(bound, abs=1e-4))


@given(
    tails=st.lists(st.floats(0.0001, 1.0), min_size=1, max_size=6),
    more=st.floats(0.0001, 0.05),
)
def test_a_further_unusual_signal_never_lowers_a_family(tails: list[float], more: float) -> None:
    rows = [line("a", "T", _grade(tail), signal=f"s{i}", quantile=tail) for i, tail in enumerate(tails)]
    further = line("a", "T", _grade(more), signal="further", quantile=more)
    assert bits(*rows, further)["T"][1] >= bits(*rows)["T"][1]


@given(tails=st.lists(st.floats(0.0001, 1.0), min_size=1, max_size=6))
def test_a_family_is_never_graded_above_its_best_signal(tails: list[float]) -> None:
    rows = [line("a", "T", _grade(tail), signal=f"s{i}", quantile=tail) for i, tail in enumerate(tails)]
    best = GRADE_RANK[Grade(_grade(min(tails)))]
    assert own_bits(ranked(evidence(*rows), POLICY), POLICY.bits)["rank"].item() <= best


def _grade(tail: float) -> str:
    if tail <= 0.005:
        return "strong"
    return "moderate" if tail <= 0.01 else "weak" if tail <= 0.05 else "none"
