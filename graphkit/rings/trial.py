"""The ring test: a ring passes every guard and is proved on data that did not find it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.build import Network, half
from graphkit.network.communities import multiplex
from graphkit.rings.candidates import all_pruned, candidates, inside, pruned
from graphkit.rings.guards import GUARDS
from graphkit.rings.leaders import leaders
from graphkit.rings.proof import Proof, proved
from graphkit.rings.receipts import receipts
from graphkit.rings.strands import sings
from graphkit.rings.suspect import Suspect, strand_shares
from graphkit.settings import Settings
from graphkit.words import TIMED, Level, Strand, Verdict

Codes = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Trial:
    """A candidate and what the ring test says of it; `observed` and `required` belong to what decided."""

    suspect: Suspect
    verdict: Verdict
    reason: str
    observed: float | None
    required: float | None
    p_value: float
    q_value: float = 1.0
    level: Level = Level.TIGHT
    # The name of the guard that ended it, if one did.
    guard: str | None = None

    @property
    def nats_per_pair(self) -> float:
        """What the group explains for each of its pairs: how nested candidates are chosen."""
        codes = self.suspect.codes
        total = float(inside(self.suspect.network.pooled, codes)["weight"].sum())
        return total / (len(codes) * (len(codes) - 1) / 2)


def trials(network: Network, exempt: Codes, settings: Settings) -> list[Trial]:
    """The ring test of every community of the backbone, of the chats' own graph and of thin pairs.

    Of the backbone by the pooled nats, and by strands as graphs of their own (see `proposed`).

    `exempt` are in none.
    """
    tight = proposed(network, exempt, settings)
    known = {group.tobytes() for group in tight}
    pairs = _thin_pairs(network, exempt, settings)
    thin = [
        group
        for group in _thin_cores(pairs, settings)
        if group.tobytes() not in known and len(group) >= _least(network, group, Level.THIN, settings)
    ]
    if not tight and not thin:
        return []
    graphs = {
        Level.TIGHT: network.backbone(settings.network.edge_nats),
        Level.THIN: pairs,
    }
    answer: list[Trial] = []
    halves: list[Network] = []
    for level, groups, search in ((Level.TIGHT, tight, proposed), (Level.THIN, thin, thinly)):
        heard = [_heard(group, level, graphs[level], network, settings) for group in groups]
        found: list[list[Codes]] = []
        # Guards cost little and end nearly every honest group; halves are made for those that are left.
        left = [one.codes for one in heard if isinstance(one, Suspect)]
        if left:
            halves = halves or [
                half(network, side, seed=settings.seed, settings=settings.network) for side in (0, 1)
            ]
            around = np.unique(np.concatenate(left))
            found = [search(side, exempt, settings, 0.5, around) for side in halves]
        answer += [
            one if isinstance(one, Trial) else _proved(one, level, halves, found, settings) for one in heard
        ]
    return answer


def _heard(
    group: Codes, level: Level, pairs: pl.DataFrame, network: Network, settings: Settings
) -> Trial | Suspect:
    """The trial of a group that a guard ends, or the suspect that passes them all.

    Leaders are looked for twice: who answers everybody at once hides that the rest follow the one after. The
    group without the first must pass as well as that without both, or crowds around a few fast readers would.
    No further, since a ring that always acts in one order would be peeled away.
    """
    whole = Suspect(group, receipts(network, group, settings.network), network)
    first = _without_leaders(whole, pairs, settings)
    ended = _ended(first, whole, level, settings)
    if ended is not None or first is whole:
        return ended or first
    second = _without_leaders(first, pairs, settings)
    return first if second is first else _ended(second, whole, level, settings) or second


def _ended(suspect: Suspect, whole: Suspect, level: Level, settings: Settings) -> Trial | None:
    """The trial of what leaders left of `whole`, if it is too small or a guard ends it."""
    least = _least(suspect.network, suspect.codes, level, settings)
    if len(suspect.codes) >= least:
        return guarded(suspect, settings, level)
    reason, left = "leaders: the rest follow one account or two", float(len(suspect.codes))
    return Trial(whole, Verdict.LOOKALIKE, reason, left, float(least), 1.0, level=level)


def _least(network: Network, codes: Codes, level: Level, settings: Settings) -> int:
    """How many members a group needs: six of a forum always meet more than others, so its number must tell.

    Not of a few that sing, which are proved by their chorus, nor of a few that write to the same people: who
    is written to is no accident of hours.
    """
    numbers = settings.rings
    few = level is Level.TIGHT or (
        len(codes) < numbers.thin_members
        and (strand_shares(network, codes)[Strand.RECIPIENT] >= 0.5 or sings(network, codes, numbers))
    )
    return numbers.minimum_members if few else numbers.thin_members


def _proved(
    suspect: Suspect,
    level: Level,
    halves: Sequence[Network],
    found: Sequence[Sequence[Codes]],
    settings: Settings,
) -> Trial:
    proof = _best_proof(suspect.codes, halves, found, settings)
    return replace(weighed(suspect, proof, settings), level=level)


def proposed(
    network: Network, exempt: Codes, settings: Settings, part: float = 1.0, around: Codes | None = None
) -> list[Codes]:
    """Candidate cores; `part` is the share of the data that is searched: nats grow with the data.

    With `around` only what is connected with these accounts is searched.
    Two graphs propose: the pooled one, and that of the chat layer uncapped, in which casts that meet nowhere
    else can be found. Where several strands meet in one component, each as a graph of its own proposes too.
    """
    numbers = settings.network
    resolution, share = numbers.resolution_nats * part, settings.rings.partner_share
    # Half of the data may find only part of a group; `proved` asks for a real overlap.
    least = settings.rings.minimum_members if part == 1.0 else 3
    strong = (pl.col("weight") >= numbers.edge_nats * part) & ~pl.any_horizontal(
        pl.col("source", "target").is_in(exempt)
    )
    pooled = network.pooled.filter(strong)
    chat = network.edges.filter(strong & (pl.col("layer") == "chat"))
    groups: list[Codes] = []
    for graph in (pooled, chat):
        edges = graph.select("source", "target", "weight")
        groups += candidates(
            edges,
            resolution=resolution,
            minimum_members=least,
            share=share,
            seed=settings.seed,
            around=around,
        )
    if part == 1.0:
        # The second opinion; half of the data is only asked whether it finds a group again.
        strands = [strand.value for strand in Strand]
        by_strand = multiplex(pooled, strands, resolution=resolution, seed=settings.seed, least=least)
        groups += all_pruned(by_strand, pooled, share=share, minimum_members=least)
    unique = {group.tobytes(): group for group in groups}
    return sorted(unique.values(), key=lambda group: (int(group[0]), len(group)))


def thinly(
    network: Network, exempt: Codes, settings: Settings, part: float = 1.0, around: Codes | None = None
) -> list[Codes]:
    """Candidate cores that no pair carries; `part` and `around` as in `proposed`."""
    return _thin_cores(_thin_pairs(network, exempt, settings, part), settings, part, around)


def _thin_cores(
    pairs: pl.DataFrame, settings: Settings, part: float = 1.0, around: Codes | None = None
) -> list[Codes]:
    numbers = settings.rings
    return candidates(
        pairs.select("source", "target", "weight"),
        resolution=numbers.thin_resolution_nats * part,
        minimum_members=numbers.minimum_members if part == 1.0 else 3,
        share=numbers.partner_share,
        seed=settings.seed,
        around=around,
    )


def _thin_pairs(network: Network, exempt: Codes, settings: Settings, part: float = 1.0) -> pl.DataFrame:
    """Pooled pairs of a few nats that met in time more than once, anywhere: one meeting is an accident."""
    numbers = settings.rings
    again = (
        network.edges.filter(pl.col("strand").is_in([strand.value for strand in TIMED]))
        .group_by("source", "target")
        .agg(pl.col("count").sum())
        .filter(pl.col("count") >= numbers.thin_meetings * part)
    )
    return network.pooled.filter(
        (pl.col("weight") >= numbers.thin_nats * part)
        & ~pl.any_horizontal(pl.col("source", "target").is_in(exempt))
    ).join(again, on=["source", "target"], how="semi", maintain_order="left")


def guarded(suspect: Suspect, settings: Settings, level: Level = Level.TIGHT) -> Trial | None:
    """The trial that ends at the first guard of `level` that `suspect` does not pass; None if all let it."""
    for guard in GUARDS[level]:
        number = guard.number(suspect, settings.rings)
        if not guard.passes(number, settings.rings):
            # Asked last: it looks through all meetings.
            if guard.of_people and suspect.without_habits(settings.rings.habits):
                continue
            reason = f"{guard.name}: {guard.sentence}"
            limit = guard.limit(settings.rings)
            return Trial(suspect, guard.verdict, reason, number, limit, 1.0, level=level, guard=guard.name)
    return None


def weighed(suspect: Suspect, proof: Proof | None, settings: Settings) -> Trial:
    """The trial of a suspect that passed the guards, by its proof."""
    excess = settings.rings.excess
    if proof is None:
        reason = "the rest of the data does not find this group again"
        return Trial(suspect, Verdict.UNPROVED, reason, None, excess, 1.0)
    if proof.ratio < excess:
        reason = f"kept-back {proof.layer} shows too few meetings"
        return Trial(suspect, Verdict.UNPROVED, reason, proof.ratio, excess, proof.p_value)
    reason = f"kept-back {proof.layer}: {proof.observed:.1f} meetings where chance gives {proof.expected:.2f}"
    return Trial(suspect, Verdict.RING, reason, proof.ratio, excess, proof.p_value)


def _without_leaders(suspect: Suspect, pairs: pl.DataFrame, settings: Settings) -> Suspect:
    """The group less those whom the rest follow, pruned again by `pairs`; itself if it follows nobody."""
    numbers = settings.rings
    led = leaders(
        suspect.receipts, suspect.codes, share=numbers.leader_share, occasions=numbers.leader_occasions
    )
    if not len(led):
        return suspect
    rest = pruned(np.setdiff1d(suspect.codes, led), pairs, share=numbers.partner_share)
    return Suspect(rest, inside(suspect.receipts, rest), suspect.network)


def _best_proof(
    codes: Codes, halves: Sequence[Network], found: Sequence[Sequence[Codes]], settings: Settings
) -> Proof | None:
    """The better of two proofs: found in one half and tested on the other, and the other way round."""
    excess = settings.rings.excess
    proofs = [
        proved(codes, found[side], halves[side], halves[1 - side], settings.network, excess=excess)
        for side in (0, 1)
    ]
    best = min((proof for proof in proofs if proof), key=lambda proof: proof.p_value, default=None)
    # Two tests, one of which is quoted: Bonferroni.
    return best and replace(best, p_value=min(1.0, 2 * best.p_value))
