"""Notices: whether the account only announces; a finding of its function, and none of automation."""

import polars as pl

from graphkit.settings import SignalSettings
from graphkit.signals.base import Case, Ceiling, Signal, measured
from graphkit.text.normalise import LINK, own_words, readable
from graphkit.words import Channel, Direction, Family, Subject

MINIMUM_TEXTS = 20
# A comment answers what it stands under, a share speaks of another's post, a message has its receiver.
_CHANNELS = (Channel.POST.value, Channel.GROUP.value)
# "@ann", "回复 @ann", "ann: yes", "ann, yes". A link, a time or an emoticon within the text is no address.
_ADDRESS = r"\A\s*(?:回复\s*)?(?:[@＠]|[^\s:：,]{1,40}[:：,](?:\s|\z))"


def _measure(case: Case) -> pl.DataFrame:
    """The share of texts that are notices; n is the number of texts, and all of them are listed.

    A notice is a post or a message to a group that holds a link in the account's own words and addresses
    nobody: it has no target, no parent, and begins with no name. "Well, see ..." begins like a name and is
    none: so the share understates.
    """
    text = pl.col("text")
    notice = (
        pl.col("channel").cast(pl.String).is_in(_CHANNELS)
        & pl.col("target_id").is_null()
        & pl.col("parent_id").is_null()
        & own_words(text).str.contains(LINK)
        & ~readable(text).str.contains(_ADDRESS)
    )
    return (
        case.events.filter(text.is_not_null())
        .filter((pl.len() >= MINIMUM_TEXTS).over("account_id"))
        .sort("account_id", "timestamp", "event_id")
        .with_columns(notice.alias("notice"))
        .group_by("account_id", maintain_order=True)
        .agg(measured(pl.col("notice").mean(), pl.len(), pl.col("event_id")))
    )


def _functional(settings: SignalSettings) -> Ceiling:
    # People, too, pass links on to whom it may concern, so nothing here is ever strong.
    return Ceiling(moderate=settings.notice_share, strong=float("inf"))


def _explain(value: float, n: int) -> str:
    return (
        f"{100 * value:.0f} % of its {n} texts hold a link and address nobody "
        "(of an account that hardly writes anything else: it announces, it does not converse)"
    )


SIGNAL = Signal(
    name="notices",
    family=Family.TEXT,
    subject=Subject.ACCOUNT,
    question="does it announce rather than converse?",
    unit="share of texts",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_TEXTS,
    measure=_measure,
    explain=_explain,
    innocent=(
        "a notifier of changes, builds or tickets that the place itself has put there",
        "a feed of headlines, prices or weather",
        "a person who passes links on and leaves the talk to others",
    ),
    ceiling=_functional,
)
