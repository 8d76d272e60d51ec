"""Texts of planted events: recombined from texts of the background, so that their form is ordinary."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

# Shorter texts are stock phrases that anybody writes; they are taken whole.
_STOCK = 12
# Texts whose ranks by length lie this close may be spliced: about the same length, different authors.
_NEAR = 60
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\d_]{4,12}")


@dataclass(frozen=True)
class Voice:
    """The texts of one channel by script and length; `silent` is the share of events without text."""

    texts: tuple[str, ...]
    lengths: NDArray[np.int64]
    scripts: NDArray[np.int64]
    silent: float


def voice(events: pl.DataFrame, fallback: pl.DataFrame) -> Voice:
    """The texts of `events`; where those hold no text at all, events stay without."""
    silent = events["text"].is_null().mean() if events.height else fallback["text"].is_null().mean()
    source = events if events.height else fallback
    kept = (
        source.select(pl.col("text").drop_nulls().unique())
        .filter(pl.col("text").str.len_chars() > 0)
        .with_columns(
            pl.col("text").str.len_chars().cast(pl.Int64).alias("length"),
            (
                pl.col("text").str.count_matches("[\u3040-\u30ff\u3400-\u9fff]") * 3
                > pl.col("text").str.len_chars()
            )
            .cast(pl.Int64)
            .alias("script"),
        )
        .sort("script", "length", "text")
    )
    share = 1.0 if not kept.height else float(silent or 0.0)  # type: ignore[arg-type]
    return Voice(tuple(kept["text"].to_list()), kept["length"].to_numpy(), kept["script"].to_numpy(), share)


def prose(rng: np.random.Generator, voice: Voice, n: int) -> list[str | None]:
    """`n` ordinary texts, unique but for stock phrases, with the channel's share of events without text."""
    if not voice.texts:
        return [None] * n
    chosen = rng.integers(len(voice.texts), size=n)
    texts: list[str | None] = list(_spliced(rng, voice, chosen))
    for i in np.flatnonzero(rng.random(n) < voice.silent):
        texts[i] = None
    return texts


def reworded(rng: np.random.Generator, voice: Voice, originals: Sequence[str | None]) -> list[str | None]:
    """For each original another text of about its length and of its script; null stays null."""
    if not voice.texts:
        return [None] * len(originals)
    places = [i for i, text in enumerate(originals) if text]
    bounds = np.searchsorted(voice.scripts, [0, 1, 2])
    chosen = np.zeros(len(places), dtype=np.int64)
    for at, i in enumerate(places):
        text = originals[i] or ""
        script = int(len(_CJK.findall(text)) * 3 > len(text))
        low, high = bounds[script], bounds[script + 1]
        if low == high:
            low, high = 0, len(voice.texts)
        chosen[at] = low + np.searchsorted(voice.lengths[low:high], len(text))
    spread = rng.integers(-_NEAR, _NEAR + 1, size=len(places))
    texts: list[str | None] = [None if text is None else text for text in originals]
    chosen = np.clip(chosen + spread, 0, len(voice.texts) - 1)
    for i, text in zip(places, _spliced(rng, voice, chosen), strict=True):
        texts[i] = text
    return texts


def _spliced(rng: np.random.Generator, voice: Voice, chosen: NDArray[np.int64]) -> list[str]:
    """The first half of each chosen text and the second half of a neighbour of the same length and script."""
    steps = rng.integers(1, _NEAR + 1, size=len(chosen))
    last = len(voice.texts) - 1
    others = np.where(chosen + steps > last, np.maximum(chosen - steps, 0), chosen + steps)
    return [_splice(voice.texts[i], voice.texts[j]) for i, j in zip(chosen, others, strict=True)]


def _splice(first: str, second: str) -> str:
    if len(first) < _STOCK:
        return first
    if " " not in first or " " not in second:
        return first[: len(first) // 2] + second[len(second) // 2 :]
    # Cut at the spaces nearest to the middle, so that words and line breaks stay whole.
    head = first[: len(first) // 2].rpartition(" ")[0] or first[: len(first) // 2]
    tail = second[len(second) // 2 :].partition(" ")[2] or second[len(second) // 2 :]
    return f"{head} {tail}"


def variants(rng: np.random.Generator, voice: Voice, n: int, n_scripts: int) -> list[str | None]:
    """`n` texts from `n_scripts` scripts of 20 characters or more, each with one short stretch exchanged."""
    if not voice.texts:
        return [None] * n
    long = np.flatnonzero((voice.lengths >= 20) & (voice.lengths <= 200))
    pool = long if len(long) else np.arange(len(voice.texts))
    scripts = _spliced(rng, voice, rng.choice(pool, size=n_scripts))
    fillers = [voice.texts[i] for i in rng.integers(len(voice.texts), size=n)]
    chosen = rng.integers(n_scripts, size=n)
    return [_varied(rng, scripts[i], filler) for i, filler in zip(chosen, fillers, strict=True)]


def _varied(rng: np.random.Generator, script: str, filler: str) -> str:
    """`script` with a tenth of it replaced by a piece of `filler`; one copy in four is left as it is."""
    if rng.random() < 0.25:
        return script
    words, others = script.split(" "), filler.split(" ")
    if len(words) < 5:
        piece = max(1, len(script) // 10)
        at = int(rng.integers(max(1, len(script) - piece)))
        return script[:at] + filler[:piece] + script[at + piece :]
    words[int(rng.integers(len(words)))] = others[int(rng.integers(len(others)))][:12]
    return " ".join(words)


def invented_words(rng: np.random.Generator, voice: Voice, n: int) -> list[str]:
    """`n` words that no text of the background holds, made of pieces of its own words."""
    sample = [voice.texts[i] for i in rng.integers(len(voice.texts), size=400)] if voice.texts else []
    chinese = sum(map(len, map(_CJK.findall, sample))) * 4 > sum(map(len, sample))
    pieces = _CJK.findall("".join(sample)) if chinese else _WORD.findall(" ".join(sample).lower())
    everything = "\n".join(voice.texts).lower()
    found: list[str] = []
    while pieces and len(found) < n:
        one, two, three = (pieces[i] for i in rng.integers(len(pieces), size=3))
        word = one + two + three if chinese else one[:3] + two[1:4] + three[-3:]
        if word not in everything and word not in found:
            found.append(word)
    return found


def with_word(rng: np.random.Generator, text: str | None, word: str) -> str | None:
    """`text` with `word` put in at a random place between words (between characters where there are none)."""
    if text is None:
        return None
    if _CJK.search(word):
        at = int(rng.integers(len(text) + 1))
        return text[:at] + word + text[at:]
    words = text.split(" ")
    words.insert(int(rng.integers(len(words) + 1)), word)
    return " ".join(words)
