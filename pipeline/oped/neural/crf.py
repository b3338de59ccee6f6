"""Segmentation: the best tags of a text's words, and how sure each segment is.

Exact inference in a linear-chain CRF with three tags; Viterbi and forward-backward run in plain Python, which for three
tags is faster than array operations word by word.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from oped.numeric import Floats

BEGIN, INSIDE, OUTSIDE = 0, 1, 2
TAGS = 3
FORBIDDEN = -1e4

Row = tuple[float, float, float]


def viterbi(emissions: Floats, transitions: Floats) -> list[int]:
    """The best sequence of tags.

    Args:
        emissions: *Shape:* (words, tags)
        transitions: from the tag of the row to that of the column. *Shape:* (tags, tags)
    """
    if not len(emissions):
        return []
    (bb, bi, bo), (ib, ii, io), (ob, oi, oo) = transitions.tolist()
    rows = emissions.tolist()
    best_b, best_i, best_o = rows[0]
    back: list[tuple[int, int, int]] = []
    for score_b, score_i, score_o in rows[1:]:
        to_b = _best(best_b + bb, best_i + ib, best_o + ob)
        to_i = _best(best_b + bi, best_i + ii, best_o + oi)
        to_o = _best(best_b + bo, best_i + io, best_o + oo)
        back.append((to_b[1], to_i[1], to_o[1]))
        best_b, best_i, best_o = to_b[0] + score_b, to_i[0] + score_i, to_o[0] + score_o
    tags = [_best(best_b, best_i, best_o)[1]]
    for pointers in reversed(back):
        tags.append(pointers[tags[-1]])
    return tags[::-1]


def _best(begin: float, inside: float, outside: float) -> tuple[float, int]:
    if begin >= inside:
        return (begin, BEGIN) if begin >= outside else (outside, OUTSIDE)
    return (inside, INSIDE) if inside >= outside else (outside, OUTSIDE)


def segments(tags: Sequence[int]) -> list[tuple[int, int]]:
    """Word ranges of the components that tags describe; an inside tag after an outside one begins a component."""
    spans: list[tuple[int, int]] = []
    start: int | None = None
    for place, tag in enumerate([*tags, OUTSIDE]):
        if start is not None and tag != INSIDE:
            spans.append((start, place))
            start = None
        if tag == BEGIN or (tag == INSIDE and start is None):
            start = place
    return spans


def segment_probabilities(emissions: Floats, transitions: Floats, spans: Sequence[tuple[int, int]]) -> list[float]:
    """Probability, under the CRF, that each span is exactly one segment.

    Args:
        emissions: *Shape:* (words, tags)
        transitions: *Shape:* (tags, tags)
        spans: word ranges.
    """
    if not spans:
        return []
    forward, backward, total = _lattice(emissions, transitions)
    inside = np.concatenate([[0.0], np.cumsum(emissions[:, INSIDE] + transitions[INSIDE, INSIDE])])
    return [_segment(forward, backward, emissions, transitions, inside.tolist(), span, total) for span in spans]


def tag_probabilities(emissions: Floats, transitions: Floats) -> Floats:
    """Probability, under the CRF, of each tag of each word.

    Args:
        emissions: *Shape:* (words, tags)
        transitions: *Shape:* (tags, tags)

    Returns:
        *Shape:* (words, tags)
    """
    forward, backward, total = _lattice(emissions, transitions)
    scores = np.array(forward) + np.array(backward) - emissions  # what each tag itself scores is in both
    chances: Floats = np.exp(scores - total)
    return chances


def expected_transitions(emissions: Floats, transitions: Floats) -> Floats:
    """How often, under the CRF, each tag is expected to follow each. *Shape:* (tags, tags)

    Args:
        emissions: *Shape:* (words, tags)
        transitions: *Shape:* (tags, tags)
    """
    forward, backward, total = _lattice(emissions, transitions)
    steps = np.array(forward)[:-1, :, None] + transitions + np.array(backward)[1:, None, :]  # (words - 1, tags, tags)
    counts: Floats = np.exp(steps - total).sum(axis=0)
    return counts


def _segment(
    forward: list[Row],
    backward: list[Row],
    emissions: Floats,
    transitions: Floats,
    inside: list[float],
    span: tuple[int, int],
    total: float,
) -> float:
    start, end = span
    score = forward[start][BEGIN]
    if end - start > 1:
        score += float(transitions[BEGIN, INSIDE] - transitions[INSIDE, INSIDE]) + inside[end] - inside[start + 1]
    last = BEGIN if end - start == 1 else INSIDE
    if end < len(emissions):
        onward = [float(transitions[last, tag]) + backward[end][tag] for tag in (BEGIN, OUTSIDE)]
        score += _logsumexp(*onward)
    return min(1.0, math.exp(min(0.0, score - total)))


def _lattice(emissions: Floats, transitions: Floats) -> tuple[list[Row], list[Row], float]:
    """Summed scores of all ways up to each tag and from it on, its own score in both, and of all ways."""
    forward = _forward(emissions, transitions)
    return forward, _forward(emissions[::-1], transitions.T)[::-1], _logsumexp(*forward[-1])


def _forward(emissions: Floats, transitions: Floats) -> list[Row]:
    (bb, bi, bo), (ib, ii, io), (ob, oi, oo) = transitions.tolist()
    rows = emissions.tolist()
    begin, inside, outside = rows[0]
    result = [(begin, inside, outside)]
    for score_b, score_i, score_o in rows[1:]:
        begin, inside, outside = (
            _log_of_three(begin + bb, inside + ib, outside + ob) + score_b,
            _log_of_three(begin + bi, inside + ii, outside + oi) + score_i,
            _log_of_three(begin + bo, inside + io, outside + oo) + score_o,
        )
        result.append((begin, inside, outside))
    return result


def _logsumexp(*values: float) -> float:
    top = max(values)
    return top + math.log(sum(math.exp(value - top) for value in values))


def _log_of_three(
    one: float,
    two: float,
    three: float,
    exp: Callable[[float], float] = math.exp,
    log: Callable[[float], float] = math.log,
) -> float:
    """As `_logsumexp`, written out: three calls for each word of each article."""
    top = one if one >= two else two
    top = top if top >= three else three
    return top + log(exp(one - top) + exp(two - top) + exp(three - top))
