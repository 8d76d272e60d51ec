"""Vocabularies: words that the same accounts use, each in another text, and the accounts that use them."""

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.build import Network
from graphkit.network.communities import communities
from graphkit.settings import Settings

Codes = npt.NDArray[np.uint32]

# A swarm's words are several, each used by a quarter of the smallest swarm, and a speaker knows two of them.
_WORDS = 3
_KNOWN = 2


def vocabularies(network: Network, among: pl.Series, settings: Settings) -> list[Codes]:
    """The accounts of `among` that share a vocabulary of rare words and links: groups for the ring test.

    Of a word that forty accounts use no two of them get much evidence; but that a dozen of them use another
    such word too, in another text, chance does not explain. Words form communities as accounts do, at the
    same price for each pair.
    """
    numbers = settings.rings
    used = network.incidence("rare_token").filter(pl.col("account").is_in(among.implode()))
    known, edges = shared_words(used, least=numbers.swarm_members // 4)
    price = settings.network.resolution_nats
    strong = edges.filter(pl.col("weight") >= price)
    words = communities(strong, resolution=price, seed=settings.seed, least=_WORDS)
    groups = [_speakers(known, codes) for codes in words]
    return [group for group in groups if len(group) >= numbers.swarm_members]


def shared_words(used: pl.DataFrame, *, least: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Who uses which word (account, event, word, voices), and the pairs of words that accounts share.

    `used` is INCIDENCE of rare tokens. For two words with a and b users among N, of whom o use both in
    different texts and e = a b / N are expected, `weight` is o ln(o / e) - (o - e) nats where o > e: the
    log-likelihood ratio of a Poisson rate. Words of one phrase stand in one text and make no pair. Columns of
    pairs: source, target (words, source < target), weight.
    """
    n = used["account"].n_unique()
    known = (
        used.select("account", "event", "key", pl.col("account").n_unique().over("key").alias("voices"))
        .filter(pl.col("voices") >= least)
        .with_columns((pl.col("key").rank("dense") - 1).cast(pl.UInt32).alias("word"))
        .drop("key")
    )
    both, chance = pl.col("both"), pl.col("chance")
    pairs = (
        known.join(known, on="account", suffix="_other")
        .filter(pl.col("word") < pl.col("word_other"), pl.col("event") != pl.col("event_other"))
        .group_by("word", "word_other", "voices", "voices_other")
        .agg(pl.col("account").n_unique().cast(pl.Float64).alias("both"))
        .with_columns(
            (pl.col("voices").cast(pl.Float64) * pl.col("voices_other") / max(n, 1)).alias("chance")
        )
        .filter(both > chance)
        .select(
            pl.col("word").alias("source"),
            pl.col("word_other").alias("target"),
            (both * (both / chance).log() - both + chance).alias("weight"),
        )
        .sort("source", "target")
    )
    return known, pairs


def _speakers(known: pl.DataFrame, words: Codes) -> Codes:
    """The accounts that use two of `words`."""
    ours = known.filter(pl.col("word").is_in(words)).group_by("account").agg(pl.col("word").n_unique())
    return np.sort(ours.filter(pl.col("word") >= _KNOWN)["account"].to_numpy()).astype(np.uint32)
