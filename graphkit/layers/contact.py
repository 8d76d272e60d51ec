"""Direct contact: one account acts on another, by comment, by private message or in a group chat."""

from dataclasses import dataclass

import polars as pl

from graphkit.words import Channel, Strand


@dataclass(frozen=True)
class Contact:
    """A channel in which accounts act on each other; only contact in both directions becomes an edge."""

    name: str
    channel: Channel
    question: str
    strand: Strand = Strand.TALK

    def contacts(self, events: pl.DataFrame) -> pl.DataFrame:
        """Who contacted whom: columns account_id, target_id, event, at; nobody contacts himself."""
        return events.filter(
            (pl.col("channel") == self.channel.value)
            & pl.col("target_id").is_not_null()
            & (pl.col("target_id") != pl.col("account_id"))
        ).select("account_id", "target_id", "event", "at")


COMMENT_CONTACT = Contact("comment_contact", Channel.COMMENT, "do they comment on each other")
DM_CONTACT = Contact("dm_contact", Channel.DM, "do they message each other")
GROUP_CONTACT = Contact("group_contact", Channel.GROUP, "do they address each other in chats")
