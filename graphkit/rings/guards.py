"""What else a dense group may be: one number for each look-alike."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.reach import MICROSECONDS
from graphkit.network.build import Network
from graphkit.rings.candidates import inside
from graphkit.rings.chorus import CHORUS_CHATS, CHORUS_TIMES, chorus
from graphkit.settings import RingSettings
from graphkit.words import Channel, Strand, Verdict

Codes = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Suspect:
    """A group before the ring test: its members' codes and the receipts among them."""

    codes: Codes
    receipts: pl.DataFrame
    network: Network

    def shares(self) -> dict[Strand, float]:
        """How the members' capped nats divide among strands."""
        within = inside(self.network.pooled, self.codes)
        totals = {strand: float(within[strand.value].sum()) for strand in Strand}
        whole = sum(totals.values()) or 1.0
        return {strand: total / whole for strand, total in totals.items()}


@dataclass(frozen=True)
class Guard:
    """One look-alike; a group passes where `number` is on the right side of `limit`, or is None."""

    name: str
    verdict: Verdict
    sentence: str
    number: Callable[[Suspect], float | None]
    limit: Callable[[RingSettings], float]
    at_least: bool

    def passes(self, value: float | None, settings: RingSettings) -> bool:
        """Whether `value` clears the limit; what does not apply is passed."""
        if value is None:
            return True
        return value >= self.limit(settings) if self.at_least else value <= self.limit(settings)


def _places(suspect: Suspect) -> float | None:
    """Different posts, conversations and days of a chat in which the events that met stand."""
    met = pl.concat([suspect.receipts["source_event"], suspect.receipts["target_event"]]).unique()
    events = suspect.network.events[met]
    day = pl.when(pl.col("channel") == Channel.GROUP.value).then(pl.col("timestamp").dt.date())
    return float(events.select("object_id", day.alias("day")).n_unique())


def _top_topic(suspect: Suspect) -> float | None:
    """The share of feed meetings that fall on the most frequented author."""
    feed = suspect.receipts.filter(pl.col("strand") == Strand.FEED.value)
    if not feed.height or suspect.shares()[Strand.FEED] < 0.5:
        return None
    occasions = feed.unique(["topic", "occasion"])
    return float(occasions.group_by("topic").len()["len"].max()) / occasions.height  # type: ignore[arg-type]


def _tightness(suspect: Suspect) -> float | None:
    """Of the pairs of members on one post within 6 hours, the share within 10 minutes; content excuses it."""
    shares = suspect.shares()
    if shares[Strand.FEED] < 0.5 or shares[Strand.CONTENT] > 0.25:
        return None
    rows = suspect.network.incidences["feed"].filter(pl.col("account").is_in(suspect.codes))
    first = rows.sort("key", "at").unique(["key", "account"], keep="first", maintain_order=True)
    pairs = first.select("key", "account", "at").join(
        first.select("key", "account", "at"), on="key", suffix="_other"
    )
    gaps = (
        pairs.filter(pl.col("account") < pl.col("account_other"))
        .select((pl.col("at") - pl.col("at_other")).abs() / MICROSECONDS)
        .to_series()
    )
    near = int((gaps <= 21600).sum())
    return int((gaps <= 600).sum()) / near if near else None


def _chats(suspect: Suspect) -> float | None:
    """Chats in which members met, where chats carry the group."""
    if suspect.shares()[Strand.CHAT] < 0.25:
        return None
    met = suspect.receipts.filter(pl.col("layer") == "chat")
    events = suspect.network.events["object_id"].gather(met["source_event"])
    return float(events.n_unique())


def _keys_of_content(suspect: Suspect) -> float | None:
    """Different texts or words that members share, where content carries the group."""
    if suspect.shares()[Strand.CONTENT] < 0.25:
        return None
    content = suspect.receipts.filter(pl.col("strand") == Strand.CONTENT.value)
    return float(content.select("layer", "occasion").n_unique())


