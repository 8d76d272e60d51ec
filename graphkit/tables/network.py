"""What is between accounts: pairs, edges, candidates, members and rings."""

import dataframely as dy
import polars as pl

from graphkit.tables.base import Table
from graphkit.words import RingKind, Role, Verdict


class PAIRS(Table):
    """Receipts: two events that meet, one row for each meeting that counts in an edge of a ring."""

    layer = dy.String(primary_key=True)
    source = dy.String(primary_key=True)
    target = dy.String(primary_key=True)
    source_event_id = dy.String(primary_key=True)
    target_event_id = dy.String(primary_key=True)
    met_on = dy.String(primary_key=True)
    ring_id = dy.String(nullable=False)
    gap_s = dy.Float64(nullable=False, min=0.0)
    crowd = dy.Int64(nullable=False, min=1)
    repetition = dy.Int64(nullable=False, min=1)


class EDGES(Table):
    """Pairs summed for two accounts in a layer; weight is the pair score in nats."""

    layer = dy.String(primary_key=True)
    source = dy.String(primary_key=True)
    target = dy.String(primary_key=True)
    count = dy.Int64(nullable=False, min=1)
    expected = dy.Float64(nullable=False, min_exclusive=0.0)
    p_value = dy.Float64(nullable=False, min=0.0, max=1.0)
    q_value = dy.Float64(nullable=False, min=0.0, max=1.0)
    weight = dy.Float64(nullable=False)

    @dy.rule()
    def source_before_target(cls) -> pl.Expr:
        """An edge has no direction: its lower id stands first."""
        return pl.col("source") < pl.col("target")


class CANDIDATES(Table):
    """Every group that was put to the ring test, with the number that decided."""

    candidate_id = dy.String(primary_key=True)
    ring_id = dy.String(nullable=True)
    verdict = dy.Enum([verdict.value for verdict in Verdict], nullable=False)
    reason = dy.String(nullable=False)
    n_members = dy.Int64(nullable=False, min=2)
    observed = dy.Float64(nullable=True)
    required = dy.Float64(nullable=True)
    p_value = dy.Float64(nullable=True, min=0.0, max=1.0)
    q_value = dy.Float64(nullable=True, min=0.0, max=1.0)
    members = dy.List(dy.String(nullable=False), nullable=False)


class MEMBERS(Table):
    """Who belongs to which ring, how, and how often resampling agrees."""

    account_id = dy.String(primary_key=True)
    ring_id = dy.String(nullable=False)
    role = dy.Enum([role.value for role in Role], nullable=False)
    stability = dy.Float64(nullable=False, min=0.0, max=1.0)


class RINGS(Table):
    """The findings: one row for each ring."""

    ring_id = dy.String(primary_key=True)
    kind = dy.Enum([kind.value for kind in RingKind], nullable=False)
    n_members = dy.Int64(nullable=False, min=2)
    q_value = dy.Float64(nullable=False, min=0.0, max=1.0)
    kinds = dy.List(dy.String(nullable=False), nullable=False)
    channels = dy.List(dy.String(nullable=False), nullable=False)
    first_seen = dy.Datetime(nullable=False, time_unit="us", time_zone="UTC")
    last_seen = dy.Datetime(nullable=False, time_unit="us", time_zone="UTC")
    automation_share = dy.Float64(nullable=True, min=0.0, max=1.0)
    density = dy.Float64(nullable=False, min=0.0, max=1.0)
    reciprocity_excess = dy.Float64(nullable=True)
    insularity = dy.Float64(nullable=True, min=0.0, max=1.0)
    beneficiary_id = dy.String(nullable=True)
    beneficiary_share = dy.Float64(nullable=True, min=0.0, max=1.0)
