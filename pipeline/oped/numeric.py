"""Arrays and the functions on them that several parts share."""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


def softmax(scores: Floats) -> Floats:
    """Probabilities over the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return result


def log_softmax(scores: Floats) -> Floats:
    """Logarithm of the softmax over the last axis."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def sigmoid(logit: float) -> float:
    """Probability of a logit."""
    return float(1.0 / (1.0 + np.exp(-np.float64(logit))))


def logit(probability: float) -> float:
    """Logarithm of the odds, kept finite."""
    probability = min(1 - 1e-6, max(1e-6, probability))
    return float(np.log(probability / (1 - probability)))
