"""The network of one ring: members joined by what they share, among the accounts that they act upon."""

import math
from dataclasses import dataclass

import networkx as nx
import numpy as np
import polars as pl

from graphkit.report.view import Member, ReportView, RingCase

# More lines than this are a grey ball; the strongest are drawn and the rest is counted under the picture.
_LINES = 420
_CONTACTS = 18
_CONTACT_LINES = 160
_MEMBERS = 220
_STEPS = 60
_PUSHES = 40


@dataclass(frozen=True)
class Node:
    """A dot: a member with its number, or (number 0) an account outside; places run from 0 to 1."""

    x: float
    y: float
    number: int
    account_id: str
    name: str
    role: str
    n_events: int


@dataclass(frozen=True)
class Line:
    """A line between two dots: `share` is its weight over the heaviest one, `strand` its main cause."""

    x1: float
    y1: float
    x2: float
    y2: float
    share: float
    strand: str
    nats: float


@dataclass(frozen=True)
class Network:
    """The picture's parts, and what it leaves out."""

    members: tuple[Node, ...]
    contacts: tuple[Node, ...]
    lines: tuple[Line, ...]
    contact_lines: tuple[Line, ...]
    n_lines_left_out: int
    n_members_left_out: int
    n_contacts: int


def bonds(view: ReportView, case: RingCase) -> pl.DataFrame:
    """Edges inside the ring summed over layers: source, target, nats, and the strand that brings most."""
    return (
        case.edges.filter(pl.col("weight") > 0.0)
        .with_columns(view.strand.alias("strand"))
        .group_by("source", "target", "strand")
        .agg(pl.col("weight").sum().round(6))
        .sort("source", "target", "weight", "strand", descending=[False, False, True, False])
        .group_by("source", "target", maintain_order=True)
        .agg(pl.col("strand").first(), pl.col("weight").sum().round(6).alias("nats"))
        .sort("nats", "source", "target", descending=[True, False, False])
    )


def outside(case: RingCase) -> pl.DataFrame:
    """Accounts outside that members act upon, or that act upon members: contact_id, member_id, n."""
    ids = [member.account_id for member in case.members]
    sent = case.events.filter(pl.col("target_id").is_not_null() & ~pl.col("target_id").is_in(ids)).select(
        pl.col("target_id").alias("contact_id"), pl.col("account_id").alias("member_id")
    )
    got = case.received.select(
        pl.col("account_id").alias("contact_id"), pl.col("target_id").alias("member_id")
    )
    return (
        pl.concat([sent, got])
        .group_by("contact_id", "member_id")
        .agg(pl.len().cast(pl.Int64).alias("n"))
        .sort("contact_id", "member_id")
    )


def network(view: ReportView, case: RingCase) -> Network:
    """The ring's network, laid out with the run's seed and rounded: drawn the same each time."""
    members = case.members[:_MEMBERS]
    shown = [member.account_id for member in members]
    joined = bonds(view, case)
    strong = _fair(joined.filter(pl.col("source").is_in(shown) & pl.col("target").is_in(shown)))
    touched = outside(case).filter(pl.col("member_id").is_in(shown))
    ranked = (
        touched.group_by("contact_id")
        .agg(pl.len().alias("members"), pl.col("n").sum())
        .sort("members", "n", "contact_id", descending=[True, True, False])
    )
    near = ranked.head(_CONTACTS)
    links = _touching(touched.join(near.select("contact_id"), on="contact_id"))
    places = _places(members, strong, near["contact_id"].to_list(), links, view.settings.seed)
    heaviest = max(joined["nats"].to_list(), default=1.0)
    most = max(links["n"].to_list(), default=1)
    counts = dict(case.events.group_by("account_id").agg(pl.len()).iter_rows())
    names = dict(
        view.accounts.filter(pl.col("account_id").is_in(near["contact_id"].to_list()))
        .select("account_id", pl.col("name").fill_null(""))
        .iter_rows()
    )
    return Network(
        members=tuple(
            Node(
                *places[m.account_id],
                m.number,
                m.account_id,
                m.name,
                m.role,
                int(counts.get(m.account_id, 0)),
            )
            for m in members
        ),
        contacts=tuple(
            Node(*places[account], 0, account, str(names.get(account, "")), "outside", n)
            for account, _, n in near.iter_rows()
        ),
        lines=tuple(
            Line(*places[source], *places[target], nats / heaviest, strand, nats)
            for source, target, strand, nats in strong.iter_rows()
        ),
        contact_lines=tuple(
            Line(*places[contact], *places[member], n / most, "outside", float(n))
            for contact, member, n in links.iter_rows()
        ),
        n_lines_left_out=joined.height - strong.height,
        n_members_left_out=len(case.members) - len(members),
        n_contacts=ranked.height,
    )


