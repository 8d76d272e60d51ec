"""Evidence: every signal asked of every account, placed among ordinary ones, and put into words."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import polars as pl

from graphkit.engine.clock import clocked
from graphkit.engine.threads import side_by_side
from graphkit.signals import SIGNALS
from graphkit.signals.base import Case, Signal, written
from graphkit.signals.wording import PLACING, limit, wording
from graphkit.tables import EVIDENCE, MEASURES
from graphkit.words import GRAVE, Language, Subject

_NAMES = tuple(name for name in MEASURES.column_names() if name != "signal")


def measures(case: Case, *, signals: Sequence[Signal] = SIGNALS) -> pl.DataFrame:
    """MEASURES: every answer to every signal; who is not in it had too few usable events.

    For `Subject.RING` the column account_id holds the ring.
    """
    # Texts are taken apart, and clocks read, once for all signals.
    ready = replace(case, events=clocked(written(case.events)))

    def measured(signal: Signal) -> pl.DataFrame:
        answers = signal.measure(ready).filter(pl.col("n") >= signal.minimum_n)
        return MEASURES.check(answers.select(pl.lit(signal.name).alias("signal"), *_NAMES))

    parts = side_by_side([partial(measured, signal) for signal in signals])
    return MEASURES.check(pl.concat([MEASURES.empty(), *parts]))


def absent(case: Case, measured: pl.DataFrame, *, signals: Sequence[Signal] = SIGNALS) -> dict[str, int]:
    """For each signal the accounts (members, rings) that it could not be asked of: too few usable events."""
    asked = {
        Subject.ACCOUNT: case.events["account_id"].n_unique(),
        Subject.MEMBER: case.members.height,
        Subject.RING: case.members["ring_id"].n_unique(),
    }
    answered = dict(measured.group_by("signal").len().rows())
    return {signal.name: asked[signal.subject] - answered.get(signal.name, 0) for signal in signals}


def evidence(case: Case, ranked: pl.DataFrame, *, signals: Sequence[Signal] = SIGNALS) -> pl.DataFrame:
    """EVIDENCE, without bits, for rings, their members, and accounts with a moderate or strong grade.

    `ranked` is what `standing.ranked` gives. All measured signals of these accounts are there, the
    exonerating ones too.
    """
    members = case.members.select("account_id", "ring_id")
    of_rings = pl.col("signal").is_in([signal.name for signal in signals if signal.subject == Subject.RING])
    found = ranked.filter(pl.col("grade").is_in(GRAVE) & ~of_rings)["account_id"]
    wanted = pl.concat([members["account_id"], found]).unique()
    accounts = ranked.filter(~of_rings).join(members, on="account_id", how="left")
    accounts = accounts.filter(pl.col("account_id").is_in(wanted.sort().to_list()))
    rings = ranked.filter(of_rings).with_columns(
        pl.col("account_id").alias("ring_id"), pl.lit(None, pl.String).alias("account_id")
    )
    return EVIDENCE.check(_worded(pl.concat([accounts, rings]), case, signals))


def _worded(ranked: pl.DataFrame, case: Case, signals: Sequence[Signal]) -> pl.DataFrame:
    """Rows of EVIDENCE: family, unit and a sentence for each."""
    english = wording(Language.EN)
    parts: list[pl.DataFrame] = [EVIDENCE.empty()]
    for signal in signals:
        rows = ranked.filter(pl.col("signal") == signal.name)
        sentences = [
            english.sentence(signal, row, limit(signal, row, case.settings))
            for row in rows.select(PLACING).to_dicts()
        ]
        parts.append(
            rows.with_columns(
                pl.lit(signal.family.value).alias("family"),
                pl.lit(signal.unit).alias("unit"),
                pl.lit(0.0).alias("bits"),
                pl.Series("explanation", sentences, dtype=pl.String),
            ).select(EVIDENCE.column_names())
        )
    return pl.concat(parts, how="vertical_relaxed")
