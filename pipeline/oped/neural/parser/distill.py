"""Learning from a larger parser: its probabilities as targets beside the annotators' labels.

Sources: Hinton, Vinyals & Dean, "Distilling the Knowledge in a Neural Network", 2015; for sequences of tags Wang et al.,
"Structure-Level Knowledge Distillation For Multilingual Sequence Labeling", ACL 2020. Types and arcs are judged on the segments
of the annotation, so that teacher and student judge the same components.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from oped.errors import ConfigError
from oped.neural.crf import expected_transitions, tag_probabilities
from oped.neural.parser.config import SchemeConfig
from oped.neural.parser.decoding import Scorer, pool, tag_scores
from oped.neural.parser.examples import Example, Taught
from oped.neural.parser.network import ComponentScores, Crf
from oped.numeric import Floats

TEMPERATURE = 2.0


def teach(examples: Sequence[Example], teacher: Scorer, scheme: SchemeConfig) -> list[Example]:
    """The examples of one scheme with what a teacher says of them; as they are where it does not answer in the scheme.

    Args:
        scheme: that the student is trained in.

    Raises:
        ConfigError: the teacher answers in other types.
    """
    if not examples or examples[0].scheme not in teacher.config.schemes:
        return list(examples)
    name = examples[0].scheme
    known = teacher.config.schemes[name].types
    if known != scheme.types:
        raise ConfigError(f"teacher: expected the types {', '.join(scheme.types)} in {name}, found {', '.join(known)}")
    return [replace(example, taught=_taught(example, teacher, scheme)) for example in examples]


def _taught(example: Example, teacher: Scorer, scheme: SchemeConfig) -> Taught:
    states = teacher.word_states(example.map.article.text, example.words)
    emissions, transitions = tag_scores(states, example.words, teacher, example.scheme)
    tags, steps = tag_probabilities(emissions, transitions), expected_transitions(emissions, transitions)
    types = facets = arcs = None
    if len(example.structure):
        scores = teacher.components(pool(states, example.structure, teacher.config), example.structure, example.scheme)
        types, arcs = scores.types, scores.arcs if scheme.relations else None
        if scheme.facets and teacher.config.schemes[example.scheme].facets:
            facets = np.stack([scores.risks, scores.holders], axis=1)
    return Taught(tags.astype(np.float32), steps.astype(np.float32), types, facets, arcs)


def taught_loss(crf: Crf, emissions: Tensor | None, scores: ComponentScores | None, taught: Taught) -> Tensor:
    """How far the student's probabilities are from the teacher's: of sequences of tags, types, facets and arcs, summed.

    Args:
        crf: the student's.
        emissions: None where segments are not learned. *Shape:* (words, tags)
        scores: of the components; None where there are none.
    """
    parts = []
    if emissions is not None:
        tags, steps = (torch.from_numpy(array).to(emissions.device) for array in (taught.tags, taught.steps))
        parts.append(crf.cross_entropy(emissions, tags, steps))
    if scores is not None:
        parts += [
            _divergence(found, wanted)
            for found, wanted in ((scores.types, taught.types), (scores.arcs, taught.arcs))
            if wanted is not None
        ]
        if taught.facets is not None:
            found = torch.stack([scores.risks, scores.holders], dim=1)  # (components, 2)
            wanted = torch.from_numpy(taught.facets).to(found.device).sigmoid()
            parts.append(functional.binary_cross_entropy_with_logits(found, wanted))
    return torch.stack(parts).sum() if parts else torch.zeros(())


def _divergence(student: Tensor, teacher: Floats) -> Tensor:
    """Kullback-Leibler divergence of softened choices, a mean over rows. *Shape:* (rows, choices) each"""
    wanted = functional.log_softmax(torch.from_numpy(teacher).to(student.device) / TEMPERATURE, dim=1)
    found = functional.log_softmax(student / TEMPERATURE, dim=1)
    return TEMPERATURE**2 * functional.kl_div(found, wanted, log_target=True, reduction="batchmean")
