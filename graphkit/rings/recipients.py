"""Whom a group writes to: what tells desks and their customers from a ring that writes to strangers."""

import polars as pl

from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings
from graphkit.words import Channel, Strand


def recipients_each(suspect: Suspect, _settings: RingSettings) -> float | None:
    """The effective number of recipients that members have in common, for each member.

    Fans, voters and applicants write to the same few, who hardly answer; a ring works through a list. None of
    groups that recipients do not carry.
    """
    common = suspect.occasions(Strand.RECIPIENT) if suspect.carried[Strand.RECIPIENT] >= 0.5 else 0.0
    return common / len(suspect.codes) if common else None


def solicited(suspect: Suspect, _settings: RingSettings) -> float | None:
    """Of the recipients that members have in common, the share that had written to a member before."""
    common = _common_recipients(suspect)
    if common is None:
        return None
    events = suspect.network.events
    members = suspect.network.ids.gather(suspect.codes).implode()
    asked = events.filter(
        (pl.col("channel") == Channel.DM.value) & pl.col("target_id").is_in(members)
    ).select("account_id", pl.col("at").alias("asked_at"))
    met = common.group_by("recipient").agg(pl.col("at").min())
    first = met.join(asked, left_on="recipient", right_on="account_id")
    return first.filter(pl.col("asked_at") < pl.col("at"))["recipient"].n_unique() / met.height


def answered(suspect: Suspect, _settings: RingSettings) -> float | None:
    """Of the first messages that brought two members together, the share that was answered, however late.

    People who know each other do not all answer the same day, and the first message of a log is seldom the
    first of the two.
    """
    common = _common_recipients(suspect)
    if common is None:
        return None
    written = suspect.network.events.filter(pl.col("channel") == Channel.DM.value)
    back = written.select(pl.col("account_id").alias("recipient"), pl.col("target_id").alias("account_id"))
    return common.join(back, on=["recipient", "account_id"], how="semi").height / common.height


def _common_recipients(suspect: Suspect) -> pl.DataFrame | None:
    """Columns account_id, recipient, at: the first messages by which members met, where these carry them."""
    met = suspect.receipts.filter(pl.col("layer") == "recipient")
    if suspect.shares[Strand.RECIPIENT] < 0.25 or not met.height:
        return None
    events = suspect.network.events
    rows = pl.concat([met["source_event"], met["target_event"]]).unique().sort()
    return pl.DataFrame(
        {"account_id": events["account_id"].gather(rows), "recipient": events["target_id"].gather(rows)}
    ).with_columns(events["at"].gather(rows).alias("at"))
