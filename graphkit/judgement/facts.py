"""Plain facts of each account, and the case of each account of interest: every number a rule may look at."""

from dataclasses import dataclass

import polars as pl

from graphkit.judgement.bits import joint_tail, own_bits, ranked, wilson, with_finding
from graphkit.judgement.groups import belonging, claims
from graphkit.judgement.observed import GRADE_RANK, GROUP_FAMILIES, OWN_FAMILIES, Aspect
from graphkit.judgement.policy import Policy
from graphkit.words import Channel, Family, Grade

# Columns of ranks: what each family of the group claims of each aspect, the unlisted ones in one.
_UNLISTED = "unlisted"
_CLAIMS = [
    f"{family.value} {aspect}"
    for family in GROUP_FAMILIES
    for aspect in (*(aspect.value for aspect in Aspect), _UNLISTED)
]
# The grades that accounts of other platforms may give as well.
_ELSEWHERE = tuple(f"{family.value}_anywhere" for family in (Family.TIME, Family.TEXT))
_PHYSICAL = "T_ceiling"
_MODERATE = GRADE_RANK[Grade.MODERATE]
_STRONG = GRADE_RANK[Grade.STRONG]


@dataclass(frozen=True)
class Findings:
    """All that is judged: tables of the earlier stages.

    events is EVENTS, accounts ACCOUNTS (every column but account_id may be missing), evidence EVIDENCE,
    pairs PAIRS or None. windows has account_id and n_windows_with_evidence, or is None: then nothing is known
    of how the evidence lasts; parts has the same for the parts of each ring's events. own_reference: the
    ordinary accounts of the same platform were the reference.
    """

    events: pl.DataFrame
    accounts: pl.DataFrame
    members: pl.DataFrame
    rings: pl.DataFrame
    evidence: pl.DataFrame
    pairs: pl.DataFrame | None = None
    windows: pl.DataFrame | None = None
    own_reference: bool = True
    parts: pl.DataFrame | None = None


@dataclass(frozen=True)
class Weighed:
    """Evidence weighed: ranks (EVIDENCE with `rank`), own families, who belongs where, what groups claim.

    here is `own` without what only accounts of other platforms ranked.
    """

    ranks: pl.DataFrame
    own: pl.DataFrame
    here: pl.DataFrame
    belongs: pl.DataFrame
    claimed: pl.DataFrame


def facts(events: pl.DataFrame) -> pl.DataFrame:
    """One row an account: account_id, n_events, n_posts, first_seen, last_seen, channels (sorted)."""
    post = pl.col("channel").cast(pl.String) == Channel.POST.value
    return (
        events.group_by("account_id")
        .agg(
            pl.len().cast(pl.Int64).alias("n_events"),
            post.sum().cast(pl.Int64).alias("n_posts"),
            pl.col("timestamp").min().alias("first_seen"),
            pl.col("timestamp").max().alias("last_seen"),
            pl.col("channel").cast(pl.String).unique().sort().alias("channels"),
        )
        .sort("account_id")
    )


def weighed(findings: Findings, policy: Policy) -> Weighed:
    """The grades of every family of every account, before any rule is asked."""
    ranks = ranked(findings.evidence, policy)
    belongs = belonging(findings.members, findings.rings, policy)
    own = own_bits(ranks, policy.bits)
    here = own_bits(ranks.filter(~pl.col("outside").fill_null(value=False)), policy.bits)
    return Weighed(ranks, own, here, belongs, claims(belongs, ranks, policy))


