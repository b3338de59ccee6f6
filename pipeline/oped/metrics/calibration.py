"""Calibration: probabilities that mean what they say, by a slope and an offset on their logits.

Source: Platt, "Probabilistic outputs for support vector machines", 1999; fitted by Newton's method.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from oped.metrics.spans import match, overlap
from oped.numeric import logit
from oped.records import ArgumentMap

Case = tuple[float, bool]
STEPS = 50
PULL = 1.0


def fit(cases: Sequence[Case]) -> tuple[float, float]:
    """Slope and offset that make the probabilities of cases most likely.

    A slight pull towards the probabilities as they are (`PULL`) keeps the fit finite where a network is so sure of itself
    that no finite slope is best.
    """
    inputs = np.array([[logit(probability), 1.0] for probability, _ in cases])
    hits = np.array([float(hit) for _, hit in cases])
    start = np.array([1.0, 0.0])

    def loss(weights: npt.NDArray[np.float64]) -> float:
        scores = inputs @ weights
        return float((np.logaddexp(0.0, scores) - hits * scores).sum() + PULL / 2 * ((weights - start) ** 2).sum())

    weights = start
    for _ in range(STEPS):
        chance = 0.5 * (1 + np.tanh(inputs @ weights / 2))  # the logistic function, without overflow
        gradient = inputs.T @ (chance - hits) + PULL * (weights - start)
        curvature = (inputs * (chance * (1 - chance))[:, None]).T @ inputs + PULL * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        while loss(weights - step) > loss(weights) and np.abs(step).max() > 1e-9:
            step = step / 2
        weights = weights - step
    return round(float(weights[0]), 4), round(float(weights[1]), 4)


def relation_cases(gold: ArgumentMap, predicted: ArgumentMap) -> list[Case]:
    """For each predicted relation, its probability and whether its ends and type are right."""
    pairs = {other.id: name for name, other in match(gold, predicted, overlap).items()}
    known = {(link.source, link.target, link.type) for link in gold.relations}
    return [
        (link.probability, (pairs.get(link.source, ""), pairs.get(link.target, ""), link.type) in known)
        for link in predicted.relations
    ]


def risk_cases(gold: ArgumentMap, predicted: ArgumentMap) -> list[Case]:
    """For each predicted component that is in the gold map, the probability of a risk and whether it is one."""
    matched = match(gold, predicted, overlap)
    risks = {matched[part.id].id: bool(part.risk) for part in gold.components if part.id in matched}
    return [
        (part.risk_probability, risks[part.id])
        for part in predicted.components
        if part.risk_probability is not None and part.id in risks
    ]
