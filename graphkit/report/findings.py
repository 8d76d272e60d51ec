"""The sentences of a dossier: what was seen, what speaks against it, what to do next; all numbers counted."""

from datetime import datetime

import polars as pl

from graphkit.layers.feed import authors
from graphkit.report.clean import visible
from graphkit.report.moments import moments
from graphkit.report.strings import Strings, number, percent
from graphkit.report.view import TIER_RANK, ReportView, RingCase
from graphkit.words import GRAVE, TIMED, UNUSUAL, Grade, RingKind, Role, Strand, Tier

# Below this stability more than one draw of five loses the member.
_STABLE = 0.8
_ID_LIMIT = 48
_FINDINGS = {
    RingKind.COORDINATED: "ring_lede_coordinated",
    RingKind.AI_OPERATED: "ring_lede_ai_operated",
}


def stamp(value: object) -> str:
    """A time to the second, as ISO writes it without the zone (all times of a page are UTC)."""
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else ""


def account_name(view: ReportView, account_id: str) -> str:
    """The visible name of an account with its id, or its id alone."""
    shown = visible(account_id, _ID_LIMIT)
    names = view.accounts.filter(pl.col("account_id") == account_id)["name"].drop_nulls()
    return f"{visible(names[0], _ID_LIMIT)} ({shown})" if len(names) else shown


def seen(view: ReportView, case: RingCase, say: Strings) -> list[str]:
    """What was seen, from plain counts up to what the ring test says."""
    return [
        *_size(case, say),
        *_moments(case, say),
        *_pairs(view, case, say),
        *_aims(view, case, say),
        *_texts(case, say),
        *_shown_as_one(case),
        *_tests(case, say),
    ]


def lede(case: RingCase, say: Strings) -> list[str]:
    """The first sentences a reviewer reads: the finding, what is recommended, who decides."""
    tiers = [member.tier for member in case.members]
    ranked = sorted(set(tiers), key=lambda tier: -TIER_RANK[tier])
    counted = ", ".join(f"{say.word(tier)} {tiers.count(tier)}" for tier in ranked)
    return [
        say.say(_FINDINGS[RingKind(str(case.ring["kind"]))], members=number(len(case.members))),
        say.say("ring_lede_review", tiers=counted),
        say.say("lede_person"),
    ]


def against(view: ReportView, case: RingCase, say: Strings) -> list[str]:
    """What speaks against the finding, or for single members; what could not be asked of all stands last."""
    members = len(case.members)
    own = case.evidence.filter(
        pl.col("account_id").is_not_null() & ~pl.col("signal").is_in(list(view.silent))
    )
    graded = own.filter(pl.col("grade").cast(pl.String).is_in(UNUSUAL))["account_id"].n_unique()
    shaky = sum(member.stability < _STABLE for member in case.members)
    rim = sum(member.role == Role.PERIPHERY for member in case.members)
    ids = [member.account_id for member in case.members]
    lines = []
    if own.is_empty():
        lines.append(say.say("against_untested"))
    elif graded < members:
        lines.append(say.say("against_no_evidence", n=members - graded, members=members))
    if not case.events.is_empty() and case.events.filter(pl.col("target_id").is_in(ids)).is_empty():
        lines.append(say.say("against_no_replies"))
    lines += _authors(view, case, say)
    if shaky:
        lines.append(say.say("against_stability", n=shaky))
    if rim:
        lines.append(say.say("against_periphery", n=rim))
    return [*lines, *_ordinary(own, members, say), say.say("against_not_observable")]


def innocent(view: ReportView, case: RingCase) -> list[tuple[str, tuple[str, ...]]]:
    """Harmless explanations of every signal that speaks against the ring or a member of it."""
    signals = case.evidence.filter(pl.col("grade").cast(pl.String).is_in(UNUSUAL))["signal"].unique().sort()
    return [(signal, view.innocent[signal]) for signal in signals if view.innocent.get(signal)]


def next_steps(case: RingCase, say: Strings) -> list[str]:
    """What a reviewer does next, in order."""
    above = sum(TIER_RANK[member.tier] > TIER_RANK[Tier.WATCH] for member in case.members)
    steps = [say.say("next_read"), say.say("next_innocent"), say.say("next_together")]
    if above:
        steps.append(say.say("next_members", n=above))
    return [*steps, say.say("next_logs"), say.say("next_decide")]


def found(view: ReportView, case: RingCase, say: Strings) -> list[str]:
    """The ring in two lines for the table of the first page: its own evidence, or what was counted."""
    # The first clause says what was seen; what was expected and wanted follows in the dossier.
    lines = [sentence(line.partition("; ")[0]) for line in _shown_as_one(case)[:2]]
    return lines or [*_moments(case, say), *_aims(view, case, say), *_pairs(view, case, say)][:2]


def _shown_as_one(case: RingCase) -> list[str]:
    """What the ring's own evidence says, moderate or better, the heaviest first."""
    own = case.evidence.filter(
        pl.col("account_id").is_null() & pl.col("grade").cast(pl.String).is_in(GRAVE)
    ).sort("bits", "signal", descending=[True, False])
    return [sentence(visible(text, 400)) for text in own["explanation"]]


def sentence(text: str) -> str:
    """`text` with a capital and a full stop."""
    end = "。" if any("\u4e00" <= letter <= "\u9fff" for letter in text) else "."
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "…", "。")) else end)


