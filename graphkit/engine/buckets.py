"""Rows dealt out to files by ranges of a text column, so that each range can be worked through in memory."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from graphkit.engine.order import dealt
from graphkit.engine.scratch import Scratch

# Rows looked at to find ranges of equal size: enough for a hundred ranges within a tenth of each other.
SAMPLE = 100_000


def splitters(sample: pl.Series, ranges: int) -> pl.Series:
    """Texts that part what `sample` was drawn from into `ranges` of about as many rows, or fewer."""
    if sample.is_empty():
        return sample
    ordered = sample.sort()
    places = np.arange(1, ranges, dtype=np.int64) * len(ordered) // ranges
    return ordered.gather(places).unique().sort()


class Buckets:
    """Frames taken apart by the range of `column`, range by range to be had back."""

    def __init__(self, scratch: Scratch, column: str, between: pl.Series) -> None:
        self._scratch, self._column, self._between = scratch, column, between
        self._files: list[list[Path]] = [[] for _ in range(len(between) + 1)]

    def add(self, frame: pl.DataFrame) -> None:
        """Deal out the rows of `frame`; those of one bucket keep their order."""
        bucket = self._between.search_sorted(frame[self._column], side="right").to_numpy()
        order, ends = dealt(bucket, len(self._files))
        sorted_rows = frame[order]
        for files, start, stop in zip(self._files, ends[:-1], ends[1:], strict=True):
            path = self._scratch.path("ipc")
            if stop > start and path is not None:
                sorted_rows[int(start) : int(stop)].write_ipc(path, compression="lz4")
                files.append(path)

    def read(self) -> Iterator[pl.DataFrame]:
        """The rows of each bucket in the order of its texts; its files are gone after it."""
        for files in self._files:
            if not files:
                continue
            yield pl.concat([pl.read_ipc(path) for path in files], rechunk=True)
            for path in files:
                path.unlink()
