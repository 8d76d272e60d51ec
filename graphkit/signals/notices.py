"""Notices: whether the account only announces; a finding of its function, and none of automation."""

import polars as pl

from graphkit.settings import SignalSettings
from graphkit.signals.base import Case, Ceiling, Signal, by_account, measured, of_asked
from graphkit.text.normalise import LINK, PICKED, readable
from graphkit.text.spelling import spelled
from graphkit.words import Channel, Direction, Family, Subject

MINIMUM_TEXTS = 20
# A comment answers what it stands under, a share speaks of another's post, a message has its receiver.
_CHANNELS = (Channel.POST.value, Channel.GROUP.value)
# "@ann", "回复 @ann", "ann: yes", "ann, yes". A link, a time or an emoticon within the text is no address.
_ADDRESS = rf"\A\s*(?:回复\s*)?(?:[@＠]|{PICKED}|[^\s:：,]{{1,40}}[:：,](?:\s|\z))"


def _measure(case: Case) -> pl.DataFrame:
    """The share of texts that are notices; n is the number of texts, and all of them are listed.

    A notice is a post or a message to a group that holds a link in the account's own words and addresses
    nobody: it has no target, no parent, and begins with no name. "Well, see ..." begins like a name and is
    none: so the share understates.
    """
    to_all = (
        pl.col("channel").cast(pl.String).is_in(_CHANNELS)
        & pl.col("target_id").is_null()
        & pl.col("parent_id").is_null()
    )
    texts = of_asked(case, spelled(case.events)).filter(pl.col("text").is_not_null())
    texts = by_account(texts.filter((pl.len() >= MINIMUM_TEXTS).over("account_id"))).with_row_index("row")
    # Few texts are to all and hold a link: only those are looked at for whom they address.
    linked = texts.filter(to_all).filter(pl.col("own").str.contains(LINK))
    notices = linked.filter(~readable(pl.col("text")).str.contains(_ADDRESS))["row"]
    return (
        texts.with_columns(pl.col("row").is_in(notices.implode()).alias("notice"))
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
