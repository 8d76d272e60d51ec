"""Lexicons: who uses the same words, each in texts of its own; by hand, against brute force, end to end."""

import itertools
import math
from collections.abc import Sequence
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from graphkit.layers import CONTACTS, LAYERS
from graphkit.layers.base import INCIDENCE, coded
from graphkit.network.build import Network, network
from graphkit.network.cohorts import presence
from graphkit.rings.findings import Findings, findings
from graphkit.rings.lexicons import alike_words, lexicon_trials, lexicons
from graphkit.settings import Settings
from graphkit.tables import EVENTS
from graphkit.text.spelling import spelled

SETTINGS = Settings()
HOUR = 3_600_000_000
NOBODY = np.zeros(0, np.uint32)
WORDS = ("zorplix", "blimfora", "quandexo", "trunkabel", "vasperin")
COMMON = ("good morning", "how does this work", "thanks for that", "what about the weather", "see you later")


def used(uses: Sequence[tuple[int, int, int]]) -> pl.DataFrame:
    """Uses of (account, event, word) as INCIDENCE of rare tokens; events happen in order of their number."""
    rows = [
        {name: {"account": a, "event": e, "at": e, "key": w}.get(name, 0) for name in INCIDENCE}
        for a, e, w in uses
    ]
    return pl.DataFrame(rows, schema=INCIDENCE)


def texts(uses: Sequence[tuple[int, int, int]]) -> pl.DataFrame:
    """How many texts each account wrote: those of its uses."""
    counts = pl.DataFrame(uses, schema=["account", "event", "word"], orient="row").group_by("account")
    return counts.agg(pl.col("event").n_unique().alias("texts")).sort("account").cast({"account": pl.UInt32})


def spoken(uses: Sequence[tuple[int, int, int]]) -> list[list[int]]:
    """The lexicons' speakers."""
    return [group.tolist() for group in lexicons(used(uses), texts(uses), SETTINGS)]


def speakers(*, one_text: bool = False, first: int | None = None) -> list[tuple[int, int, int]]:
    """Ten accounts that use each of three words; two hundred others have a word with one neighbour.

    `first` uses all words before anybody else.
    """
    ours = [
        (account, 1000 + account if one_text else 1000 * (word + 1) + (account + 4 * word) % 10, word)
        for account in range(10)
        for word in range(3)
    ]
    if first is not None:
        ours = [(a, word if a == first else event, word) for a, event, word in ours]
    return ours + [(account, 500 + account, 10 + account // 2) for account in range(10, 210)]


def test_two_words_of_a_lexicon_by_hand() -> None:
    # Each speaker wrote 3 of 230 texts, each other 1. With c = .04470 the ten sum to 10 (1 - e^-3c) = 1.26,
    # the two hundred to 200 (1 - e^-c) = 8.74, so that e = 10 .1255^2 + 200 .04372^2 = .157 + .382 = .540.
    known, pairs = alike_words(used(speakers()), texts(speakers()), overlap=0.5, least=5)
    assert known["word"].n_unique() == 3
    assert pairs.select("source", "target", "apart", "all").rows() == [
        (0, 1, 10, 10),
        (0, 2, 10, 10),
        (1, 2, 10, 10),
    ]
    assert pairs["expected"].to_list() == pytest.approx([0.540] * 3, abs=0.001)
    assert pairs["weight"].to_list() == pytest.approx([10 * math.log(10 / 0.540) - 10 + 0.540] * 3, abs=0.05)


def test_who_speaks_it() -> None:
    assert spoken(speakers()) == [list(range(10))]


def test_words_of_one_text_are_one_phrase() -> None:
    assert spoken(speakers(one_text=True)) == []


def test_whoever_used_most_words_first_took_none_up() -> None:
    assert spoken(speakers(first=4)) == [[0, 1, 2, 3, 5, 6, 7, 8, 9]]


def test_one_word_of_three_is_no_knowledge_of_them() -> None:
    # Accounts 8 and 9 use one word and two: half of three is one and a half.
    uses = [(a, e, w) for a, e, w in speakers() if (a, w) not in {(8, 0), (8, 1), (9, 0)}]
    assert spoken(uses) == [[*range(8), 9]]


USES = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(0, 6)), min_size=1, max_size=80, unique=True
)


