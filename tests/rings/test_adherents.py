"""Who joins a swarm by its own words: by hand."""

import numpy as np
import polars as pl

from graphkit.layers import CONTACTS, LAYERS
from graphkit.layers.base import coded
from graphkit.network.build import Network, network
from graphkit.rings.attachment import adherents
from graphkit.settings import Settings
from graphkit.tables import EVENTS

SETTINGS = Settings()
HOUR = 3600


def place(account: str, at: int, post: str, text: str) -> dict[str, object]:
    return {"account_id": account, "at": at, "object_id": post, "text": text}


def log() -> Network:
    """Six accounts of a swarm (s0 to s5), four to be judged, and 400 people on posts of their own."""
    rows = [place("origin", 0, "far", "what is a zorblax anyway")]
    # The swarm comes in pairs to three posts, each post at its own hour, and everybody says the word.
    rows += [
        place(f"s{n}", HOUR * (10 + n // 2) + n, f"post{n // 2}", f"pure zorblax number{n}") for n in range(6)
    ]
    # Says it and meets the swarm; says it and meets nobody; meets the swarm and says nothing of the kind.
    rows.append(place("joins", HOUR * 10 + 20, "post0", "more zorblax for all"))
    rows.append(place("quotes", HOUR * 50, "elsewhere", "they keep saying zorblax"))
    rows.append(place("passes", HOUR * 11 + 20, "post1", "lovely weather over here"))
    rows.append(place("origin", HOUR * 12 + 20, "post2", "now everybody says zorblax"))
    rows += [place(f"p{n:03d}", 90 * n, f"own{n}", f"word{n} and another{n}") for n in range(400)]
    frame = pl.DataFrame(rows).sort("at", "account_id")
    events = EVENTS.check(
        frame.with_columns(
            (pl.lit("e") + pl.int_range(pl.len()).cast(pl.String).str.zfill(4)).alias("event_id"),
            pl.from_epoch(pl.col("at") * 1_000_000, time_unit="us")
            .dt.replace_time_zone("UTC")
            .alias("timestamp"),
            pl.lit("comment").alias("channel"),
            *(pl.lit(None, pl.String).alias(name) for name in ("target_id", "parent_id")),
        ).with_columns(pl.col("timestamp").dt.offset_by("50y"))
    )
    return network(coded(events), LAYERS, CONTACTS, SETTINGS.network)


def test_who_uses_its_word_and_meets_it_joins_a_swarm() -> None:
    graph = log()
    core = np.flatnonzero(graph.ids.str.contains(r"\As\d\z").to_numpy()).astype(np.uint32)
    # Nine accounts use the word, six of them the swarm's: it is its own. `quotes` met nobody, `passes` says
    # nothing of it, and `origin`, who meets the swarm as well, used it before anybody of the swarm did.
    joined = adherents(core, graph, SETTINGS.rings)
    assert graph.ids.gather(joined).to_list() == ["joins"]


def test_a_word_of_strangers_is_not_the_swarms() -> None:
    graph = log()
    # Of the nine who use it two belong to this group: no word of its own.
    few = np.flatnonzero(graph.ids.is_in(["s0", "s1"]).to_numpy()).astype(np.uint32)
    assert not len(adherents(few, graph, SETTINGS.rings))


def test_without_words_nobody_joins() -> None:
    graph = log()
    core = np.flatnonzero(graph.ids.str.contains(r"\As\d\z").to_numpy()).astype(np.uint32)
    feed = [layer for layer in LAYERS if layer.name == "feed"]
    assert not len(adherents(core, network(graph.events, feed, (), SETTINGS.network), SETTINGS.rings))
