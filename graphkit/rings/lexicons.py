"""Lexicons: several words that nearly the same accounts use, each in texts of its own."""

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from graphkit.engine.order import counted
from graphkit.engine.reach import Int64s, portions
from graphkit.network.bins import products
from graphkit.network.build import Network
from graphkit.network.cohorts import presence
from graphkit.network.communities import communities
from graphkit.rings.across import by_content, heard_at, met_in_time, proved_across
from graphkit.rings.trial import Trial
from graphkit.settings import Settings
from graphkit.words import Channel, Level, Strand

Codes = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float64]

# Fewer words are a name and a nickname.
_WORDS = 3
# Users among the least active that two words must share to be looked at.
_SHARED = 2
# Pairs of words looked at at once.
_MOST_PAIRS = 4_000_000


def lexicon_trials(network: Network, exempt: Codes, settings: Settings) -> list[Trial]:
    """The ring test of every group that speaks a lexicon, proved on its meetings in time.

    What holds it together is content alone, so nobody's pair scores are asked: in one busy chat everybody
    meets everybody.
    """
    timed = met_in_time(network, Strand.CHAT)
    texts, used = said_in_chats(network)
    if timed is None or not used.height:
        return []
    groups = lexicons(used.filter(~pl.col("account").is_in(exempt)), texts, settings)
    heard = [heard_at(Level.LEXICON, group, network, settings) for group in groups]
    content = by_content(network)
    return [proved_across(Level.LEXICON, one, groups, content, timed, settings) for one in heard]


def said_in_chats(network: Network) -> tuple[pl.DataFrame, pl.DataFrame]:
    """How many texts who wrote in group chats (account, texts), and INCIDENCE of the rare tokens in them."""
    chats = pl.col("channel").cast(pl.String) == Channel.GROUP.value
    texts = network.events.filter(chats, pl.col("text").is_not_null())
    used = network.incidence("rare_token").filter(pl.col("event").is_in(texts["event"].implode()))
    return texts.group_by("account").agg(pl.len().alias("texts")).sort("account"), used


def lexicons(used: pl.DataFrame, texts: pl.DataFrame, settings: Settings) -> list[Codes]:
    """Who speaks one lexicon of `used` words (INCIDENCE): groups for the ring test, the speakers in order.

    `texts` says how many texts each account wrote (account, texts).

    Two words are of one lexicon when half of all who use either (`lexicon_overlap`) use both, each in a text
    without the other, and more than their activity explains; words form communities as accounts do, at the
    same price for each pair. Who uses half of the words speaks it, but not who used most of them first: whose
    words others take up did nothing.
    """
    numbers = settings.rings
    known, alike = alike_words(used, texts, overlap=numbers.lexicon_overlap, least=numbers.minimum_members)
    price = settings.network.resolution_nats
    strong = alike.filter(pl.col("weight") >= price).select("source", "target", "weight")
    words = communities(strong, resolution=price, seed=settings.seed, least=_WORDS)
    groups = [_speakers(known, codes) for codes in words]
    return [group for group in groups if len(group) >= numbers.thin_members]


