"""How a group uses words of its own: each number worked out by hand on one chat."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from scipy import stats

from graphkit.layers import CONTACTS, LAYERS
from graphkit.layers.base import coded
from graphkit.network.build import network
from graphkit.rings.circles import acquainted
from graphkit.rings.receipts import receipts
from graphkit.rings.speech import common_share, listeners, speaking_hours, taken_up
from graphkit.rings.suspect import Suspect
from graphkit.settings import RingSettings, Settings
from graphkit.tables import EVENTS
from graphkit.text.spelling import spelled

NUMBERS = RingSettings()
MINUTE = 60_000_000
WORDS = ("zorplix", "blimfora", "quandexo")
Said = tuple[float, str, str | None, str]


def suspect(rows: Sequence[Said]) -> Suspect:
    """The members m0 to m7 of one chat, in which each of `rows` is minute, account, whom it addresses, text.

    Two hundred strangers greet there, one every hundred seconds.
    """
    greetings: list[Said] = [(i * 100 / 60, f"s{i:03d}", None, "good morning everyone") for i in range(200)]
    schema = {"minute": pl.Float64, "account_id": pl.String, "target_id": pl.String, "text": pl.String}
    log = pl.DataFrame([*greetings, *rows], schema=schema, orient="row").sort("minute", "account_id")
    moment = (pl.col("minute") * MINUTE).round().cast(pl.Int64)
    events = EVENTS.check(
        log.with_columns(
            (pl.lit("e") + pl.int_range(pl.len()).cast(pl.String).str.zfill(4)).alias("event_id"),
            pl.from_epoch(moment, time_unit="us").dt.replace_time_zone("UTC").alias("timestamp"),
            pl.lit("group").alias("channel"),
            pl.lit("c").alias("object_id"),
            pl.lit(None, pl.String).alias("parent_id"),
        ).drop("minute")
    )
    graph = network(coded(spelled(events)), LAYERS, CONTACTS, Settings().network)
    codes = np.flatnonzero(graph.ids.str.starts_with("m").to_numpy()).astype(np.uint32)
    return Suspect(codes, receipts(graph, codes, Settings().network), graph)


def members(*, said: str = "good morning {}", whom: str | None = None, turns: bool = False) -> list[Said]:
    """Each of eight members uses one word in each of three hours, half a minute after each other.

    From hour to hour it is another word; with `turns` the words change from member to member instead.
    """
    return [
        (
            60 * hour + 30 + 0.5 * i,
            f"m{i}",
            whom if i else None,
            said.format(WORDS[(hour + (i if turns else 0)) % 3]),
        )
        for hour in range(3)
        for i in range(8)
    ]


def test_hours_in_which_they_use_their_words() -> None:
    # Eight uses in each of three hours; with four more in the third 24 + 4 = 28 uses: 28^2 / (64 + 64 + 144).
    assert speaking_hours(suspect(members()), NUMBERS) == pytest.approx(3.0)
    more: list[Said] = [(151 + i, f"m{i}", None, "see you zorplix") for i in range(4)]
    assert speaking_hours(suspect([*members(), *more]), NUMBERS) == pytest.approx(784 / 272)


def test_strangers_who_were_there() -> None:
    # Uses last from minute 30 to 33.5 of an hour. A stranger writes each 100 s: from 20 to 43.5 of the first
    # hour at 20, 21.67 .. 43.33 (15), from 80 to 103.5 at 80 .. 103.33 (15), from 140 to 163.5 as well.
    assert listeners(suspect(members()), NUMBERS) == pytest.approx(45 / 8)


def test_words_that_are_everybodys() -> None:
    # Beside each word of their own stand two that all strangers use, or one of two.
    assert common_share(suspect(members()), NUMBERS) == 1.0
    foreign = [
        (at, who, whom, said.replace("good", f"gor{i}bulak"))
        for i, (at, who, whom, said) in enumerate(members())
    ]
    assert common_share(suspect(foreign), NUMBERS) == 0.5


def test_pairs_who_had_words() -> None:
    # Seven of the eight address m0: 7 of 28 pairs, in whatever direction.
    assert acquainted(suspect(members()), NUMBERS) == 0.0
    assert acquainted(suspect(members(whom="m0")), NUMBERS) == pytest.approx(7 / 28)


def test_words_that_are_taken_up() -> None:
    # All of one hour use one word: of 24 uses 21 come after another's. A text holds the word with q = 8 / 24,
    # so that the one after j others takes it up with 1 - (2/3)^j: 3 (8 - sum of (2/3)^j) = 15.35 expected.
    expected = 3 * (8 - sum((2 / 3) ** j for j in range(8)))
    assert expected == pytest.approx(15.35, abs=0.01)
    most = stats.chi2.ppf(0.975, 2 * 22) / 2
    assert taken_up(suspect(members()), NUMBERS) == pytest.approx(most / expected)


def test_words_that_are_used_whatever_the_others_said() -> None:
    # In turn 0, 1, 2, 0, ..: of eight in an hour the fourth to the eighth come after their word, 15 of 24.
    expected = 3 * (8 - sum((2 / 3) ** j for j in range(8)))
    most = stats.chi2.ppf(0.975, 2 * 16) / 2
    assert taken_up(suspect(members(turns=True)), NUMBERS) == pytest.approx(most / expected)


def test_nothing_shows_where_nothing_could_be_taken_up() -> None:
    # Eleven minutes lie between any two.
    far = [(11.0 * i, who, whom, said) for i, (_, who, whom, said) in enumerate(members())]
    assert taken_up(suspect(far), NUMBERS) == float("inf")