def _size(case: RingCase, say: Strings) -> list[str]:
    if case.events.is_empty():
        return []
    counts = (
        case.events.group_by(pl.col("channel").cast(pl.String)).len().sort("len", "channel", descending=True)
    )
    channels = ", ".join(f"{number(n)} {say.word(channel)}" for channel, n in counts.iter_rows())
    return [
        say.say(
            "seen_size",
            members=number(len(case.members)),
            events=number(case.events.height),
            first=stamp(case.events["timestamp"].min()),
            last=stamp(case.events["timestamp"].max()),
            channels=channels,
        )
    ]


def _moments(case: RingCase, say: Strings) -> list[str]:
    table = moments(case)
    if table.is_empty():
        return []
    median = table.select(pl.col("spread_s").median()).item()
    top = table.row(0, named=True)
    return [
        say.say(
            "seen_moments",
            n=table.height,
            median=number(median),
            top=number(top["n_members"]),
            spread=number(top["spread_s"]),
        )
    ]


def _pairs(view: ReportView, case: RingCase, say: Strings) -> list[str]:
    edges = case.edges.filter(pl.col("weight") > 0.0)
    if edges.is_empty():
        return [say.say("seen_pairs_none")]
    size = len(case.members)
    # Of contacts the number that chance gives is not known, only how likely it is that there are any.
    meetings = edges.filter(view.strand != Strand.TALK.value)
    return [
        say.say(
            "seen_pairs",
            joined=number(edges.select("source", "target").n_unique()),
            possible=number(size * (size - 1) // 2),
            met=number(int(meetings["count"].sum())),
            expected=number(float(meetings["expected"].sort().sum()), 1),
        )
    ]


def _aims(view: ReportView, case: RingCase, say: Strings) -> list[str]:
    aimed = case.events.filter(pl.col("target_id").is_not_null())
    lines = []
    if not aimed.is_empty():
        inside = aimed.filter(pl.col("target_id").is_in([member.account_id for member in case.members]))
        lines.append(say.say("seen_inside", inside=number(inside.height), aimed=number(aimed.height)))
    beneficiary, share = case.ring["beneficiary_id"], case.ring["beneficiary_share"]
    if isinstance(beneficiary, str) and isinstance(share, float):
        name = account_name(view, beneficiary)
        lines.append(say.say("seen_beneficiary", share=percent(share), name=name))
    return lines


def _texts(case: RingCase, say: Strings) -> list[str]:
    written = case.events.filter(pl.col("text").str.len_bytes() > 0)
    if written.is_empty():
        return []
    shared = (
        written.group_by("text")
        .agg(pl.col("account_id").n_unique().alias("members"), pl.len().alias("times"))
        .sort("members", "times", "text", descending=[True, True, False])
    )
    lines = [say.say("seen_texts", n=shared.height, written=number(written.height))]
    members, times = shared.select("members", "times").row(0)
    if members > 1:
        lines.append(say.say("seen_shared_text", n=times, members=number(members)))
    return lines


def _tests(case: RingCase, say: Strings) -> list[str]:
    q, share = case.ring["q_value"], case.ring["automation_share"]
    lines = [say.say("seen_q", q=number(q, 4))] if isinstance(q, float) else []
    if isinstance(share, float):
        lines.append(say.say("seen_automation", share=percent(share)))
    return lines


def _authors(view: ReportView, case: RingCase, say: Strings) -> list[str]:
    """Whether fans of one author can be excluded, of a ring that posts carry.

    They cannot be if the posts of unknown authors and those of the most frequent known one are too many for a
    ring.
    """
    timed = case.pairs.filter(view.strand.is_in([strand.value for strand in TIMED]))
    met = timed.filter(view.strand == Strand.FEED.value).select(event_id="source_event_id")
    posts = case.events.join(met, on="event_id", how="semi")["object_id"].unique()
    known = authors(view.events.filter(pl.col("object_id").is_in(posts.implode())))["author"].value_counts()
    unknown = len(posts) - int(known["count"].sum())
    most = unknown + int(known["count"].top_k(1).sum())
    if (
        not unknown
        or 2 * met.height < timed.height
        or most <= view.settings.rings.top_author_share * len(posts)
    ):
        return []
    return [say.say("against_authors", n=number(unknown), posts=number(len(posts)))]


def _ordinary(own: pl.DataFrame, members: int, say: Strings) -> list[str]:
    """Signals that find members ordinary, then in one line those that could not be asked of all members.

    Ordinary is who was placed among ordinary accounts: a ceiling that is not reached says nothing.
    """
    grade = pl.col("grade").cast(pl.String)
    ordinary = (grade == Grade.NONE.value) & pl.col("quantile").is_not_null()
    table = (
        own.filter(grade != Grade.ABSENT.value)
        .group_by("signal")
        .agg(
            pl.col("account_id").n_unique().alias("measured"),
            pl.col("account_id").filter(ordinary).n_unique().alias("ordinary"),
        )
        .sort(["ordinary", "signal"], descending=[True, False])
    )
    lines = [
        say.say("against_ordinary", signal=say.word(signal), n=n, measured=measured)
        for signal, measured, n in table.iter_rows()
        if n
    ]
    partly = [f"{say.word(signal)} {n}" for signal, n, _ in table.sort("signal").iter_rows() if n < members]
    return (
        [*lines, say.say("against_absent", signals=", ".join(partly), members=members)] if partly else lines
    )
