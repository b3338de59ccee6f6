"""Which articles to annotate next: those of which the model is least sure, and which are least alike.

Doubt is entropy: of the tags of all words (Settles & Craven 2008 call it total token entropy), of the types of the components
found, and of what each of them bears on. One article after another is taken, the most doubtful first, each discounted by how
near it comes to those that were taken before or are annotated already (Carbonell & Goldstein 1998).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oped.neural.crf import segments, tag_probabilities, viterbi
from oped.neural.parser.decoding import BLOCK, Scorer, pool, tag_scores
from oped.neural.parser.structure import Structure
from oped.numeric import Floats, log_softmax
from oped.words import Words


@dataclass(frozen=True, slots=True)
class Doubt:
    """How unsure a model is of an article.

    Attributes:
        nats: entropy of all that it decides.
        words: of the article.
        vector: what the article is like, to tell it from others. *Shape:* (encoder width,)
    """

    nats: float
    words: int
    vector: Floats


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article to annotate.

    Attributes:
        place: of the article in what was ranked.
        gain: its doubt, discounted by its likeness to those before it.
    """

    place: int
    gain: float


def doubt(text: str, words: Words, scorer: Scorer, scheme: str) -> Doubt:
    """How unsure a parser is of an article in a scheme."""
    if not len(words):
        return Doubt(0.0, 0, np.zeros(scorer.config.width, dtype=np.float32))
    states = scorer.word_states(text, words)
    emissions, transitions = tag_scores(states, words, scorer, scheme)
    nats = _entropy(tag_probabilities(emissions, transitions))
    spans = segments(viterbi(emissions, transitions))
    for first in range(0, len(spans), BLOCK):
        structure = Structure.of(spans[first : first + BLOCK], words)
        scores = scorer.components(pool(states, structure, scorer.config), structure, scheme)
        nats += _entropy(np.exp(log_softmax(scores.types)))
        if scorer.config.schemes[scheme].relations:  # without such, nothing taught the arcs
            nats += _entropy(np.exp(log_softmax(scores.arcs)))
    return Doubt(nats, len(words), states.mean(axis=0))


def _entropy(chances: Floats) -> float:
    """Entropy of each row, summed. *Shape:* (rows, choices)"""
    return float(-(chances * np.log(np.maximum(chances, 1e-12))).sum())


def rank(
    doubts: Sequence[Doubt], *, known: Sequence[Doubt] = (), count: int | None = None, per_word: bool = False
) -> list[Suggestion]:
    """The articles to annotate, the most useful first.

    Args:
        doubts: of the articles that may be annotated.
        known: of those that are annotated already.
        count: how many are wanted; default: all.
        per_word: rank by doubt per word, where the time for an article grows with its length, in place of doubt per article.
    """
    if not doubts:
        return []
    vectors = _directions([*doubts, *known])
    own, others = vectors[: len(doubts)], vectors[len(doubts) :]
    worth = np.array([item.nats / max(1, item.words if per_word else 1) for item in doubts])
    likeness = (own @ others.T).max(axis=1).clip(min=0.0) if len(others) else np.zeros(len(doubts))
    left = np.ones(len(doubts), dtype=bool)
    result = []
    for _ in range(min(count or len(doubts), len(doubts))):
        gains = np.where(left, worth * (1.0 - likeness), -1.0)
        place = int(gains.argmax())
        left[place] = False
        result.append(Suggestion(place, float(gains[place])))
        likeness = np.maximum(likeness, own @ own[place])
    return result


def _directions(doubts: Sequence[Doubt]) -> Floats:
    """In which direction each article differs from their mean. *Shape:* (articles, encoder width)"""
    vectors = np.stack([item.vector for item in doubts])
    vectors = vectors - vectors.mean(axis=0)
    result: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return result
