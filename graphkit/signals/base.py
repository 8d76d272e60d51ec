"""What a signal is: a question with a number as answer, asked of accounts or members alike."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from graphkit.settings import SignalSettings
from graphkit.words import Direction, Family, Subject


@dataclass(frozen=True)
class Case:
    """All that a signal may look at: tables, never the run.

    events is EVENTS sorted by timestamp, then event_id; accounts is ACCOUNTS; members is MEMBERS (empty
    when a signal is fitted to ordinary accounts); pairs is PAIRS (the receipts of the rings' edges).
    """

    events: pl.DataFrame
    accounts: pl.DataFrame
    members: pl.DataFrame
    pairs: pl.DataFrame
    settings: SignalSettings


@dataclass(frozen=True)
class Signal:
    """One question.

    `measure` returns the columns of MEASURES but `signal` (for `Subject.RING` account_id holds the ring_id);
    accounts with fewer than `minimum_n` usable events are left out: absent, not zero. `event_ids` holds every
    event that the value was computed from, so that it can be recomputed from them alone.
    """

    name: str
    family: Family
    subject: Subject
    question: str
    unit: str
    direction: Direction
    minimum_n: int
    measure: Callable[[Case], pl.DataFrame]
    explain: Callable[[float, int], str]
    innocent: tuple[str, ...] = ()
