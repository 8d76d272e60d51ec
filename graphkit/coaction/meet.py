"""Pairs of rows within a window: counted, kept within a limit, made block by block, and held as numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from graphkit.coaction.rows import Part, Rows
from graphkit.engine.crowding import MOST_PAIRS, Crowding
from graphkit.engine.order import counted
from graphkit.engine.reach import Bools, Codes, Int64s, blocks, portions, reach
from graphkit.engine.scratch import Column, Scratch
from graphkit.errors import InputError

# Rows of which pairs are made at once, and pairs that are looked at once: more are no faster.
BLOCK_ROWS = 4_000_000
LOOK_PAIRS = 2_000_000

# What a limit left out: rows in too large a crowd, and the pairs that they would have made.
LEFT_OUT = pl.Schema({"object_id": pl.String, "rows": pl.Int64, "pairs": pl.Int64})


@dataclass(frozen=True)
class Block:
    """The rows of some objects and the pairs that they make: ranges of both."""

    rows: tuple[int, int]
    pairs: tuple[int, int]


@dataclass(frozen=True)
class Pairing:
    """Pairs of Rows, the older row first, in the order of rows.

    first, second: places in the block that a pair stands in. crowd: the limit that was needed, if any;
    left_out: LEFT_OUT, most pairs first; counted: pairs within the window before any was left out.
    """

    rows: Rows
    window: int
    first: Column
    second: Column
    blocks: list[Block]
    crowd: int | None
    left_out: pl.DataFrame
    counted: int

    def __len__(self) -> int:
        return len(self.first)

    def look(self) -> Iterator[tuple[Part, Codes, Codes]]:
        """The pairs in portions: rows of a block, and the places of the older and the newer row in it."""
        for block in self.blocks:
            part = self.rows.part(*block.rows)
            for start in range(*block.pairs, LOOK_PAIRS):
                stop = min(start + LOOK_PAIRS, block.pairs[1])
                yield part, self.first[start:stop], self.second[start:stop]


def paired(
    rows: Rows,
    window: int,
    scratch: Scratch,
    *,
    remove_loops: bool = True,
    most_pairs: int = MOST_PAIRS,
    leave_out: bool = True,
    block_rows: int = BLOCK_ROWS,
) -> Pairing:
    """All pairs of `rows` on one object within `window` (in the unit of `at`), both ends included.

    Where there are more than `most_pairs`, the rows in the largest crowds make none; see `Crowding`. Without
    `leave_out` that raises InputError, before any pair is made.
    """
    ranges = list(blocks(rows.starts, block_rows))
    low, high, crowding = _reached(rows, window, ranges, scratch)
    limit = crowding.limit(most_pairs) if crowding.total > most_pairs else None
    if limit is not None and not leave_out:
        raise InputError(
            f"{crowding.total:,} pairs within the window are more than the {most_pairs:,} that are made,"
            f" {_fullest(rows, high, ranges)}; shorten the window, leave that object out, or take"
            " `coactions`, which leaves out crowds and says which"
        )
    first, second = scratch.growing(np.uint32), scratch.growing(np.uint32)
    made: list[Block] = []
    missing = [LEFT_OUT.to_frame()]
    n = 0
    for start, stop in ranges:
        part = rows.part(start, stop)
        begin, count, left = _allowed(part, low[start:stop], high[start:stop], window, limit)
        before = n
        for older, newer in _portions(begin, count, left):
            kept = _unlooped(part, older, newer) if remove_loops else slice(None)
            first.extend(older[kept])
            second.extend(newer[kept])
            n += len(older[kept])
        made.append(Block((start, stop), (before, n)))
        if limit is not None:
            missing.append(_missing(part, high[start:stop], left, count, rows))
    left_out = pl.concat(missing).sort("pairs", "object_id", descending=[True, False])
    return Pairing(rows, window, first.done(), second.done(), made, limit, left_out, crowding.total)


def busy_contents(pairing: Pairing, min_participation: int, window: int) -> Bools:
    """For each content whether it belongs to an account with enough rows whose contents are in any pair.

    Pairs of a shorter `window` than they were made for are looked at alone.
    """
    rows = pairing.rows
    in_pair = np.zeros(len(rows.contents), dtype=bool)
    for part, first, second in pairing.look():
        near = part.at[second] - part.at[first] <= window if window < pairing.window else slice(None)
        in_pair[part.content[first][near]] = True
        in_pair[part.content[second][near]] = True
    n_rows = np.zeros(len(rows.accounts), dtype=np.int64)
    for part in _parts(pairing):
        n_rows += np.bincount(part.account[in_pair[part.content]], minlength=len(n_rows))
    enough = n_rows >= min_participation
    busy = np.zeros(len(rows.contents), dtype=bool)
    for part in _parts(pairing):
        busy[part.content[in_pair[part.content] & enough[part.account]]] = True
    return busy


def _parts(pairing: Pairing) -> Iterator[Part]:
    return (pairing.rows.part(*block.rows) for block in pairing.blocks)


def _reached(
    rows: Rows, window: int, ranges: list[tuple[int, int]], scratch: Scratch
) -> tuple[Column, Column, Crowding]:
    """First row and row past the last in reach, as places in their block, and pairs by crowd."""
    low, high = scratch.growing(np.int64), scratch.growing(np.int64)
    crowding = Crowding()
    for start, stop in ranges:
        part = rows.part(start, stop)
        earliest, past = reach(part.object, part.at, window)
        low.extend(earliest)
        high.extend(past)
        crowding.add(past - earliest - 1, past - np.arange(1, len(past) + 1))
    return low.done(), high.done(), crowding


def _fullest(rows: Rows, high: Column, ranges: list[tuple[int, int]]) -> str:
    """Where most pairs are, in words."""
    best = (0, "")
    for start, stop in ranges:
        part = rows.part(start, stop)
        objects, pairs = counted(
            part.object.astype(np.int64), high[start:stop] - np.arange(1, stop - start + 1)
        )
        fullest = int(np.argmax(pairs))
        name = str(rows.objects.of(objects[fullest : fullest + 1].astype(np.uint32))[0])
        best = max(best, (int(pairs[fullest]), name))
    return f"{best[0]:,} of them on object `{best[1]}`"


def _allowed(
    part: Part, low: Int64s, high: Int64s, window: int, limit: int | None
) -> tuple[Int64s, Int64s, Int64s | None]:
    """Where the followers of each row begin and how many they are, and which rows are left (None: all)."""
    if limit is None:
        following = np.arange(1, len(high) + 1, dtype=np.int64)
        return following, high - following, None
    left = np.flatnonzero(high - low - 1 <= limit)
    past = reach(part.object[left], part.at[left], window)[1]
    following = np.arange(1, len(left) + 1, dtype=np.int64)
    return following, past - following, left


def _portions(begin: Int64s, count: Int64s, left: Int64s | None) -> Iterator[tuple[Int64s, Int64s]]:
    for first, second in portions(begin, count):
        yield (first, second) if left is None else (left[first], left[second])


def _unlooped(part: Part, first: Int64s, second: Int64s) -> Bools:
    kept: Bools = part.account[first] != part.account[second]
    kept &= part.content[first] != part.content[second]
    kept &= ~(part.itself[first] | part.itself[second])
    return kept


def _missing(part: Part, high: Int64s, left: Int64s | None, count: Int64s, rows: Rows) -> pl.DataFrame:
    """LEFT_OUT of a block."""
    n = len(high)
    made = np.zeros(n, dtype=np.int64)
    gone = np.ones(n, dtype=np.int64)
    if left is not None:
        made[left], gone[left] = count, 0
    possible = high - np.arange(1, n + 1)
    sums = (
        pl.DataFrame({"object": part.object, "rows": gone, "pairs": possible - made})
        .group_by("object")
        .agg(pl.col("rows", "pairs").sum())
        .filter(pl.col("rows") > 0)
    )
    return sums.select(rows.objects.of(sums["object"].to_numpy()).alias("object_id"), "rows", "pairs")
