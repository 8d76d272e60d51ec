"""Which texts are copies of one template: exact, re-punctuated, or with a few words exchanged."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.names import coded, numbered
from graphkit.engine.threads import side_by_side
from graphkit.settings import TextSettings
from graphkit.text.normalise import normalised
from graphkit.text.shingles import Int64s, Words32, Words64, mixed, signatures, similarities

STANDARD = TextSettings()

GROUPS = pl.Schema({"event": pl.UInt32, "group": pl.UInt32})

# Signatures that agree this much less than the threshold are not compared: 4 standard errors at 100 places.
_SLACK = 0.18
# Pairs of signatures compared at once: small enough to stay in the processor's cache.
_COMPARED = 5_000


@dataclass(frozen=True)
class NearDuplicates:
    """Groups of events by text, and how many comparisons full buckets left out."""

    groups: pl.DataFrame
    left_out: int


def groups(texts: pl.DataFrame, settings: TextSettings = STANDARD, *, seed: int = 0) -> pl.DataFrame:
    """The group (UInt32) of every event whose text is long enough; columns event, group, sorted by event.

    `texts` has the columns event and text; `form` (the text as `normalised`), where it is there, is taken
    instead. A text that resembles no other is a group of its own. See
    `near_duplicates` for what a group is.
    """
    return near_duplicates(texts, settings, seed=seed).groups


def near_duplicates(
    texts: pl.DataFrame,
    settings: TextSettings = STANDARD,
    *,
    seed: int = 0,
) -> NearDuplicates:
    """Groups of texts around a centre, each at least `settings.similarity` like the centre.

    Groups are stars, not chains: Jaccard distance obeys the triangle inequality, so at similarity .7 two
    texts of one group share at least .4, however large the group. Equal normalised texts are one text.
    Centres are the texts with the most copies, ties in order of text; a text joins the first of its centres
    in this order. Groups are numbered in the order of their centres' texts, so any order of rows, and
    any other naming of events, gives the same groups.
    """
    known = texts.select("event", pl.col("text") if "form" not in texts.columns else "form")
    known = known.drop_nulls()
    named, place = numbered(known.to_series(1))
    forms = named if "form" in texts.columns else named.to_frame().select(normalised(pl.first())).to_series()
    # Several texts may have one form, and so one number; -1 where the form is too short.
    distinct, codes = coded(_long(forms, settings))
    number = codes.cast(pl.Int64).fill_null(-1).to_numpy()[place]
    heads = distinct.str.slice(0, settings.longest).to_list()
    first, second, left_out = _copies(heads, settings, seed)
    group = np.unique(_centres(len(heads), first, second), return_inverse=True)[1]
    long = number >= 0
    grouped = known.filter(pl.Series(long)).select("event", pl.Series("group", group[number[long]]))
    return NearDuplicates(groups=grouped.cast(GROUPS).sort("event"), left_out=left_out)


def _long(forms: pl.Series, settings: TextSettings) -> pl.Series:
    """`forms` with null in place of those that are too short, or of too few different characters."""
    head = pl.col("form").str.slice(0, 8 * settings.shortest)
    long = (pl.col("form").str.len_chars() >= settings.shortest) & (
        head.str.split("").list.n_unique() >= settings.fewest_characters
    )
    return forms.to_frame("form").select(pl.when(long).then("form")).to_series()


def _copies(heads: list[str], settings: TextSettings, seed: int) -> tuple[Int64s, Int64s, int]:
    """The pairs of `heads` that are alike enough (first < second), and the comparisons left out."""
    if not heads:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), 0
    signed = signatures(heads, size=settings.bands * settings.band_rows, seed=seed)
    first, second, left_out = _proposed(signed, settings)
    agreement = _agreement(signed, first, second)
    first, second = (side[agreement >= settings.similarity - _SLACK] for side in (first, second))
    involved, places = np.unique(np.concatenate([first, second]), return_inverse=True)
    texts = [heads[place] for place in involved.tolist()]
    alike = similarities(texts, places[: len(first)], places[len(first) :]) >= settings.similarity
    return first[alike], second[alike], left_out


def _agreement(signed: Words32, first: Int64s, second: Int64s) -> npt.NDArray[np.float64]:
    """The share of equal places in the signatures of each pair."""
    equal = np.zeros(len(first), dtype=np.int64)
    for start in range(0, len(first), _COMPARED):
        part = slice(start, start + _COMPARED)
        same = signed[first[part]] == signed[second[part]]
        # Flags are added up eight at a time, as bytes.
        equal[part] = np.add.reduce(same.view(np.uint8), axis=1, dtype=np.uint32)
    share: npt.NDArray[np.float64] = equal / max(signed.shape[1], 1)
    return share


def _proposed(signed: Words32, settings: TextSettings) -> tuple[Int64s, Int64s, int]:
    """Pairs that agree in a whole band of their signatures, each once, and the comparisons left out."""

    def of_band(band: int) -> tuple[Int64s, int]:
        bucket = np.zeros(len(signed), dtype=np.uint64)
        for place in range(band * settings.band_rows, (band + 1) * settings.band_rows):
            bucket = mixed(bucket ^ signed[:, place])
        return _in_buckets(bucket, settings.bucket_followers)

    bands = side_by_side([partial(of_band, band) for band in range(settings.bands)])
    found, left_out = [pairs for pairs, _ in bands], sum(beyond for _, beyond in bands)
    # numpy's own unique hashes and is six times slower here.
    pairs = np.sort(np.concatenate(found))
    pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])] if len(pairs) else pairs
    return pairs >> np.int64(32), pairs & np.int64(0xFFFFFFFF), left_out


def _in_buckets(bucket: Words64, followers: int) -> tuple[Int64s, int]:
    """Each text of a bucket with the `followers` after it and with its first, as one << 32 | other."""
    order = np.argsort(bucket, kind="stable")
    held = bucket[order]
    position = np.arange(len(order))
    start = np.searchsorted(held, held, side="left")
    after = np.searchsorted(held, held, side="right") - position - 1
    count = np.minimum(after, followers)
    one = np.repeat(position, count)
    other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count)
    far = position - start > followers
    one, other = np.concatenate([one, start[far]]), np.concatenate([other, position[far]])
    beyond = int((after - count).sum()) - int(far.sum())
    return order[one].astype(np.int64) << np.int64(32) | order[other], beyond


def _centres(n: int, first: Int64s, second: Int64s) -> Int64s:
    """The centre of each of `n` texts, given the pairs that are alike.

    The greedy choice (a text is a centre if no earlier neighbour is one), made in rounds of whole columns:
    all that are first among their undecided neighbours become centres at once, which gives the same set.
    """
    one, other = np.concatenate([first, second]), np.concatenate([second, first])
    copies = np.bincount(one, minlength=n)
    turn = np.empty(n, dtype=np.int64)
    turn[np.lexsort((np.arange(n), -copies))] = np.arange(n)
    chosen = np.zeros(n, dtype=bool)
    open_: npt.NDArray[np.bool_] = np.ones(n, dtype=bool)
    while open_.any():
        earliest = np.full(n, n)
        live = open_[one] & open_[other]
        np.minimum.at(earliest, one[live], turn[other[live]])
        fresh = open_ & (turn < earliest)
        chosen |= fresh
        open_ &= ~fresh
        open_[other[fresh[one]]] = False
    joined = np.full(n, n)
    led = chosen[other] & ~chosen[one]
    np.minimum.at(joined, one[led], turn[other[led]])
    by_turn = np.argsort(turn)
    return np.where(chosen, np.arange(n), by_turn[np.minimum(joined, n - 1)])
