"""Who met whom: exact pairs of events on one key within a window, sorted, counted before they are made."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from graphkit.engine.budget import budget
from graphkit.engine.order import stable_order
from graphkit.engine.reach import MICROSECONDS, Codes, Int64s, portions, reach
from graphkit.settings import NetworkSettings

# Bytes that a pair of visits takes while it is made, and pairs that are made at once: more are no faster.
_PAIR_BYTES = 200
_MOST_AT_ONCE = 4_000_000


def pairs_at_once(settings: NetworkSettings) -> int:
    """How many pairs of visits are made at once within the budget of memory."""
    return budget(settings.memory_mib).items(_PAIR_BYTES, 0.125, most=_MOST_AT_ONCE)


def visits(incidence: pl.DataFrame, window_s: int | None, crowd: int) -> pl.DataFrame:
    """The rows of `incidence` that begin a visit, sorted by key, then time.

    An account that touches a key again within the window has not come again: ten comments in a minute are one
    chance to meet somebody, not ten, both for those who meet and for the crowd. Without a window an account
    visits a key once in each place, and its crowd is the other accounts. Columns added: `crowd` (Int64), the
    other visits of the key within the window; `large`, whether they are more than `crowd`; `cohort`, 0 until
    `cohorts.with_cohorts` has looked for any. Who reads visits as evidence takes those that are `telling`.
    """
    rows = _begun(incidence, window_s)
    others = pl.Series("crowd", _others(rows, window_s))
    return rows.with_columns(others, (others > crowd).alias("large"), pl.lit(0, pl.UInt32).alias("cohort"))


def marked(visited: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """`visited` with the cohorts of `members` (account, cohort), and 0 for everybody else."""
    bare = visited.drop("cohort")
    return bare.join(members, on="account", how="left", maintain_order="left").with_columns(
        pl.col("cohort").fill_null(0)
    )


def telling() -> pl.Expr:
    """Which visits may be evidence: those in no large crowd, and those of a cohort.

    Another visit in a large crowd gives no evidence, and none is expected of it: else a viral post, where
    nobody can meet, would make all other meetings seem rarer than they are.
    """
    return ~pl.col("large") | (pl.col("cohort") > 0)


def tells(visited: pl.DataFrame) -> bool:
    """Whether any visit may be evidence."""
    return visited.select(telling().any()).item() is True


def once(visited: pl.DataFrame) -> pl.DataFrame:
    """The first row of each account and key, in however many places the account did it."""
    return visited.unique(["key", "account"], keep="first", maintain_order=True)


def crowded(visited: pl.DataFrame) -> pl.DataFrame:
    """The visits that tell nothing: key, event (the first), visits; the most visits first."""
    return (
        visited.filter(~telling())
        .group_by("key")
        .agg(pl.col("event").min(), pl.len().cast(pl.Int64).alias("visits"))
        .sort("visits", "key", descending=[True, False])
    )


def _begun(incidence: pl.DataFrame, window_s: int | None) -> pl.DataFrame:
    """Rows that begin a visit, sorted by key, then time."""
    key, account, at = (incidence[name].cast(pl.Int64).to_numpy() for name in ("key", "account", "at"))
    # The last column counts most; rows of one moment by event.
    order = np.lexsort((incidence["event"].to_numpy(), at, key))
    if window_s is None:
        return incidence[order].unique(["key", "account", "place"], keep="first", maintain_order=True)
    ordered = (key * (int(account.max(initial=0)) + 1) + account)[order]
    by_account = stable_order(ordered)
    again = ordered[by_account[1:]] == ordered[by_account[:-1]]
    moments = at[order][by_account]
    again &= moments[1:] - moments[:-1] <= window_s * MICROSECONDS
    begun = np.ones(len(order), dtype=bool)
    begun[by_account[1:][again]] = False
    return incidence[order[begun]]


def _others(rows: pl.DataFrame, window_s: int | None) -> Int64s:
    """The other rows of each row's key within the window; without one, the other accounts."""
    if window_s is None:
        accounts = pl.col("account").n_unique().over("key").cast(pl.Int64)
        return rows.select(accounts - 1).to_series().to_numpy()
    low, high = reach(rows["key"].to_numpy(), rows["at"].to_numpy(), window_s * MICROSECONDS)
    return high - low - 1


