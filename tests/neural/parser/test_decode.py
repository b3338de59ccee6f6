from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from oped.neural.parser.arborescence import constrain
from oped.neural.parser.config import SchemeConfig
from oped.neural.parser.decoding import choose_types, in_article
from oped.parsing.arborescence import forest


def value(scores: np.ndarray, targets: np.ndarray) -> float:
    return float(scores[np.arange(len(scores)), targets].sum())


@pytest.mark.parametrize("seed", range(60))
def test_the_forest_is_the_maximum_spanning_arborescence(seed: int) -> None:
    generator = np.random.default_rng(seed)
    nodes = int(generator.integers(1, 10))
    scores = generator.normal(size=(nodes, nodes + 1)).astype(np.float32)
    graph = nx.DiGraph()
    for source in range(nodes):
        for target in range(nodes + 1):
            if source != target:
                graph.add_edge(target, source, weight=float(scores[source, target]) + 100)
    best = sum(edge["weight"] - 100 for *_, edge in nx.maximum_spanning_arborescence(graph).edges(data=True))
    assert value(scores, forest(scores)) == pytest.approx(best, abs=1e-3)


def test_there_is_never_a_cycle() -> None:
    scores = np.full((40, 41), -5.0, np.float32)
    scores[np.arange(40), (np.arange(40) + 1) % 40] = 5.0
    targets = forest(scores)
    for start in range(40):
        node, steps = start, 0
        while node != 40:
            node, steps = int(targets[node]), steps + 1
            assert steps <= 40


def test_what_may_not_stand_alone_does_not() -> None:
    arcs = np.array([[0.0, -9.0, 9.0], [-9.0, 0.0, 9.0]], np.float32)
    assert forest(constrain(arcs, np.array([False, True]))).tolist() == [1, 2]
    assert forest(constrain(arcs[:1, [0, 2]], np.array([False]))).tolist() == [1]


def test_types_keep_within_their_limits() -> None:
    scheme = SchemeConfig(types=("major", "claim"), limits={"major": (1, 2)})
    many = np.array([[0.9, 0.1], [0.6, 0.4], [0.8, 0.2], [0.1, 0.9]], np.float32)
    assert choose_types(many, scheme).tolist() == [0, 1, 0, 1]
    none = np.array([[0.1, 0.9], [0.4, 0.6], [0.3, 0.7]], np.float32)
    assert choose_types(none, scheme).tolist() == [1, 0, 1]
    assert choose_types(none[:2], scheme).tolist() == [1, 1]


def test_a_thesis_has_a_threshold_of_its_own_and_none_is_forced() -> None:
    scheme = SchemeConfig(types=("major", "claim"), limits={"major": (1, 2)}, thresholds={"major": 0.25})
    none = np.array([[0.1, 0.9], [0.15, 0.85], [0.05, 0.95]], np.float32)
    assert choose_types(none, scheme).tolist() == [1, 1, 1]
    one = np.array([[0.4, 0.6], [0.1, 0.9], [0.05, 0.95]], np.float32)
    assert choose_types(one, scheme).tolist() == [0, 1, 1]
    many = np.array([[0.9, 0.1], [0.88, 0.12], [0.89, 0.11]], np.float32)  # each is likely alone; two are the likeliest
    assert choose_types(many, replace(scheme, thresholds={"major": 0.2})).tolist() == [0, 1, 0]


def test_the_shares_of_components_and_of_none_add_up_to_one() -> None:
    alone = np.array([0.5, 0.5, 0.2], np.float32)
    shares = in_article(alone)
    assert shares[0] == shares[1] and shares.sum() < 1
    assert 1 - shares.sum() == pytest.approx(1 / (1 + 1 + 1 + 0.25))
