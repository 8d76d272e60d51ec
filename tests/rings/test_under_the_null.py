"""Among people who comment independently, the proof's p-values are no smaller than chance makes them."""

import numpy as np
import pytest
from test_findings import SETTINGS, events, town

from graphkit.layers import CONTACTS, LAYERS
from graphkit.layers.base import coded
from graphkit.network.build import Network, network
from graphkit.network.pool import q_values
from graphkit.rings.choice import choice
from graphkit.rings.proof import Proof, meeting_proof

GROUPS, SIZE = 300, 10


@pytest.fixture(scope="module")
def graph() -> Network:
    return network(coded(events(town(11, n_events=60_000))), LAYERS, CONTACTS, SETTINGS.network)


@pytest.fixture(scope="module")
def groups(graph: Network) -> list[np.ndarray]:
    random = np.random.default_rng(5)
    size = len(graph.ids)
    return [np.sort(random.choice(size, SIZE, replace=False)).astype(np.uint32) for _ in range(GROUPS)]


@pytest.fixture(scope="module")
def proofs(graph: Network, groups: list[np.ndarray]) -> list[Proof]:
    return [meeting_proof(graph, "feed", 3600, group, SETTINGS.network) for group in groups]


def test_p_values_are_at_most_uniform(proofs: list[Proof]) -> None:
    p_values = np.array([proof.p_value for proof in proofs])
    # Of 300 groups 15 are expected under .05 and 3 under .01; twice the standard deviation more is noise.
    assert (p_values < 0.05).sum() <= 15 + 2 * np.sqrt(15)
    assert (p_values < 0.01).sum() <= 3 + 2 * np.sqrt(3)


def test_nothing_is_discovered(proofs: list[Proof]) -> None:
    q = q_values(np.array([proof.p_value for proof in proofs]), len(proofs))
    assert q.min() > SETTINGS.rings.q_value
    assert max(proof.ratio for proof in proofs) < SETTINGS.rings.excess


def test_the_expectation_is_neither_high_nor_low(proofs: list[Proof]) -> None:
    # Repetitions on one author's posts count less, so the sum stays a little below what is expected.
    ratio = sum(proof.observed for proof in proofs) / sum(proof.expected for proof in proofs)
    assert 0.8 < ratio < 1.05


def test_people_who_meet_by_chance_choose_no_better_than_whoever_is_about(
    graph: Network, groups: list[np.ndarray]
) -> None:
    found = [choice(graph.visits["feed"][3600], group, 3600) for group in groups]
    known = [one for one in found if one is not None]
    # Where posts are many and strangers few, half a visit added to each count makes the expectation high.
    assert 0.3 < sum(one.met for one in known) / sum(one.expected for one in known) < 1.1
    assert max(one.ratio for one in known) < SETTINGS.rings.choice
    assert max(one.odds for one in known) < SETTINGS.rings.choice
