"""Pairs of rows within a window: counted, kept within a limit, made block by block, and held as numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from graphkit.coaction.rows import Part, Rows
from graphkit.engine.crowding import MOST_PAIRS, Crowding
from graphkit.engine.order import counted
from graphkit.engine.reach import Bools, Int64s, blocks, earliest, past, portions
from graphkit.engine.scratch import Column, Scratch
from graphkit.errors import InputError

# Rows of which pairs are made at once, and pairs that are looked at once: more are no faster, or slower.
BLOCK_ROWS = 4_000_000
LOOK_PAIRS = 500_000

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

    def look(self) -> Iterator[tuple[Part, Int64s, Int64s]]:
        """The pairs in portions: a stretch of rows, and the places of the older and the newer row in it."""
        for block in self.blocks:
            part = self.rows.part(*block.rows)
            for start in range(*block.pairs, LOOK_PAIRS):
                stop = min(start + LOOK_PAIRS, block.pairs[1])
                # As 64 bits, by which numpy looks up four times faster than by 32.
                first, second = (side[start:stop].astype(np.int64) for side in (self.first, self.second))
                begin, end = int(first[0]), int(second.max()) + 1
                yield Part._make(column[begin:end] for column in part), first - begin, second - begin


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
    high, total = _followed(rows, window, ranges, scratch)
    limit = None
    if total > most_pairs:
        if not leave_out:
            raise InputError(
                f"{total:,} pairs within the window are more than the {most_pairs:,} that are made,"
                f" {_fullest(rows, high, ranges)}; shorten the window, leave that object out, or take"
                " `coactions`, which leaves out crowds and says which"
            )
        limit = _limit(high, ranges, most_pairs)
    first, second = scratch.growing(np.uint32), scratch.growing(np.uint32)
    repeated = len(rows.contents) < len(rows)
    made: list[Block] = []
    missing = [LEFT_OUT.to_frame()]
    n = 0
    for start, stop in ranges:
        part = rows.part(start, stop)
        begin, count, left = _allowed(part, high[start:stop], window, limit)
        before = n
        for older, newer in _portions(begin, count, left):
            kept = _unlooped(part, older, newer, contents=repeated) if remove_loops else slice(None)
            first.extend(older[kept])
            second.extend(newer[kept])
            n += len(older[kept])
        made.append(Block((start, stop), (before, n)))
        if limit is not None:
            missing.append(_missing(part, high[start:stop], left, count, rows))
    left_out = pl.concat(missing).sort("pairs", "object_id", descending=[True, False])
    return Pairing(rows, window, first.done(), second.done(), made, limit, left_out, total)


def busy_contents(pairing: Pairing, min_participation: int, window: int) -> Bools | None:
    """For each content whether it belongs to an account with enough rows whose contents are in any pair.

    Pairs of a shorter `window` than they were made for are looked at alone. None where all that are in any
    pair do.
    """
    rows = pairing.rows
    in_pair = np.zeros(len(rows.contents), dtype=bool)
    for part, first, second in pairing.look():
        near = part.at[second] - part.at[first] <= window if window < pairing.window else slice(None)
        content = part.content.astype(np.int64)
        in_pair[content[first[near]]] = True
        in_pair[content[second[near]]] = True
    n_rows = np.zeros(len(rows.accounts), dtype=np.int64)
    for part in _parts(pairing):
        n_rows += np.bincount(part.account[in_pair[part.content.astype(np.int64)]], minlength=len(n_rows))
    enough = n_rows >= min_participation
    busy = np.zeros(len(rows.contents), dtype=bool)
    for part in _parts(pairing):
        content = part.content.astype(np.int64)
        busy[content[in_pair[content] & enough[part.account.astype(np.int64)]]] = True
    return None if np.array_equal(busy, in_pair) else busy


def _parts(pairing: Pairing) -> Iterator[Part]:
    return (pairing.rows.part(*block.rows) for block in pairing.blocks)


def _followed(rows: Rows, window: int, ranges: list[tuple[int, int]], scratch: Scratch) -> tuple[Column, int]:
    """The row past the last in reach, as a place in its block, and how many pairs that makes."""
    high, total = scratch.growing(np.int64), 0
    for start, stop in ranges:
        part = rows.part(start, stop)
        reached = past(part.object, part.at, window)
        total += int((reached - np.arange(1, len(reached) + 1)).sum())
        high.extend(reached)
    return high.done(), total


def _limit(high: Column, ranges: list[tuple[int, int]], most_pairs: int) -> int:
    """The largest crowd of rows that make pairs; see `Crowding`."""
    crowding = Crowding()
    for start, stop in ranges:
        reached = high[start:stop]
        crowding.add(reached - earliest(reached) - 1, reached - np.arange(1, len(reached) + 1))
    return crowding.limit(most_pairs)


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
    part: Part, high: Int64s, window: int, limit: int | None
) -> tuple[Int64s, Int64s, Int64s | None]:
    """Where the followers of each row begin and how many they are, and which rows are left (None: all)."""
    if limit is None:
        following = np.arange(1, len(high) + 1, dtype=np.int64)
        return following, high - following, None
    left = np.flatnonzero(high - earliest(high) - 1 <= limit)
    reached = past(part.object[left], part.at[left], window)
    following = np.arange(1, len(left) + 1, dtype=np.int64)
    return following, reached - following, left


def _portions(begin: Int64s, count: Int64s, left: Int64s | None) -> Iterator[tuple[Int64s, Int64s]]:
    for first, second in portions(begin, count):
        yield (first, second) if left is None else (left[first], left[second])


def _unlooped(part: Part, first: Int64s, second: Int64s, *, contents: bool) -> Bools:
    """Which pairs are no loops; of `contents` too, unless each comes in one row alone."""
    kept: Bools = part.account[first] != part.account[second]
    if contents:
        kept &= part.content[first] != part.content[second]
    if part.itself.any():
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