def _contact_density(suspect: Suspect) -> float | None:
    """The share of pairs in mutual contact, for groups small enough to be friends who share no script."""
    n = len(suspect.codes)
    if n > 10 or suspect.shares()[Strand.CONTENT] > 0.1:
        return None
    talk = (pl.col("strand") == Strand.TALK.value) & (pl.col("layer") != "recipient")
    mutual = inside(suspect.network.edges.filter(talk), suspect.codes).unique(["source", "target"])
    return mutual.height / (n * (n - 1) / 2)


def _coordination(suspect: Suspect) -> float | None:
    """The share of nats that timing in feeds and content give; all of them for a chorus.

    Chats and contacts alone are affinity.
    """
    shares = suspect.shares()
    sung = chorus(suspect.network.incidences["chat"], suspect.codes)
    if sung.chats >= CHORUS_CHATS and sung.ratio >= CHORUS_TIMES:
        return 1.0
    return shares[Strand.FEED] + shares[Strand.CONTENT]


GUARDS: tuple[Guard, ...] = (
    Guard(
        "lottery",
        Verdict.LOOKALIKE,
        "they met in too few places",
        _places,
        lambda settings: settings.minimum_occasions,
        at_least=True,
    ),
    Guard(
        "fan_club",
        Verdict.LOOKALIKE,
        "they meet at the posts of one author",
        _top_topic,
        lambda settings: settings.top_author_share,
        at_least=False,
    ),
    Guard(
        "night_owls",
        Verdict.LOOKALIKE,
        "they meet within hours, not within minutes, and share nothing else",
        _tightness,
        lambda settings: settings.tightness,
        at_least=True,
    ),
    Guard(
        "chat_regulars",
        Verdict.LOOKALIKE,
        "they meet in too few chats",
        _chats,
        lambda settings: settings.minimum_chats,
        at_least=True,
    ),
    Guard(
        "one_meme",
        Verdict.LOOKALIKE,
        "they share too few different texts or words",
        _keys_of_content,
        lambda settings: settings.minimum_texts,
        at_least=True,
    ),
    Guard(
        "circle",
        Verdict.CIRCLE,
        "nearly all of them are in mutual contact and they share no script",
        _contact_density,
        lambda settings: settings.circle_contact_share,
        at_least=False,
    ),
    Guard(
        "affinity",
        Verdict.LOOKALIKE,
        "they talk to each other, and nothing shows that they act as one",
        _coordination,
        lambda settings: settings.coordination_share,
        at_least=True,
    ),
)


def leaders(
    receipts: pl.DataFrame, codes: Codes, *, share: float, occasions: int, against: Codes | None = None
) -> Codes:
    """Those of `codes` who come first on `share` or more of `occasions` or more: whom the rest follow.

    A ring that acts wherever a victim acts can only come after; the one who is first may be its target. With
    `against` each is compared with these accounts alone.
    """
    timed = receipts.filter(pl.col("strand").is_in([Strand.FEED.value, Strand.CHAT.value]))
    if against is not None:
        timed = timed.filter(pl.col("source").is_in(against) ^ pl.col("target").is_in(against))
    ahead = timed.select(
        "layer",
        "occasion",
        pl.when(pl.col("source_event") < pl.col("target_event"))
        .then("source")
        .otherwise("target")
        .alias("first"),
        pl.when(pl.col("source_event") < pl.col("target_event"))
        .then("target")
        .otherwise("source")
        .alias("later"),
    )
    # On an occasion, whoever came later than any other member is not the first.
    was_later = ahead.select("layer", "occasion", pl.col("later").alias("account")).unique()
    present = pl.concat(
        [was_later, ahead.select("layer", "occasion", pl.col("first").alias("account"))]
    ).unique()
    first = (
        present.join(was_later, on=["layer", "occasion", "account"], how="anti")
        .group_by("account")
        .len("firsts")
    )
    counts = present.group_by("account").len("all").join(first, on="account")
    led = counts.filter((pl.col("firsts") >= share * pl.col("all")) & (pl.col("all") >= occasions))["account"]
    return np.intersect1d(led.to_numpy(), codes)
