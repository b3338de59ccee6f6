"""Learning from a larger parser: its probabilities as targets beside the annotators' labels.

Source: Hinton, Vinyals & Dean, "Distilling the Knowledge in a Neural Network", 2015. Segments come from the annotation, so
that teacher and student judge the same components.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from oped.errors import ConfigError
from oped.parser.network import ComponentScores
from oped.parser.parse import Scorer, pool
from oped.parser.pieces import Floats
from oped.training.examples import Example, Taught

TEMPERATURE = 2.0


def teach(examples: Sequence[Example], teacher: Scorer, labels: Sequence[str]) -> list[Example]:
    """The examples of one scheme with what a teacher says of them.

    Args:
        labels: types of the scheme that the student is trained in.

    Raises:
        ConfigError: the teacher answers in other types.
    """
    if not examples:
        return []
    scheme = examples[0].scheme
    if scheme not in teacher.config.schemes:
        return list(examples)
    known = teacher.config.schemes[scheme].types
    if known != tuple(labels):
        raise ConfigError(
            f"teacher: expected the types {', '.join(labels)} in the scheme {scheme}, found {', '.join(known)}"
        )
    return [replace(example, taught=_taught(example, teacher)) for example in examples]


def _taught(example: Example, teacher: Scorer) -> Taught:
    states = teacher.word_states(example.map.article.text, example.words)
    tags = teacher.emissions(states, example.scheme)
    if not len(example.structure):
        nothing: Floats = np.zeros((0, 0), dtype=np.float32)
        return Taught(tags, nothing, nothing)
    scores = teacher.components(pool(states, example.structure), example.structure, example.scheme)
    return Taught(tags, scores.types, scores.arcs)


def taught_loss(emissions: Tensor, scores: ComponentScores | None, taught: Taught) -> Tensor:
    """How far the student's probabilities are from the teacher's: of tags, types and arcs, summed.

    Args:
        emissions: *Shape:* (words, tags)
        scores: of the components; None where there are none.
    """
    loss = _divergence(emissions, taught.tags)
    if scores is not None:
        loss = loss + _divergence(scores.types, taught.types) + _divergence(scores.arcs, taught.arcs)
    return loss


def _divergence(student: Tensor, teacher: Floats) -> Tensor:
    """Kullback-Leibler divergence of softened choices, a mean over rows. *Shape:* (rows, choices) each"""
    wanted = torch.from_numpy(teacher).to(student.device) / TEMPERATURE
    found = functional.log_softmax(student / TEMPERATURE, dim=1)
    return TEMPERATURE**2 * functional.kl_div(
        found, functional.log_softmax(wanted, dim=1), log_target=True, reduction="batchmean"
    )