def alike_words(
    used: pl.DataFrame, texts: pl.DataFrame, *, overlap: float, least: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Who uses which word (account, event, at, word), and the pairs of words that the same accounts use.

    `used` is INCIDENCE of rare tokens, `texts` how much who wrote (account, texts); words of fewer than
    `least` accounts are left out. Columns of pairs: source, target (words, source < target), apart (accounts
    that use both, each without the other), all (accounts that use either), expected (see `_by_activity`),
    weight: apart ln(apart / expected) - (apart - expected) nats, the log-likelihood ratio of a Poisson rate.
    Kept where apart is at least `overlap` of all and more than expected.
    """
    known = (
        used.filter(pl.col("account").n_unique().over("key") >= least)
        .with_columns((pl.col("key").rank("dense") - 1).cast(pl.UInt32).alias("word"))
        .select("account", "event", "at", "word")
    )
    once = known.select("account", "word").unique().sort("word", "account")
    voices = np.bincount(once["word"].to_numpy())
    first, second = _overlapping(once, texts, voices, overlap)
    pairs = _apart(known, first, second).join(
        pl.DataFrame({"source": first, "target": second}), on=["source", "target"]
    )
    sizes = [voices[pairs[end].to_numpy().astype(np.int64)] for end in ("source", "target")]
    both = pairs["both"].to_numpy()
    expected = np.maximum(_by_activity(texts["texts"].to_numpy(), *sizes), 1e-12)
    apart = pairs["apart"].to_numpy().astype(np.float64)
    either = sizes[0] + sizes[1] - both
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = apart * np.log(apart / expected) - (apart - expected)
    kept = (apart >= overlap * either) & (apart > expected)
    return known, pairs.select(
        "source",
        "target",
        "apart",
        pl.Series("all", either),
        pl.Series("expected", expected),
        pl.Series("weight", weight),
    ).filter(pl.Series(kept)).sort("source", "target")


def _overlapping(
    once: pl.DataFrame, texts: pl.DataFrame, voices: Int64s, overlap: float
) -> tuple[Int64s, Int64s]:
    """Pairs of words whose users overlap by `overlap` (Jaccard) or more: all of them, few others looked at.

    Two such words share k users of the a - ceil(overlap a) + k least active of each, if they share k at all
    (prefix filter: Chaudhuri, Ganti and Kaushik 2006): nobody's many words are paired with each other.
    """
    # Two words of a and b users that overlap so share overlap / (1 + overlap) (a + b) or more.
    least = int(np.ceil(overlap / (1 + overlap) * 2 * voices.min(initial=_SHARED)))
    k = max(1, min(_SHARED, least))
    ranked = once.join(texts, on="account").sort("word", "texts", "account")
    size = pl.len().over("word")
    place = pl.int_range(pl.len()).over("word")
    rare = ranked.filter(place < size - (overlap * size).ceil() + k).sort("account", "word")
    word, account = rare["word"].to_numpy().astype(np.int64), rare["account"].to_numpy()
    following = np.arange(1, len(word) + 1, dtype=np.int64)
    count = np.searchsorted(account, account, side="right") - following
    both, times = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for one, other in portions(following, count, _MOST_PAIRS):
        first, second = word[one], word[other]
        size_one, size_other = voices[first], voices[second]
        near = np.minimum(size_one, size_other) >= overlap * np.maximum(size_one, size_other)
        pairs, shared_here = counted((first << 32 | second)[near])
        both, times = counted(np.concatenate([both, pairs]), np.concatenate([times, shared_here]))
    both = both[times >= k]
    first, second = both >> 32, both & 0xFFFFFFFF
    ends = tuple(once[name].to_numpy().astype(np.int64) for name in ("word", "account"))
    shape = (len(voices), int(np.max(ends[1], initial=0)) + 1)
    speaking = sparse.csr_array((np.ones(once.height), ends), shape=shape)
    shared = products(speaking, speaking, first, second)
    kept = shared >= overlap * (voices[first] + voices[second] - shared)
    return first[kept], second[kept]


def _apart(known: pl.DataFrame, first: Int64s, second: Int64s) -> pl.DataFrame:
    """Columns source, target, both (accounts that use both), apart (each in a text without the other)."""
    pairs = pl.DataFrame({"source": first, "target": second})
    uses = known.select(pl.col("word").cast(pl.Int64), "account", "event")
    event, other = pl.col("event"), pl.col("event_other")
    together = (event == other).sum()
    each = (
        pairs.join(uses, left_on="source", right_on="word")
        .join(uses, left_on=["target", "account"], right_on=["word", "account"], suffix="_other")
        .group_by("source", "target", "account")
        .agg(((event.n_unique() > together) & (other.n_unique() > together)).alias("apart"))
    )
    return each.group_by("source", "target").agg(pl.len().alias("both"), pl.col("apart").sum())


def _by_activity(n_texts: Int64s, first: Int64s, second: Int64s) -> Floats:
    """How many accounts two words of `first` and `second` users would share, by how much each writes.

    An account of n texts uses a word with p = 1 - exp(-c n), c such that the p add up to the users of the
    word (see `presence`).
    """
    sizes, place = np.unique(np.concatenate([first, second]), return_inverse=True)
    if not len(sizes):
        return np.zeros(0)
    shares = np.tile(n_texts / max(n_texts.sum(), 1), (len(sizes), 1))
    chance = presence(sparse.csr_array(shares), sizes.astype(np.float64)).toarray()
    shared: Floats = (chance @ chance.T)[place[: len(first)], place[len(first) :]]
    return shared


def _speakers(known: pl.DataFrame, words: Codes) -> Codes:
    ours = known.filter(pl.col("word").is_in(words)).sort("at", "event")
    counts = ours.group_by("account").agg(pl.col("word").n_unique())
    began = ours.unique("word", keep="first", maintain_order=True)["account"].value_counts()
    source = began.filter(2 * pl.col("count") > len(words))["account"]
    speak = counts.filter(2 * pl.col("word") >= len(words), ~pl.col("account").is_in(source.implode()))
    return np.sort(speak["account"].to_numpy()).astype(np.uint32)
