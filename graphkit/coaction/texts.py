"""When two messages say the same to the toolkit: its normal form of a text, and its words."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import regex  # type: ignore[import-untyped]
from scipy import sparse

from graphkit.network.meetings import Int64s

# A mention runs to the next white space; this is white space as Unicode has it, without the separators
# U+001C to U+001F that Python's own `\s` adds.
_MENTION = re.compile("@[^\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*")

# A word ends at a word boundary of Unicode's annex 29; spaces and one apostrophe at the boundary fall out.
_BOUNDARY = regex.compile(r"\b\p{Word_Break=WSegSpace}*'?", flags=regex.WORD | regex.UNICODE | regex.V1)


@dataclass(frozen=True)
class Words:
    """The distinct words of many texts: `line` is the row of `table` (a column a word) of each."""

    line: Int64s
    table: sparse.csr_array

    def alike(self, first: Int64s, second: Int64s, least: float) -> npt.NDArray[np.bool_]:
        """Whether the words in common are at least `least` of the words in either, for each pair of texts."""
        size = np.diff(self.table.indptr)
        lines = np.sort(np.stack([self.line[first], self.line[second]]), axis=0)
        smaller, larger = np.sort(size[lines], axis=0)
        # No more words can be in common than the shorter text has, nor fewer in either than the longer has.
        possible: npt.NDArray[np.bool_] = (larger > 0) & (smaller >= least * larger - 1e-9 * larger)
        code, back = np.unique(lines[0][possible] * len(size) + lines[1][possible], return_inverse=True)
        left, right = code // len(size), code % len(size)
        common = self.table[left].multiply(self.table[right]).sum(axis=1)
        possible[possible] = (common / (size[left] + size[right] - common) >= least)[back]
        return possible


def normal_forms(texts: pl.Series) -> pl.Series:
    """Texts in small letters without mentions, white space folded: equal forms are one text to co_tweet.

    Python's own rules for letters and white space are the toolkit's, so they are asked, once for each text.
    """
    distinct, line = _distinct(texts)
    forms = [" ".join(_unmentioned(text).split()) for text in distinct]
    return pl.Series(forms, dtype=pl.String).gather(line)


def words(texts: pl.Series) -> Words:
    """The words of texts as co_similar_tweet compares them; marks of punctuation are words too."""
    distinct, line = _distinct(texts)
    found = pl.DataFrame(
        {"row": range(len(distinct)), "word": [_split(text) for text in distinct]},
        schema={"row": pl.Int64, "word": pl.List(pl.String)},
    )
    each = found.explode("word", empty_as_null=False).sort("row", "word")
    column = (each["word"].rank("dense") - 1).cast(pl.Int64).to_numpy()
    ones = np.ones(len(column), dtype=np.int64)
    shape = (len(distinct), int(column.max(initial=-1)) + 1)
    return Words(line, sparse.csr_array((ones, (each["row"].to_numpy(), column)), shape=shape))


def _distinct(texts: pl.Series) -> tuple[list[str], Int64s]:
    """The different texts in order, and which of them each text is."""
    place = (texts.rank("dense") - 1).cast(pl.Int64).to_numpy()
    return texts.unique().sort().to_list(), place


def _split(text: str) -> list[str]:
    # A boundary beside white space other than blanks leaves it as a piece of its own, which is no word.
    return sorted(set(" ".join(_BOUNDARY.split(_unmentioned(text))).split()))


def _unmentioned(text: str) -> str:
    return _MENTION.sub("", text.lower())
