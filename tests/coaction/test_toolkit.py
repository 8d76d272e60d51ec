"""The toolkit's numbers: every file of its answers, its rules by brute force, and what messages share."""

from __future__ import annotations

import json
from collections import Counter

import coaction_cases as cases
import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import graphkit as gk
from graphkit.coaction import toolkit
from graphkit.coaction.inputs import MESSAGES
from graphkit.coaction.peers import ToolkitNetwork
from graphkit.coaction.texts import normal_forms, words

Message = tuple[str, str, str, str, str, float, str]


def messages(rows: list[Message]) -> pl.DataFrame:
    """MESSAGES of (message_id, user_id, repost_id, reply_id, message, timestamp, urls)."""
    named = [(one, account, "name", *rest) for one, account, *rest in rows]
    schema = {name: pl.Float64 if name == "timestamp" else pl.String for name in MESSAGES}
    return gk.read_messages(pl.DataFrame(named, schema=schema, orient="row"))


def test_there_are_answers_to_compare_with() -> None:
    assert len(cases.toolkit_files()) == 7


@pytest.mark.parametrize("expected", cases.toolkit_files(), ids=str)
def test_edges_are_those_of_the_toolkit(expected: cases.Expected) -> None:
    ours = gk.toolkit_network(
        gk.read_messages(cases.TOOLKIT / "sample_data.csv"),
        ToolkitNetwork(expected.set_name),
        window_s=expected.window,
        min_edge_weight=expected.least,
        similarity=expected.similarity,
    )
    theirs = pl.read_csv(expected.path, schema_overrides=ours.schema)
    assert ours.columns == ["user_1", "user_2", "weight"]
    assert ours.rows() == sorted(theirs.rows())


@pytest.mark.parametrize("expected", cases.toolkit_files(), ids=str)
def test_coactions_give_the_toolkits_edges_too(expected: cases.Expected) -> None:
    made = gk.coactions(
        cases.TOOLKIT / "sample_data.csv",
        like="toolkit",
        network=expected.set_name,
        window_s=expected.window,
        min_edge_weight=expected.least,
        similarity=expected.similarity,
    )
    assert made.edges.rows() == sorted(pl.read_csv(expected.path, schema_overrides=made.edges.schema).rows())
    assert made.pairs.height == made.left_out.height == 0


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"like": "toolkit"}, "`network` is `None`"),
        ({"like": "toolkit", "network": "co_nothing"}, "co_nothing"),
        ({"like": "toolkit", "network": "co_post", "window_s": [1, 2]}, "one `window_s`"),
        ({"like": "toolkit", "network": "co_post", "subgraph": 1}, "`subgraph`"),
        ({"network": "co_post"}, "add `like`"),
    ],
)
def test_options_of_the_toolkit_that_do_not_fit_are_refused(options: dict[str, object], fault: str) -> None:
    with pytest.raises(gk.GraphkitError, match=fault):
        gk.coactions(messages([]), **({"window_s": 1} | options))  # type: ignore[arg-type]


def test_normal_forms_and_words_are_those_of_the_toolkit() -> None:
    expected = pl.read_csv(cases.TOOLKIT / "expected" / "sample_transformed.csv", infer_schema=False)
    told = gk.read_messages(cases.TOOLKIT / "sample_data.csv").filter(pl.col("repost_id").is_null())
    theirs = expected.join(told, on="message_id", how="semi").fill_null("")
    assert told["message_id"].to_list() == theirs["message_id"].to_list()
    assert normal_forms(told["message"]).to_list() == theirs["transformed_message"].to_list()
    found = words(told["message"])
    sizes = theirs["token_set"].str.split(" ").list.len().to_list()
    assert np.diff(found.start)[found.line].tolist() == sizes


TEXTS = ["Hello world", "hello  WORLD @Bob", "@al", "价格 很好", "价格很好", "it's, it's"]

