"""From candidates to rings: the ring test, and the tables of what it said."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.build import Network, half
from graphkit.network.pool import q_values
from graphkit.rings.attachment import attached, followers
from graphkit.rings.candidates import candidates, inside, pruned
from graphkit.rings.guards import GUARDS, Suspect, leaders
from graphkit.rings.measures import measured
from graphkit.rings.proof import Proof, proved
from graphkit.rings.receipts import published_receipts, receipts
from graphkit.rings.stability import stability
from graphkit.settings import Settings
from graphkit.tables import CANDIDATES, MEMBERS, PAIRS, RINGS
from graphkit.words import RingKind, Role, Verdict

Codes = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Findings:
    """What the ring test found: CANDIDATES, RINGS, MEMBERS and PAIRS (the receipts of rings)."""

    candidates: pl.DataFrame
    rings: pl.DataFrame
    members: pl.DataFrame
    pairs: pl.DataFrame


@dataclass(frozen=True)
class _Tested:
    """A candidate and what the ring test says of it; observed and required belong to what decided."""

    suspect: Suspect
    verdict: Verdict
    reason: str
    observed: float | None
    required: float | None
    p_value: float
    q_value: float = 1.0

    @property
    def nats_per_pair(self) -> float:
        """What the group explains for each of its pairs: how nested candidates are chosen."""
        n = len(self.suspect.codes)
        return float(inside(self.suspect.network.pooled, self.suspect.codes)["weight"].sum()) / (
            n * (n - 1) / 2
        )


def findings(network: Network, exempt: Codes, settings: Settings) -> Findings:
    """The rings of a network.

    `exempt` are accounts that are never members (disclosed automation, verified merchants); they stay in every
    null. A candidate becomes a ring when it passes every guard and is proved on data that did not find it, with
    q over all candidates.
    """
    groups = _proposed(network, exempt, settings)
    halves = [half(network, side, seed=settings.seed, settings=settings.network) for side in (0, 1) if groups]
    found = [_proposed(side, exempt, settings, part=0.5) for side in halves]
    tested = [_tested(group, network, halves, found, settings) for group in groups]
    q = q_values(np.array([test.p_value for test in tested]), len(tested))
    judged = [_with_q(test, float(value), settings) for test, value in zip(tested, q, strict=True)]
    return _tables(network, judged, exempt, settings)


def ring_name(members: Sequence[str]) -> str:
    """A ring's id: of its members' ids alone, whatever their order."""
    return "r" + hashlib.sha256("\n".join(sorted(members)).encode()).hexdigest()[:10]


def _proposed(network: Network, exempt: Codes, settings: Settings, part: float = 1.0) -> list[Codes]:
    """Candidate cores; `part` is the share of the data searched, and nats grow with the data."""
    numbers = settings.network
    chat = network.edges.filter(pl.col("layer") == "chat").select("source", "target", "weight")
    graphs = (network.pooled.select("source", "target", "weight"), chat)
    groups: list[Codes] = []
    for graph in graphs:
        strong = graph.filter(
            (pl.col("weight") >= numbers.edge_nats * part)
            & ~pl.col("source").is_in(exempt)
            & ~pl.col("target").is_in(exempt)
        )
        groups += candidates(
            strong,
            resolution=numbers.resolution_nats * part,
            minimum_members=settings.rings.minimum_members if part == 1.0 else 3,
            seed=settings.seed,
        )
    unique = {group.tobytes(): group for group in groups}
    return sorted(unique.values(), key=lambda group: (int(group[0]), len(group)))


def _without_leaders(group: Codes, network: Network, settings: Settings) -> Suspect:
    """The group less those whom the rest follow, pruned again, with its receipts."""
    found = receipts(network, group, settings.network)
    led = leaders(found, group, share=settings.rings.leader_share, occasions=settings.rings.leader_occasions)
    if not len(led):
        return Suspect(group, found, network)
    strong = network.backbone(settings.network.edge_nats)
    rest = pruned(np.setdiff1d(group, led), strong)
    kept = pl.col("source").is_in(rest) & pl.col("target").is_in(rest)
    return Suspect(rest, found.filter(kept), network)


def _tested(
    group: Codes,
    network: Network,
    halves: Sequence[Network],
    found: Sequence[Sequence[Codes]],
    settings: Settings,
) -> _Tested:
    suspect = _without_leaders(group, network, settings)
    if len(suspect.codes) < settings.rings.minimum_members:
        few = Suspect(group, suspect.receipts, network)
        left, wanted = float(len(suspect.codes)), float(settings.rings.minimum_members)
        return _Tested(few, Verdict.LOOKALIKE, "leaders: the rest follow one account", left, wanted, 1.0)
    for guard in GUARDS:
        number, limit = guard.number(suspect), guard.limit(settings.rings)
        if not guard.passes(number, settings.rings):
            return _Tested(suspect, guard.verdict, f"{guard.name}: {guard.sentence}", number, limit, 1.0)
    proof = _best_proof(suspect.codes, halves, found, settings)
    excess = settings.rings.excess
    if proof is None:
        return _Tested(
            suspect, Verdict.UNPROVED, "half of the data does not find the group", None, excess, 1.0
        )
    if proof.ratio < excess:
        reason = "kept-back data shows too few meetings"
        return _Tested(suspect, Verdict.UNPROVED, reason, proof.ratio, excess, proof.p_value)
    reason = f"kept-back {proof.layer}: {proof.observed:.1f} meetings where chance gives {proof.expected:.2f}"
    return _Tested(suspect, Verdict.RING, reason, proof.ratio, excess, proof.p_value)


def _best_proof(
    codes: Codes, halves: Sequence[Network], found: Sequence[Sequence[Codes]], settings: Settings
) -> Proof | None:
    """The better of two proofs: found in one half and tested on the other, and the other way round."""
    proofs = [proved(codes, found[side], halves[side], halves[1 - side], settings.network) for side in (0, 1)]
    best = min((proof for proof in proofs if proof), key=lambda proof: proof.p_value, default=None)
    return best and replace(best, p_value=min(1.0, 2 * best.p_value))


def _with_q(test: _Tested, q_value: float, settings: Settings) -> _Tested:
    if test.verdict is Verdict.RING and q_value > settings.rings.q_value:
        return replace(
            test,
            verdict=Verdict.UNPROVED,
            reason="chance explains the kept-back meetings",
            observed=q_value,
            required=settings.rings.q_value,
            q_value=q_value,
        )
    return replace(test, q_value=q_value)


def _tables(network: Network, judged: Sequence[_Tested], exempt: Codes, settings: Settings) -> Findings:
    """The four tables; an account that two rings claim goes to the one that explains more per pair."""
    order = sorted(judged, key=lambda test: (-round(test.nats_per_pair, 6), tuple(test.suspect.codes[:3])))
    taken = exempt
    listed, rings, members, pairs = [], [], [], []
    for test in order:
        core = np.setdiff1d(test.suspect.codes, taken)
        is_ring = test.verdict is Verdict.RING and len(core) >= settings.rings.minimum_members
        ring_id = ring_name(network.ids.gather(core).to_list()) if is_ring else None
        listed.append(_listed(test, ring_id))
        if ring_id is None:
            continue
        periphery = np.setdiff1d(_periphery(core, test.suspect, network, settings), taken)
        whole = np.union1d(core, periphery)
        taken = np.union1d(taken, whole)
        found = receipts(network, whole, settings.network)
        numbers = measured(network, whole, edge_nats=settings.network.edge_nats)
        rings.append({"ring_id": ring_id, "q_value": test.q_value, **numbers})
        members.append(_members(network, core, whole, found, ring_id, settings))
        pairs.append(published_receipts(network, found, ring_id))
    return Findings(
        CANDIDATES.check(pl.concat(listed)) if listed else CANDIDATES.empty(),
        _rings(rings),
        MEMBERS.check(pl.concat(members)) if members else MEMBERS.empty(),
        PAIRS.check(pl.concat(pairs)) if pairs else PAIRS.empty(),
    )


def _periphery(core: Codes, suspect: Suspect, network: Network, settings: Settings) -> Codes:
    near = np.union1d(
        attached(core, network, settings.rings), followers(core, suspect.receipts, network, settings.rings)
    )
    outside = np.setdiff1d(near, core)
    found = receipts(network, np.union1d(core, outside), settings.network)
    led = leaders(
        found,
        outside,
        share=settings.rings.leader_share,
        occasions=settings.rings.leader_occasions,
    )
    return np.setdiff1d(outside, led).astype(np.uint32)


def _rings(rows: Sequence[dict[str, object]]) -> pl.DataFrame:
    if not rows:
        return RINGS.empty()
    return RINGS.check(
        pl.DataFrame(
            [{**row, "kind": RingKind.COORDINATED.value, "automation_share": None} for row in rows],
            schema=RINGS.empty().schema,
        )
    )


def _listed(test: _Tested, ring_id: str | None) -> pl.DataFrame:
    names = test.suspect.network.ids.gather(test.suspect.codes).to_list()
    passed_on = test.verdict is Verdict.RING and ring_id is None
    return pl.DataFrame(
        {
            "candidate_id": "c" + ring_name(names)[1:],
            "ring_id": ring_id,
            "verdict": (Verdict.UNPROVED if passed_on else test.verdict).value,
            "reason": "its members belong to a tighter ring" if passed_on else test.reason,
            "n_members": len(names),
            "observed": test.observed,
            "required": test.required,
            "p_value": test.p_value,
            "q_value": test.q_value,
            "members": [names],
        },
        schema=CANDIDATES.empty().schema,
    )


def _members(
    network: Network, core: Codes, whole: Codes, found: pl.DataFrame, ring_id: str, settings: Settings
) -> pl.DataFrame:
    numbers = settings.rings
    firm = stability(
        network,
        core,
        np.setdiff1d(whole, core),
        found,
        edge_nats=settings.network.edge_nats,
        resamples=numbers.resamples,
        seed=settings.seed,
    )
    role = (
        pl.when(pl.col("account").is_in(core))
        .then(pl.lit(Role.CORE.value))
        .otherwise(pl.lit(Role.PERIPHERY.value))
    )
    return MEMBERS.check(
        firm.with_columns(
            network.ids.gather(whole).alias("account_id"),
            pl.lit(ring_id).alias("ring_id"),
            role.alias("role"),
        )
    )
