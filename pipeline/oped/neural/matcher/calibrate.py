"""Calibration of a trained matcher: what makes its scores probabilities, and these decisions, fitted on the dev pairs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from oped.formats.pairs import LABELS, OPPOSED, SAME, Pair
from oped.neural.calibration import fit_temperature, short
from oped.neural.matcher.network import MatcherNetwork
from oped.neural.matcher.runtime import (
    PassagePair,
    Thresholds,
    calibrated,
    in_order,
    pair_input,
    shared_information,
)
from oped.neural.matcher.torch_matcher import embed_texts, pair_scores
from oped.neural.pieces import PieceTokenizer
from oped.numeric import Floats, Ints

KEPT = {SAME: 0.97, OPPOSED: 0.9}  # share of the dev pairs of a label that must be near enough to be judged
# Share of the dev pairs told to have a label that must be read with surroundings.
KEPT_ALONE = {SAME: 0.99, OPPOSED: 0.9}


@dataclass(frozen=True, slots=True)
class Calibration:
    """The calibrated scores are the raw ones over `temperature`, plus `biases`, plus `shared` times the information shared.

    Biases and weights of the information have one value for each label.
    """

    temperature: float = 1.0
    biases: tuple[float, ...] = (0.0,) * len(LABELS)
    shared: tuple[float, ...] = (0.0,) * len(LABELS)
    thresholds: Thresholds = field(default_factory=Thresholds)


def calibrate_matcher(
    network: MatcherNetwork, tokenizer: PieceTokenizer, dev: Sequence[Pair], rarity: Floats, *, context: bool
) -> Calibration:
    """Fit on labelled pairs, which should have the labels as often as the pairs to be judged; without such, nothing is fitted.

    Args:
        rarity: of word pieces. *Shape:* (vocabulary,)
        context: whether statements are read with their surroundings.
    """
    if not dev:
        return Calibration()
    gold = np.array([pair.label for pair in dev])
    texts = [in_order((pair.first, pair.second), context=context) for pair in dev]
    scores, common = _read(network, tokenizer, texts, rarity)
    temperature, biases, shared = fit_temperature(scores, common, gold)

    def chances_of(scores: Floats, common: Floats) -> Floats:
        weights = (np.array(values, dtype=np.float32) for values in (biases, shared))
        return calibrated(scores, common, temperature, *weights)

    chances = chances_of(scores, common)
    thresholds = Thresholds(
        same=prevalence_threshold(chances[:, SAME], gold == SAME),
        opposed=prevalence_threshold(chances[:, OPPOSED], gold == OPPOSED),
        **_nearness(network, tokenizer, texts, gold),
    )
    if context:
        alone = chances_of(*_read(network, tokenizer, [in_order(pair, context=False) for pair in texts], rarity))
        thresholds = replace(
            thresholds,
            alone_same=least_alone(alone, chances, SAME, thresholds.same),
            alone_opposed=least_alone(alone, chances, OPPOSED, thresholds.opposed),
        )
    return Calibration(round(temperature, 4), short(biases), short(shared), thresholds)


def _read(
    network: MatcherNetwork, tokenizer: PieceTokenizer, texts: Sequence[PassagePair], rarity: Floats
) -> tuple[Floats, Floats]:
    """Scores of pairs, and the information that their statements share."""
    common = shared_information([pair_input(tokenizer, *pair) for pair in texts], rarity)
    return pair_scores(network, tokenizer, texts), common


def _nearness(
    network: MatcherNetwork, tokenizer: PieceTokenizer, texts: Sequence[PassagePair], gold: Ints
) -> dict[str, float]:
    """The thresholds of cosines: `KEPT` of each label are above the one, half of the pairs that are the same above the other."""
    vectors = [embed_texts(network, tokenizer, [pair[side].text for pair in texts]) for side in (0, 1)]
    cosines = (vectors[0] * vectors[1]).sum(axis=1)
    least = [float(np.quantile(cosines[gold == label], 1 - kept)) for label, kept in KEPT.items() if label in gold]
    found = {"cosine": _rounded(min(least))} if least else {}
    return found | ({"centre": _rounded(float(np.median(cosines[gold == SAME])))} if SAME in gold else {})


def least_alone(alone: Floats, chances: Floats, label: int, threshold: float) -> float:
    """The probability without surroundings that `KEPT_ALONE` of the pairs reach which have a label when read with them.

    Args:
        alone, chances: probabilities without surroundings and with them. *Shape:* (pairs, 3) each
        threshold: from which on a pair has the label; the result is not above it.
    """
    told = alone[chances[:, label] >= threshold, label]
    return min(threshold, float(np.quantile(told, 1 - KEPT_ALONE[label]))) if len(told) else 0.0


def _rounded(cosine: float) -> float:
    return math.floor(100 * cosine) / 100


def prevalence_threshold(chances: Floats, right: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> float:
    """The probability from which on as many pairs are taken to have the label as do have it; 0.5 where none has it.

    A threshold of the best F1 would take most pairs of a label that the matcher can hardly tell, and flood a comparison.
    """
    count = int(right.sum())
    if not count:
        return 0.5
    falling = np.append(np.sort(chances)[::-1], np.float32(0))
    return float((falling[count - 1] + falling[count]) / 2)
