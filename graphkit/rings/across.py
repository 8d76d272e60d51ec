"""Proof across strands: what shared content finds is tested on meetings in time, which did not find it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.build import Network
from graphkit.network.meetings import tells
from graphkit.rings.proof import proved
from graphkit.rings.receipts import receipts
from graphkit.rings.suspect import Suspect
from graphkit.rings.trial import Trial, guarded, weighed
from graphkit.settings import Settings
from graphkit.words import Level, Strand

Codes = npt.NDArray[np.uint32]


def met_in_time(network: Network, *strands: Strand) -> Network | None:
    """The network of some strands in which accounts meet in time; None where nobody can."""
    timed = _part(network, strands)
    able = any(tells(rows) for visited in timed.visits.values() for rows in visited.values())
    return timed if able else None


def by_content(network: Network) -> Network:
    """The network of shared texts and words alone."""
    return _part(network, (Strand.CONTENT,))


def heard_at(level: Level, group: Codes, network: Network, settings: Settings) -> Trial | Suspect:
    """The trial of a group that a guard of its level ends, or the suspect that passes them all."""
    suspect = Suspect(group, receipts(network, group, settings.network), network)
    return guarded(suspect, settings, level) or suspect


def proved_across(
    level: Level,
    heard: Trial | Suspect,
    found: Sequence[Codes],
    content: Network,
    timed: Network,
    settings: Settings,
) -> Trial:
    """A trial as it is; of a suspect the trial by its proof: `found` by content, tested in time."""
    if isinstance(heard, Trial):
        return heard
    excess = settings.rings.excess
    proof = proved(heard.codes, found, content, timed, settings.network, excess=excess)
    return replace(weighed(heard, proof, settings), level=level)


def _part(network: Network, strands: tuple[Strand, ...]) -> Network:
    names = [strand.value for strand in strands]
    return replace(
        network,
        visits={
            name: rows for name, rows in network.visits.items() if network.layers[name].strand in strands
        },
        edges=network.edges.filter(pl.col("strand").is_in(names)),
        pooled=network.pooled.with_columns(pl.sum_horizontal(names).alias("weight")),
    )
