"""Several layers become one graph: nats are summed within strands, capped, and summed over strands."""

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.engine.order import packed
from graphkit.settings import NetworkSettings
from graphkit.words import Strand


def pooled(edges: pl.DataFrame, settings: NetworkSettings) -> pl.DataFrame:
    """One row for two accounts: source, target, capped nats for each strand, and weight, their sum.

    `edges` has the columns source, target, strand and weight. Because the caps of chats,
    contacts and content lie under `edge_nats`, two accounts become neighbours only by acting on the same
    posts or recipients, or by two strands that agree.
    """
    caps = {
        Strand.FEED: settings.cap_feed,
        Strand.CHAT: settings.cap_chat,
        Strand.RECIPIENT: settings.cap_recipient,
        Strand.TALK: settings.cap_talk,
        Strand.CONTENT: settings.cap_content,
    }
    # Most pairs stand in one layer alone, and nothing has to be gathered for them. The stable sort of numpy
    # merges layers, each of which comes in order.
    pair = packed(edges["source"], edges["target"])
    order = np.argsort(pair, kind="stable")
    again = np.diff(pair[order]) == 0
    shared = np.append(False, again) | np.append(again, False) if len(order) else np.zeros(0, np.bool_)
    alone, gathered = order[~shared], order[shared]
    of_strand = [(pl.col("strand") == strand.value, strand.value, cap) for strand, cap in caps.items()]
    single = edges[alone].select(
        "source",
        "target",
        *(
            pl.when(own).then("weight").otherwise(0.0).clip(upper_bound=cap).alias(name)
            for own, name, cap in of_strand
        ),
    )
    several = (
        edges[gathered]
        .group_by("source", "target")
        .agg(
            pl.col("weight").filter(own).sort().sum().clip(upper_bound=cap).alias(name)
            for own, name, cap in of_strand
        )
        .sort("source", "target")
    )
    sums: pl.DataFrame = pl.concat([single, several])
    sums = sums[np.argsort(packed(sums["source"], sums["target"]), kind="stable")]
    return sums.with_columns(
        pl.col("source").set_sorted(), pl.sum_horizontal([strand.value for strand in caps]).alias("weight")
    )


def q_values(p_values: npt.NDArray[np.float64], n_tests: int) -> npt.NDArray[np.float64]:
    """Benjamini-Hochberg (1995) q-values when only the smallest of `n_tests` p-values were kept.

    What was not kept has a larger p, so it takes the later ranks and cannot lower a q.
    """
    # Equal p-values get one q-value, so their order is no matter: any sort will do.
    order = np.argsort(p_values)
    ranked = p_values[order] * n_tests / np.arange(1, len(p_values) + 1)
    lowest = np.minimum.accumulate(ranked[::-1])[::-1]
    answer = np.empty_like(p_values)
    answer[order] = np.minimum(lowest, 1.0)
    return answer
