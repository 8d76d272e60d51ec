"""Reference: where a value stands among ordinary accounts of like n, and the grade that it earns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.settings import SignalSettings
from graphkit.signals.base import Ceiling, Signal
from graphkit.tables import REFERENCE
from graphkit.words import Direction, Grade

# What the source of a stratum's values ends with where accounts with few events stand in.
STOOD_IN = ", stand-ins among them"
_SHIPPED = Path(__file__).with_name("reference_human.parquet")
# Strata hold n from a power of two to the next; this many on each side may be pooled.
_NEIGHBOURS = 2
_RANK = {Grade.ABSENT: -1, Grade.NONE: 0, Grade.WEAK: 1, Grade.MODERATE: 2, Grade.STRONG: 3}
_WORD = {rank: grade.value for grade, rank in _RANK.items()}

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ranks = npt.NDArray[np.int64]


def fitted(measures: pl.DataFrame, ordinary: Iterable[str], *, source: str) -> pl.DataFrame:
    """REFERENCE: the sorted values of the `ordinary` accounts by signal and stratum of n."""
    kept = measures.filter(pl.col("account_id").is_in(sorted(set(ordinary))))
    rows = (
        kept.with_columns(_stratum().alias("stratum"))
        .group_by("signal", "stratum")
        .agg(pl.len().cast(pl.Int64).alias("n_accounts"), pl.col("value").sort().alias("values"))
        .with_columns(pl.lit(source).alias("source"))
    )
    return REFERENCE.check(rows)


def thinned(reference: pl.DataFrame, *, quantiles: int = 200) -> pl.DataFrame:
    """`reference` with at most so many values in a stratum, evenly spaced in rank; `n_accounts` stays."""
    fewer = []
    for values in reference["values"]:
        column = values.to_numpy()
        if column.size > quantiles:
            column = column[((np.arange(quantiles) + 0.5) * column.size / quantiles).astype(np.int64)]
        fewer.append(column.tolist())
    return REFERENCE.check(reference.with_columns(pl.Series("values", fewer, dtype=pl.List(pl.Float64))))


def shipped() -> pl.DataFrame:
    """The reference that comes with graphkit: people on other platforms. It ranks only.

    How it was made, and what it is not good for: `reference_human.md` beside it.
    """
    return REFERENCE.check(pl.read_parquet(_SHIPPED))


def placed(
    measures: pl.DataFrame,
    reference: pl.DataFrame,
    signals: Sequence[Signal],
    settings: SignalSettings,
    *,
    ordinary: Iterable[str] = (),
    outside: bool = False,
) -> pl.DataFrame:
    """MEASURES with `quantile`, `grade`, and the ordinary range (`lowest`, `highest`, `n_reference`).

    quantile = (k + 1) / (N + 1), where k of N ordinary accounts with a like n are at least as unusual; an
    account that is itself among the `ordinary` ones is left out of its own reference. Neighbouring strata of
    n, a factor of four on each side at most, are pooled until N suffices for a moderate grade; where values
    settle with n, all strata below too. Strong needs `strong_reference` ordinary accounts of the platform
    itself, none of them a stand-in; an `outside` reference ranks only and caps at moderate. What a ceiling
    grades, or what is `beyond` all people, has no quantile.
    """
    known = pl.Series(list(ordinary), dtype=pl.String).implode()
    flagged = measures.with_columns(pl.col("account_id").is_in(known).alias("own"))
    parts = [flagged.head(0).with_columns(_nothing())]
    for signal in signals:
        rows = flagged.filter(pl.col("signal") == signal.name).sort("account_id")
        if signal.ceiling is not None:
            parts.append(_by_ceiling(rows, signal, signal.ceiling(settings)))
            continue
        if signal.beyond is not None:
            mark = signal.beyond(settings)
            reached = _reached(signal, mark.moderate)
            parts.append(_by_ceiling(rows.filter(reached), signal, mark))
            rows = rows.filter(~reached)
        values = reference.filter(pl.col("signal") == signal.name)
        parts.append(_by_rank(rows, signal, values, settings, outside))
    return pl.concat(parts).drop("own").sort("signal", "account_id")


def short(measures: pl.DataFrame, reference: pl.DataFrame, signal: Signal, settings: SignalSettings) -> bool:
    """Whether for the n of some account too few ordinary ones are within reach for a moderate grade."""
    asked = measures.filter(pl.col("signal") == signal.name).select(_stratum().alias("stratum"))
    values = reference.filter(pl.col("signal") == signal.name)
    strata, wanted = _indices(values), settings.moderate_reference
    return any(
        _peers(int(name), strata, values, wanted, signal.settles).n < wanted
        for name in asked["stratum"].unique()
    )


def _reached(signal: Signal, mark: float) -> pl.Expr:
    return pl.col("value") >= mark if signal.direction == Direction.HIGH else pl.col("value") <= mark


def _by_ceiling(rows: pl.DataFrame, signal: Signal, mark: Ceiling) -> pl.DataFrame:
    value, crowd = pl.col("value"), pl.col("expected")
    high = signal.direction == Direction.HIGH
    clear = value > mark.times * crowd if high else value * mark.times < crowd
    # What must stand out from a crowd is not graded where there is none.
    rank = (
        pl.when(pl.lit(mark.times > 0) & crowd.is_null())
        .then(_RANK[Grade.ABSENT])
        .when(pl.lit(mark.times > 0) & ~clear)
        .then(0)
        .when(_reached(signal, mark.strong))
        .then(_RANK[Grade.STRONG])
        .when(_reached(signal, mark.moderate))
        .then(_RANK[Grade.MODERATE])
    ).otherwise(0)
    most = min(_RANK[signal.most], _RANK[Grade.STRONG])
    absent = pl.lit(None, pl.Float64)
    return rows.with_columns(
        absent.alias("quantile"),
        _grade(pl.min_horizontal(rank, pl.lit(most))).alias("grade"),
        absent.alias("lowest"),
        absent.alias("highest"),
        pl.lit(0, pl.Int64).alias("n_reference"),
    )


@dataclass(frozen=True)
class _Peers:
    """Ordinary values of pooled strata, each stratum sorted, with the accounts that each stands for.

    stood_in: accounts with fewer events than the signal asks for are among them.
    """

    strata: tuple[Floats, ...]
    sizes: tuple[int, ...]
    stood_in: bool

    @property
    def n(self) -> int:
        return sum(self.sizes)


def _by_rank(
    rows: pl.DataFrame,
    signal: Signal,
    values: pl.DataFrame,
    settings: SignalSettings,
    outside: bool,
) -> pl.DataFrame:
    strata = _indices(values)
    answers = [rows.head(0).with_columns(_nothing())]
    for (name,), peered in rows.with_columns(_stratum().alias("stratum")).group_by("stratum"):
        peers = _peers(int(str(name)), strata, values, settings.moderate_reference, signal.settles)
        group = peered.drop("stratum")
        value = group["value"].to_numpy()
        quantile = _quantile(value, group["own"].to_numpy(), peers, signal.direction)
        highest = _RANK[Grade.MODERATE if outside or peers.stood_in else Grade.STRONG]
        most = min(_RANK[signal.most], _most(peers.n, settings), highest)
        rank = np.minimum(_tail_rank(quantile, settings), most)
        held = np.rint(value * group["n"].to_numpy()) if signal.floor_counts else value
        for floor, left in ((signal.floor, Grade.NONE), (signal.strong_floor, Grade.MODERATE)):
            if floor is not None:
                mark = floor(settings)
                below = held < mark if signal.direction == Direction.HIGH else held > mark
                rank = np.where(below, np.minimum(rank, _RANK[left]), rank)
        answers.append(group.with_columns(_columns(rank, quantile, peers)))
    return pl.concat(answers)


def _indices(values: pl.DataFrame) -> dict[int, int]:
    """Where the values of each stratum stand in `values` of one signal."""
    return {int(name): index for index, name in enumerate(values["stratum"])}


def _peers(stratum: int, strata: dict[int, int], values: pl.DataFrame, wanted: int, settles: bool) -> _Peers:
    """The ordinary accounts of a stratum, with neighbouring strata while there are too few.

    Where values settle, accounts with far fewer events may stand in too: they scatter more, so an account
    looks less unusual among them than it is, which is the safe side.
    """
    chosen: list[int] = []
    size = values["n_accounts"]
    for step in range(max(stratum.bit_length(), _NEIGHBOURS + 1)):
        if step > _NEIGHBOURS and not settles:
            break
        near = {stratum >> step} | ({stratum << step} if step <= _NEIGHBOURS else set())
        chosen += [strata[name] for name in sorted(near) if name in strata]
        if sum(size[index] for index in chosen) >= wanted:
            break
    columns = tuple(values["values"][index].to_numpy() for index in chosen)
    stood_in = any(values["source"][index].endswith(STOOD_IN) for index in chosen)
    return _Peers(columns, tuple(int(size[index]) for index in chosen), stood_in)


def _quantile(value: Floats, own: Flags, peers: _Peers, direction: Direction) -> Floats:
    """The share of `peers` at least as unusual as each value, the account itself left out, never 0."""
    beyond = np.zeros(value.size)
    for stratum, size in zip(peers.strata, peers.sizes, strict=True):
        if direction == Direction.HIGH:
            count = stratum.size - np.searchsorted(stratum, value, side="left")
        else:
            count = np.searchsorted(stratum, value, side="right")
        beyond += count * (size / max(stratum.size, 1))
    n = peers.n - own
    quantile = (np.maximum(beyond - own, 0.0) + 1.0) / (n + 1.0)
    # Thinned strata cannot show a rarer tail than they have values.
    shown = sum(stratum.size for stratum in peers.strata) - own
    tail: Floats = np.minimum(np.maximum(quantile, 1.0 / (shown + 1.0)), 1.0)
    return tail


def _tail_rank(quantile: Floats, settings: SignalSettings) -> Ranks:
    tails = (settings.weak_tail, settings.moderate_tail, settings.strong_tail)
    rank = np.zeros(quantile.size, dtype=np.int64)
    for tail in tails:
        rank += quantile <= tail
    return rank


def _columns(rank: Ranks, quantile: Floats, peers: _Peers) -> list[pl.Expr]:
    every = np.concatenate([*peers.strata, np.zeros(0)])
    lowest, highest = np.quantile(every, (0.1, 0.9)).tolist() if every.size else (None, None)
    grades = pl.Series("grade", rank, dtype=pl.Int64)
    return [
        pl.when(pl.lit(grades) > _RANK[Grade.ABSENT]).then(pl.lit(pl.Series(quantile))).alias("quantile"),
        _grade(pl.lit(grades)).alias("grade"),
        pl.lit(lowest, pl.Float64).alias("lowest"),
        pl.lit(highest, pl.Float64).alias("highest"),
        pl.lit(peers.n, pl.Int64).alias("n_reference"),
    ]


def _nothing() -> list[pl.Expr]:
    columns = {"quantile": pl.Float64, "grade": pl.String, "lowest": pl.Float64, "highest": pl.Float64}
    return [pl.lit(None, dtype).alias(name) for name, dtype in {**columns, "n_reference": pl.Int64}.items()]


def _most(n: int, settings: SignalSettings) -> int:
    """The best grade that `n` ordinary accounts can support."""
    needed = (settings.weak_reference, settings.moderate_reference, settings.strong_reference)
    reached = sum(n >= size for size in needed)
    return reached if reached else _RANK[Grade.ABSENT]


def _grade(rank: pl.Expr) -> pl.Expr:
    return rank.cast(pl.Int64).replace_strict(_WORD, return_dtype=pl.String)


def _stratum() -> pl.Expr:
    """The greatest power of two that is at most n (0 for 0), padded so that names sort like numbers."""
    # Exact in floating point for every n that a table can hold.
    power = pl.col("n").log(2.0).floor().clip(lower_bound=0.0)
    lower = pl.when(pl.col("n") < 1).then(0.0).otherwise(2.0**power)
    return lower.cast(pl.Int64).cast(pl.String).str.zfill(9)
