"""The texts behind codes: in memory, or in files of which only what is asked for is read."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from graphkit.engine.order import dealt, spread_order, stable_order
from graphkit.engine.reach import Codes


class Names:
    """Distinct texts; the code of a text is its place among them, or the place in `rows` of where it stands.

    Kept in pieces: a series each, or a file with one column (of one piece alone there may be `rows`). A text
    is found again by its code alone.
    """

    def __init__(
        self, pieces: Sequence[pl.Series | Path], lengths: Sequence[int], rows: Codes | None = None
    ) -> None:
        self._pieces = list(pieces)
        self._starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        self._rows = rows

    def __len__(self) -> int:
        return int(self._starts[-1]) if self._rows is None else len(self._rows)

    def of(self, codes: Codes) -> pl.Series:
        """The texts of `codes`."""
        if self._rows is not None:
            # From front to back through texts that lie anywhere: many times faster than as they come.
            order = stable_order(self._rows[codes].astype(np.int64))
            back = np.empty(len(order), dtype=np.uint32)
            back[order] = np.arange(len(order), dtype=np.uint32)
            return _series(self._pieces[0]).gather(self._rows[codes[order]]).gather(back)
        if len(self._pieces) == 1:
            return _series(self._pieces[0]).gather(codes)
        piece = np.searchsorted(self._starts, codes, side="right") - 1
        order, ends = dealt(piece, len(self._pieces))
        found = [
            _series(self._pieces[i]).gather(codes[order[ends[i] : ends[i + 1]]] - self._starts[i])
            for i in range(len(self._pieces))
            if ends[i + 1] > ends[i]
        ]
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        return pl.concat([pl.Series([], dtype=pl.String), *(part.alias("") for part in found)]).gather(back)

    def codes(self) -> pl.Series | None:
        """Every text at its code, as a Categorical, in which numbers stand for texts; None for pieces."""
        if len(self._pieces) > 1 or self._rows is not None:
            return None
        # Not an Enum: it would carry all its texts along wherever its type is asked for.
        return _series(self._pieces[0]).cast(pl.Categorical(pl.Categories.random()))


def _series(piece: pl.Series | Path) -> pl.Series:
    return piece if isinstance(piece, pl.Series) else pl.read_ipc(piece).to_series()


def coded(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The distinct texts in order, and the place of each among them (UInt32, null where it is null)."""
    if texts.null_count():
        distinct, places = coded(texts.drop_nulls())
        known = texts.is_not_null()
        row = known.cast(pl.Int64).cum_sum() - 1
        return distinct, places.gather(row.zip_with(known, pl.Series([None], dtype=pl.Int64)))
    if not _come_often(texts):
        return _sorted(texts)
    distinct, number = numbered(texts)
    ordered = distinct.sort()
    # Texts are sorted four times faster than their places are; that a text has one number in both orders
    # tells where each went.
    place = np.empty(len(ordered), dtype=np.uint32)
    place[numbered(ordered)[1].astype(np.int64)] = np.arange(len(ordered), dtype=np.uint32)
    # By 32 bits numpy looks up four times slower than by 64.
    return ordered, pl.Series(place[number.astype(np.int64)])


def numbered(texts: pl.Series) -> tuple[pl.Series, Codes]:
    """The distinct texts, in no order that means anything, and the place of each among them; none is null.

    The same texts have the same numbers however often, and in whatever order, they come.
    """
    # Sorting hashes goes through memory from end to end; a table of texts is looked up all over it.
    order, ranked = spread_order(texts.hash().to_numpy())
    fresh = np.r_[True, ranked[1:] != ranked[:-1]][: len(ranked)]
    number = np.empty(len(texts), dtype=np.uint32)
    number[order] = np.cumsum(fresh, dtype=np.uint32) - np.uint32(1)
    distinct = texts.gather(order[fresh])
    if (distinct.gather(number) == texts).all():
        return distinct, number
    return _looked_up(texts)


def all_differ(texts: pl.Series) -> bool:
    """Whether no text comes twice, none being null; False also for two that are taken for one."""
    hashes = np.sort(texts.hash().to_numpy())
    return not (hashes[1:] == hashes[:-1]).any()


def _come_often(texts: pl.Series) -> bool:
    """Whether places of texts are not faster sorted; an estimate is enough to choose."""
    return bool(texts.to_frame().select(pl.first().approx_n_unique()).item() * 4 < len(texts))


def _sorted(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """`coded` by sorting places, which is fast where most come in order."""
    order = texts.arg_sort()
    ordered = texts.gather(order)
    fresh = ordered.ne_missing(ordered.shift(1))
    place = np.empty(len(texts), dtype=np.uint32)
    place[order.to_numpy()] = fresh.cast(pl.UInt32).cum_sum().to_numpy() - 1
    return ordered.filter(fresh), pl.Series(place)


def _looked_up(texts: pl.Series) -> tuple[pl.Series, Codes]:
    """`numbered` where two texts have one hash."""
    distinct = texts.unique().sort()
    return distinct, texts.cast(pl.Enum(distinct)).to_physical().cast(pl.UInt32).to_numpy()
