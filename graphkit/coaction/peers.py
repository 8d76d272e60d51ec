"""The words of the peers: whose numbers are wanted, and what two messages have to have in common."""

from enum import StrEnum


class Peer(StrEnum):
    """Whose numbers are wanted, faults included."""

    COORTWEET = "coortweet"
    TOOLKIT = "toolkit"


class ToolkitNetwork(StrEnum):
    """What two messages have in common in each network of coordination-network-toolkit."""

    CO_RETWEET = "co_retweet"
    CO_TWEET = "co_tweet"
    CO_REPLY = "co_reply"
    CO_LINK = "co_link"
    CO_POST = "co_post"
    CO_SIMILAR_TWEET = "co_similar_tweet"


class Threshold(StrEnum):
    """Which edges statistics are made of: all, those above the threshold, or the fast ones above it."""

    NONE = "none"
    FULL = "full"
    FAST = "fast"
