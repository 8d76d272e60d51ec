"""A chorus: accounts that are together in chat sessions more often than their presence explains."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.reach import MICROSECONDS

Codes = npt.NDArray[np.uint32]

# A session is a stretch of one chat; three present make a chorus.
SESSION_S = 1800
_VOICES = 3
# Regulars of one chat reach 50 to 550 times chance, an honest core of a community 2.5, planted casts 350.
CHORUS_CHATS = 3
CHORUS_TIMES = 20.0


@dataclass(frozen=True)
class Chorus:
    """Sessions with three or more members: observed, expected of independent presence; and their chats."""

    observed: int
    expected: float
    chats: int

    @property
    def ratio(self) -> float:
        """Observed over expected."""
        return self.observed / max(self.expected, 1e-9)


def chorus(rows: pl.DataFrame, codes: Codes) -> Chorus:
    """How often `codes` sing together in the chats of `rows` (INCIDENCE of the chat layer).

    Within a chat, an account present in s of its S sessions is present in any one with probability s / S,
    independently of the others; sessions are those in which anybody wrote, on days when a member did, so that
    being members of one chat in one epoch is expected and not evidence.
    """
    timed = rows.with_columns(
        (pl.col("at") // (SESSION_S * MICROSECONDS)).alias("session"),
        (pl.col("at") // (86400 * MICROSECONDS)).alias("day"),
    )
    ours = timed.filter(pl.col("account").is_in(codes))
    days = ours.select("key", "day").unique()
    sessions = (
        timed.join(days, on=["key", "day"], how="semi")
        .select("key", "session")
        .unique()
        .group_by("key")
        .len()
    )
    present = ours.select("key", "session", "account").unique()
    together = present.group_by("key", "session").len().filter(pl.col("len") >= _VOICES)
    shares = (
        present.group_by("key", "account").len("present").join(sessions, on="key").sort("key", "account")
    ).select("key", (pl.col("present") / pl.col("len")).alias("share"), "len")
    expected = sum(
        part["len"][0] * _three_or_more(part["share"].to_numpy())
        for part in shares.partition_by("key", maintain_order=True)
        if part.height >= _VOICES
    )
    return Chorus(together.height, float(expected), together["key"].n_unique())


def _three_or_more(shares: npt.NDArray[np.float64]) -> float:
    """The probability that three or more of independent events happen (Poisson binomial, exact)."""
    counts = np.zeros(_VOICES + 1)
    counts[0] = 1.0
    for share in shares:
        moved = counts * share
        counts = counts * (1 - share)
        counts[1:] += moved[:-1]
        counts[-1] += moved[-1]
    return float(counts[-1])
