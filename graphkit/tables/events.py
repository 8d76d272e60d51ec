"""What goes in: events, accounts, and the rows that were refused."""

import dataframely as dy

from graphkit.tables.base import Table
from graphkit.words import Channel


class EVENTS(Table):
    """One row for each thing that an account did."""

    event_id = dy.String(primary_key=True, min_length=1)
    timestamp = dy.Datetime(nullable=False, time_unit="us", time_zone="UTC")
    channel = dy.Enum([channel.value for channel in Channel], nullable=False)
    account_id = dy.String(nullable=False, min_length=1)
    target_id = dy.String(nullable=True, min_length=1)
    object_id = dy.String(nullable=True, min_length=1)
    parent_id = dy.String(nullable=True, min_length=1)
    text = dy.String(nullable=True)

    @classmethod
    def order(cls) -> list[str]:
        """In order of time; ids break ties, so any order of input rows gives the same table."""
        return ["timestamp", "event_id"]


class ACCOUNTS(Table):
    """What the platform knows of an account; every column but the id may be null (unknown)."""

    account_id = dy.String(primary_key=True, min_length=1)
    created_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    name = dy.String(nullable=True)
    automation_disclosed = dy.Bool(nullable=True)
    verified = dy.Bool(nullable=True)
    device_id = dy.String(nullable=True)
    address_id = dy.String(nullable=True)


class QUARANTINE(Table):
    """A row that was refused: which rule, and where it stood. Never holds a text."""

    source = dy.String(primary_key=True)
    position = dy.Int64(primary_key=True, min=1)
    rule = dy.String(nullable=False)
    column = dy.String(nullable=True)
    value = dy.String(nullable=True)
