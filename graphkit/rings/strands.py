"""What carries a group: posts, chats, what its members say; one number for each question of a guard."""

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.effective import effective
from graphkit.engine.reach import MICROSECONDS
from graphkit.layers.feed import authors
from graphkit.network.build import Network
from graphkit.rings.chorus import chorus, gather
from graphkit.rings.circles import acquainted
from graphkit.rings.concordance import LOOSE_S
from graphkit.rings.hours import minutes_share, takes_its_time
from graphkit.rings.suspect import Suspect, strand_shares
from graphkit.settings import RingSettings
from graphkit.words import Channel, Strand

Codes = npt.NDArray[np.uint32]


def places(suspect: Suspect, _settings: RingSettings) -> float | None:
    """The effective number of occasions on which they met in time."""
    return suspect.places()


def places_by_strand(suspect: Suspect, _settings: RingSettings) -> float | None:
    """The same of each strand, added up: a thin group may meet a little in each."""
    return suspect.places_by_strand()


def own_keys(suspect: Suspect, _settings: RingSettings) -> float | None:
    """Texts and words that are the group's own."""
    return float(suspect.own_texts + len(suspect.own_words))


def top_topic(suspect: Suspect, _settings: RingSettings) -> float | None:
    """Of the posts on which they met the share by the author with most of them, where posts carry the group.

    A post whose author is not known counts as one by itself.
    """
    feed = suspect.receipts.filter(pl.col("strand") == Strand.FEED.value)
    if not feed.height or suspect.carried[Strand.FEED] < 0.5:
        return None
    occasions = feed.unique(["topic", "occasion"])
    return float(occasions.group_by("topic").len()["len"].max()) / occasions.height  # type: ignore[arg-type]


def chats(suspect: Suspect, _settings: RingSettings) -> float | None:
    """The effective number of chats they met in, where chats carry the group."""
    if suspect.carried[Strand.CHAT] < 0.5:
        return None
    met = suspect.receipts.filter(pl.col("layer") == "chat")
    return effective(suspect.network.events["object_id"].gather(met["source_event"]).value_counts()["count"])


def own_rooms(suspect: Suspect, settings: RingSettings) -> float | None:
    """Of those who come to a chat on a day on which members met there, the share of members and their like.

    The mean over meetings (the n-th of a pair on one day counts 1/n), so that where members gather counts,
    and little where they come across each other among many; like members are those who come to half as many
    of these days, two at least. A cast plays to strangers. In rooms of its own, where hardly anybody else
    comes, a class, a guild or a club meets as often as its members come there, and some of them come to the
    same evenings. None for groups that chats do not carry or that have a script.
    """
    meetings = suspect.receipts.filter(pl.col("layer") == "chat")
    met = meetings.select(event="source_event", counts=1 / pl.col("repetition"))
    if met.is_empty() or suspect.carried[Strand.CHAT] < 0.5 or suspect.scripted(settings.minimum_texts):
        return None
    rows = suspect.network.incidence("chat")
    where = met.join(rows.select("event", "topic"), on="event").sort("topic", "counts")
    there = rows.filter(pl.col("topic").is_in(where["topic"].implode())).select("account", "topic").unique()
    came = there.group_by("account").len("n")
    ours = pl.col("account").is_in(suspect.codes)
    usual = came.filter(ours)["n"].median()
    alike = came.filter(ours | ((2 * pl.col("n") >= usual) & (pl.col("n") > 1)))["account"]
    shares = there.group_by("topic").agg(pl.col("account").is_in(alike.implode()).mean().alias("share"))
    weighed = where.join(shares, on="topic", maintain_order="left")
    return float((weighed["counts"] * weighed["share"]).sum()) / float(weighed["counts"].sum())


def own_posts(suspect: Suspect, settings: RingSettings) -> float | None:
    """The share of feed meetings on posts where three quarters of all who come speak as the group does.

    In a place of its own a community has a language and slogans of its own; a ring takes its words to others.
    Asked where posts carry a group with words of its own; of one that has texts of its own only if it does
    not come within minutes, and to a place: a ring is alone with its script on many a forgotten post.
    """
    met = suspect.receipts.filter(pl.col("strand") == Strand.FEED.value)
    repeating = suspect.repeats(settings.minimum_texts)
    speaking = suspect.worded(settings.minimum_texts) or repeating
    if not met.height or not speaking or suspect.carried[Strand.FEED] < 0.5:
        return None
    events = suspect.network.events
    on = met.select(events["object_id"].gather(met["source_event"]))
    there = events.join(on, on="object_id", how="semi")
    within_minutes = (minutes_share(suspect) or 0.0) >= settings.tightness
    if repeating and (within_minutes or not _is_a_place(on, there)):
        return None
    ours = (4 * pl.col("account").is_in(suspect.speakers.implode()).sum() > 3 * pl.len()).alias("ours")
    spoken = there.select("object_id", "account").unique().group_by("object_id").agg(ours)
    return float(on.join(spoken, on="object_id")["ours"].mean())  # type: ignore[arg-type]


