"""When two messages say the same to the toolkit: its normal form of a text, and its words."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import regex  # type: ignore[import-untyped]

from graphkit.engine.names import coded
from graphkit.engine.reach import Int64s

# A mention runs to the next white space; this is white space as Unicode has it, without the separators
# U+001C to U+001F that Python's own `\s` adds.
_MENTION = re.compile("@[^\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*")

# A word ends at a word boundary of Unicode's annex 29; spaces and one apostrophe at the boundary fall out.
_BOUNDARY = regex.compile(r"\b\p{Word_Break=WSegSpace}*'?", flags=regex.WORD | regex.UNICODE | regex.V1)


@dataclass(frozen=True)
class Words:
    """The distinct words of many texts as numbers, side by side and in order within a text.

    `line` says which of the distinct texts each text is; those of text i are `word[start[i]:start[i + 1]]`.
    """

    line: Int64s
    start: Int64s
    word: Int64s

    def alike(self, first: Int64s, second: Int64s, least: float) -> npt.NDArray[np.bool_]:
        """Whether the words in common are at least `least` of the words in either, for each pair of texts."""
        size = np.diff(self.start)
        lines = np.sort(np.stack([self.line[first], self.line[second]]), axis=0)
        smaller, larger = np.sort(size[lines], axis=0)
        # No more words can be in common than the shorter text has, nor fewer in either than the longer has.
        possible: npt.NDArray[np.bool_] = (larger > 0) & (smaller >= least * larger - 1e-9 * larger)
        pair, back = np.unique(lines[0][possible] * len(size) + lines[1][possible], return_inverse=True)
        left, right = pair // max(len(size), 1), pair % max(len(size), 1)
        common = self._common(left, right)
        possible[possible] = (common / (size[left] + size[right] - common) >= least)[back]
        return possible

    def _common(self, left: Int64s, right: Int64s) -> Int64s:
        """How many words two texts share: each word of the left one is looked up among those of the right."""
        n = np.diff(self.start)[left]
        pair = np.repeat(np.arange(len(left)), n)
        place = np.arange(len(pair)) - np.repeat(np.cumsum(n) - n, n) + self.start[left][pair]
        # One number for text and word: they come in order, so all lookups are one binary search.
        width = int(self.word.max(initial=0)) + 1
        known = np.repeat(np.arange(len(self.start) - 1), np.diff(self.start)) * width + self.word
        wanted = right[pair] * width + self.word[place]
        found = np.searchsorted(known, wanted)
        hit = known[np.minimum(found, len(known) - 1)] == wanted if len(known) else found < 0
        return np.bincount(pair[hit], minlength=len(left)).astype(np.int64)


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
    found = pl.Series([_split(text) for text in distinct], dtype=pl.List(pl.String))
    n = found.list.len().to_numpy().astype(np.int64)
    each = found.explode(empty_as_null=False)
    # Words stand in order in each text, and so do their numbers.
    return Words(line, np.concatenate([[0], np.cumsum(n)]), coded(each)[1].cast(pl.Int64).to_numpy())


def _distinct(texts: pl.Series) -> tuple[list[str], Int64s]:
    """The different texts in order, and which of them each text is."""
    place = (texts.rank("dense") - 1).cast(pl.Int64).to_numpy()
    return texts.unique().sort().to_list(), place


def _split(text: str) -> list[str]:
    # A boundary beside white space other than blanks leaves it as a piece of its own, which is no word.
    return sorted(set(" ".join(_BOUNDARY.split(_unmentioned(text))).split()))


def _unmentioned(text: str) -> str:
    return _MENTION.sub("", text.lower())
