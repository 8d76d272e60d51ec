"""Whom a group writes to, by hand: do they answer, had they written first, do members write to each other."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from graphkit.layers import CONTACTS, LAYERS
from graphkit.layers.base import coded
from graphkit.network.build import network
from graphkit.rings.guards import GUARDS
from graphkit.rings.receipts import receipts
from graphkit.rings.suspect import Suspect
from graphkit.settings import Settings
from graphkit.tables import EVENTS
from graphkit.words import Level

SETTINGS = Settings()
HOUR, DAY = 3600, 86_400
# Second, sender, recipient, text.
Letters = Sequence[tuple[float, str, str, str | None]]

# Four members write to each of ten recipients, one a day, an hour after each other.
TEN: Letters = [(day * DAY + HOUR * i, f"m{i}", f"v{day}", None) for day in range(10) for i in range(4)]


def group(letters: Letters) -> Suspect:
    """The members m0 to m3 in a log of these private messages and of two thousand of strangers.

    Each text of a stranger is said twice.
    """
    random = np.random.default_rng(3)
    words = ["".join(random.choice([*"abcdefghijklmnop"], 7)) for _ in range(500)]
    texts = [" ".join(random.choice(words, 6)) for _ in range(1000)]
    others: Letters = [
        (second, f"s{sender}", f"t{recipient}", texts[i % 1000])
        for i, (second, sender, recipient) in enumerate(
            random.integers(0, (10 * DAY, 400, 400), (2000, 3)).tolist()
        )
    ]
    names = ["second", "account_id", "target_id", "text"]
    log = pl.DataFrame([*others, *letters], schema=names, schema_overrides={"text": pl.String}, orient="row")
    moment = (pl.col("second") * 1_000_000).cast(pl.Int64)
    events = EVENTS.check(
        log.sort("second", "account_id", "target_id")
        .with_columns(
            (pl.lit("e") + pl.int_range(pl.len()).cast(pl.String).str.zfill(5)).alias("event_id"),
            pl.from_epoch(moment, time_unit="us").dt.replace_time_zone("UTC").alias("timestamp"),
            pl.lit("dm").alias("channel"),
            *(pl.lit(None, pl.String).alias(name) for name in ("object_id", "parent_id")),
        )
        .drop("second")
    )
    graph = network(coded(events), LAYERS, CONTACTS, SETTINGS.network)
    codes = np.flatnonzero(graph.ids.str.starts_with("m").to_numpy()).astype(np.uint32)
    return Suspect(codes, receipts(graph, codes, SETTINGS.network), graph)


def seen(name: str, letters: Letters) -> float | None:
    guard = next(one for one in GUARDS[Level.TIGHT] if one.name == name)
    return guard.number(group(letters), SETTINGS.rings)


def test_an_answer_is_one_however_late() -> None:
    assert seen("customers", TEN) == 0.0
    # v0 answers m0 after a month: one of forty first messages.
    late = (30 * DAY, "v0", "m0", None)
    assert seen("customers", [*TEN, late]) == pytest.approx(1 / 40)
    # v1 had written to m1 the day before, whose message is no first one: one of 39.
    assert seen("customers", [*TEN, late, (-DAY, "v1", "m1", None)]) == pytest.approx(1 / 39)


def test_whom_they_write_to_is_counted_for_each_member() -> None:
    # Ten recipients, each with the same meetings, of four members.
    assert seen("petitioners", TEN) == pytest.approx(10 / 4)


def test_who_had_written_to_a_member_first_is_served() -> None:
    # Of ten recipients two had written to some member, the one of them to another than he who answers first.
    asked: Letters = [(-HOUR, "v0", "m3", None), (2 * DAY - HOUR, "v2", "m0", None)]
    assert seen("service_desk", TEN) == 0.0
    assert seen("service_desk", [*TEN, *asked]) == pytest.approx(2 / 10)


def test_who_writes_to_the_same_people_and_to_each_other_is_of_one_house() -> None:
    assert seen("colleagues", TEN) == 0.0
    # m0 to m1 and m2, m1 to m0 once more: two of six pairs.
    among: Letters = [(HOUR, "m0", "m1", None), (2 * HOUR, "m0", "m2", None), (3 * HOUR, "m1", "m0", None)]
    assert seen("colleagues", [*TEN, *among]) == pytest.approx(2 / 6)


def test_who_has_a_script_for_strangers_is_not_asked_for_whom_else_he_writes_to() -> None:
    # Four texts of four members, each said by all: with them they met.
    said = ["your parcel is waiting for you", "I saw your lovely profile today"]
    said += ["we pay four hundred for a day", "the last seats are for you only"]
    letters = [(*letter[:3], said[i % 4]) for i, letter in enumerate(TEN)]
    turned = [(*letter[:3], said[(i + i // 4) % 4]) for i, letter in enumerate(TEN)]
    among = (HOUR, "m0", "m1", None)
    assert seen("colleagues", [*letters, among]) == pytest.approx(1 / 6)
    assert seen("colleagues", [*turned, among]) is None
