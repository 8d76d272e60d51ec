"""A few accounts that write to the same strangers are a ring, however few meet so by the hour: by hand."""

from dataclasses import replace

import numpy as np
import polars as pl

from graphkit.layers import CONTACTS, LAYERS
from graphkit.layers.base import coded
from graphkit.network.build import network
from graphkit.rings.findings import Findings, findings
from graphkit.settings import Settings
from graphkit.tables import EVENTS

SETTINGS = Settings()
DAY = 86_400_000_000


def messages(seed: int, *, answered: float) -> pl.DataFrame:
    """Two hundred people who write to each other for thirty days, and six who write to the same forty.

    Each of the six writes to two of five of them, within six hours of each other; so many answer.
    """
    random = np.random.default_rng(seed)
    people = random.choice(200, size=(4000, 2))
    moments = random.integers(0, 30 * DAY, 4000).tolist()
    rows = [
        (at, f"p{i:03d}", f"p{j:03d}") for at, (i, j) in zip(moments, people.tolist(), strict=True) if i != j
    ]
    for stranger in range(40):
        moment = int(random.integers(0, 29 * DAY))
        for i in np.flatnonzero(random.random(6) < 0.4).tolist():
            at = moment + int(random.uniform(0, DAY / 4))
            rows.append((at, f"s{i}", f"p{stranger:03d}"))
            if random.random() < answered:
                rows.append((at + 60_000_000, f"p{stranger:03d}", f"s{i}"))
    log = pl.DataFrame(rows, schema=["at", "account_id", "target_id"], orient="row").sort(pl.all())
    return EVENTS.check(
        log.with_columns(
            (pl.lit("e") + pl.int_range(pl.len()).cast(pl.String).str.zfill(5)).alias("event_id"),
            pl.from_epoch("at", time_unit="us").dt.replace_time_zone("UTC").alias("timestamp"),
            pl.lit("dm").alias("channel"),
            pl.concat_str(
                pl.min_horizontal("account_id", "target_id"), pl.max_horizontal("account_id", "target_id")
            ).alias("object_id"),
            pl.lit(None, pl.String).alias("parent_id"),
            pl.lit(None, pl.String).alias("text"),
        ).drop("at")
    )


def found(log: pl.DataFrame, settings: Settings = SETTINGS) -> Findings:
    graph = network(coded(log), LAYERS, CONTACTS, settings.network)
    return findings(graph, np.zeros(0, np.uint32), settings)


def test_six_who_write_to_the_same_strangers_are_a_ring() -> None:
    log = messages(1, answered=0.1)
    assert found(log).members["account_id"].to_list() == [f"s{i}" for i in range(6)]
    # No pair of theirs is strong enough by itself: with a higher floor for any group there is nothing to try.
    eight = replace(SETTINGS, rings=replace(SETTINGS.rings, minimum_members=8))
    assert found(log, eight).candidates.is_empty()


def test_six_whom_everybody_answers_are_a_desk() -> None:
    answered = found(messages(1, answered=0.9))
    assert answered.rings.is_empty()
    assert answered.candidates["reason"].str.starts_with("customers").all()