def _fair(joined: pl.DataFrame) -> pl.DataFrame:
    """The lines to draw: each member's own strongest before weaker ones, so that none looks alone."""
    ends = pl.concat(
        [
            joined.with_columns(pl.col("source").alias("end")),
            joined.with_columns(pl.col("target").alias("end")),
        ]
    )
    best = (
        ends.sort("nats", "source", "target", descending=[True, False, False])
        .with_columns(pl.int_range(pl.len()).over("end").alias("place"))
        .group_by("source", "target")
        .agg(pl.col("place").min())
    )
    return (
        joined.join(best, on=["source", "target"])
        .sort("place", "nats", "source", "target", descending=[False, True, False, False])
        .head(_LINES)
        .drop("place")
    )


def _touching(links: pl.DataFrame) -> pl.DataFrame:
    """The lines to contacts: every contact keeps its strongest."""
    return (
        links.sort("contact_id", "n", "member_id", descending=[False, True, False])
        .with_columns(pl.int_range(pl.len()).over("contact_id").alias("place"))
        .sort("place", "n", "contact_id", "member_id", descending=[False, True, False, False])
        .head(_CONTACT_LINES)
        .drop("place")
    )


def _places(
    members: tuple[Member, ...],
    bonds_shown: pl.DataFrame,
    contacts: list[str],
    links: pl.DataFrame,
    seed: int,
) -> dict[str, tuple[float, float]]:
    """Places from 0 to 1: members where their bonds pull them, contacts on the rim near their members."""
    graph = nx.Graph()
    graph.add_nodes_from(member.account_id for member in members)
    graph.add_weighted_edges_from(bonds_shown.select("source", "target", "nats").iter_rows())
    pull = {
        str(contact): part["member_id"].to_list()
        for (contact,), part in sorted(links.partition_by("contact_id", as_dict=True).items())
    }
    # Accounts without a bond of their own are held by whom they serve; otherwise they would fly to the edge.
    graph.add_weighted_edges_from((contact, member, 0.5) for contact, near in pull.items() for member in near)
    raw = nx.spring_layout(
        graph, weight="weight", seed=seed % 2**32, iterations=_STEPS, k=1.6 / math.sqrt(len(graph))
    )
    inner = _fitted({member.account_id: raw[member.account_id] for member in members})
    outer = _rim(contacts, pull, inner)
    return {account: (round(x, 4), round(y, 4)) for account, (x, y) in {**inner, **outer}.items()}


def _fitted(raw: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Members in a disc of radius 0.33, ranked by distance from the middle so that it is filled evenly."""
    middle_x = sum(float(x) for x, _ in raw.values()) / len(raw)
    middle_y = sum(float(y) for _, y in raw.values()) / len(raw)
    polar = {
        account: (math.hypot(x - middle_x, y - middle_y), math.atan2(y - middle_y, x - middle_x))
        for account, (x, y) in raw.items()
    }
    ranked = sorted(polar, key=lambda account: (round(polar[account][0], 6), account))
    placed = {
        account: (
            0.5 + 0.33 * math.sqrt((rank + 0.5) / len(ranked)) * math.cos(polar[account][1]),
            0.5 + 0.33 * math.sqrt((rank + 0.5) / len(ranked)) * math.sin(polar[account][1]),
        )
        for rank, account in enumerate(ranked)
    }
    return _apart(placed)


def _apart(placed: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """The same places with dots that cover each other pushed apart, a little at a time."""
    accounts = sorted(placed)
    at = np.array([placed[account] for account in accounts])
    least = min(0.085, 0.42 / math.sqrt(len(accounts)))
    for _ in range(_PUSHES):
        gap = at[:, None, :] - at[None, :, :]
        distance = np.maximum(np.hypot(gap[..., 0], gap[..., 1]), 1e-9)
        push = np.where(distance < least, (least - distance) / distance, 0.0)
        np.fill_diagonal(push, 0.0)
        at = at + 0.35 * (push[..., None] * gap).sum(axis=1)
        # Nobody leaves the disc, or members would stand among the contacts on the rim.
        radius = np.maximum(np.hypot(*(at - 0.5).T), 1e-9)
        at = 0.5 + (at - 0.5) * np.minimum(1.0, 0.36 / radius)[:, None]
    return {account: (float(x), float(y)) for account, (x, y) in zip(accounts, at, strict=True)}


def _rim(
    contacts: list[str], pull: dict[str, list[str]], inner: dict[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """Contacts evenly on the rim, in the order of the direction in which their members stand."""

    def direction(contact: str) -> float:
        near = [inner[member] for member in pull.get(contact, ())]
        return math.atan2(sum(y - 0.5 for _, y in near), sum(x - 0.5 for x, _ in near))

    ranked = sorted(contacts, key=lambda contact: (round(direction(contact), 6), contact))
    angles = {
        contact: 2 * math.pi * rank / max(len(ranked), 1) - math.pi for rank, contact in enumerate(ranked)
    }
    return {
        contact: (0.5 + 0.46 * math.cos(angle), 0.5 + 0.46 * math.sin(angle))
        for contact, angle in angles.items()
    }
