"""From trials to groups: what is one ring, who belongs to it, and to which of two that claim him."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.build import Network
from graphkit.rings.attachment import adherents, attached, followers
from graphkit.rings.candidates import inside
from graphkit.rings.leaders import leaders
from graphkit.rings.receipts import receipts
from graphkit.rings.stability import stability
from graphkit.rings.suspect import Suspect
from graphkit.rings.trial import Trial, guarded
from graphkit.settings import Settings
from graphkit.words import TIMED, Level, Role, Verdict

Codes = npt.NDArray[np.uint32]

# Why a core that passed is no group of its own.
_TAKEN = "its members belong to a tighter ring"
_LED = "the rest follow those who hold it together"
_SELDOM = "its members met on too few occasions"


@dataclass(frozen=True, eq=False)
class Group:
    """What one or more trials found of the same ring: its core, its periphery, the trials that say so."""

    core: Codes
    periphery: Codes
    trials: tuple[Trial, ...]
    # Who belongs to it (account, role, stability), and the receipts among them.
    belonging: pl.DataFrame = field(default_factory=pl.DataFrame)
    receipts: pl.DataFrame = field(default_factory=pl.DataFrame)

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


def grouped(
    network: Network, judged: Sequence[Trial], exempt: Codes, settings: Settings
) -> tuple[list[Group], dict[int, Trial]]:
    """The rings that passed, those that explain most per pair first; nobody is in two.

    And, by `id`, the trials that passed and end here: what they found is no ring as a whole.

    A swarm or a thin group and another that share half of the smaller one are one ring: each was proved by
    itself. Of other overlapping rings the tighter keeps the accounts that both claim, its periphery included.
    """
    passed = [trial for trial in judged if trial.verdict is Verdict.RING]
    groups: list[Group] = []
    refused: dict[int, Trial] = {}
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
        unled = np.setdiff1d(core, followed)
        group = Group(unled, _union(), proofs)
        often = _met_often(unled, group, inside(found, unled), settings)
        # What is left of a group when a tighter one has taken half of it is no group that anything proved.
        least = max(settings.rings.minimum_members, len(codes) / 2)
        left = {_TAKEN: core, _LED: unled, _SELDOM: often}
        short = next((reason for reason, rest in left.items() if len(rest) < least), None)
        if short is not None:
            refused[id(trial)] = _too_few(trial, short, len(left[short]), least)
            continue
        group = replace(group, core=often)
        outer = _periphery(group, inside(found, often), network, settings)
        near = np.setdiff1d(outer, _union(taken, often, followed))
        settled = _settled(replace(group, periphery=near), network, settings)
        if isinstance(settled, Group):
            groups = [*others, settled]
        else:
            refused[id(trial)] = settled
    return groups, refused


def _settled(group: Group, network: Network, settings: Settings) -> Group | Trial:
    """The group with those who stay beside it, or its first trial as the group ends it.

    What the core is asked in the mean, an account beside it is asked alone: it may be there by luck. The core
    passed its guards alone; those who joined it may show whose it is. What holds it together is asked of the
    core only, so that a thin group is asked no more than a tight one.
    """
    trial, found = group.trials[0], receipts(network, group.whole, settings.network)
    belonging = _members(group, found, network, settings)
    core = pl.col("role") == Role.CORE.value
    firmness = float(np.mean(belonging.filter(core)["stability"].to_numpy()))
    if firmness < settings.rings.stability:
        return _unstable(trial, firmness, settings)
    belonging = belonging.filter(core | (pl.col("stability") >= settings.rings.stability))
    whole = belonging["account"].to_numpy()
    found = inside(found, whole)
    level = Level.SWARM if group.level is Level.SWARM else Level.TIGHT
    ended = guarded(Suspect(whole, found, network), settings, level)
    if ended is not None:
        return _as_a_whole(trial, ended)
    return replace(group, periphery=np.setdiff1d(whole, group.core), belonging=belonging, receipts=found)


def _are_one(trial: Trial, codes: Codes, group: Group) -> bool:
    shared = len(np.intersect1d(codes, group.whole))
    loose = trial.level is not Level.TIGHT or group.level is not Level.TIGHT
    return loose and 2 * shared >= min(len(codes), len(group.whole))


def _followed(codes: Codes, core: Codes, found: pl.DataFrame, settings: Settings) -> Codes:
    """Those of `codes` whom a core follows."""
    limits = (settings.rings.leader_share, settings.rings.leader_occasions)
    return leaders(found, codes, share=limits[0], occasions=limits[1], against=core)


def _union(*parts: Codes) -> Codes:
    return np.unique(np.concatenate([np.zeros(0, np.uint32), *parts]))


def _periphery(group: Group, found: pl.DataFrame, network: Network, settings: Settings) -> Codes:
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


def _met_often(codes: Codes, group: Group, found: pl.DataFrame, settings: Settings) -> Codes:
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


def _too_few(trial: Trial, reason: str, n_left: int, least: float) -> Trial:
    """The trial of a core of which so few are left."""
    return replace(
        trial, verdict=Verdict.UNPROVED, reason=reason, observed=float(n_left), required=float(least)
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
        guard=ended.guard,
    )
