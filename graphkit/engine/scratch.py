"""Arrays that lie in memory or, when they are too many for it, in files of a folder that is taken away."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Stored:
    """An array in a file; a slice of it is read into memory, the whole never is."""

    def __init__(self, path: Path, dtype: npt.DTypeLike, length: int) -> None:
        self._path, self._dtype, self._length = path, np.dtype(dtype), length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice) -> Array:
        start, stop, _ = part.indices(self._length)
        size = self._dtype.itemsize
        return np.fromfile(self._path, self._dtype, count=max(stop - start, 0), offset=start * size)


# An array that may be longer than memory: it has a length and gives slices.
Column = Array | Stored


class Growing:
    """An array that is written from front to back without knowing its length."""

    def __init__(self, dtype: npt.DTypeLike, path: Path | None) -> None:
        self._dtype, self._path = np.dtype(dtype), path
        self._parts: list[Array] = []
        self._length = 0

    def extend(self, values: Array) -> None:
        """Append `values`."""
        part = np.ascontiguousarray(values, dtype=self._dtype)
        self._length += len(part)
        if self._path is None:
            self._parts.append(part)
            return
        with self._path.open("ab") as file:
            part.tofile(file)

    def done(self) -> Column:
        """The whole array; nothing is appended after it."""
        if self._path is not None and self._length:
            return Stored(self._path, self._dtype, self._length)
        parts, self._parts = self._parts, []
        return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, self._dtype), *parts])


class Scratch:
    """Makes arrays in memory (`folder` None) or in files of a folder."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._numbers = count()

    def growing(self, dtype: npt.DTypeLike) -> Growing:
        """An array to append to."""
        return Growing(dtype, self.path("array"))

    def path(self, ending: str) -> Path | None:
        """A name in the folder that nothing else has; None in memory."""
        return None if self.folder is None else self.folder / f"{next(self._numbers)}.{ending}"


@contextmanager
def scratch(*, on_disk: bool, beside: Path | None = None) -> Iterator[Scratch]:
    """A Scratch; its files lie `beside` the result (default: in the system's place) until it is left."""
    if not on_disk:
        yield Scratch(None)
        return
    if beside is not None:
        beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".graphkit-", dir=beside) as folder:
        yield Scratch(Path(folder))
