"""The loss of the parser on one batch of examples."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from oped.neural.parser.config import SchemeConfig
from oped.neural.parser.decoding import forbid_crossing
from oped.neural.parser.distill import taught_loss
from oped.neural.parser.examples import UNKNOWN, Example
from oped.neural.parser.network import ComponentScores, ParserNetwork, SchemeHead, pool
from oped.neural.parser.settings import LossSettings
from oped.neural.parser.torch_scorer import CPU, word_states
from oped.neural.pieces import PieceTokenizer
from oped.training.task import Compute

Losses = dict[str, Tensor]


def batch_loss(
    network: ParserNetwork,
    examples: Sequence[Example],
    tokenizer: PieceTokenizer,
    weights: LossSettings,
    *,
    compute: Compute = CPU,
    masking: float = 0.0,
) -> tuple[Tensor, dict[str, float]]:
    """Weighted loss of a batch, a mean over its examples, and its parts unweighted.

    Args:
        masking: share of the pieces that the encoder does not see.
    """
    parts: dict[str, list[Tensor]] = {}
    pieces = [(example.pieces, len(example.words)) for example in examples]
    encoded = word_states(network, pieces, tokenizer, compute=compute, masking=masking)
    for example, states in zip(examples, encoded, strict=True):
        for name, value in example_losses(network, example, network.word_dropout(states), weights.by_label).items():
            parts.setdefault(name, []).append(value)
    means = {name: torch.stack(values).sum() / len(examples) for name, values in parts.items()}
    total = torch.stack([getattr(weights, name) * value for name, value in means.items()]).sum()
    return total, {name: float(value.detach()) for name, value in means.items()}


def example_losses(
    network: ParserNetwork, example: Example, states: Tensor, by_label: Mapping[str, float] | None = None
) -> Losses:
    """Parts of the loss of one example.

    Args:
        states: of its words. *Shape:* (words, width)
        by_label: how much a relation of a label weighs among the others.
    """
    losses: Losses = {}
    head = network.heads[example.scheme]
    assert isinstance(head, SchemeHead)
    device, scores, emissions = states.device, None, None
    if example.segment:
        scores_of_tags = head.emission(states)
        forbidden = forbid_crossing(np.zeros(scores_of_tags.shape, np.float32), example.words.paragraphs)
        emissions = scores_of_tags + torch.from_numpy(forbidden).to(device)
        tags = torch.from_numpy(example.tags).to(device)
        losses["tags"] = (
            head.crf.negative_log_likelihood(emissions, tags) if network.config.crf else _cross_entropy(emissions, tags)
        )
    if len(example.structure):
        structure = example.structure
        places, distances = (
            torch.from_numpy(structure.places).to(device),
            torch.from_numpy(structure.distances).to(device),
        )
        scores = network.components(pool(states, structure, network.config), places, distances, example.scheme)
        scheme = network.config.schemes[example.scheme]
        losses |= _component_losses(scores, example, device) | _label_loss(scores, example, scheme, by_label or {})
        losses |= thesis_loss(scores.types, torch.from_numpy(example.types).to(device), scheme)
    if example.taught:
        losses["teacher"] = taught_loss(head.crf, emissions, scores, example.taught)
    return losses


def _cross_entropy(scores: Tensor, gold: Tensor) -> Tensor:
    return functional.cross_entropy(scores, gold, ignore_index=UNKNOWN)


def _component_losses(scores: ComponentScores, example: Example, device: torch.device) -> Losses:
    losses: Losses = {}
    types = torch.from_numpy(example.types).to(device)
    if (types != UNKNOWN).any():
        losses["types"] = _cross_entropy(scores.types, types)
    for name, logits, gold in (("risk", scores.risks, example.risks), ("holder", scores.holders, example.others)):
        known = torch.from_numpy(gold).to(device)
        if (known != UNKNOWN).any():
            chosen = known != UNKNOWN
            losses[name] = functional.binary_cross_entropy_with_logits(logits[chosen], known[chosen].float())
    if len(example.map.relations):
        arcs = torch.from_numpy(example.arcs).to(device).bool()
        all_targets = torch.logsumexp(scores.arcs, dim=1)  # (components,)
        gold_targets = torch.logsumexp(scores.arcs.masked_fill(~arcs, -torch.inf), dim=1)  # (components,)
        losses["arcs"] = (all_targets - gold_targets).mean()
    return losses


def _label_loss(
    scores: ComponentScores, example: Example, scheme: SchemeConfig, by_label: Mapping[str, float]
) -> Losses:
    labels = torch.from_numpy(example.labels).to(scores.labels.device)
    labelled = labels != UNKNOWN
    if not len(example.map.relations) or not labelled.any():
        return {}
    weights = scores.labels.new_tensor([by_label.get(name, 1.0) for name in scheme.arc_labels])
    return {"labels": functional.cross_entropy(scores.labels[labelled], labels[labelled], weight=weights)}


def thesis_loss(scores: Tensor, types: Tensor, scheme: SchemeConfig) -> Losses:
    """Cross-entropy of which components have the limited type, among all of the article and "none of them".

    Args:
        scores: *Shape:* (components, types)
        types: *Shape:* (components,)
    """
    losses = []
    for name in scheme.limits:
        label = scheme.types.index(name)
        others = [number for number in range(len(scheme.types)) if number != label]
        odds = scores[:, label] - torch.logsumexp(scores[:, others], dim=1)  # (components,)
        choices = torch.cat([odds, odds.new_zeros(1)])  # the last: none of them
        gold = torch.cat([types == label, (types != label).all()[None]])  # (components + 1,)
        losses.append(torch.logsumexp(choices, dim=0) - torch.logsumexp(choices[gold], dim=0))
    return {"thesis": torch.stack(losses).mean()} if losses else {}
