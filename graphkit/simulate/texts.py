"""Texts of planted events: recombined from texts of the background, so that their form is ordinary."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

# Shorter texts are stock phrases that anybody writes; they are taken whole.
_STOCK = 12
# Characters of a greeting, at most, and how many have to be known for it to be one of those.
_GREETING = 33
_FEW = 12
# Texts whose ranks by length lie this close may be spliced: about the same length, different authors.
_NEAR = 60
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
# How often a text is made anew until it has the marks of its model.
_TRIES = 12
_MARKS = ("^[A-Z]", "[.!?\u3002\uff01\uff1f]$", "!", r"\?", "@", "[\U0001f300-\U0001faff]", "^@")
_WORD = re.compile(r"[^\W\d_]{4,12}")


@dataclass(frozen=True)
class Voice:
    """The texts of one channel in order of form and length; `silent` is the share of events without text.

    `keys` are 10^7 times the form plus the length: texts of one form (script, links, marks) lie together.
    `stock` are short texts that two accounts or more said, if there are so many; else short texts.
    """

    texts: tuple[str, ...]
    keys: NDArray[np.int64]
    silent: float
    stock: tuple[str, ...]


_FORM = 10_000_000


def _key(text: pl.Expr) -> pl.Expr:
    """Form and length of a text in one number, ascending with both."""
    chinese = text.str.count_matches("[\u3040-\u30ff\u3400-\u9fff]") * 3 > text.str.len_chars()
    marks = [chinese, *(text.str.contains(mark, literal=True) for mark in ("http", "—", "**", "\n"))]
    form = pl.sum_horizontal(mark.cast(pl.Int64) * 2**place for place, mark in enumerate(marks))
    return form * _FORM + text.str.len_chars().cast(pl.Int64)


def voice(events: pl.DataFrame, fallback: pl.DataFrame) -> Voice:
    """The texts of `events`, or of `fallback` if there are none; a channel without any text stays without."""
    source = events if events.height else fallback
    kept = (
        source.select(pl.col("text").drop_nulls().unique())
        .filter(pl.col("text").str.len_chars() > 0)
        .with_columns(_key(pl.col("text")).alias("key"))
        .sort("key", "text")
    )
    silent = source["text"].null_count() / source.height if kept.height else 1.0
    return Voice(tuple(kept["text"].to_list()), kept["key"].to_numpy(), silent, _stock(source))


def _stock(source: pl.DataFrame) -> tuple[str, ...]:
    """Short texts of `source` that are on several lips; where they are few, of any lips."""
    short = source.filter(pl.col("text").str.len_chars().is_between(1, _GREETING))
    said = short.group_by("text").agg(pl.col("account_id").n_unique().alias("n")).sort("text")
    common = said.filter(pl.col("n") > 1)
    chosen = common if common.height >= _FEW else said
    return tuple(chosen["text"].to_list())


def prose(rng: np.random.Generator, voice: Voice, n: int) -> list[str | None]:
    """`n` ordinary texts, unique but for stock phrases, with the channel's share of events without text."""
    if not voice.texts:
        return [None] * n
    models = rng.integers(len(voice.texts), size=n)
    texts: list[str | None] = list(_alike(rng, voice, models, [voice.texts[i] for i in models]))
    for i in np.flatnonzero(rng.random(n) < voice.silent).tolist():
        texts[i] = None
    return texts


