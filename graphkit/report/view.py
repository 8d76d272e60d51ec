"""What a report is made from: the tables of one run, and the slice of them that concerns one ring."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import polars as pl

from graphkit.errors import InputError
from graphkit.report.clean import visible
from graphkit.settings import Settings
from graphkit.words import Role, Tier

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")
_NAME_LIMIT = 32
TIER_RANK = MappingProxyType({tier.value: rank for rank, tier in enumerate(Tier)})


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True)
class ReportView:
    """The tables of a run, with the few words and counts about it that no table holds.

    The frames are EVENTS, ACCOUNTS (the input), EDGES, PAIRS, CANDIDATES, MEMBERS, RINGS, EVIDENCE, TIERS,
    TRACE and QUARANTINE. `rows_read` is what the reader counted (kept and refused); `strands` says which
    strand a layer belongs to; `questions` and `innocent` what a signal asks and which harmless causes it may
    have; `notes` what the reader wants said; `left_out` what caps and budgets dropped, by name; `inputs` the
    names of the files with their SHA-256; `held` why the circuit breaker holds the run; `silent` the signals
    that find spam or a function, which speak neither for nor against. Seconds and memory stay out of it: the
    same tables give the same pages, byte for byte.
    """

    events: pl.DataFrame
    accounts: pl.DataFrame
    edges: pl.DataFrame
    pairs: pl.DataFrame
    candidates: pl.DataFrame
    members: pl.DataFrame
    rings: pl.DataFrame
    evidence: pl.DataFrame
    tiers: pl.DataFrame
    trace: pl.DataFrame
    quarantine: pl.DataFrame
    rows_read: int
    settings: Settings
    version: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    strands: Mapping[str, str] = field(default_factory=_nothing)
    questions: Mapping[str, str] = field(default_factory=_nothing)
    innocent: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    held: str | None = None
    silent: tuple[str, ...] = ()

    @property
    def strand(self) -> pl.Expr:
        """The strand of a row's column `layer`; `other` of a layer that the run does not know."""
        return pl.col("layer").replace_strict(dict(self.strands), default="other", return_dtype=pl.String)


@dataclass(frozen=True)
class Member:
    """One member of a ring as a page shows it; `number` is its place in table, picture and timeline."""

    number: int
    account_id: str
    name: str
    role: str
    stability: float
    tier: str
    score: float
    bits: Mapping[str, float]


@dataclass(frozen=True)
class RingCase:
    """All rows that concern one ring: what its members did, what joins them, what was measured."""

    ring_id: str
    ring: Mapping[str, object]
    members: tuple[Member, ...]
    events: pl.DataFrame
    received: pl.DataFrame
    edges: pl.DataFrame
    pairs: pl.DataFrame
    evidence: pl.DataFrame
    trace: pl.DataFrame

    @property
    def numbers(self) -> dict[str, int]:
        """The number of each member by account_id."""
        return {member.account_id: member.number for member in self.members}


def page_name(ring_id: str) -> str:
    """The file name of a ring's dossier; an id that is no plain word is replaced by its hash."""
    if _SAFE_NAME.match(ring_id):
        return ring_id
    return hashlib.sha256(ring_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def ring_case(view: ReportView, ring_id: str) -> RingCase:
    """The slice of `view` that concerns one ring; raises InputError when there is no such ring."""
    rings = view.rings.filter(pl.col("ring_id") == ring_id)
    if rings.is_empty():
        known = ", ".join(f"`{name}`" for name in view.rings["ring_id"].sort().head(5))
        raise InputError(f"no ring `{visible(ring_id, 80)}` in this run; its rings are {known or 'none'}")
    members = _members(view, ring_id)
    ids = [member.account_id for member in members]
    inside = pl.col("account_id").is_in(ids)
    return RingCase(
        ring_id=ring_id,
        ring=rings.row(0, named=True),
        members=members,
        events=view.events.filter(inside).sort("timestamp", "event_id"),
        received=view.events.filter(pl.col("target_id").is_in(ids) & ~inside).sort("timestamp", "event_id"),
        edges=view.edges.filter(pl.col("source").is_in(ids) & pl.col("target").is_in(ids)).sort(
            "layer", "source", "target"
        ),
        pairs=view.pairs.filter(pl.col("ring_id") == ring_id),
        evidence=view.evidence.filter(pl.col("ring_id") == ring_id),
        trace=view.trace.filter(pl.col("account_id").is_in(ids)),
    )


def around_rings(view: ReportView) -> ReportView:
    """`view` with only the events that a dossier can show, so that many rings do not scan all of them."""
    ids = view.members["account_id"].implode()
    inside = pl.col("account_id").is_in(ids)
    objects = view.events.filter(inside)["object_id"].drop_nulls().unique().sort().implode()
    near = inside | pl.col("target_id").is_in(ids) | pl.col("object_id").is_in(objects)
    return replace(view, events=view.events.filter(near))


def ordered_rings(view: ReportView) -> list[str]:
    """Ring ids with the gravest first: by the highest tier of a member, kind, then size."""
    ranked = (
        view.members.join(view.tiers.select("account_id", "tier"), on="account_id", how="left")
        .group_by("ring_id")
        .agg(pl.col("tier").cast(pl.String).replace_strict(dict(TIER_RANK), default=0).max().alias("rank"))
    )
    return (
        view.rings.select("ring_id", pl.col("kind").cast(pl.String), "n_members")
        .join(ranked, on="ring_id", how="left")
        .sort(
            pl.col("rank").fill_null(0), "kind", "n_members", "ring_id", descending=[True, False, True, False]
        )["ring_id"]
        .to_list()
    )


def _members(view: ReportView, ring_id: str) -> tuple[Member, ...]:
    # "core" sorts before "periphery", so a plain ascending sort puts the core first.
    rows = (
        view.members.filter(pl.col("ring_id") == ring_id)
        .select("account_id", pl.col("role").cast(pl.String), "stability")
        .join(view.accounts.select("account_id", "name"), on="account_id", how="left")
        .join(view.tiers.drop("ring_id", "role", "stability"), on="account_id", how="left")
        .with_columns(pl.col("tier").cast(pl.String))
        .with_columns(pl.col("tier").replace_strict(dict(TIER_RANK), default=0).alias("rank"))
        .sort("rank", "role", "score", "account_id", descending=[True, False, True, False], nulls_last=True)
    )
    return tuple(_member(number, row) for number, row in enumerate(rows.iter_rows(named=True), start=1))


def _member(number: int, row: Mapping[str, object]) -> Member:
    def bits(name: str) -> float:
        value = row.get(name)
        return float(value) if isinstance(value, float) else 0.0

    return Member(
        number=number,
        account_id=str(row["account_id"]),
        name=visible(str(row["name"]), _NAME_LIMIT) if row["name"] is not None else "",
        role=str(row["role"] or Role.PERIPHERY),
        stability=bits("stability"),
        tier=str(row["tier"] or Tier.CLEAR),
        score=bits("score"),
        bits=MappingProxyType({name: bits(f"bits_{name.lower()}") for name in "GTXCA"}),
    )
