"""Logs as they are, with nothing planted: what is found in them, and how the formulas behave on them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from graphkit.evaluate.journal import Record
from graphkit.judgement.records import noted
from graphkit.layers import CONTACTS, LAYERS
from graphkit.layers.base import coded
from graphkit.network.build import Network, network
from graphkit.network.meetings import telling
from graphkit.rings.proof import meeting_proof
from graphkit.run import detect
from graphkit.settings import Settings
from graphkit.words import TIMED, Tier

# Groups drawn by lot in each layer that has times, of so many accounts with so many visits or more.
_GROUPS, _SIZE, _VISITS = 300, 10, 5
# Two accounts or a group are unusual at this p-value.
_RARE = 0.01
_CLEAR = Tier.CLEAR.value
FORMULAS = {
    "place": pl.String,
    "layer": pl.String,
    "n_accounts": pl.Int64,
    "pairs": pl.Int64,
    "rare_pairs": pl.Int64,
    "discovered_pairs": pl.Int64,
    "strongest": pl.Float64,
    "groups": pl.Int64,
    "rare_groups": pl.Int64,
    "proved_groups": pl.Int64,
}
FOUND = {
    "place": pl.String,
    "n_accounts": pl.Int64,
    "candidates": pl.Int64,
    "lookalikes": pl.Int64,
    "unproved": pl.Int64,
    "rings": pl.Int64,
    "in_rings": pl.Int64,
    "watch": pl.Int64,
    "above_watch": pl.Int64,
    "n_known": pl.Int64,
}


def as_it_is(background: pl.DataFrame, known: Sequence[str], seed: int, settings: Settings) -> dict[str, Any]:
    """What `detect` says of a log, and the formulas of each layer on it, ready for JSON.

    Accounts known to be in rings (`known`) are counted apart: n_known of them in rings or flagged.
    """
    run = detect(background, settings=settings)
    theirs = pl.col("account_id").is_in(list(known))
    others = run.accounts.filter(~theirs)
    flagged = run.accounts.filter(noted())
    verdicts = run.candidates["verdict"].cast(pl.String)
    return {
        "found": {
            "n_accounts": others.height,
            "candidates": len(verdicts),
            "lookalikes": int(verdicts.is_in(["lookalike", "circle"]).sum()),
            "unproved": int((verdicts == "unproved").sum()),
            "rings": run.rings.height,
            "in_rings": others["ring_id"].drop_nulls().len(),
            "watch": int((others["tier"] == Tier.WATCH.value).sum()),
            "above_watch": int((~others["tier"].is_in([_CLEAR, Tier.WATCH.value])).sum()),
            "n_known": flagged.filter(theirs).height,
        },
        "flagged": flagged["account_id"].sort().to_list(),
        "formulas": _formulas(network(coded(background), LAYERS, CONTACTS, settings.network), seed, settings),
    }


def _formulas(graph: Network, seed: int, settings: Settings) -> list[dict[str, Any]]:
    """Each layer's pairs that chance does not explain, of all pairs of its accounts; and groups by lot."""
    answer = []
    for name, layer in graph.layers.items():
        n = graph.incidence(name)["account"].n_unique()
        edges = graph.edges.filter(pl.col("layer") == name)
        if not edges.height:
            continue
        tested = _lots(graph, name, seed, settings) if layer.strand in TIMED else []
        answer.append(
            {
                "layer": name,
                "n_accounts": n,
                "pairs": n * (n - 1) // 2,
                "rare_pairs": int((edges["p_value"] < _RARE).sum()),
                "discovered_pairs": int((edges["q_value"] < settings.rings.q_value).sum()),
                "strongest": round(float(edges["weight"].sort()[-1]), 2),
                "groups": len(tested),
                "rare_groups": sum(p_value < _RARE for p_value, _ in tested),
                "proved_groups": sum(
                    p_value < settings.rings.q_value / _GROUPS and ratio >= settings.rings.excess
                    for p_value, ratio in tested
                ),
            }
        )
    return answer


def _lots(graph: Network, layer: str, seed: int, settings: Settings) -> list[tuple[float, float]]:
    """The p-value and the ratio of the proof, for groups of busy accounts drawn by lot."""
    # The longest scale but one: long enough for meetings, short enough to be more than being awake.
    scale_s = sorted(scale for scale in graph.visits[layer] if scale)[-2]
    counts = (
        graph.visits[layer][scale_s]
        .filter(telling())
        .group_by("account")
        .len()
        .filter(pl.col("len") >= _VISITS)
    )
    busy = counts["account"].sort().to_numpy()
    if len(busy) < 2 * _SIZE:
        return []
    rng = np.random.default_rng(seed)
    lots = [np.sort(rng.choice(busy, size=_SIZE, replace=False)) for _ in range(_GROUPS)]
    proofs = [meeting_proof(graph, layer, scale_s, codes, settings.network) for codes in lots]
    return [(proof.p_value, proof.ratio) for proof in proofs]


def honest_tables(found: Sequence[Record]) -> Mapping[str, pl.DataFrame]:
    """The tables `found` and `formulas` of the logs that were looked at as they are."""
    done = [record for record in found if record["status"] == "done" and "formulas" in record]
    placed = [(record["background"], record) for record in done]
    return {
        "found": pl.DataFrame(
            [{"place": place, **record["found"]} for place, record in placed], schema=FOUND
        ).sort("place"),
        "formulas": pl.DataFrame(
            [{"place": place, **row} for place, record in placed for row in record["formulas"]],
            schema=FORMULAS,
        ).sort("place", "layer"),
    }
