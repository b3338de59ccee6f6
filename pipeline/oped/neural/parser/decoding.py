"""The whole way of the parser, apart from where its scores are computed."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from oped.neural.crf import BEGIN, FORBIDDEN, INSIDE, segment_probabilities, segments, viterbi
from oped.neural.parser.arborescence import constrain
from oped.neural.parser.config import ParserConfig, SchemeConfig
from oped.neural.parser.structure import Structure
from oped.numeric import Bools, Floats, Ints, log_softmax, logit, sigmoid
from oped.parsing.arborescence import forest
from oped.words import Words

BLOCK = 400  # components whose relations are decided together


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of the components of one article, as arrays; see `network.ComponentScores` for the shapes."""

    types: Floats
    risks: Floats
    holders: Floats
    arcs: Floats
    labels: Floats


class Scorer(Protocol):
    """What computes: onnxruntime, or torch while training."""

    config: ParserConfig

    def word_states(self, text: str, words: Words) -> Floats:
        """*Shape:* (words, encoder width)"""

    def emissions(self, word_states: Floats, scheme: str) -> Floats:
        """*Shape:* (words, tags)"""

    def transitions(self, scheme: str) -> Floats:
        """*Shape:* (tags, tags)"""

    def components(self, pooled: Floats, structure: Structure, scheme: str) -> Scores:
        """Scores of components, given their pooled word states."""


@dataclass(frozen=True, slots=True)
class ParsedComponent:
    """A component by its words, with probabilities.

    Attributes:
        start, end: words, end exclusive.
        other: probability that it is another's view than the author's; None where the scheme does not tell.
        target: the component it bears on; None: none.
        label: of its arc, to a component or to the root.
    """

    start: int
    end: int
    type: str
    probability: float
    risk_probability: float | None
    other_probability: float | None
    target: int | None
    label: str | None
    label_probability: float


def parse(
    states: Floats, words: Words, scorer: Scorer, scheme: str, *, without: Bools | None = None
) -> list[ParsedComponent]:
    """Components and relations of one article, in order of appearance.

    Args:
        states: of the words, by `scorer.word_states`. *Shape:* (words, encoder width)
        without: words that belong to no component, such as those of headings. *Shape:* (words,)
    """
    if not len(words):
        return []
    emissions, transitions = tag_scores(states, words, scorer, scheme)
    if without is not None:
        emissions[without, BEGIN] = emissions[without, INSIDE] = FORBIDDEN
    spans = segments(viterbi(emissions, transitions))
    certainty = segment_probabilities(emissions, transitions, spans)
    return score_components(states, words, spans, certainty, scorer, scheme)


def tag_scores(states: Floats, words: Words, scorer: Scorer, scheme: str) -> tuple[Floats, Floats]:
    """Scores of the words' tags, and of one tag after another; there must be one word at least.

    *Shapes:* (words, encoder width) -> (words, tags), (tags, tags)
    """
    return forbid_crossing(scorer.emissions(states, scheme), words.paragraphs), scorer.transitions(scheme)


def score_components(
    states: Floats, words: Words, spans: list[tuple[int, int]], certainty: list[float], scorer: Scorer, scheme: str
) -> list[ParsedComponent]:
    """Type and link components whose spans are known.

    Memory grows with the square of the number of components, so those of a very long text are taken in blocks, and
    relations stay within a block.

    Args:
        states: *Shape:* (words, encoder width)
        certainty: probability of each span.
    """
    result: list[ParsedComponent] = []
    for first in range(0, len(spans), BLOCK):
        block = slice(first, first + BLOCK)
        structure = Structure.of(spans[block], words)
        scores = scorer.components(pool(states, structure, scorer.config), structure, scheme)
        parts = _decide(structure, scores, certainty[block], scorer.config.schemes[scheme])
        result += [part if part.target is None else replace(part, target=part.target + first) for part in parts]
    return result


def _decide(
    structure: Structure, scores: Scores, certainty: list[float], scheme: SchemeConfig
) -> list[ParsedComponent]:
    types = np.exp(log_softmax(scores.types))
    chosen = choose_types(types, scheme)
    allowed = np.array([not scheme.rooted or name in scheme.rooted for name in scheme.types])
    arcs = log_softmax(constrain(scores.arcs, allowed[chosen]))
    targets = forest(arcs)
    labels = np.exp(_label_scores(scores.labels, targets, scheme))
    result = []
    for place, (start, end) in enumerate(structure.spans.tolist()):
        target = int(targets[place])
        rooted = target == len(targets)
        label = None if not scheme.arc_labels else _label(labels[place], scheme, rooted=rooted)
        result.append(
            ParsedComponent(
                start=start,
                end=end,
                type=scheme.types[chosen[place]],
                probability=calibrated(float(types[place, chosen[place]]) * certainty[place], "component", scheme),
                risk_probability=calibrated(sigmoid(scores.risks[place]), "risk", scheme) if scheme.facets else None,
                other_probability=calibrated(sigmoid(scores.holders[place]), "other", scheme)
                if scheme.facets
                else None,
                target=None if rooted else target,
                label=None if label is None or (rooted and not scheme.stances) else scheme.arc_labels[label],
                label_probability=calibrated(
                    float(np.exp(arcs[place, target])) * (1.0 if label is None else float(labels[place, label])),
                    "relation",
                    scheme,
                ),
            )
        )
    return result


