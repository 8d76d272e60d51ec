"""Strings of Chinese characters that hold together, found without a dictionary."""

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.normal import Z

Int64s = npt.NDArray[np.int64]

FOUND = pl.Schema({"row": pl.UInt32, "token": pl.String})

_SHORTEST, _LONGEST = 3, 4


def cohesive_strings(texts: pl.Series, *, cohesion: float, least: int = 2) -> pl.DataFrame:
    """Strings of 3 or 4 Chinese characters that stand `least` times and hold together; columns row, token.

    `row` is the row of `texts`. A string holds together if each of its splits does: if it stands `cohesion`
    times as often as the parts explain, count x N / (count of the left part x count of the right part), N the
    characters of `texts` (pointwise mutual information, Church and Hanks 1990), or if one of the parts hardly
    stands elsewhere (see `_hardly_elsewhere`). The ratio alone is at most N / count of the commonest
    character, so it misses an invented word that holds one which everybody uses. 我基本都, common words that
    happened to meet, does not hold together.
    """
    found = texts.to_frame("text").with_row_index("row")
    runs = found.select("row", pl.col("text").str.extract_all(r"\p{Han}{3,}")).explode(
        "text", empty_as_null=False, keep_nulls=False
    )
    if runs.is_empty():
        return FOUND.to_frame()
    lengths = runs["text"].str.len_chars().cast(pl.Int64).to_numpy()
    points = np.frombuffer("".join(runs["text"].to_list()).encode("utf-32-le"), dtype=np.uint32)
    owner = np.repeat(runs["row"].to_numpy(), lengths)
    # Characters from here to the end of the run: a string of n stands here if there are n.
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(points))
    counts = _counts(points, left)
    parts: list[pl.DataFrame] = []
    for n in range(_SHORTEST, _LONGEST + 1):
        at = np.flatnonzero((left >= n) & (counts[n] >= least))
        whole = counts[n][at]
        holds = np.ones(len(at), dtype=bool)
        for head in range(1, n):
            one, other = counts[head][at], counts[n - head][at + head]
            often = whole * len(points) >= cohesion * (one * other)
            holds &= often | _hardly_elsewhere(whole, np.minimum(one, other))
        kept = at[holds]
        parts.append(pl.DataFrame({"row": owner[kept], "token": _strings(points, kept, n)}, schema=FOUND))
    return pl.concat(parts).unique().sort("row", "token")


def _hardly_elsewhere(whole: Int64s, part: Int64s) -> npt.NDArray[np.bool_]:
    """Whether what stands `part` times stands more often than not, `whole` times, in one longer string.

    2 k - n >= z sqrt(n), which is where Wilson's (1927) lower bound of k / n at 97.5 % is one half: four of
    four do, three of three do not.
    """
    most: npt.NDArray[np.bool_] = 2 * whole - part >= Z * np.sqrt(part)
    return most


def _counts(points: npt.NDArray[np.uint32], left: Int64s) -> dict[int, Int64s]:
    """For each length and place: how often the string that begins there stands in all runs; 0 past an end."""
    single = np.unique(points, return_inverse=True)[1].astype(np.int64)
    name = single
    answer: dict[int, Int64s] = {}
    for n in range(1, _LONGEST + 1):
        if n > 1:
            # The name of the string one shorter, and the character after it: both below 2 ** 31.
            following = np.append(single[n - 1 :], np.zeros(n - 1, np.int64))
            name = np.unique(name << np.int64(31) | following[: len(name)], return_inverse=True)[1]
            name = name.astype(np.int64)
        inside = left >= n
        often = np.bincount(name[inside], minlength=int(name.max()) + 1)
        answer[n] = np.where(inside, often[name], 0)
    return answer


def _strings(points: npt.NDArray[np.uint32], at: Int64s, n: int) -> pl.Series:
    windows = points[at[:, None] + np.arange(n)]
    text = windows.astype("<u4").tobytes().decode("utf-32-le")
    return pl.Series("token", [text[start : start + n] for start in range(0, len(text), n)], dtype=pl.String)