# Few of everything: ties, duplicates of message_id, loops and shared addresses are common.
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "01", "1"]),
        st.sampled_from(["a", "b", "c", "07", "7"]),
        st.sampled_from(["", "", "p", "q"]),
        st.sampled_from(["", "r", "s"]),
        st.sampled_from(TEXTS),
        st.integers(0, 12).map(lambda quarter: 1_600_000_000 + quarter / 4),
        st.sampled_from(["", "x", "x y", "y x", "x  x"]),
    ),
    max_size=14,
)


def brute(rows: list[Message], network: str, window: float, least: int) -> list[tuple[str, str, int]]:
    """The toolkit's query in words: every message of one account beside every message of another."""
    first: dict[str, Message] = {}
    links: dict[tuple[str, str], Message] = {}
    for row in rows:
        first.setdefault(row[0], row)
        for url in row[6].split(" ") if not row[2] else []:
            links.setdefault((row[0], url), row)
    keyed = [(row, _key(row, network)) for row in first.values()]
    if network == "co_link":
        keyed = [(row, url) for (_, url), row in links.items()]
    met: dict[tuple[str, str], set[str]] = {}
    for x, key in keyed:
        for y, other in keyed:
            if key is not None and key == other and x[0] != y[0] and abs(x[5] - y[5]) <= window:
                met.setdefault((x[1], y[1]), set()).add(x[0])
    return sorted((u, v, len(found)) for (u, v), found in met.items() if len(found) >= least)


def _key(row: Message, network: str) -> str | None:
    folded = " ".join(word for word in row[4].lower().split() if not word.startswith("@"))
    own = {"co_tweet": folded, "co_reply": row[3] or None}
    return {"co_retweet": row[2] or None, "co_post": ""}.get(network, None if row[2] else own.get(network))


@pytest.mark.parametrize("network", ["co_retweet", "co_tweet", "co_reply", "co_link", "co_post"])
@given(ROWS, st.sampled_from([0, 0.25, 1, 1.3, 60]), st.integers(0, 3))
def test_networks_equal_brute_force(network: str, rows: list[Message], window: float, least: int) -> None:
    found = gk.toolkit_network(
        messages(rows), ToolkitNetwork(network), window_s=window, min_edge_weight=least
    )
    assert found.rows() == brute(rows, network, window, least)


WORDS = {
    "Hello world": {"hello", "world"},
    "hello  WORLD @Bob": {"hello", "world"},
    "@al": set(),
    "价格 很好": {"价", "格", "很", "好"},
    "价格很好": {"价", "格", "很", "好"},
    "it's, it's": {"it's", ","},
}


@given(ROWS, st.sampled_from([0, 1, 60]), st.sampled_from([0.3, 0.5, 0.8, 1]))
def test_similar_texts_equal_brute_force(rows: list[Message], window: float, least: float) -> None:
    first: dict[str, Message] = {}
    for row in rows:
        first.setdefault(row[0], row)
    met: dict[tuple[str, str], set[str]] = {}
    own = [row for row in first.values() if not row[2]]
    for x in own:
        for y in own:
            either = WORDS[x[4]] | WORDS[y[4]]
            alike = either and len(WORDS[x[4]] & WORDS[y[4]]) / len(either) >= least
            if alike and x[0] != y[0] and abs(x[5] - y[5]) <= window:
                met.setdefault((x[1], y[1]), set()).add(x[0])
    found = gk.toolkit_network(
        messages(rows),
        ToolkitNetwork.CO_SIMILAR_TWEET,
        window_s=window,
        min_edge_weight=1,
        similarity=least,
    )
    assert found.rows() == sorted((u, v, len(ids)) for (u, v), ids in met.items())


