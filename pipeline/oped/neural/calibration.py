"""Calibration of scores of labels: temperature and biases under which labelled examples are likeliest."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from oped.numeric import Floats


def fit_temperature(
    scores: Floats, common: Floats, gold: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> tuple[float, list[float], list[float]]:
    """Temperature, biases and weights under which the gold labels are likeliest (after Alexandari et al. 2020).

    Args:
        scores: *Shape:* (pairs, labels)
        common: information that the statements of each pair share. *Shape:* (pairs,)
        gold: *Shape:* (pairs,)
    """
    logits, labels = torch.from_numpy(scores).double(), torch.from_numpy(gold)
    information = torch.from_numpy(common).double()[:, None]
    log_temperature = torch.zeros(1, dtype=torch.double, requires_grad=True)
    biases, shared = (torch.zeros(scores.shape[1], dtype=torch.double, requires_grad=True) for _ in range(2))
    parameters = [log_temperature, biases, shared]
    optimizer = torch.optim.LBFGS(parameters, max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        # The penalty keeps them finite where the labels can be told apart without error.
        penalty = 1e-3 * sum(value.square().sum() for value in parameters)
        value = (
            functional.cross_entropy(logits / log_temperature.exp() + biases + information * shared, labels) + penalty
        )
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return float(log_temperature.detach().exp()), biases.detach().tolist(), shared.detach().tolist()


def short(values: Sequence[float]) -> tuple[float, ...]:
    """Values as a model's configuration holds them."""
    return tuple(round(value, 4) for value in values)
