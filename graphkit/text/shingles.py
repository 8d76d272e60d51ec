"""Texts as sets of short strings, and MinHash signatures of those sets."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy import sparse

Words64 = npt.NDArray[np.uint64]
Words32 = npt.NDArray[np.uint32]
Int64s = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Characters worked on at once: small enough to stay in the processor's cache.
_CHUNK = 50_000
_SEPARATOR = 10


def shingles(texts: list[str]) -> tuple[Words64, Flags, Int64s]:
    """One code for each character of `texts`, whether a shingle begins there, and where each text begins.

    A shingle is three characters, but two where both are Chinese: a Chinese character carries about as much
    as an English syllable, and with threes one changed word already parts two short Chinese texts. Codes hold
    the characters themselves (21 bits each), so different shingles have different codes. Texts have no
    line ends.
    """
    points = np.frombuffer(("\n".join(texts) + "\n\n\n").encode("utf-32-le"), dtype=np.uint32)
    first, second, third = points[:-2], points[1:-1], points[2:]
    pair = _chinese(first) & _chinese(second)
    wide = first.astype(np.uint64) << np.uint64(21) | second
    codes = np.where(pair, wide, wide << np.uint64(21) | third)
    inside = (first != _SEPARATOR) & (second != _SEPARATOR) & (pair | (third != _SEPARATOR))
    lengths = np.fromiter((len(text) for text in texts), dtype=np.int64, count=len(texts))
    starts = np.cumsum(lengths + 1) - (lengths + 1)
    return codes, inside, starts


def signatures(texts: list[str], *, size: int, seed: int) -> Words32:
    """MinHash signatures, one row of `size` for each text.

    The share of equal places in two rows estimates the texts' shared shingles over all their shingles (Broder
    1997). Every text must hold a shingle.
    """
    factors = np.random.default_rng(seed).integers(2**63, size=size, dtype=np.uint64) * np.uint64(
        2
    ) + np.uint64(1)
    answer = np.empty((len(texts), size), dtype=np.uint32)
    done = 0
    for chunk in _chunks(texts):
        codes, inside, starts = shingles(chunk)
        words = mixed(codes[inside])
        first: Int64s = np.cumsum(inside, dtype=np.int64)[starts] - inside[starts]
        hashed = np.empty_like(words)
        for place, factor in enumerate(factors):
            # Multiplying by an odd number permutes the 64-bit words; the upper half is the hash, and the
            # least word has the least upper half.
            np.multiply(words, factor, out=hashed)
            least = np.minimum.reduceat(hashed, first)
            answer[done : done + len(chunk), place] = least >> np.uint64(32)
        done += len(chunk)
    return answer


def similarities(texts: list[str], first: Int64s, second: Int64s) -> npt.NDArray[np.float64]:
    """Shared shingles over all shingles (Jaccard), exact, for the pairs `first[i]`, `second[i]`."""
    rows: list[Int64s] = []
    codes: list[Words64] = []
    done = 0
    for chunk in _chunks(texts):
        found, inside, starts = shingles(chunk)
        owner = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(found))))
        rows.append(owner[inside] + done)
        codes.append(found[inside])
        done += len(chunk)
    if not len(first):
        return np.zeros(0)
    names, columns = np.unique(np.concatenate(codes), return_inverse=True)
    counts = sparse.coo_array(
        (np.ones(len(columns), dtype=np.int32), (np.concatenate(rows), columns)),
        shape=(len(texts), len(names)),
    )
    held = counts.tocsr()
    held.data[:] = 1
    sizes = np.diff(held.indptr)
    answer = np.empty(len(first))
    step = 20_000
    for start in range(0, len(first), step):
        one, other = first[start : start + step], second[start : start + step]
        shared = held[one].multiply(held[other]).sum(axis=1)
        answer[start : start + step] = shared / (sizes[one] + sizes[other] - shared)
    return answer


def _chunks(texts: list[str]) -> Iterator[list[str]]:
    total = np.cumsum([len(text) for text in texts])
    start = 0
    while start < len(texts):
        before = total[start - 1] if start else 0
        stop = max(int(np.searchsorted(total, before + _CHUNK)), start + 1)
        yield texts[start:stop]
        start = stop


def _chinese(points: Words32) -> Flags:
    common = (points >= 0x3400) & (points <= 0x9FFF)
    return common | ((points >= 0xF900) & (points <= 0xFAFF)) | ((points >= 0x20000) & (points <= 0x3FFFF))


def mixed(codes: Words64) -> Words64:
    """`codes` permuted so that every bit touches every other: the finaliser of splitmix64 (Steele 2014)."""
    words = (codes ^ (codes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
