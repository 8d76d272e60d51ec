"""Where a group meets, against where whoever was about at the same moments went."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.reach import MICROSECONDS, Int64s

Codes = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float64]

# The crowd of a moment is everybody within the window, but at least so many of the nearest visits.
_NEAREST = 50


@dataclass(frozen=True)
class Choice:
    """How often members meet when they are about together.

    A chance is two members and a slot of time in which both came somewhere, within the window of each other;
    `met` counts those in which they came to one place, `expected` those in which strangers would have.
    """

    met: int
    expected: float
    chances: int

    @property
    def ratio(self) -> float:
        """Met over expected."""
        return self.met / self.expected

    @property
    def odds(self) -> float:
        """The odds of meeting over the expected odds: a ratio cannot tell where strangers meet half the time.

        Half a chance is added on either side, so that it is finite (Haldane 1955).
        """
        by_clock = min(self.expected, self.chances - 0.5)
        return (self.met + 0.5) / (self.chances - self.met + 0.5) * (self.chances - by_clock) / by_clock


def choice(visited: pl.DataFrame, codes: Codes, window_s: int) -> Choice | None:
    """Where `codes` go against where strangers went; None where members are never about together.

    `visited` are the visits of a layer at the scale `window_s`. Every visit of a member keeps its time, and
    its key is drawn anew from what strangers visited around that moment: a visit e is on the key of another
    with p = (n + 1/2) / (N + 1), where n of the N strangers' visits around e are on its key. Two members with
    visits e, f in a slot, within the window of each other, so meet with 1 - exp(-sum of (p_e + p_f) / 2).
    People who share nothing but the hours in which they are awake, or who all answer whatever was posted
    last, stay near a ratio of 1. Slots count once: accounts that come to twenty places in ten minutes have
    400 pairs of visits and one chance.
    """
    account, at, key = (visited[name].to_numpy().astype(np.int64) for name in ("account", "at", "key"))
    member = np.isin(account, codes)
    window = window_s * MICROSECONDS
    order = np.lexsort((key[member], account[member], at[member]))
    own_at, own_key, own = at[member][order], key[member][order], account[member][order]
    if not len(own):
        return None
    low, high = _around(np.sort(at[~member]), own_at, window)
    strangers = key[~member][np.argsort(at[~member], kind="stable")]
    there = (_among(strangers, np.arange(len(strangers)), own_key, low, high) + 0.5) / (high - low + 1)
    end = np.searchsorted(own_at, own_at + window, side="right")
    slots = _summed([_slots(own, own_at // window, own_key, there, end, code) for code in np.unique(own)])
    if not slots.height:
        return None
    expected = float(-np.expm1(-slots["expected"].to_numpy()).sum())
    return Choice(int(slots["met"].sum()), expected, slots.height)


def _slots(
    account: Int64s, slot: Int64s, key: Int64s, there: Floats, end: Int64s, code: np.int64
) -> pl.DataFrame:
    """Each visit of another with the visits of `code` that follow it before the place `end`, summed by slot.

    Columns source, target (the smaller and the greater account), slot, met, expected. Running totals of the
    visits of `code` take the place of the pairs of visits, which are too many where two come often.
    """
    theirs = account == code
    number, chance = (np.append(0, np.cumsum(np.where(theirs, of, 0))) for of in (1, there))
    first = np.arange(1, len(account) + 1, dtype=np.int64)
    count = number[end] - number[first]
    pairs = np.flatnonzero(~theirs & (count > 0))
    first, end, count, account, slot, wanted = (
        column[pairs] for column in (first, end, count, account, slot, key)
    )
    return (
        pl.DataFrame(
            {
                "source": np.minimum(account, code),
                "target": np.maximum(account, code),
                "slot": slot,
                "met": _among(key, np.flatnonzero(theirs), wanted, first, end) > 0,
                "expected": (count * there[pairs] + chance[end] - chance[first]) / 2,
            }
        )
        .group_by("source", "target", "slot", maintain_order=True)
        .agg(pl.col("met").any(), pl.col("expected").sum())
    )


def _summed(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The slots of each two members, whichever of them came first, in one row."""
    names = ("source", "target", "slot")
    both = pl.concat(parts).group_by(names).agg(pl.col("met").any(), pl.col("expected").sort().sum())
    return both.sort(names)


def _around(at: Int64s, moments: Int64s, window: int) -> tuple[Int64s, Int64s]:
    """The stretch of the sorted times `at` that is around each moment: the window, or the nearest rows."""
    here = np.searchsorted(at, moments)
    low = np.minimum(np.searchsorted(at, moments - window, side="left"), here - _NEAREST // 2)
    high = np.maximum(np.searchsorted(at, moments + window, side="right"), here + _NEAREST // 2)
    return np.maximum(low, 0).astype(np.int64), np.minimum(high, len(at)).astype(np.int64)


def _among(keys: Int64s, rows: Int64s, wanted: Int64s, low: Int64s, high: Int64s) -> Int64s:
    """How often each wanted key stands in the stretch low to high of `keys`, of whose places `rows` count."""
    size = len(keys) + 1
    places = np.sort(keys[rows] * size + rows)
    found = np.searchsorted(places, wanted * size + high) - np.searchsorted(places, wanted * size + low)
    return np.asarray(found, dtype=np.int64)
