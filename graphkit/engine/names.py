"""The texts behind codes: in memory, or in files of which only what is asked for is read."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from graphkit.engine.order import dealt
from graphkit.engine.reach import Codes


class Names:
    """Distinct texts in order; the code of a text is its place among them.

    Kept in pieces: a series each, or a file with one column. A text is found again by its code alone.
    """

    def __init__(self, pieces: Sequence[pl.Series | Path], lengths: Sequence[int]) -> None:
        self._pieces = list(pieces)
        self._starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def of(self, codes: Codes) -> pl.Series:
        """The texts of `codes`."""
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


def _series(piece: pl.Series | Path) -> pl.Series:
    return piece if isinstance(piece, pl.Series) else pl.read_ipc(piece).to_series()


def coded(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The distinct texts in order, and the place of each among them (UInt32, null where it is null)."""
    if _come_often(texts):
        distinct = texts.drop_nulls().unique().sort()
        return distinct, texts.cast(pl.Enum(distinct)).to_physical().cast(pl.UInt32)
    order = texts.arg_sort(nulls_last=True).head(len(texts) - texts.null_count())
    ordered = texts.gather(order)
    fresh = ordered.ne_missing(ordered.shift(1))
    places = np.empty(len(texts), dtype=np.uint32)
    places[order.to_numpy()] = fresh.cast(pl.UInt32).cum_sum().to_numpy() - 1
    place = pl.Series(places)
    if texts.null_count():
        place = place.zip_with(texts.is_not_null(), pl.Series([None], dtype=pl.UInt32))
    return ordered.filter(fresh), place


def numbered(texts: pl.Series) -> tuple[pl.Series, Codes]:
    """The distinct texts, in no order that means anything, and the place of each among them; none is null.

    For texts that only have to be told apart: those that come often are not sorted.
    """
    if not _come_often(texts):
        distinct, place = coded(texts)
        return distinct, place.to_numpy()
    numbers = texts.cast(pl.Categorical(pl.Categories.random())).to_physical().cast(pl.UInt32).to_numpy()
    # Any row of a number will do.
    row = np.zeros(int(numbers.max()) + 1, dtype=np.int64)
    row[numbers] = np.arange(len(numbers))
    return texts.gather(row), numbers


def _come_often(texts: pl.Series) -> bool:
    """Whether texts are faster looked up than sorted; an estimate is enough to choose."""
    return bool(texts.to_frame().select(pl.first().approx_n_unique()).item() * 4 < len(texts))
