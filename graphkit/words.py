"""The words of the project that appear as values in tables, each declared once."""

from enum import StrEnum


class Language(StrEnum):
    """Languages that pages and records can be written in."""

    EN = "en"
    ZH = "zh"


class Channel(StrEnum):
    """Where an event happened."""

    POST = "post"
    COMMENT = "comment"
    DM = "dm"
    GROUP = "group"
    SHARE = "share"
    REACTION = "reaction"


# Texts of these channels are secrets: shown in no output unless an option asks for them.
PRIVATE_CHANNELS = (Channel.DM, Channel.GROUP)
# What is done to a post by those who did not write it.
FEED_CHANNELS = (Channel.COMMENT, Channel.SHARE, Channel.REACTION)


class Strand(StrEnum):
    """Layers that share a cause; each strand's nats are capped before they are summed into an edge."""

    FEED = "feed"
    CHAT = "chat"
    RECIPIENT = "recipient"
    TALK = "talk"
    CONTENT = "content"


# Strands in which accounts meet in time.
TIMED = (Strand.FEED, Strand.CHAT, Strand.RECIPIENT)


class Family(StrEnum):
    """Signals that share a cause: graph, time, text, coordination, account."""

    GRAPH = "G"
    TIME = "T"
    TEXT = "X"
    COORDINATION = "C"
    ACCOUNT = "A"


class Grade(StrEnum):
    """How rare a value is among ordinary accounts at equal n."""

    NONE = "none"
    WEAK = "weak"
    MODERATE = "moderate"
    STRONG = "strong"
    ABSENT = "absent"


# As the tables have them: what was found to be unusual at all, and what may carry a rule.
UNUSUAL = (Grade.WEAK.value, Grade.MODERATE.value, Grade.STRONG.value)
GRAVE = (Grade.MODERATE.value, Grade.STRONG.value)


class Tier(StrEnum):
    """What a reviewer is recommended to consider, from nothing to a ban."""

    CLEAR = "clear"
    WATCH = "watch"
    WARN = "warn"
    LIMIT = "limit"
    BAN_REVIEW = "ban_review"


class Role(StrEnum):
    """How an account belongs to a ring."""

    CORE = "core"
    PERIPHERY = "periphery"


class RingKind(StrEnum):
    """The finding about a ring: acts as one, or acts as one and is run by a tool."""

    COORDINATED = "coordinated"
    AI_OPERATED = "ai_operated"


class Level(StrEnum):
    """What holds a candidate together: strong pairs, many thin ones, or only the group as a whole."""

    TIGHT = "tight"
    THIN = "thin"
    SWARM = "swarm"


class Verdict(StrEnum):
    """What the ring test said of a candidate."""

    RING = "ring"
    CIRCLE = "circle"
    LOOKALIKE = "lookalike"
    UNPROVED = "unproved"


class Ruling(StrEnum):
    """What a person decides, by the platform's rule; `clear` and `watch` impose nothing."""

    CLEAR = "clear"
    WATCH = "watch"
    WARN = "warn"
    LIMIT = "limit"
    BAN = "ban"


class Direction(StrEnum):
    """Which tail of a signal is unusual."""

    HIGH = "high"
    LOW = "low"


class Subject(StrEnum):
    """Whom a signal speaks of."""

    ACCOUNT = "account"
    MEMBER = "member"
    RING = "ring"
