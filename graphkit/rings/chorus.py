"""A chorus: accounts that are together in chat sessions more often than their presence explains."""

from dataclasses import dataclass
from math import log

import numpy as np
import polars as pl

from graphkit.engine.effective import effective
from graphkit.engine.reach import MICROSECONDS, Codes
from graphkit.network.bins import time_bins
from graphkit.settings import NetworkSettings

# A session is five minutes of one chat; three present make a chorus. Within half an hour night owls come to
# 16 chats together, 150 times as often as by chance; within five minutes to 2.
SESSION_S = 300
_VOICES = 3
# Regulars of one chat reach 45 times chance, so chats count: busy people of a community with their nearest
# partners reach .3 in many chats and 21 in two, planted casts 10 to 285 in three or more. Counted is how many
# chats their sessions spread over (effective number): regulars of two chats with a session or two elsewhere
# reach 1.1 to 2.1, casts in three chats or more 3 and more.
_CHATS = 2.5
_TIMES = 5.0
# Time bins as everywhere by default: long enough to hold a thousand presences.
_BINS = NetworkSettings()


@dataclass(frozen=True)
class Chorus:
    """Sessions with three or more members: observed, expected of independent presence.

    chats: how many chats they spread over (effective number).
    """

    observed: int
    expected: float
    chats: float

    @property
    def ratio(self) -> float:
        """Observed over expected."""
        return self.observed / max(self.expected, 1e-9)

    @property
    def nats(self) -> float:
        """What chance cannot explain: the Poisson log-likelihood ratio T ln(T / lambda) - T + lambda."""
        if self.observed <= self.expected:
            return 0.0
        return self.observed * log(self.ratio) - self.observed + self.expected

    def sings(self, nats: float) -> bool:
        """Whether it is one: in enough chats, often enough, and as sure as `nats`."""
        return self.chats >= _CHATS and self.ratio >= _TIMES and self.nats >= nats


def gather(rows: pl.DataFrame, codes: Codes) -> bool:
    """Whether three of `codes` were ever in one session of `rows`; who were not are no chorus.

    Asked first: the crowd around them need not be looked through for it.
    """
    ours = _presences(rows.filter(pl.col("account").is_in(codes))).unique()
    return bool((ours.group_by("key", "session").len()["len"] >= _VOICES).any())


def chorus(rows: pl.DataFrame, codes: Codes) -> Chorus:
    """How often `codes` sing together in the chats of `rows` (INCIDENCE of the chat layer).

    Were everybody to come to sessions in proportion to how many accounts are there, an account with n
    sessions in a time bin of M presences would be in a session of m accounts with n m / M. The members there
    are then Poisson of mean sum(n) m / M, and three or more come with 1 - exp(-mean) (1 + mean + mean^2 / 2).
    Being awake at the same time is expected and so no evidence, nor is what happens in chats where fewer than
    three others ever write: friends have such.
    """
    present = _presences(rows).unique(maintain_order=True)
    writers = present.group_by("key").agg(
        pl.col("account").n_unique().alias("all"),
        pl.col("account").filter(pl.col("account").is_in(codes)).n_unique().alias("ours"),
    )
    public = writers.filter(pl.col("all") - pl.col("ours") >= _VOICES)
    present = present.join(public, on="key", how="semi")
    if not present.height:
        return Chorus(0, 0.0, 0.0)
    bins, _ = time_bins(present["session"].to_numpy() * (SESSION_S * MICROSECONDS), _BINS)
    sessions = (
        present.with_columns(
            pl.Series("bin", bins), pl.col("account").is_in(codes).cast(pl.Int64).alias("ours")
        )
        .group_by("key", "session")
        .agg(pl.col("bin").first(), pl.len().alias("all"), pl.col("ours").sum())
        .sort("key", "session")
    )
    together = sessions.filter(pl.col("ours") >= _VOICES)
    mean = (
        sessions.select(pl.col("ours").sum().over("bin") * pl.col("all") / pl.col("all").sum().over("bin"))
        .to_series()
        .to_numpy()
    )
    expected = float((1.0 - np.exp(-mean) * (1.0 + mean + mean**2 / 2.0)).sum())
    return Chorus(together.height, expected, effective(together["key"].value_counts()["count"]))


def _presences(rows: pl.DataFrame) -> pl.DataFrame:
    """Columns key, account, session."""
    return rows.select("key", "account", (pl.col("at") // (SESSION_S * MICROSECONDS)).alias("session"))
