"""From candidates to rings: every trial in one table, and what passed as rings, members and receipts."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.build import Network
from graphkit.network.pool import q_values
from graphkit.rings.grouping import grouped
from graphkit.rings.lineage import inherited
from graphkit.rings.measures import answered, measured
from graphkit.rings.parts import parts_let_go
from graphkit.rings.receipts import published_receipts
from graphkit.rings.swarms import swarm_trials
from graphkit.rings.trial import Trial, trials
from graphkit.settings import Settings
from graphkit.tables import CANDIDATES, MEMBERS, PAIRS, RINGS
from graphkit.words import RingKind, Verdict

Codes = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Findings:
    """What the ring test found: CANDIDATES, RINGS, MEMBERS and PAIRS (the receipts of rings)."""

    candidates: pl.DataFrame
    rings: pl.DataFrame
    members: pl.DataFrame
    pairs: pl.DataFrame


def findings(
    network: Network, exempt: Codes, settings: Settings, *, previous: pl.DataFrame | None = None
) -> Findings:
    """The rings of a network.

    `exempt` are accounts that are never members (disclosed automation, verified merchants); they stay in
    every null. A candidate becomes a ring when it passes every guard, is proved on data that did not find it,
    with q over all candidates, and is no part of a group of people (see `parts_let_go`). Rings that continue
    one of `previous` (MEMBERS of an earlier run) keep its id.
    """
    tried = _distinct([*trials(network, exempt, settings), *swarm_trials(network, exempt, settings)])
    q = q_values(np.array([trial.p_value for trial in tried]), len(tried))
    judged = [_with_q(trial, float(value), settings) for trial, value in zip(tried, q, strict=True)]
    judged = parts_let_go(judged, settings)
    found = _tables(network, judged, exempt, settings)
    return found if previous is None else _renamed(found, previous, settings)


def _distinct(tried: Sequence[Trial]) -> list[Trial]:
    """One trial for each group, the one that passed if any did: what leaders leave of two may be the same."""
    first: dict[bytes, Trial] = {}
    for trial in sorted(tried, key=lambda one: one.verdict is not Verdict.RING):
        first.setdefault(trial.suspect.codes.tobytes(), trial)
    return [trial for trial in tried if first[trial.suspect.codes.tobytes()] is trial]


def ring_name(members: Sequence[str]) -> str:
    """A ring's id: of its members' ids alone, whatever their order."""
    return "r" + hashlib.sha256("\n".join(sorted(members)).encode()).hexdigest()[:10]


def _renamed(found: Findings, previous: pl.DataFrame, settings: Settings) -> Findings:
    names = inherited(found.members, previous, overlap=settings.rings.continuity)
    ring_id = pl.col("ring_id").replace(names)
    return Findings(
        CANDIDATES.check(found.candidates.with_columns(ring_id)),
        RINGS.check(found.rings.with_columns(ring_id)),
        MEMBERS.check(found.members.with_columns(ring_id)),
        PAIRS.check(found.pairs.with_columns(ring_id)),
    )


def _with_q(trial: Trial, q_value: float, settings: Settings) -> Trial:
    limit = settings.rings.q_value
    if trial.verdict is Verdict.RING and q_value > limit:
        reason = "chance explains the kept-back meetings"
        return replace(
            trial, verdict=Verdict.UNPROVED, reason=reason, observed=q_value, required=limit, q_value=q_value
        )
    return replace(trial, q_value=q_value)


def _tables(network: Network, judged: Sequence[Trial], exempt: Codes, settings: Settings) -> Findings:
    groups, refused = grouped(network, judged, exempt, settings)
    names: dict[int, str] = {}
    rings, members, pairs = [], [], []
    everybody = answered(network.events) if groups else None
    for group in groups:
        ring_id = ring_name(network.ids.gather(group.core).to_list())
        names |= {id(trial): ring_id for trial in group.trials}
        whole = group.belonging["account"].to_numpy()
        numbers = measured(network, whole, edge_nats=settings.network.edge_nats, everybody=everybody)
        rings.append({"ring_id": ring_id, "q_value": group.q_value, **numbers})
        account_id = network.ids.gather(whole).alias("account_id")
        members.append(
            group.belonging.select(account_id, "role", "stability", pl.lit(ring_id).alias("ring_id"))
        )
        pairs.append(published_receipts(network, group.receipts, ring_id))
    listed = [_listed(refused.get(id(trial), trial), names.get(id(trial))) for trial in judged]
    return Findings(
        CANDIDATES.check(pl.concat(listed)) if listed else CANDIDATES.empty(),
        _rings(rings),
        MEMBERS.check(pl.concat(members)) if members else MEMBERS.empty(),
        PAIRS.check(pl.concat(pairs)) if pairs else PAIRS.empty(),
    )


def _rings(rows: Sequence[dict[str, object]]) -> pl.DataFrame:
    if not rows:
        return RINGS.empty()
    return RINGS.check(
        pl.DataFrame(
            [{**row, "kind": RingKind.COORDINATED.value, "automation_share": None} for row in rows],
            schema=RINGS.empty().schema,
        )
    )


def _listed(trial: Trial, ring_id: str | None) -> pl.DataFrame:
    names = trial.suspect.network.ids.gather(trial.suspect.codes).to_list()
    return pl.DataFrame(
        {
            "candidate_id": "c" + ring_name(names)[1:],
            "ring_id": ring_id,
            "verdict": trial.verdict.value,
            "reason": trial.reason,
            "n_members": len(names),
            "observed": trial.observed,
            "required": trial.required,
            "p_value": trial.p_value,
            "q_value": trial.q_value,
            "members": [names],
        },
        schema=CANDIDATES.empty().schema,
    )