def cases(findings: Findings, known: pl.DataFrame, weights: Weighed, policy: Policy) -> pl.DataFrame:
    """One row for each account of interest (evidence or a ring), one column for each of OBSERVED.

    `known` is `facts` of the accounts. Null means that the data cannot say.
    """
    interest = (
        pl.concat([weights.own.select("account_id"), weights.belongs.select("account_id")])
        .unique()
        .sort("account_id")
    )
    frame = interest
    for part in (
        _grades(weights),
        together(weights.ranks),
        _exonerating(weights, policy),
        _ring_flags(weights),
        _counts(findings, known),
        _shares(findings, weights),
    ):
        frame = frame.join(part, on="account_id", how="left")
    frame = _posts(_lasting(frame, findings), known)
    spam = with_finding(findings.evidence, policy.spam.signals)
    functional = with_finding(findings.evidence, policy.functional.signals)
    named = (*Family, *_ELSEWHERE, _PHYSICAL, "ring_member", "ring_core", "ring_confirmed", "n_events")
    zero = [pl.col(name).fill_null(0) for name in named]
    counted = frame.with_columns(
        *zero,
        pl.col("exonerating").fill_null(0),
        *[pl.col(name).fill_null(0) for name in _CLAIMS],
        pl.col("account_id").is_in(spam).alias("spam"),
        pl.col("account_id").is_in(functional).alias("functional"),
        pl.lit(findings.own_reference).alias("own_reference"),
    ).with_columns(*_sums(), *_aspect_columns(policy))
    share = wilson(pl.col("n_explained").fill_null(0), pl.col("n_events")).alias("share_explained")
    return counted.with_columns(share).sort("account_id")


def _grades(weights: Weighed) -> pl.DataFrame:
    """Ranks by family, and the ranks of what the group claims of each aspect."""
    own = weights.here.select("account_id", "family", "rank")
    anywhere = weights.own.select("account_id", pl.format("{}_anywhere", "family").alias("family"), "rank")
    # A grade without a quantile is a limit of what a person can do: it needs no ordinary accounts.
    physical = weights.ranks.filter(
        pl.col("account_id").is_not_null()
        & (pl.col("family").cast(pl.String) == Family.TIME.value)
        & pl.col("quantile").is_null()
    ).select("account_id", pl.lit(_PHYSICAL).alias("family"), "rank")
    group = weights.claimed.select("account_id", "family", "rank")
    aspect = pl.col("aspect").fill_null(_UNLISTED)
    claims = weights.claimed.select(
        "account_id", pl.format("{} {}", "family", aspect).alias("family"), "rank"
    )
    names = [*(family.value for family in Family), *_ELSEWHERE, _PHYSICAL, *_CLAIMS]
    return (
        pl.concat([own, anywhere, physical, group, claims])
        .group_by("account_id")
        .agg(pl.col("rank").filter(pl.col("family") == name).max().alias(name) for name in names)
    )


def together(ranks: pl.DataFrame) -> pl.DataFrame:
    """account_id and `joint_tail` of the accounts whose timing and texts are both unusual here.

    ranks is EVIDENCE with `tail`, as `bits.ranked` gives it.
    """
    own = ranks.filter(pl.col("account_id").is_not_null())
    time, text = (
        pl.col("tail").filter(pl.col("family").cast(pl.String) == family.value).min()
        for family in (Family.TIME, Family.TEXT)
    )
    return own.group_by("account_id").agg(joint_tail(time, text).alias("joint_tail")).drop_nulls()


def _exonerating(weights: Weighed, policy: Policy) -> pl.DataFrame:
    """How many families were measured and found ordinary, of those whose being ordinary says something."""
    found = weights.own.filter(pl.col("ordinary") & pl.col("family").is_in(policy.bits.exonerating))
    return found.group_by("account_id").agg(pl.len().cast(pl.Int64).alias("exonerating"))


def _aspect_columns(policy: Policy) -> list[pl.Expr]:
    """`aspects`, those at moderate or more by own family or group, and `C_apart`.

    C counts for an aspect that no own family holds; G only where none of its aspects is held.
    """
    held = {
        aspect: pl.max_horizontal(
            pl.lit(0), *(family for family, word in policy.aspects.families.items() if word == aspect.value)
        )
        >= _MODERATE
        for aspect in Aspect
    }
    spent = [is_held & (pl.col(f"G {aspect.value}") > 0) for aspect, is_held in held.items()]
    unlisted = (pl.col(f"G {_UNLISTED}") > 0) & pl.any_horizontal(list(held.values()))
    whole = ~pl.any_horizontal([*spent, unlisted])
    counted, apart = [], []
    for aspect, is_held in held.items():
        graph, as_one = pl.col(f"G {aspect.value}"), pl.col(f"C {aspect.value}")
        counted.append(is_held | (as_one >= _MODERATE) | (whole & (graph >= _MODERATE)))
        apart.append(pl.when(is_held).then(0).otherwise(as_one))
    together = pl.sum_horizontal([claim.cast(pl.Int64) for claim in counted])
    return [together.alias("aspects"), pl.max_horizontal(apart).alias("C_apart")]