def test_weights_by_hand() -> None:
    # a reposts p at 0 and 100 s, b at 1, 2 and 100.5 s; window 1.5 s, both ends included.
    # a's message at 0 meets b's at 1, that at 100 the one at 100.5: weight a to b 2. b's at 1 and 100.5 meet
    # a's, the one at 2 is 2 s away: weight b to a 2. b's at 1 and 2 meet each other: loop of b 2.
    rows: list[Message] = [
        (name, account, "p", "", "", at, "")
        for name, account, at in [("1", "a", 0.0), ("2", "b", 1.0), ("3", "b", 2.0), ("4", "a", 100.0)]
    ]
    rows.append(("5", "b", "p", "", "", 100.5, ""))
    found = gk.toolkit_network(messages(rows), ToolkitNetwork.CO_RETWEET, window_s=1.5, min_edge_weight=1)
    assert found.rows() == [("a", "b", 2), ("b", "a", 2), ("b", "b", 2)]


@pytest.mark.parametrize(
    ("earlier", "later", "window", "met"),
    [
        (1_606_451_170.1, 1_606_451_170.3, 0.2, True),
        # 1606451170.961 + 2.031 = 1606451172.992, but in floating numbers the sum is a hair less: out, as in
        # the toolkit, which asks SQLite for `t2 between t1 - w and t1 + w`.
        (1_606_451_170.961, 1_606_451_172.992, 2.031, False),
    ],
)
def test_times_on_the_edge_are_rounded_as_in_the_toolkit(
    earlier: float, later: float, window: float, met: bool
) -> None:
    rows: list[Message] = [("1", "a", "p", "", "", earlier, ""), ("2", "b", "p", "", "", later, "")]
    found = gk.toolkit_network(messages(rows), ToolkitNetwork.CO_RETWEET, window_s=window, min_edge_weight=1)
    assert found.rows() == ([("a", "b", 1), ("b", "a", 1)] if met else [])


def test_an_edge_may_need_more_messages_than_there_are() -> None:
    rows: list[Message] = [(f"m{n}", "ab"[n % 2], "p", "", "", 0.0, "") for n in range(4)]
    for least in (2, 3, 5, 50):
        found = gk.toolkit_network(
            messages(rows), ToolkitNetwork.CO_RETWEET, window_s=0, min_edge_weight=least
        )
        assert found.height == (4 if least == 2 else 0)


@pytest.mark.parametrize(("window", "similarity"), [(-1, 0.8), (1, 1.5), (1, -0.1)])
def test_options_that_make_no_sense_are_refused(window: float, similarity: float) -> None:
    with pytest.raises(gk.GraphkitError, match="`"):
        gk.toolkit_network(messages([]), ToolkitNetwork.CO_POST, window_s=window, similarity=similarity)


def test_ids_are_exact_text() -> None:
    rows: list[Message] = [
        (f"m{n}", account, "p", "", "", 0.0, "") for n, account in enumerate(["7", "007", "1e5"])
    ]
    found = gk.toolkit_network(messages(rows), ToolkitNetwork.CO_RETWEET, window_s=0, min_edge_weight=1)
    assert json.dumps(found["user_1"].to_list()) == '["007", "007", "1e5", "1e5", "7", "7"]'


def test_an_unknown_network_is_refused_and_a_plain_word_is_taken() -> None:
    with pytest.raises(gk.GraphkitError, match="co_retweet"):
        gk.toolkit_network(messages([]), "co_reetweet", window_s=1)  # type: ignore[arg-type]
    assert gk.toolkit_network(messages([]), "co_retweet", window_s=1).height == 0  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 6), max_size=30), st.integers(-1, 9), st.integers(1, 40))
@example([1, 1, 2, 3], 9, 40)
def test_what_comes_often_is_counted_in_one_sort_or_in_several(
    numbers: list[int], least: int, held: int
) -> None:
    parts = [np.array(numbers[start : start + 3], dtype=np.int64) for start in range(0, len(numbers), 3)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("graphkit.coaction.toolkit._HELD", held)
        found, times = toolkit._weights(iter(parts), least)
    expected = sorted((n, count) for n, count in Counter(numbers).items() if count >= least)
    assert list(zip(found.tolist(), times.tolist(), strict=True)) == expected