def pasted(speakers: Sequence[object], texts: Sequence[str | None]) -> list[str | None]:
    """For each text that its speaker wrote more than once what the copies have in common, else None.

    Copies are equal in their letters and digits; stock phrases are nobody's.
    """
    frame = pl.DataFrame(
        {"speaker": list(speakers), "text": list(texts)}, schema_overrides={"text": pl.String}
    ).with_columns(pl.col("text").str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", "").alias("said"))
    copied = (pl.len().over("speaker", "said") > 1) & (pl.col("said").str.len_chars() >= _STOCK)
    return frame.select(pl.when(copied).then(pl.format("{}\n{}", "speaker", "said"))).to_series().to_list()


def reworded(
    rng: np.random.Generator,
    voice: Voice,
    originals: Sequence[str | None],
    copies: Sequence[str | None] = (),
) -> list[str | None]:
    """For each original another text of about its length and of its form; null and empty stay as they are.

    Originals with the same entry of `copies` (see `pasted`) are replaced by the same text: whoever pastes
    goes on pasting, or a text that took no time to write would become many that took none.
    """
    if not voice.texts:
        return [None] * len(originals)
    texts = list(originals)
    places = [i for i, text in enumerate(originals) if text]
    spoken = pl.DataFrame({"text": [originals[i] for i in places]}, schema={"text": pl.String})
    wanted = spoken.select(_key(pl.col("text"))).to_series().to_numpy()
    like = np.searchsorted(voice.keys, wanted)
    for i, text in zip(places, _alike(rng, voice, like, spoken["text"].to_list()), strict=True):
        texts[i] = text
    first: dict[str, int] = {}
    for i, copy in enumerate(copies):
        if copy is not None:
            texts[i] = texts[first.setdefault(copy, i)]
    return texts


def _alike(
    rng: np.random.Generator, voice: Voice, places: NDArray[np.int64], models: Sequence[str]
) -> list[str]:
    """For each model a new text made near its place in the voice: of a few the one most like it in marks."""
    wanted = _marks(models)
    least = np.full(len(models), len(_MARKS) + 1)
    keys = voice.keys[np.clip(places, 0, len(voice.texts) - 1)]
    low, high = _bounds(voice, keys)
    found = [""] * len(models)
    left = np.arange(len(models))
    for _ in range(_TRIES):
        near = places[left] + rng.integers(-_NEAR, _NEAR + 1, size=len(left))
        new = _spliced(rng, voice, np.clip(near, low[left], high[left]))
        off = np.bitwise_count(_marks(new) ^ wanted[left]).astype(np.int64)
        for i, text, is_better in zip(left.tolist(), new, (off < least[left]).tolist(), strict=True):
            found[i] = text if is_better else found[i]
        least[left] = np.minimum(least[left], off)
        left = left[least[left] > 0]
    return found


def _marks(texts: Sequence[str]) -> NDArray[np.int64]:
    """How each text begins and ends and which marks stand in it, in one number."""
    text = pl.col("text")
    marks = [text.str.contains(mark) for mark in _MARKS]
    number = pl.sum_horizontal(mark.cast(pl.Int64) * 2**place for place, mark in enumerate(marks))
    frame = pl.DataFrame({"text": list(texts)}, schema={"text": pl.String})
    return frame.select(number).to_series().to_numpy()


def _bounds(voice: Voice, keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last place of the texts that have the form of each key; the whole voice where none has."""
    form = keys // _FORM
    low = np.searchsorted(voice.keys, form * _FORM)
    high = np.searchsorted(voice.keys, (form + 1) * _FORM) - 1
    empty = high < low
    return np.where(empty, 0, low), np.where(empty, len(voice.texts) - 1, high)


def _spliced(rng: np.random.Generator, voice: Voice, chosen: NDArray[np.int64]) -> list[str]:
    """The first half of each chosen text and the second half of a neighbour of the same form and length."""
    low, high = _bounds(voice, voice.keys[chosen])
    steps = rng.integers(1, _NEAR + 1, size=len(chosen))
    others = np.where(chosen + steps > high, np.maximum(chosen - steps, low), chosen + steps)
    return [_splice(voice.texts[i], voice.texts[j]) for i, j in zip(chosen, others, strict=True)]


def _splice(first: str, second: str) -> str:
    if len(first) < _STOCK:
        return first
    if " " not in first or " " not in second:
        return first[: len(first) // 2] + second[len(second) // 2 :]
    # Both are cut where the word in the middle begins: words stay whole and nothing is lost on average.
    head = first[: first.rfind(" ", 0, len(first) // 2) + 1]
    return head + second[second.rfind(" ", 0, len(second) // 2) + 1 :]


def variants(rng: np.random.Generator, voice: Voice, n: int, n_scripts: int) -> list[str | None]:
    """`n` texts from `n_scripts` scripts of 20 characters or more, each with one short stretch exchanged."""
    if not voice.texts:
        return [None] * n
    lengths = voice.keys % _FORM
    # No longer than most texts of the channel are, or a script would be told by its length.
    long = np.flatnonzero((lengths >= 20) & (lengths <= max(200, np.quantile(lengths, 0.75))))
    pool = long if len(long) else np.arange(len(voice.texts))
    scripts = _spliced(rng, voice, rng.choice(pool, size=n_scripts))
    fillers = [voice.texts[i] for i in rng.integers(len(voice.texts), size=n)]
    chosen = rng.integers(n_scripts, size=n)
    return [_varied(rng, scripts[i], filler) for i, filler in zip(chosen, fillers, strict=True)]


def greetings(rng: np.random.Generator, voice: Voice, n: int) -> list[str | None]:
    """`n` short texts that others say as well, such as a circle says to each other word for word."""
    if not voice.stock:
        return [None] * n
    return [voice.stock[i] for i in rng.integers(len(voice.stock), size=n)]


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
    # Each once: names and passwords are not made of the commonest words of a language.
    pieces = sorted(set(pieces))
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
