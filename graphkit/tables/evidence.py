"""What was measured, how ordinary accounts answer, and what it amounts to."""

import dataframely as dy

from graphkit.tables.base import Table
from graphkit.words import Family, Grade, Tier

_FAMILIES = [family.value for family in Family]
_GRADES = [grade.value for grade in Grade]
_TIERS = [tier.value for tier in Tier]


class MEASURES(Table):
    """A signal's answers before they are placed among ordinary accounts.

    `expected` is what chance or the crowd gives, where a signal knows it (null elsewhere).
    """

    signal = dy.String(primary_key=True)
    account_id = dy.String(primary_key=True)
    value = dy.Float64(nullable=False)
    n = dy.Int64(nullable=False, min=0)
    expected = dy.Float64(nullable=True)
    event_ids = dy.List(dy.String(nullable=False), nullable=False)


class REFERENCE(Table):
    """How ordinary accounts answer a signal: their sorted values in one stratum of n."""

    signal = dy.String(primary_key=True)
    stratum = dy.String(primary_key=True)
    n_accounts = dy.Int64(nullable=False, min=0)
    values = dy.List(dy.Float64(nullable=False), nullable=False)
    source = dy.String(nullable=False)


class EVIDENCE(Table):
    """A signal's value for an account (or for a ring, account_id null), its rarity, bits and events.

    `expected` is what chance or the crowd gives, `lowest` and `highest` bound the middle eight in ten of the
    `n_reference` ordinary accounts that it was held against, `outside` says that these are of another
    platform: with `value` and `n` all that the explanation says, so that it can be said in any language.
    `quantile_here` is where it stands among the platform's own then, if these were enough to say anything.
    They are null where a signal has no such thing.
    """

    account_id = dy.String(nullable=True)
    ring_id = dy.String(nullable=True)
    signal = dy.String(nullable=False)
    family = dy.Enum(_FAMILIES, nullable=False)
    value = dy.Float64(nullable=False)
    unit = dy.String(nullable=False)
    n = dy.Int64(nullable=False, min=0)
    quantile = dy.Float64(nullable=True, min=0.0, max=1.0)
    grade = dy.Enum(_GRADES, nullable=False)
    bits = dy.Float64(nullable=False)
    explanation = dy.String(nullable=False)
    event_ids = dy.List(dy.String(nullable=False), nullable=False)
    expected = dy.Float64(nullable=True)
    lowest = dy.Float64(nullable=True)
    highest = dy.Float64(nullable=True)
    n_reference = dy.Int64(nullable=True, min=0)
    outside = dy.Bool(nullable=True)
    quantile_here = dy.Float64(nullable=True, min=0.0, max=1.0)

    @classmethod
    def order(cls) -> list[str]:
        """By ring and account; the ring's own evidence (account_id null) stands last of its ring."""
        return ["ring_id", "account_id", "family", "signal"]


class TIERS(Table):
    """The recommendation for every account of the input (written as accounts.parquet)."""

    account_id = dy.String(primary_key=True)
    ring_id = dy.String(nullable=True)
    role = dy.String(nullable=True)
    stability = dy.Float64(nullable=True, min=0.0, max=1.0)
    tier = dy.Enum(_TIERS, nullable=False)
    score = dy.Float64(nullable=False)
    bits_g = dy.Float64(nullable=False)
    bits_t = dy.Float64(nullable=False)
    bits_x = dy.Float64(nullable=False)
    bits_c = dy.Float64(nullable=False)
    bits_a = dy.Float64(nullable=False)


class TRACE(Table):
    """Every rule that was tried for an account above `clear`: what it saw and what it wanted."""

    account_id = dy.String(primary_key=True)
    tier = dy.Enum(_TIERS, primary_key=True)
    condition = dy.String(primary_key=True)
    holds = dy.Bool(nullable=False)
    observed = dy.String(nullable=False)
    required = dy.String(nullable=False)