def choose_types(types: Floats, scheme: SchemeConfig) -> Ints:
    """The likeliest type of each component, within the scheme's limits on how many an article has of one.

    Where too many have a limited type, the less likely ones get their next best; where too few, the likeliest get it. An
    article of two components or fewer has no least number. Where the scheme has a threshold for the type, no least number
    is forced: what is likelier than the threshold among all components of the article and "none of them" has it.

    Args:
        types: probabilities. *Shape:* (components, types)

    Returns:
        *Shape:* (components,)
    """
    chosen: Ints = types.argmax(axis=1)
    for name, (least, most) in scheme.limits.items():
        label = scheme.types.index(name)
        order = np.argsort(-types[:, label], kind="stable")
        if name in scheme.thresholds:
            likely = in_article(types[:, label]) >= scheme.thresholds[name]
            wanted = [int(place) for place in order if likely[place]][:most]
        else:
            holders = [int(place) for place in order if chosen[place] == label]
            missing = max(0, least - len(holders)) if len(types) > 2 else 0
            wanted = [*holders[:most], *order[:missing].tolist()]
        for place in set(np.flatnonzero(chosen == label).tolist()) - set(wanted):
            chosen[place] = next(kind for kind in np.argsort(-types[place], kind="stable") if kind != label)
        chosen[wanted] = label
    return chosen


def in_article(probabilities: Floats) -> Floats:
    """The probability that each component is the one of a type in its article, where there may be none.

    *Shape:* (components,) -> (components,)

    Args:
        probabilities: that each has the type, taken alone.
    """
    odds = probabilities / np.maximum(1e-9, 1.0 - probabilities)
    shares: Floats = odds / (1.0 + odds.sum())
    return shares


def _label(probabilities: Floats, scheme: SchemeConfig, *, rooted: bool) -> int:
    """The likeliest label of an arc, or the one that is likelier than its threshold. *Shape:* (arc labels,)"""
    for name, least in scheme.thresholds.items():
        if name in scheme.relations and not rooted and probabilities[scheme.arc_labels.index(name)] >= least:
            return scheme.arc_labels.index(name)
    return int(probabilities.argmax())


def _label_scores(labels: Floats, targets: Ints, scheme: SchemeConfig) -> Floats:
    """Logarithms of the label probabilities of the chosen arcs. *Shape:* (components, arc labels)"""
    scores = labels[np.arange(len(targets)), targets]
    if scheme.stances:
        to_root = targets == len(targets)
        relation = np.arange(len(scheme.arc_labels)) < len(scheme.relations)
        scores[to_root[:, None] & relation[None, :]] = FORBIDDEN
        scores[~to_root[:, None] & ~relation[None, :]] = FORBIDDEN
    return log_softmax(scores)


def forbid_crossing(emissions: Floats, paragraphs: Ints) -> Floats:
    """Forbid that a component goes on into the next paragraph. *Shape:* (words, tags)"""
    emissions = emissions.copy()
    begins = np.diff(paragraphs, prepend=-1) > 0
    emissions[begins, INSIDE] = FORBIDDEN
    return emissions


def pool(states: Floats, structure: Structure, config: ParserConfig) -> Floats:
    """The vectors of each component, side by side; `network.pool` is the same in torch.

    *Shape:* (words, width) -> (components, vectors * width)
    """
    spans = structure.spans
    means = [_range_means(states, bounds) for bounds in (spans, structure.leads, structure.tails)]
    before = [_range_means(states, structure.before)] if config.word_before else []
    return np.concatenate([means[0], states[spans[:, 0]], states[spans[:, 1] - 1], means[1], means[2], *before], axis=1)


def _range_means(states: Floats, bounds: Ints) -> Floats:
    means = np.zeros((len(bounds), states.shape[1]), dtype=np.float32)
    for place, (start, end) in enumerate(bounds.tolist()):
        if end > start:
            means[place] = states[start:end].mean(axis=0)
    return means


def calibrated(probability: float, what: str, scheme: SchemeConfig) -> float:
    """A probability after the calibration that the scheme has for it."""
    if what not in scheme.calibration:
        return probability
    slope, offset = scheme.calibration[what]
    return sigmoid(slope * logit(probability) + offset)