@given(USES, st.sampled_from([0.3, 0.5, 0.8]), st.randoms(use_true_random=False))
def test_pairs_of_words_as_by_brute_force(
    drawn: list[tuple[int, int, int]], overlap: float, random: Random
) -> None:
    # Thirty others wrote one text each, with a word of their own.
    uses = [(a, 10 * a + text, w) for a, text, w in drawn] + [(a, 1000 + a, 100 + a) for a in range(10, 40)]
    written: dict[tuple[int, int], set[int]] = {}
    for account, event, word in uses:
        written.setdefault((account, word), set()).add(event)
    users = {w: {a for a, word in written if word == w} for w in range(7)}
    kept = [w for w in range(7) if len(users[w]) >= 2]
    shares = texts(uses)["texts"].to_numpy()[None] / texts(uses)["texts"].sum()
    found = {}
    for one, other in itertools.combinations(kept, 2):
        sizes = np.array([len(users[one]), len(users[other])], dtype=np.float64)
        chance = presence(sparse.csr_array(np.repeat(shares, 2, axis=0)), sizes).toarray()
        either = len(users[one] | users[other])
        apart = sum(
            not written[a, one] <= written[a, other] and not written[a, other] <= written[a, one]
            for a in users[one] & users[other]
        )
        if apart >= overlap * either and apart > chance[0] @ chance[1]:
            found[kept.index(one), kept.index(other)] = (apart, either)
    random.shuffle(uses)
    pairs = alike_words(used(uses), texts(uses), overlap=overlap, least=2)[1]
    assert {(s, t): (a, n) for s, t, a, n in pairs.select("source", "target", "apart", "all").rows()} == found


def chat(
    *,
    members: int = 10,
    strangers: int = 300,
    talk: float = 0.0,
    taken_up: bool = False,
    own_chat: bool = False,
) -> pl.DataFrame:
    """Three days of a chat of `strangers`, and members who come every seven hours with words of their own.

    `talk` is the share of members' messages that address another; `taken_up`: who comes to an hour uses the
    word that the first one used; `own_chat`: they are in a chat of their own.
    """
    random = np.random.default_rng(4)
    rows: list[tuple[int, str, str | None, str, str]] = []
    for _ in range(3000):
        who, said = random.integers(strangers), COMMON[random.integers(5)]
        # Each has a rare word in common with a neighbour.
        name = f"{'abcdefghijklm'[who // 2 % 13] * 3}{'nopqrstuvwxyz'[who // 26 % 13] * 3}"
        rows.append((int(random.integers(72 * HOUR)), f"s{who:03d}", None, "c", f"{said} {name}"))
    for hour in range(1, 72, 7):
        theme = WORDS[random.integers(5)]
        for who in np.flatnonzero(random.random(members) < 0.7):
            word, said = theme if taken_up else WORDS[random.integers(5)], COMMON[random.integers(5)]
            other = f"m{(who + 1 + random.integers(members - 1)) % members:02d}"
            addressed = other if random.random() < talk else None
            at = hour * HOUR + int(random.uniform(0, 0.3) * HOUR)
            rows.append((at, f"m{who:02d}", addressed, "own" if own_chat else "c", f"{said} {word}"))
    schema = {
        "at": pl.Int64,
        "account_id": pl.String,
        "target_id": pl.String,
        "object_id": pl.String,
        "text": pl.String,
    }
    whole = pl.DataFrame(rows, schema=schema, orient="row").sort("at", "account_id")
    return EVENTS.check(
        whole.with_columns(
            (pl.lit("e") + pl.int_range(pl.len()).cast(pl.String).str.zfill(6)).alias("event_id"),
            pl.from_epoch("at", time_unit="us").dt.replace_time_zone("UTC").alias("timestamp"),
            pl.lit("group").alias("channel"),
            pl.lit(None, pl.String).alias("parent_id"),
        )
    )


def graph(log: pl.DataFrame) -> Network:
    """The network of `log`."""
    return network(coded(spelled(log)), LAYERS, CONTACTS, SETTINGS.network)


def found_in(log: pl.DataFrame) -> Findings:
    """The rings of `log`."""
    return findings(graph(log), NOBODY, SETTINGS)


def test_a_ring_in_one_busy_chat_is_found_by_its_words() -> None:
    found = found_in(chat())
    assert found.members["account_id"].to_list() == [f"m{i:02d}" for i in range(10)]
    assert found.rings["kinds"].to_list() == [["chat", "content"]]


@pytest.mark.parametrize(
    ("log", "guard"),
    [
        (chat(talk=0.5), "colleagues"),
        (chat(own_chat=True), "own_place"),
        (chat(taken_up=True), "subject"),
    ],
    ids=["who talk to each other", "in a chat of their own", "who talk about what they name"],
)
def test_people_who_share_words_are_no_ring(log: pl.DataFrame, guard: str) -> None:
    assert found_in(log).rings.is_empty()
    tried = lexicon_trials(graph(log), NOBODY, SETTINGS)
    assert [trial.reason.split(":")[0] for trial in tried] == [guard]