def _sums() -> list[pl.Expr]:
    own = [pl.col(family.value) for family in OWN_FAMILIES]
    return [
        pl.sum_horizontal([(rank >= _MODERATE).cast(pl.Int64) for rank in own]).alias("own_moderate"),
        pl.sum_horizontal([(rank >= _STRONG).cast(pl.Int64) for rank in own]).alias("own_strong"),
    ]


def _ring_flags(weights: Weighed) -> pl.DataFrame:
    return weights.belongs.select(
        "account_id",
        pl.lit(1).alias("ring_member"),
        pl.col("core").cast(pl.Int64).alias("ring_core"),
        pl.col("confirmed").cast(pl.Int64).alias("ring_confirmed"),
    )


def _counts(findings: Findings, known: pl.DataFrame) -> pl.DataFrame:
    """What the platform and the events say of an account; its age is at least the span of its events."""
    columns = findings.accounts.columns
    unknown = pl.lit(None, dtype=pl.Boolean)
    disclosed = pl.col("automation_disclosed") if "automation_disclosed" in columns else unknown
    verified = pl.col("verified") if "verified" in columns else unknown
    created = (
        pl.col("created_at") if "created_at" in columns else pl.lit(None, dtype=pl.Datetime("us", "UTC"))
    )
    declared = findings.accounts.select(
        "account_id", disclosed.alias("disclosed"), verified.alias("verified"), created.alias("created_at")
    )
    day = 86_400
    since = (pl.col("last_seen").max() - pl.col("created_at")).dt.total_seconds() / day
    span = (pl.col("last_seen") - pl.col("first_seen")).dt.total_seconds() / day
    # A span under a week says nothing of an account whose birth is unknown; a longer one says "at least".
    age = (
        pl.when(pl.col("created_at").is_null() & (span < 7))
        .then(None)
        .otherwise(pl.max_horizontal(since, span))
    )
    return (
        known.select("account_id", "n_events", "n_posts", "first_seen", "last_seen")
        .join(declared, on="account_id", how="left")
        .select("account_id", "n_events", "n_posts", "disclosed", "verified", age.floor().alias("age_days"))
    )


def _shares(findings: Findings, weights: Weighed) -> pl.DataFrame:
    """How many of its own events stand behind an account's own evidence at moderate or more."""
    behind = (
        weights.ranks.filter(
            pl.col("account_id").is_not_null()
            & pl.col("family").cast(pl.String).is_in([family.value for family in OWN_FAMILIES])
            & (pl.col("rank") >= _MODERATE)
        )
        .select("account_id", pl.col("event_ids").alias("event_id"))
        .explode("event_id", empty_as_null=True, keep_nulls=True)
        .unique()
    )
    # Evidence of members names the events of fellows too; only the account's own are its activity.
    its = findings.events.select("account_id", "event_id").join(
        behind, on=["account_id", "event_id"], how="semi"
    )
    return its.group_by("account_id").agg(pl.len().cast(pl.Int64).alias("n_explained"))


def _lasting(frame: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    for name, table in (("windows", findings.windows), ("parts", findings.parts)):
        if table is None:
            frame = frame.with_columns(pl.lit(None, dtype=pl.Int64).alias(name))
        else:
            counts = table.select("account_id", pl.col("n_windows_with_evidence").alias(name))
            frame = frame.join(counts, on="account_id", how="left").with_columns(pl.col(name).fill_null(0))
    return frame


def _posts(frame: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    if known["n_posts"].sum() == 0:
        return frame.with_columns(pl.lit(None, dtype=pl.Int64).alias("n_posts"))
    return frame.with_columns(pl.col("n_posts").fill_null(0))
