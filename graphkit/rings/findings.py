"""From candidates to rings: every trial in one table, and what passed as rings, members and receipts."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.build import Network
from graphkit.network.pool import q_values
from graphkit.rings.candidates import inside
from graphkit.rings.grouping import Group, grouped
from graphkit.rings.lineage import inherited
from graphkit.rings.measures import answered, measured
from graphkit.rings.receipts import published_receipts, receipts
from graphkit.rings.stability import stability
from graphkit.rings.suspect import Suspect
from graphkit.rings.swarms import swarm_trials
from graphkit.rings.trial import Trial, guarded, trials
from graphkit.settings import Settings
from graphkit.tables import CANDIDATES, MEMBERS, PAIRS, RINGS
from graphkit.words import Level, RingKind, Role, Verdict

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
    every null. A candidate becomes a ring when it passes every guard and is proved on data that did not find
    it, with q over all candidates. Rings that continue one of `previous` (MEMBERS of an earlier run) keep its
    id.
    """
    tried = _distinct([*trials(network, exempt, settings), *swarm_trials(network, exempt, settings)])
    q = q_values(np.array([trial.p_value for trial in tried]), len(tried))
    judged = [_with_q(trial, float(value), settings) for trial, value in zip(tried, q, strict=True)]
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
    outcome: dict[int, Trial] = {}
    names: dict[int, str] = {}
    rings, members, pairs = [], [], []
    groups = grouped(network, judged, exempt, settings)
    everybody = answered(network.events) if groups else None
    for group in groups:
        ring_id = ring_name(network.ids.gather(group.core).to_list())
        found = receipts(network, group.whole, settings.network)
        belonging = _members(group, found, network, settings)
        core = pl.col("role") == Role.CORE.value
        firmness = float(np.mean(belonging.filter(core)["stability"].to_numpy()))
        if firmness < settings.rings.stability:
            outcome |= {id(trial): _unstable(trial, firmness, settings) for trial in group.trials}
            continue
        # What the core is asked in the mean, an account beside it is asked alone: it may be there by luck.
        belonging = belonging.filter(core | (pl.col("stability") >= settings.rings.stability))
        whole = belonging["account"].to_numpy()
        # The core passed its guards alone; those who joined it may show whose it is. What holds it together
        # is asked of the core only, so that a thin group is asked no more than a tight one.
        level = Level.SWARM if group.level is Level.SWARM else Level.TIGHT
        ended = guarded(Suspect(whole, inside(found, whole), network), settings, level)
        if ended is not None:
            outcome |= {id(trial): _as_a_whole(trial, ended) for trial in group.trials}
            continue
        names |= {id(trial): ring_id for trial in group.trials}
        numbers = measured(network, whole, edge_nats=settings.network.edge_nats, everybody=everybody)
        rings.append({"ring_id": ring_id, "q_value": group.q_value, **numbers})
        account_id = network.ids.gather(whole).alias("account_id")
        members.append(belonging.select(account_id, "role", "stability", pl.lit(ring_id).alias("ring_id")))
        pairs.append(published_receipts(network, inside(found, whole), ring_id))
    listed = [_listed(outcome.get(id(trial), trial), names.get(id(trial))) for trial in judged]
    return Findings(
        CANDIDATES.check(pl.concat(listed)) if listed else CANDIDATES.empty(),
        _rings(rings),
        MEMBERS.check(pl.concat(members)) if members else MEMBERS.empty(),
        PAIRS.check(pl.concat(pairs)) if pairs else PAIRS.empty(),
    )


def _unstable(trial: Trial, firmness: float, settings: Settings) -> Trial:
    reason = "half of their occasions do not hold them together"
    return replace(
        trial, verdict=Verdict.UNPROVED, reason=reason, observed=firmness, required=settings.rings.stability
    )


def _as_a_whole(trial: Trial, ended: Trial) -> Trial:
    """The trial of a core which those who joined it show to be a look-alike."""
    return replace(
        trial,
        verdict=ended.verdict,
        reason=ended.reason,
        observed=ended.observed,
        required=ended.required,
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
    passed_on = trial.verdict is Verdict.RING and ring_id is None
    return pl.DataFrame(
        {
            "candidate_id": "c" + ring_name(names)[1:],
            "ring_id": ring_id,
            "verdict": (Verdict.UNPROVED if passed_on else trial.verdict).value,
            "reason": "its members belong to a tighter ring" if passed_on else trial.reason,
            "n_members": len(names),
            "observed": trial.observed,
            "required": trial.required,
            "p_value": trial.p_value,
            "q_value": trial.q_value,
            "members": [names],
        },
        schema=CANDIDATES.empty().schema,
    )


def _members(group: Group, found: pl.DataFrame, network: Network, settings: Settings) -> pl.DataFrame:
    """Columns account, role, stability; in a swarm nobody has many strong partners, and weak ones count."""
    numbers = settings.rings
    nats = {
        Level.TIGHT: settings.network.edge_nats,
        Level.THIN: numbers.thin_nats,
        Level.SWARM: numbers.swarm_nats,
    }
    firm = stability(
        network,
        group.core,
        group.periphery,
        found,
        edge_nats=nats[group.level],
        share=0.0 if group.level is Level.SWARM else numbers.partner_share,
        resamples=numbers.resamples,
        seed=settings.seed,
    )
    inner, outer = pl.lit(Role.CORE.value), pl.lit(Role.PERIPHERY.value)
    role = pl.when(pl.col("account").is_in(group.core)).then(inner).otherwise(outer)
    return firm.select("account", role.alias("role"), "stability")
