"""Swarms: many accounts with few events each, of which no pair but only the group can be proved."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.build import Network
from graphkit.network.communities import communities
from graphkit.network.meetings import tells
from graphkit.rings.candidates import pruned
from graphkit.rings.proof import proved
from graphkit.rings.receipts import receipts
from graphkit.rings.suspect import Suspect
from graphkit.rings.trial import Trial, guarded, weighed
from graphkit.rings.vocabularies import vocabularies
from graphkit.settings import Settings
from graphkit.words import Level, Strand

Codes = npt.NDArray[np.uint32]


def swarm_trials(network: Network, exempt: Codes, settings: Settings) -> list[Trial]:
    """The ring test of every swarm.

    Accounts with few timed events are joined by weak edges that shared content has a part in, or by a
    vocabulary of their own. The group is proved across strands: what content alone finds is tested on
    meetings in time, which did not find it. The strands must also agree in the swarm as it stands
    (`swarm_timed_share`): people who write one minority language share rare words, and meet no more than
    others do, or all on one post. Of a swarm that does, only those who meet it are members.
    """
    timed = _part(network, (Strand.FEED, Strand.CHAT))
    if not any(tells(rows) for visited in timed.visits.values() for rows in visited.values()):
        return []
    few = _few(network, exempt, settings)
    spoken = vocabularies(network, few, settings)
    proposed = [*_proposed(network.pooled, few, settings), *spoken]
    groups = _gathered(_agreeing(proposed, network, settings), network, settings)
    heard = [_heard(group, network, settings) for group in groups]
    content = _part(network, (Strand.CONTENT,))
    left = [one.codes for one in heard if isinstance(one, Suspect)]
    around = np.unique(np.concatenate(left)) if left else None
    found = [*_proposed(content.pooled, few, settings, around), *spoken] if left else []
    return [one if isinstance(one, Trial) else _proved(one, content, timed, found, settings) for one in heard]


def _few(network: Network, exempt: Codes, settings: Settings) -> pl.Series:
    """The accounts with few timed events that may be in a swarm."""
    timed = pl.concat([network.incidence(name).select("account") for name in ("feed", "chat")])
    few = timed.group_by("account").len().filter(pl.col("len") <= settings.rings.swarm_events)["account"]
    return few.filter(~few.is_in(exempt)).sort()


def _proposed(
    pooled: pl.DataFrame, few: pl.Series, settings: Settings, around: Codes | None = None
) -> list[Codes]:
    """Large communities of the weak edges among `few` accounts.

    With `around` only what is connected with these accounts is searched.
    """
    numbers = settings.rings
    weak = pooled.filter(
        (pl.col("weight") >= numbers.swarm_nats)
        & (pl.col(Strand.CONTENT.value) > 0)
        & pl.all_horizontal(pl.col("source", "target").is_in(few.implode()))
    )
    return communities(
        weak.select("source", "target", "weight"),
        resolution=numbers.swarm_resolution_nats,
        seed=settings.seed,
        least=numbers.swarm_members,
        around=around,
    )


def _agreeing(groups: list[Codes], network: Network, settings: Settings) -> list[Codes]:
    """Those of `groups` in which meetings in time give their share of the nats, all groups at one look."""
    if not groups:
        return []
    where = pl.DataFrame(
        {
            "account": np.concatenate(groups),
            "group": np.repeat(np.arange(len(groups)), [len(group) for group in groups]),
        }
    )
    timed = (pl.col(Strand.FEED.value) + pl.col(Strand.CHAT.value)).sum() / pl.col("weight").sum()
    shares = (
        network.pooled.join(where, left_on="source", right_on="account")
        .join(where, left_on=["target", "group"], right_on=["account", "group"])
        .group_by("group")
        .agg(timed.alias("share"))
        .filter(pl.col("share") >= settings.rings.swarm_timed_share)
    )
    return [groups[i] for i in shares["group"].sort().to_list()]


def _gathered(groups: list[Codes], network: Network, settings: Settings) -> list[Codes]:
    """Each of `groups` without those who share its words and hardly meet it; those that are still swarms.

    Who stays met `swarm_partners` others in time who stay as well: a core of their graph (Seidman 1983).
    """
    numbers = settings.rings
    met = network.pooled.filter(pl.col(Strand.FEED.value) + pl.col(Strand.CHAT.value) > 0)
    cores = [pruned(group, met, least=numbers.swarm_partners) for group in groups]
    swarms = {core.tobytes(): core for core in cores if len(core) >= numbers.swarm_members}
    return list(swarms.values())


def _part(network: Network, strands: tuple[Strand, ...]) -> Network:
    """The same network, seen by some strands only."""
    names = [strand.value for strand in strands]
    return replace(
        network,
        visits={
            name: rows for name, rows in network.visits.items() if network.layers[name].strand in strands
        },
        edges=network.edges.filter(pl.col("strand").is_in(names)),
        pooled=network.pooled.with_columns(pl.sum_horizontal(names).alias("weight")),
    )


def _heard(group: Codes, network: Network, settings: Settings) -> Trial | Suspect:
    """The trial of a swarm that a guard ends, or the suspect that passes them all."""
    suspect = Suspect(group, receipts(network, group, settings.network), network)
    return guarded(suspect, settings, Level.SWARM) or suspect


def _proved(
    suspect: Suspect, content: Network, timed: Network, found: list[Codes], settings: Settings
) -> Trial:
    excess = settings.rings.excess
    proof = proved(suspect.codes, found, content, timed, settings.network, excess=excess)
    return replace(weighed(suspect, proof, settings), level=Level.SWARM)
