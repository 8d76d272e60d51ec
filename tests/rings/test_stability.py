"""How often a member still belongs when every occasion is kept with probability one half: by hand."""

import itertools

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.network.build import CODED_EDGES, Network
from graphkit.rings.stability import stability

CORE = range(6)


def codes(*values: int) -> npt.NDArray[np.uint32]:
    return np.array(values, dtype=np.uint32)


def firmness(met: dict[tuple[int, int], int], outer: tuple[int, ...], share: float) -> dict[int, float]:
    """The stability of each member where pairs `met` so often, each time on an occasion of its own."""
    rows = [pair for pair, times in met.items() for _ in range(times)]
    ends = {"source": pl.UInt32, "target": pl.UInt32}
    receipts = pl.DataFrame(rows, schema=ends, orient="row").with_columns(
        pl.lit("feed").alias("layer"),
        pl.int_range(pl.len()).alias("occasion"),
        pl.int_range(pl.len()).alias("at"),
        pl.lit(1).alias("repetition"),
    )
    edges = pl.DataFrame(
        [{"layer": "feed", "strand": "feed", "source": u, "target": v, "scale_s": 60} for u, v in met],
        schema=CODED_EDGES,
    ).with_columns(pl.lit(0.01).alias("expected"))
    network = Network(
        pl.Series([str(i) for i in range(9)]), pl.DataFrame(), {}, {}, {}, edges, pl.DataFrame()
    )
    found = stability(
        network, codes(*CORE), codes(*outer), receipts, edge_nats=14.0, share=share, resamples=200, seed=1
    )
    return dict(found.select("account", "stability").iter_rows())


def test_beside_a_core_half_of_it_must_still_be_met_and_beside_a_swarm_two_of_it() -> None:
    """Six who met each other 40 times; 6 met three of them as often, and 7 two of them."""
    met = dict.fromkeys(itertools.combinations(CORE, 2), 40)
    met |= {(inner, 6): 40 for inner in range(3)} | {(inner, 7): 40 for inner in range(2)}
    ring = firmness(met, (6, 7), 0.25)
    assert ring == {**dict.fromkeys(CORE, 1.0), 6: 1.0, 7: 0.0}
    assert firmness(met, (6, 7), 0.0) == dict.fromkeys(range(8), 1.0)


def test_who_met_three_once_each_stays_when_all_three_are_kept() -> None:
    """(1/2)^3 = 1/8 beside a ring; beside a swarm two of the three will do: 1/8 + 3/8 = 1/2."""
    met = dict.fromkeys(itertools.combinations(CORE, 2), 40) | {(inner, 6): 1 for inner in range(3)}
    # Of 200 draws, within four standard deviations.
    assert abs(firmness(met, (6,), 0.25)[6] - 1 / 8) < 4 * (7 / 64 / 200) ** 0.5
    assert abs(firmness(met, (6,), 0.0)[6] - 1 / 2) < 4 * (1 / 4 / 200) ** 0.5
