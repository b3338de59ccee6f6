"""Against enumeration of all tag sequences."""

import itertools

import numpy as np
import pytest

from oped.neural.crf import (
    BEGIN,
    FORBIDDEN,
    INSIDE,
    OUTSIDE,
    expected_transitions,
    segment_probabilities,
    segments,
    tag_probabilities,
    viterbi,
)

WORDS = 5


def random_crf(seed: int) -> tuple[np.ndarray, np.ndarray, dict[tuple[int, ...], float]]:
    generator = np.random.default_rng(seed)
    emissions = generator.normal(size=(WORDS, 3)).astype(np.float32)
    transitions = generator.normal(size=(3, 3)).astype(np.float32)
    transitions[OUTSIDE, INSIDE] = FORBIDDEN
    scores = {
        tags: float(
            sum(emissions[place, tag] for place, tag in enumerate(tags))
            + sum(transitions[pair] for pair in itertools.pairwise(tags))
        )
        for tags in itertools.product(range(3), repeat=WORDS)
    }
    return emissions, transitions, scores


@pytest.mark.parametrize("seed", range(20))
def test_viterbi_finds_the_best_sequence(seed: int) -> None:
    emissions, transitions, scores = random_crf(seed)
    assert tuple(viterbi(emissions, transitions)) == max(scores, key=scores.__getitem__)


@pytest.mark.parametrize("seed", range(5))
def test_tag_probabilities_are_marginals(seed: int) -> None:
    emissions, transitions, scores = random_crf(seed)
    total = sum(np.exp(score) for score in scores.values())
    found = tag_probabilities(emissions, transitions)
    for place in range(WORDS):
        for tag in range(3):
            expected = sum(np.exp(score) for tags, score in scores.items() if tags[place] == tag) / total
            assert found[place, tag] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_expected_transitions_are_counted(seed: int) -> None:
    emissions, transitions, scores = random_crf(seed)
    total = sum(np.exp(score) for score in scores.values())
    expected = np.zeros((3, 3))
    for tags, score in scores.items():
        for pair in itertools.pairwise(tags):
            expected[pair] += np.exp(score) / total
    assert expected_transitions(emissions, transitions) == pytest.approx(expected, abs=1e-4)


def test_cross_entropy_with_itself_is_entropy() -> None:
    torch = pytest.importorskip("torch")
    from oped.neural.parser.network import Crf

    emissions, transitions, scores = random_crf(1)
    crf = Crf()
    crf.transitions.data = torch.from_numpy(transitions)
    total = sum(np.exp(score) for score in scores.values())
    chances = np.array([np.exp(score) / total for score in scores.values()])
    entropy = -sum(chance * np.log(chance) for chance in chances if chance > 0) / WORDS
    found = torch.from_numpy(emissions).requires_grad_()
    arrays = (tag_probabilities(emissions, transitions), expected_transitions(emissions, transitions))
    loss = crf.cross_entropy(found, *(torch.from_numpy(array.astype(np.float32)) for array in arrays))
    loss.backward()
    assert float(loss.detach()) == pytest.approx(entropy, abs=1e-4)
    assert found.grad.abs().max() < 1e-5 and crf.transitions.grad.abs().max() < 1e-4


@pytest.mark.parametrize("seed", range(5))
def test_segment_probabilities_are_marginals(seed: int) -> None:
    emissions, transitions, scores = random_crf(seed)
    total = sum(np.exp(score) for score in scores.values())
    spans = [(start, end) for start in range(WORDS) for end in range(start + 1, WORDS + 1)]
    found = segment_probabilities(emissions, transitions, spans)
    for (start, end), probability in zip(spans, found, strict=True):

        def holds(tags: tuple[int, ...], start: int = start, end: int = end) -> bool:
            inner = all(tag == INSIDE for tag in tags[start + 1 : end])
            return tags[start] == BEGIN and inner and (end == WORDS or tags[end] != INSIDE)

        expected = sum(np.exp(score) for tags, score in scores.items() if holds(tags)) / total
        assert probability == pytest.approx(expected, abs=1e-4)


def test_segments_of_tags() -> None:
    assert segments([BEGIN, INSIDE, BEGIN, OUTSIDE, INSIDE, INSIDE]) == [(0, 2), (2, 3), (4, 6)]


def test_no_words_no_tags() -> None:
    assert viterbi(np.zeros((0, 3), np.float32), np.zeros((3, 3), np.float32)) == []