def words_each(suspect: Suspect, settings: RingSettings) -> float | None:
    """Words of its own for each member, of a group on posts that has some and neither script nor hurry.

    A ring invents a few words, or names what it sells; a language has many.
    """
    if not suspect.speaks_on_posts(settings.minimum_texts) or not takes_its_time(suspect, settings):
        return None
    return len(suspect.own_words) / len(suspect.codes)


def written_again(suspect: Suspect, settings: RingSettings) -> float | None:
    """Of members' comings to posts where they met, the share in which one wrote twice within six hours.

    The lesser of two shares. In one a coming counts by the other members who came, so that what they meet at
    counts more than where they meet by accident; in the other by that number times their share of all others
    who came: on a busy post everybody writes again. A few posts of their own are little in the first.

    Who follows a match, a launch or a quarrel writes as it goes on, and all at the same moments, which no
    crowd elsewhere explains; a ring delivers one text to an order. None for groups that posts do not carry,
    that have a script or hurry, or where nothing is written.
    """
    if suspect.carried[Strand.FEED] < 0.5 or not takes_its_time(suspect, settings):
        return None
    met = suspect.receipts.filter(pl.col("strand") == Strand.FEED.value)
    rows = suspect.network.incidence("feed")
    both = pl.concat([met["source_event"], met["target_event"]]).unique().implode()
    keys = rows.filter(pl.col("event").is_in(both))["key"].unique().implode()
    there = rows.filter(pl.col("key").is_in(keys))
    everybody = there.group_by("key").agg((pl.col("account").n_unique() - 1.0).alias("everybody"))
    came = there.filter(pl.col("account").is_in(suspect.codes))
    wrote = came.filter(suspect.network.events["text"].gather(came["event"]).is_not_null())
    soon = pl.col("at") - pl.col("at").min().over("key", "account") <= LOOSE_S * MICROSECONDS
    comings = wrote.filter(soon).group_by("key", "account").agg((pl.len() > 1).alias("again"))
    comings = comings.with_columns((pl.len().over("key") - 1.0).alias("others")).filter(pl.col("others") > 0)
    if comings.is_empty():
        return None
    share = pl.col("others") / pl.col("everybody")
    counted = comings.join(everybody, on="key").sort("again", "others", "everybody")
    weights = counted.select("again", "others", among=pl.col("others") * share)
    return min(_share_again(weights, name) for name in ("others", "among"))


def _share_again(weights: pl.DataFrame, name: str) -> float:
    return float(weights.filter("again")[name].sum()) / float(weights[name].sum())


def _is_a_place(on: pl.DataFrame, there: pl.DataFrame) -> bool:
    """Whether half of the meetings `on` posts are at one author's, or where `there` does not name authors."""
    whose = on.join(authors(there), on="object_id", how="left")["author"].value_counts()
    return 2 * int(whose["count"].max() or 0) >= on.height  # type: ignore[arg-type]


def colleagues(suspect: Suspect, settings: RingSettings) -> float | None:
    """The share of pairs who have had words, where chats carry a group that is no chorus, or recipients do.

    In a chorus a cast may act a dialogue; of others in chats people talk to each other, and planted rings do
    not. Who writes to the same people is of one house if its members write to each other as well (private
    messages, one way is enough); not asked of those who have a script for strangers.
    """
    if suspect.carried[Strand.RECIPIENT] >= 0.5:
        scripted = suspect.scripted(settings.minimum_texts)
        return None if scripted else acquainted(suspect, Channel.DM)
    if suspect.carried[Strand.CHAT] < 0.5 or sings(suspect.network, suspect.codes, settings):
        return None
    return acquainted(suspect)


def keys_of_content(suspect: Suspect, _settings: RingSettings) -> float | None:
    """Different texts or words that members share, where content carries the group."""
    if suspect.shares[Strand.CONTENT] < 0.25:
        return None
    content = suspect.receipts.filter(pl.col("strand") == Strand.CONTENT.value)
    return float(content.select("layer", "occasion").n_unique())


def coordination(suspect: Suspect, settings: RingSettings) -> float | None:
    """The share of nats that posts, recipients and content give; all of them for a chorus.

    Chats and contacts alone are affinity.
    """
    if sings(suspect.network, suspect.codes, settings):
        return 1.0
    shares = suspect.shares
    return shares[Strand.FEED] + shares[Strand.RECIPIENT] + shares[Strand.CONTENT]


def sings(network: Network, codes: Codes, settings: RingSettings) -> bool:
    """Whether members of a group that chats carry are a chorus (see `rings.chorus`)."""
    if strand_shares(network, codes)[Strand.CHAT] < 0.25:
        return False
    rows = network.incidence("chat")
    return gather(rows, codes) and chorus(rows, codes).sings(settings.chorus_nats)
