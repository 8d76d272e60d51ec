"""The circuit breaker, by hand."""

import polars as pl
import pytest

from graphkit.judgement import policy
from graphkit.judgement.breaker import HeldReason, held
from graphkit.judgement.observed import TIER_RANK
from graphkit.words import Tier

BREAKER = policy("generic").breaker


def run(
    n: int, *, signals: int = 4, history: tuple[int, ...] = (), tier: Tier = Tier.LIMIT
) -> HeldReason | None:
    """`n` accounts at `tier`, their T carried by one of `signals` signals in turn."""
    final = pl.DataFrame({"account_id": [f"a{i}" for i in range(n)], "rank": [TIER_RANK[tier]] * n})
    own = pl.DataFrame(
        [(f"a{i}", "T", f"s{i % signals}", 4, 4.0) for i in range(n)],
        schema={
            "account_id": pl.String,
            "family": pl.String,
            "signal": pl.String,
            "rank": pl.Int64,
            "bits": pl.Float64,
        },
        orient="row",
    )
    return held(final, own, BREAKER, history=history)


def test_more_than_three_times_the_trailing_median_is_held() -> None:
    # Median of 4, 5, 9 is 5: fifteen accounts pass, sixteen do not.
    assert run(15, history=(4, 5, 9)) is None
    reason = run(16, history=(4, 5, 9))
    assert reason is not None
    assert (reason.rule, reason.observed, reason.allowed) == ("trailing median", 16, 15)
    assert "16 accounts" in reason.sentence


def test_only_the_last_runs_count() -> None:
    # A quiet fortnight after a busy one: the median is that of the last 14 runs.
    assert run(40, history=(*[50] * 20, *[2] * 14)) is not None
    assert run(40, history=(*[2] * 14, *[50] * 14)) is None


@pytest.mark.parametrize(("signals", "stopped"), [(1, True), (2, False), (4, False)])
def test_one_signal_behind_more_than_half_is_held(signals: int, stopped: bool) -> None:
    # Twelve accounts over two signals: six each, which is half and no more.
    assert (run(12, signals=signals) is not None) is stopped


def test_few_accounts_are_read_one_by_one() -> None:
    assert run(9, signals=1, history=(0, 0, 0)) is None
    reason = run(10, signals=1)
    assert reason is not None
    assert reason.rule == "one signal"
    assert "`s0` stands behind 10 of 10" in reason.sentence


def test_warnings_hold_nothing() -> None:
    assert run(50, signals=1, history=(1,), tier=Tier.WARN) is None


def test_one_ring_is_one_finding() -> None:
    # Twelve accounts, one signal behind all of them: of one ring a person reads one dossier; in two rings,
    # or with one account outside, the same fault may have made several findings.
    final = pl.DataFrame({"account_id": [f"a{i}" for i in range(12)], "rank": [TIER_RANK[Tier.LIMIT]] * 12})
    own = final.select("account_id", pl.lit("lockstep").alias("signal"), pl.lit(4).alias("rank"))

    def reason(rings: list[str]) -> HeldReason | None:
        names = final["account_id"].head(len(rings))
        members = pl.DataFrame({"account_id": names, "ring_id": rings})
        return held(final, own, BREAKER, members=members)

    assert reason(["r1"] * 12) is None
    for several in (["r1"] * 6 + ["r2"] * 6, ["r1"] * 11):
        stopped = reason(several)
        assert stopped is not None
        assert stopped.rule == "one signal"
