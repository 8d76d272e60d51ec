"""Pairs of codes summed for two accounts by sorting numbers: the same as `edges.summed`, twice as fast."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphkit.coaction.peers import Peer
from graphkit.engine.order import stable_order
from graphkit.engine.reach import MICROSECONDS, Bools, Codes, Int64s
from graphkit.engine.scratch import Array

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CodedPairs:
    """Accounts and contents of the older and the newer row as codes, and how far apart they are."""

    account: Codes
    account_y: Codes
    content: Codes
    content_y: Codes
    gap: Int64s


def sums(pairs: CodedPairs, like: Peer | None, *, whole: bool) -> dict[str, Array]:
    """The measures of every two accounts, sorted by `from`, `to`; gap is in seconds or in microseconds."""
    ends = np.minimum(pairs.account, pairs.account_y), np.maximum(pairs.account, pairs.account_y)
    order, starts, lower, higher = _ties(*ends)
    weight = np.diff(starts, append=len(order))
    total = np.add.reduceat(pairs.gap[order], starts) if len(starts) else np.zeros(0, np.int64)
    several = weight > 1
    members = order[np.repeat(several, weight)]
    tie = np.repeat(np.arange(int(several.sum()), dtype=np.int64), weight[several])
    n, n_y = (_different(several, tie, content) for content in _contents(pairs, members, like))
    return {
        "from": lower,
        "to": higher,
        "weight": weight,
        "avg_time_delta": total / (weight if whole else weight * MICROSECONDS),
        "n_content_id": n,
        "n_content_id_y": n_y,
        "edge_symmetry_score": np.minimum(n, n_y) / np.maximum(n, n_y),
    }


def _contents(pairs: CodedPairs, members: Int64s, like: Peer | None) -> tuple[Codes, Codes]:
    """The contents of some pairs: of the lower and the higher account or, for CooRTweet, older and newer."""
    content, content_y = pairs.content[members], pairs.content_y[members]
    if like == Peer.COORTWEET:
        return content, content_y
    forward = pairs.account[members] <= pairs.account_y[members]
    return np.where(forward, content, content_y), np.where(forward, content_y, content)


def _ties(lower: Codes, higher: Codes) -> tuple[Int64s, Int64s, Codes, Codes]:
    """The pairs in order of their accounts, where in it each two accounts begin, and which these are."""
    if not len(lower):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), lower, higher
    least, width = int(lower.min()), int(higher.max()) + 1
    # As small as it can be, so that a place has room beside it in the sort.
    both = lower.astype(np.int64)
    both -= least
    if (int(lower.max()) - least + 1) * width >= 2**63:
        order: Int64s = np.lexsort((higher, lower))
    else:
        both *= width
        both += higher
        order = stable_order(both)
    lower, higher = lower[order], higher[order]
    begun = (lower[1:] != lower[:-1]) | (higher[1:] != higher[:-1])
    starts = np.concatenate([[0], np.flatnonzero(begun) + 1])
    return order, starts, lower[starts], higher[starts]


def _different(several: Bools, tie: Int64s, content: Codes) -> Int64s:
    """How many different contents each two accounts have; those of more than one pair are given by `tie`."""
    n = np.ones(len(several), dtype=np.int64)
    both = tie << np.int64(32)
    both |= content
    both.sort()
    fresh = both[np.flatnonzero(np.r_[True, both[1:] != both[:-1]][: len(both)])]
    n[several] = np.bincount(fresh >> np.int64(32), minlength=int(several.sum()))
    return n
