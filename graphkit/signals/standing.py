"""Standing: who the ordinary accounts are, and where every answer stands among them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from graphkit.settings import SignalSettings
from graphkit.signals import SIGNALS
from graphkit.signals.base import Case, Signal
from graphkit.signals.known import Reference
from graphkit.signals.reference import STOOD_IN, fitted, placed, shipped, short
from graphkit.tables import REFERENCE
from graphkit.words import GRAVE, Family, Grade


@dataclass(frozen=True)
class Yardstick:
    """Whom values are held against: `own` of the platform itself and `elsewhere`, both REFERENCE.

    ordinary are the accounts whose own values are in `own`, candidates those left out of it because people
    elsewhere are not like them; given is the reference that was handed in, if any.
    """

    own: pl.DataFrame
    elsewhere: pl.DataFrame
    ordinary: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    given: Reference | None = None


def yardstick(
    case: Case,
    answers: pl.DataFrame,
    *,
    reference: Reference | None = None,
    platform: str = "",
    suspects: Iterable[str] = (),
    elsewhere: pl.DataFrame | None = None,
    signals: Sequence[Signal] = SIGNALS,
) -> Yardstick:
    """The ordinary accounts for a case whose MEASURES are `answers`.

    A `reference` fitted on the `platform` itself is its yardstick; one from another platform, or without a
    declared one, only ranks. Without a reference the ordinary accounts are those of the case: not in a ring,
    not among `suspects`, not openly automated, and no candidates. Candidates are accounts that a reference
    from `elsewhere` (default: the shipped one) finds unusual: where a twentieth of a platform is run by
    tools, tools would be the measure of tools.
    """
    people = shipped() if elsewhere is None else elsewhere
    if reference is not None:
        here = reference.is_of(platform)
        return Yardstick(
            own=reference.values if here else REFERENCE.empty(),
            elsewhere=people if here else reference.values,
            given=reference,
        )
    candidates = _candidates(answers, people, signals, case.settings)
    ordinary = _ordinary(case, {*candidates, *suspects})
    values = fitted(answers, ordinary, source="own")
    return Yardstick(
        own=_with_stand_ins(values, answers, case, ordinary, signals),
        elsewhere=people,
        ordinary=tuple(ordinary),
        candidates=tuple(candidates),
    )


def ranked(
    answers: pl.DataFrame,
    marks: Yardstick,
    settings: SignalSettings,
    *,
    signals: Sequence[Signal] = SIGNALS,
) -> pl.DataFrame:
    """`answers` as `placed` gives them, with `outside`: graded by people elsewhere, since own are too few.

    The platform's own ordinary accounts come first. Where they are too few to bear a strong grade, people
    elsewhere may rank the value higher, unless enough of the few do the same: a platform of short comments
    has lengths of its own.
    """
    own = placed(answers, marks.own, signals, settings, ordinary=marks.ordinary)
    other = placed(answers, marks.elsewhere, signals, settings, outside=True)
    graded = pl.col("grade").is_in(GRAVE) & pl.col("quantile").is_not_null()
    few = pl.col("n_reference") < settings.strong_reference
    like_few = (pl.col("n_reference") >= settings.weak_reference) & (pl.col("quantile") > settings.weak_tail)
    # Two signals place texts; one pays for the other if that found nothing: this leaves nothing of more than
    # half of moderate, and the rarer of two values must not end below the other.
    texts = [signal.name for signal in signals if signal.family == Family.TEXT]
    placed_texts = own.filter(pl.col("signal").is_in(texts), pl.col("quantile").is_not_null())
    paying = placed_texts.filter(pl.col("grade") == Grade.NONE.value)["account_id"].unique()
    dear = (
        pl.col("signal").is_in(texts)
        & pl.col("account_id").is_in(paying.implode())
        & (pl.col("quantile") > settings.moderate_tail / 2)
    )
    unsure = own.select(few & (~graded | dear) & ~like_few.fill_null(value=False)).to_series()
    rarer = (other["quantile"] < own["quantile"]) | ~own.select(graded).to_series()
    outside = unsure & rarer.fill_null(value=True) & other.select(graded).to_series()
    return pl.concat(
        [
            own.filter(~outside).with_columns(
                pl.lit(value=False).alias("outside"), pl.lit(None, pl.Float64).alias("quantile_here")
            ),
            other.filter(outside).with_columns(
                pl.lit(value=True).alias("outside"), own.filter(outside)["quantile"].alias("quantile_here")
            ),
        ]
    ).sort("signal", "account_id")


def stand_ins(case: Case, signals: Sequence[Signal]) -> pl.DataFrame:
    """signal, account_id, value and n of accounts with any usable event, for `signals` with stand-ins."""
    empty = pl.DataFrame(
        schema={"signal": pl.String, "account_id": pl.String, "value": pl.Float64, "n": pl.Int64}
    )
    parts = [
        signal.stand_ins(case).select(pl.lit(signal.name).alias("signal"), "account_id", "value", "n")
        for signal in signals
        if signal.stand_ins is not None
    ]
    return pl.concat([empty, *parts])


def _candidates(
    answers: pl.DataFrame, people: pl.DataFrame, signals: Sequence[Signal], settings: SignalSettings
) -> list[str]:
    """Accounts that people elsewhere do not resemble, sorted: by timing, and by texts if timing bears it out.

    How people write differs from place to place: what one place has in its texts is its habit unless enough
    of those who write so have an unusual timing as well (one in a hundred would by chance).
    """
    # Ceilings find spam and functions too; whoever reaches one of those is still an ordinary account.
    by_rank = [signal for signal in signals if signal.ceiling is None]
    family = {signal.name: signal.family for signal in by_rank}
    graded = placed(answers, people, by_rank, settings, outside=True)
    found = graded.filter(pl.col("grade").is_in(GRAVE))

    def accounts(table: pl.DataFrame, *names: str) -> set[str]:
        return set(table.filter(pl.col("signal").is_in(names))["account_id"])

    times = [name for name, one in family.items() if one == Family.TIME]
    timed, candidates = accounts(graded, *times), accounts(found, *times)
    unusual = set(candidates)
    for name in family.keys() - set(times):
        here = accounts(found, name)
        if here & timed and len(here & unusual) >= settings.candidates_timed * len(here & timed):
            candidates |= here
    return sorted(candidates)


def _ordinary(case: Case, without: set[str]) -> list[str]:
    """The accounts outside every ring, without those that say openly that they are automated."""
    disclosed = case.accounts.filter(pl.col("automation_disclosed").fill_null(value=False))
    accounts = case.events.select("account_id").unique()
    return (
        accounts.join(case.members, on="account_id", how="anti")
        .join(disclosed, on="account_id", how="anti")
        .filter(~pl.col("account_id").is_in(sorted(without)))["account_id"]
        .sort()
        .to_list()
    )


def _with_stand_ins(
    own: pl.DataFrame,
    answers: pl.DataFrame,
    case: Case,
    ordinary: Sequence[str],
    signals: Sequence[Signal],
) -> pl.DataFrame:
    """`own` with accounts of fewer events, for signals of which some account has too few peers without them.

    They fill the strata up to the signal's least n; whoever has enough peers above it never meets them.
    """
    for signal in signals:
        if signal.stand_ins is None or not short(answers, own, signal, case.settings):
            continue
        stood = fitted(stand_ins(case, [signal]), ordinary, source=f"own{STOOD_IN}")
        low = pl.col("stratum").cast(pl.Int64) <= signal.minimum_n
        own = pl.concat([own.filter((pl.col("signal") != signal.name) | ~low), stood.filter(low)])
    return REFERENCE.check(own)
