"""Where a group meets, against where whoever was about at the same moments went."""

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.reach import MICROSECONDS, Int64s
from graphkit.network.meetings import meetings

Codes = npt.NDArray[np.uint32]

# The crowd of a moment is everybody within the window, but at least so many of the nearest visits.
_NEAREST = 50
_MOST_PAIRS = 1_000_000


def together(visited: pl.DataFrame, codes: Codes, window_s: int) -> float | None:
    """Meetings of `codes` over the chances they had: pairs of visits of two members within the window.

    1 where members who are about at the same minutes are always at one place; None where they never are.
    """
    at, account = (visited[name].to_numpy().astype(np.int64) for name in ("at", "account"))
    member = np.isin(account, codes)
    order = np.argsort(at[member], kind="stable")
    chances = int(_others(account[member][order], at[member][order], window_s * MICROSECONDS).sum()) / 2
    return _met(visited, codes, window_s) / chances if chances else None


def choice(visited: pl.DataFrame, codes: Codes, window_s: int) -> float | None:
    """Meetings of `codes` over what their clock alone explains; None where they have no chance to meet.

    `visited` are the visits of a layer at the scale `window_s`. Every visit of a member keeps its time, and
    its key is drawn anew from what strangers visited around that moment: a visit e meets each of the x visits
    of other members within the window with p = (n + 1/2) / (N + 1), where n of the N strangers' visits around
    e are on its key. So expected = sum over e of x p / 2, and people who share nothing but the hours in which
    they are awake, or who all answer whatever was posted last, stay near 1.
    """
    account, at, key = (visited[name].to_numpy().astype(np.int64) for name in ("account", "at", "key"))
    member = np.isin(account, codes)
    window = window_s * MICROSECONDS
    order = np.argsort(at[member], kind="stable")
    own_at, own_key, own = at[member][order], key[member][order], account[member][order]
    others = _others(own, own_at, window)
    low, high = _around(np.sort(at[~member]), own_at, window)
    strangers = key[~member][np.argsort(at[~member], kind="stable")]
    there = _among(strangers, own_key, low, high)
    expected = float((others * (there + 0.5) / (high - low + 1)).sum() / 2)
    if expected == 0.0:
        return None
    return _met(visited, codes, window_s) / expected


def _met(visited: pl.DataFrame, codes: Codes, window_s: int) -> int:
    return meetings(visited, window_s=window_s, chunk_pairs=_MOST_PAIRS, among=codes).height


def _others(account: Int64s, at: Int64s, window: int) -> Int64s:
    """For rows sorted by time: the rows of other accounts within `window`."""
    return _within(at, at, window) - _own_within(account, at, window)


def _within(at: Int64s, moments: Int64s, window: int) -> Int64s:
    """How many of the sorted times `at` lie within `window` of each moment."""
    high = np.searchsorted(at, moments + window, side="right")
    return np.asarray(high - np.searchsorted(at, moments - window, side="left"), dtype=np.int64)


def _own_within(account: Int64s, at: Int64s, window: int) -> Int64s:
    """For rows sorted by time: the rows of the same account within `window`, the row itself among them."""
    span = int(at[-1] - at[0]) + window + 1 if len(at) else 1
    ranks = np.unique(account, return_inverse=True)[1]
    line = ranks * span + (at - at[0] if len(at) else at)
    return _within(np.sort(line), line, window)


def _around(at: Int64s, moments: Int64s, window: int) -> tuple[Int64s, Int64s]:
    """The stretch of the sorted times `at` that is around each moment: the window, or the nearest rows."""
    here = np.searchsorted(at, moments)
    low = np.minimum(np.searchsorted(at, moments - window, side="left"), here - _NEAREST // 2)
    high = np.maximum(np.searchsorted(at, moments + window, side="right"), here + _NEAREST // 2)
    return np.maximum(low, 0).astype(np.int64), np.minimum(high, len(at)).astype(np.int64)


def _among(keys: Int64s, wanted: Int64s, low: Int64s, high: Int64s) -> Int64s:
    """How often each wanted key stands in the stretch low to high of `keys`."""
    size = len(keys) + 1
    places = np.sort(keys * size + np.arange(len(keys)))
    found = np.searchsorted(places, wanted * size + high) - np.searchsorted(places, wanted * size + low)
    return np.asarray(found, dtype=np.int64)
