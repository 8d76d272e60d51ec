"""From candidates to rings: every trial in one table, and what passed as rings, members and receipts."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.build import Network
from graphkit.network.pool import q_values
from graphkit.rings.attachment import adherents, attached, followers
from graphkit.rings.candidates import inside
from graphkit.rings.leaders import leaders
from graphkit.rings.lineage import inherited
from graphkit.rings.measures import answered, measured
from graphkit.rings.receipts import published_receipts, receipts
from graphkit.rings.stability import stability
from graphkit.rings.swarms import swarm_trials
from graphkit.rings.trial import Trial, trials
from graphkit.settings import Settings
from graphkit.tables import CANDIDATES, MEMBERS, PAIRS, RINGS
from graphkit.words import TIMED, Level, RingKind, Role, Verdict

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


@dataclass(frozen=True, eq=False)
class _Group:
    """What one or more trials found of the same ring: its core, its periphery, the trials that say so."""

    core: Codes
    periphery: Codes
    trials: tuple[Trial, ...]

    @property
    def whole(self) -> Codes:
        """Core and periphery."""
        return _union(self.core, self.periphery)

    @property
    def level(self) -> Level:
        """The loosest of its trials' levels: what a member's place rests on."""
        levels = {trial.level for trial in self.trials}
        return next(level for level in (Level.SWARM, Level.THIN, Level.TIGHT) if level in levels)

    @property
    def q_value(self) -> float:
        """The strongest proof among its trials."""
        return min(trial.q_value for trial in self.trials)


def _grouped(network: Network, judged: Sequence[Trial], exempt: Codes, settings: Settings) -> list[_Group]:
    """The rings that passed, those that explain most per pair first; nobody is in two.

    A swarm or a thin group and another that share half of the smaller one are one ring: each was proved by
    itself. Of other overlapping rings the tighter keeps the accounts that both claim, its periphery included.
    """
    passed = [trial for trial in judged if trial.verdict is Verdict.RING]
    groups: list[_Group] = []
    for trial in sorted(passed, key=lambda one: (-round(one.nats_per_pair, 6), tuple(one.suspect.codes[:3]))):
        codes = np.setdiff1d(trial.suspect.codes, exempt)
        kin = [group for group in groups if _are_one(trial, codes, group)]
        others = [group for group in groups if group not in kin]
        taken = _union(exempt, *(group.whole for group in others))
        proofs = (trial, *(one for group in kin for one in group.trials))
        held = _union(*(group.core for group in kin)) if kin else codes
        core = np.setdiff1d(_union(codes, held), taken)
        found = receipts(network, core, settings.network)
        # The ring test leaves out whom a ring follows; a group with him may have passed beside it.
        disputed, agreed = np.setxor1d(codes, held), np.intersect1d(codes, held)
        followed = _followed(disputed, agreed, found, settings) if len(disputed) else disputed
        core = np.setdiff1d(core, followed)
        group = _Group(core, _union(), proofs)
        core = _met_often(core, group, inside(found, core), settings)
        # What is left of a group when a tighter one has taken half of it is no group that anything proved.
        if len(core) >= max(settings.rings.minimum_members, len(codes) / 2):
            group = replace(group, core=core)
            outer = _periphery(group, inside(found, core), network, settings)
            near = np.setdiff1d(outer, _union(taken, core, followed))
            groups = [*others, replace(group, periphery=near)]
    return groups


def _are_one(trial: Trial, codes: Codes, group: _Group) -> bool:
    shared = len(np.intersect1d(codes, group.whole))
    loose = trial.level is not Level.TIGHT or group.level is not Level.TIGHT
    return loose and 2 * shared >= min(len(codes), len(group.whole))


def _followed(codes: Codes, core: Codes, found: pl.DataFrame, settings: Settings) -> Codes:
    """Those of `codes` whom a core follows."""
    limits = (settings.rings.leader_share, settings.rings.leader_occasions)
    return leaders(found, codes, share=limits[0], occasions=limits[1], against=core)


def _union(*parts: Codes) -> Codes:
    return np.unique(np.concatenate([np.zeros(0, np.uint32), *parts]))


def _periphery(group: _Group, found: pl.DataFrame, network: Network, settings: Settings) -> Codes:
    """Accounts that join a core, by scores with half of it, in its sessions or by a swarm's own words.

    Those that it follows do not. `found` are the core's receipts.
    """
    core = group.core
    numbers = settings.rings
    near = np.union1d(attached(core, network, numbers), followers(core, found, network, numbers))
    if group.level is Level.SWARM:
        near = np.union1d(near, adherents(core, network, numbers))
    outside = np.setdiff1d(near, core)
    if not len(outside):
        return outside
    around = receipts(network, np.union1d(core, outside), settings.network)
    rest = np.setdiff1d(outside, _followed(outside, core, around, settings)).astype(np.uint32)
    return _met_often(rest, group, around, settings)


def _met_often(codes: Codes, group: _Group, found: pl.DataFrame, settings: Settings) -> Codes:
    """Those of `codes` who met others of a group's core in time on `minimum_occasions` or more.

    Whoever is copied shares texts with all of a ring, and may meet it by accident on a post or two. Members
    of a swarm have few events each. `found` are receipts of them all.
    """
    if group.level is Level.SWARM:
        return codes
    timed = found.filter(pl.col("strand").is_in([strand.value for strand in TIMED]))
    ends = [
        timed.filter(pl.col(other).is_in(group.core)).select(
            "layer", "occasion", pl.col(end).alias("account")
        )
        for end, other in (("source", "target"), ("target", "source"))
    ]
    counts = pl.concat(ends).unique().group_by("account").len()
    often = counts.filter(pl.col("len") >= settings.rings.minimum_occasions)["account"]
    return np.intersect1d(codes, often.to_numpy()).astype(np.uint32)


def _tables(network: Network, judged: Sequence[Trial], exempt: Codes, settings: Settings) -> Findings:
    outcome: dict[int, Trial] = {}
    names: dict[int, str] = {}
    rings, members, pairs = [], [], []
    groups = _grouped(network, judged, exempt, settings)
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
        names |= {id(trial): ring_id for trial in group.trials}
        whole = belonging["account"].to_numpy()
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


def _members(group: _Group, found: pl.DataFrame, network: Network, settings: Settings) -> pl.DataFrame:
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
