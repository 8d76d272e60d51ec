"""New ids that look like those of the background: same lengths, same characters in the same places."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# After so many draws a pattern counts as used up (think of `a1` to `a9`): other digits are taken in its
# place, and after so many again ids grow longer.
_TRIES = 10
# So many ids of one length show what its characters look like.
_EXAMPLES = 20_000
_DIGIT = re.compile("[0-9]")
_ALPHABET = np.array(list("0123456789abcdefghijklmnopqrstuvwxyz"))


@dataclass(frozen=True)
class Shape:
    """What ids look like: the lengths they have, for each length a table of examples, and those in use."""

    lengths: NDArray[np.int64]
    examples: dict[int, NDArray[np.str_]]
    taken: frozenset[str]


def shape(like: Iterable[str]) -> Shape:
    """The shape of the ids `like`."""
    taken = frozenset(like)
    ordered = sorted(taken)
    lengths = np.array([len(name) for name in ordered], dtype=np.int64)
    examples = {}
    for length in np.unique(lengths).tolist():
        chosen = [ordered[i] for i in np.flatnonzero(lengths == length)]
        chosen = chosen[:: max(1, len(chosen) // _EXAMPLES)]
        examples[length] = np.array(chosen, dtype=f"U{length}").view("U1").reshape(len(chosen), length)
    return Shape(lengths, examples, taken)


def fresh_ids(rng: np.random.Generator, n: int, like: Shape, taken: Collection[str] = ()) -> list[str]:
    """`n` distinct ids of the shape `like`, none in use and none in `taken`.

    Each has the length of some id of the background, and every character stands at the same place in some id
    of that length (digits in the place of digits, where ids are numbered through), so patterns such as a
    UUID's dashes hold. That ids of some platforms rise with time is not
    imitated: ids are opaque.
    """
    used: set[str] = set()
    found: list[str] = []
    for attempt in range(2 * _TRIES + 1):
        drawn = _drawn(rng, rng.choice(like.lengths, size=n - len(found)), like.examples)
        if attempt >= _TRIES:
            drawn = [_DIGIT.sub(lambda _: str(rng.integers(10)), name) for name in drawn]
        if attempt == 2 * _TRIES:
            drawn = [name + "".join(rng.choice(_ALPHABET, size=8)) for name in drawn]
        for name in drawn:
            if name not in used and name not in like.taken and name not in taken:
                used.add(name)
                found.append(name)
        if len(found) == n:
            break
    return found


def _drawn(
    rng: np.random.Generator, wanted: NDArray[np.int64], examples: dict[int, NDArray[np.str_]]
) -> list[str]:
    names = [""] * len(wanted)
    for length in np.unique(wanted).tolist():
        table = examples[length]
        places = np.flatnonzero(wanted == length)
        letters = table[rng.integers(len(table), size=(len(places), length)), np.arange(length)]
        for place, row in zip(places.tolist(), letters, strict=True):
            names[place] = "".join(row)
    return names
