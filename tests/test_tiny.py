"""The twelve events of fixtures/tiny: every number of every table, worked out by hand."""

import math
from pathlib import Path

import polars as pl
import pytest

import graphkit as gk
from graphkit.engine.reach import MICROSECONDS
from graphkit.layers import CONTACTS, LAYERS
from graphkit.layers.base import coded
from graphkit.network.build import Network, network
from graphkit.network.meetings import meetings, repetitions, visits
from graphkit.settings import NetworkSettings

# Codes are ranks of ids: 007 is 0, ana 1, bo 2, cai 3, dee 4. Events are numbered in order of time: e01 is 0.
IDS = ["007", "ana", "bo", "cai", "dee"]


@pytest.fixture(scope="module")
def graph(fixtures: Path) -> Network:
    read = gk.read_events(fixtures / "tiny" / "events.csv", settings=gk.Settings().read)
    return network(coded(read.events), LAYERS, CONTACTS, NetworkSettings())


def met(graph: Network, layer: str, window_s: int | None) -> list[tuple[int, ...]]:
    found = meetings(visits(graph.incidences[layer], window_s, 60), window_s=window_s, chunk_pairs=100)
    return [
        (row["source"], row["target"], row["gap"] // MICROSECONDS, row["crowd"], row["repetition"])
        for row in repetitions(found).sort("source", "target", "at").to_dicts()
    ]


def test_accounts_are_coded_by_rank(graph: Network) -> None:
    assert graph.ids.to_list() == IDS


def test_who_touched_what(graph: Network) -> None:
    # Comments, not the posts themselves: e02, e03, e04 on p1 and e06, e07 on p2.
    assert graph.incidences["feed"].select("account", "event").rows() == [
        (1, 1),
        (2, 2),
        (0, 3),
        (1, 5),
        (2, 6),
    ]
    # p1 and p2 are two keys, and one topic: both are dee's.
    assert graph.incidences["feed"]["key"].n_unique() == 2
    assert graph.incidences["feed"]["topic"].n_unique() == 1
    # Three wrote in the chat; ana chose bo to write to, and bo only answered; ana's
    # lamp was copied by bo.
    assert graph.incidences["chat"].select("account", "event").rows() == [(3, 9), (1, 10), (2, 11)]
    assert graph.incidences["recipient"].select("account", "event").rows() == [(1, 7)]
    assert graph.incidences["near_text"].select("account", "event").rows() == [(1, 1), (2, 2)]


def test_who_met_whom(graph: Network) -> None:
    # Within 60 s: ana and bo on p1 (10 s, nobody else within 60 s: a crowd of 1) and on p2, for the second
    # time on a post of dee's.
    assert met(graph, "feed", 60) == [(1, 2, 10, 1, 1), (1, 2, 10, 1, 2)]
    # Within 600 s 007 is there too, 290 s after ana and 280 s after bo: on p1 everybody has a crowd of 2.
    assert met(graph, "feed", 600) == [
        (0, 1, 290, 2, 1),
        (0, 2, 280, 2, 1),
        (1, 2, 10, 2, 1),
        (1, 2, 10, 1, 2),
    ]
    # In the chat within 30 s: cai and ana (20 s), ana and bo (5 s), cai and bo (25 s), all in a crowd of 2.
    assert met(graph, "chat", 30) == [(1, 2, 5, 2, 1), (1, 3, 20, 2, 1), (2, 3, 25, 2, 1)]
    # Nobody messaged the same third account. One text was used by two, but both times under p1: no meeting.
    assert met(graph, "recipient", 86400) == []
    assert met(graph, "near_text", None) == []


def test_the_one_edge(graph: Network) -> None:
    # Feed at 60 s: T = 1 + 1/2, C = d_ana d_bo / M = 2 * 2 / 5, m = 1:
    # T ln(T / lambda) - T - ln 4 < 0: in a town of five nobody stands out. The same in the chat
    # (C = 1/3, m = 2, T = 1).
    assert 1.5 * (math.log(1.5) - math.log(0.8)) - 1.5 - math.log(4) < 0
    assert math.log(3 / 2) - 1 - math.log(3) < 0
    # Messages: E = 2, ana -> bo and bo -> ana once each: e = 1 * 1 / 2; both were answered, r = 1: p = 1/2.
    assert graph.edges.height == 1
    edge = graph.edges.row(0, named=True)
    assert (edge["layer"], edge["source"], edge["target"], edge["count"]) == ("dm_contact", 1, 2, 2)
    assert edge["expected"] == edge["p_value"] == 0.5
    # One test among the two who send messages: q = p.
    assert edge["q_value"] == 0.5
    assert edge["weight"] == pytest.approx(math.log(2))
    assert graph.pooled.select("source", "target", "feed", "chat", "talk", "content", "weight").rows() == [
        (1, 2, 0.0, 0.0, edge["weight"], 0.0, edge["weight"])
    ]


def test_the_tables_of_the_run(fixtures: Path) -> None:
    run = gk.detect(fixtures / "tiny" / "events.csv", accounts=fixtures / "tiny" / "accounts.csv")
    # ln 2 nats are less than 14: no backbone, no candidate, no ring, nobody above clear.
    for name in ("edges", "pairs", "candidates", "members", "rings", "evidence", "trace", "quarantine"):
        assert getattr(run, name).is_empty(), name
    zero = dict.fromkeys(("score", "bits_g", "bits_t", "bits_x", "bits_c", "bits_a"), 0.0)
    nobody = {"ring_id": None, "role": None, "stability": None, "tier": "clear"}
    assert run.accounts.to_dicts() == [{"account_id": name, **nobody, **zero} for name in IDS]
    counts = run.manifest["counts"]
    assert (counts["rows_read"], counts["events"], counts["quarantined"], counts["accounts"]) == (
        12,
        12,
        0,
        5,
    )
    # The words of the copied lamp always stand together: they are one token, held by ana and bo.
    assert counts["incidence"] == {"feed": 5, "chat": 3, "recipient": 1, "near_text": 2, "rare_token": 2}
    assert counts["tiers"] == {"clear": 5}
    assert run.manifest["left_out"]["edges too thin to publish"] == 1
    assert run.show().is_empty()


def test_a_private_conversation_gets_a_name(fixtures: Path) -> None:
    read = gk.read_events(fixtures / "tiny" / "events.csv", settings=gk.Settings().read)
    talked = read.events.filter(pl.col("channel") == "dm")["object_id"]
    assert talked.n_unique() == 1
    assert talked[0] == "dm:3:ana|bo"