def meetings(
    visited: pl.DataFrame, *, window_s: int | None, chunk_pairs: int, among: Codes | None = None
) -> pl.DataFrame:
    """Every meeting of two accounts' visits, one for each occasion: the earliest.

    In a large crowd only two of one cohort meet.

    `visited` is what `visits` gives for the same window. Columns of the answer: source, target (account
    codes, source < target), occasion, topic (of the earlier event), at (microseconds, the earlier event),
    source_event, target_event, gap (microseconds), crowd (of the visit in the larger one). `among` keeps only
    meetings of these accounts with each other. Rows of one place do not meet. Sorted by source, target,
    occasion.
    """
    rows = (
        visited if among is None else visited[np.flatnonzero(np.isin(visited["account"].to_numpy(), among))]
    )
    parts = [_earliest(chunk) for chunk in _chunks(rows, window_s, chunk_pairs)]
    if not parts:
        return _earliest(_met(rows, *(np.zeros(0, np.int64) for _ in range(2))))
    return parts[0] if len(parts) == 1 else _earliest(pl.concat(parts))


def _chunks(rows: pl.DataFrame, window_s: int | None, chunk_pairs: int) -> Iterator[pl.DataFrame]:
    """Pairs of visits, first those in no large crowd, then those of each cohort."""
    large, cohort = rows["large"].to_numpy(), rows["cohort"].to_numpy()
    yield from _near(rows[np.flatnonzero(~large)], window_s, chunk_pairs)
    for number in np.unique(cohort[large & (cohort > 0)]):
        yield from _near(rows[np.flatnonzero(cohort == number)], window_s, chunk_pairs, in_large=True)


def _near(
    rows: pl.DataFrame, window_s: int | None, chunk_pairs: int, *, in_large: bool = False
) -> Iterator[pl.DataFrame]:
    """Pairs of rows within the window, of two accounts in two places; if asked those in large crowds only."""
    account, place, large = (rows[name].to_numpy() for name in ("account", "place", "large"))
    window = None if window_s is None else window_s * MICROSECONDS
    high = reach(rows["key"].to_numpy(), rows["at"].to_numpy(), window)[1]
    following = np.arange(1, len(high) + 1, dtype=np.int64)
    for first, second in portions(following, high - following, chunk_pairs):
        kept = (account[first] != account[second]) & (place[first] != place[second])
        if in_large:
            kept &= large[first] | large[second]
        yield _met(rows, first[kept], second[kept])


def _met(rows: pl.DataFrame, first: Int64s, second: Int64s) -> pl.DataFrame:
    account, event, at, crowd = (rows[name].to_numpy() for name in ("account", "event", "at", "crowd"))
    forward = account[first] < account[second]
    source, target = np.where(forward, first, second), np.where(forward, second, first)
    return pl.DataFrame(
        {
            "source": account[source],
            "target": account[target],
            "occasion": rows["occasion"].to_numpy()[first],
            "topic": rows["topic"].to_numpy()[first],
            "at": at[first],
            "source_event": event[source],
            "target_event": event[target],
            "gap": at[second] - at[first],
            "crowd": np.maximum(crowd[first], crowd[second]),
        }
    )


def _earliest(met: pl.DataFrame) -> pl.DataFrame:
    order, starts = _ordered(met, "occasion", ("at", "gap", "source_event", "target_event"))
    return met[order[starts]]


def repetitions(met: pl.DataFrame) -> pl.DataFrame:
    """`met` with `repetition`: the how-manieth meeting of its two accounts on its topic, in order of time.

    Sorted by source, target, topic, at, occasion.
    """
    order, starts = _ordered(met, "topic", ("at", "occasion"))
    sizes = np.diff(starts, append=len(order))
    nth = np.arange(1, len(order) + 1, dtype=np.int64) - np.repeat(starts, sizes)
    return met[order].with_columns(pl.Series("repetition", nth, dtype=pl.Int64))


def _ordered(met: pl.DataFrame, column: str, ties: tuple[str, ...]) -> tuple[Int64s, Int64s]:
    """The order of rows by source, target and `column`, then `ties`; where in it each new three begins.

    Most threes stand once, so numbers are sorted alone and whole rows only where there is a tie.
    """
    source, target, inner = (met[name].cast(pl.Int64).to_numpy() for name in ("source", "target", column))
    pair = source * (int(target.max(initial=0)) + 1) + target
    order = stable_order(inner)
    order = order[stable_order(pair[order])]
    pair, inner = pair[order], inner[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (pair[1:] != pair[:-1]) | (inner[1:] != inner[:-1])
    starts = np.flatnonzero(fresh)
    sizes = np.diff(starts, append=len(order))
    tied = np.repeat(sizes > 1, sizes)
    rows = order[tied]
    if len(rows):
        group = pl.Series("group", np.cumsum(fresh)[tied])
        settled = met.select(ties)[rows].with_columns(group).select(pl.arg_sort_by("group", *ties))
        order[tied] = rows[settled.to_series().to_numpy()]
    return order, starts
