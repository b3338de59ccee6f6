"""The loss of the parser on one batch of examples."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from oped.neural.parser.distill import taught_loss
from oped.neural.parser.examples import UNKNOWN, Example
from oped.neural.parser.network import ComponentScores, ParserNetwork, SchemeHead, forbid_crossing, mean_of_words, pool
from oped.neural.pieces import PieceTokenizer, windows
from oped.numeric import Ints
from oped.training.config import LossConfig

Losses = dict[str, Tensor]


def word_states(
    network: ParserNetwork, examples: Sequence[Example], tokenizer: PieceTokenizer, *, bfloat16: bool, masking: float
) -> list[Tensor]:
    """Encode a batch: all windows of all examples at once. *Shape of each:* (words, width)"""
    device = next(network.parameters()).device
    config = network.config
    rows, places = [], []
    for number, example in enumerate(examples):
        ids = example.pieces.ids
        for window in windows(len(ids), size=config.window - 2, overlap=config.overlap):
            rows.append(np.concatenate([[tokenizer.start], ids[window.start : window.end], [tokenizer.end]]))
            places.append((number, window))
    batch, mask = pad_rows(rows, tokenizer.pad)
    if masking:
        batch = mask_pieces(batch, tokenizer, share=masking)
    with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
        states = network.encode(batch.to(device), mask.to(device)).float()  # (windows, pieces, width)
    parts: list[list[Tensor]] = [[] for _ in examples]
    for row_states, (number, window) in zip(states, places, strict=True):
        parts[number].append(row_states[1 + window.keep_start - window.start : 1 + window.keep_end - window.start])
    return [
        mean_of_words(torch.cat(pieces), torch.from_numpy(example.pieces.words).to(device), len(example.words))
        for pieces, example in zip(parts, examples, strict=True)
    ]


def mask_pieces(ids: Tensor, tokenizer: PieceTokenizer, *, share: float) -> Tensor:
    """Put the tokenizer's mask in place of some pieces, never of special ones. *Shape:* that of `ids`"""
    special = torch.tensor([tokenizer.start, tokenizer.end, tokenizer.pad, tokenizer.mark])
    return ids.masked_fill((torch.rand(ids.shape) < share) & ~torch.isin(ids, special), tokenizer.hidden)


def pad_rows(rows: Sequence[Ints], fill: int) -> tuple[Tensor, Tensor]:
    """Rows at one length, and 1 where there is no filling. *Shape:* (rows, pieces) each"""
    length = max(map(len, rows))
    batch = torch.full((len(rows), length), fill, dtype=torch.long)
    mask = torch.zeros_like(batch)
    for number, row in enumerate(rows):
        batch[number, : len(row)] = torch.from_numpy(row)
        mask[number, : len(row)] = 1
    return batch, mask


def batch_loss(
    network: ParserNetwork,
    examples: Sequence[Example],
    tokenizer: PieceTokenizer,
    weights: LossConfig,
    *,
    bfloat16: bool = False,
    masking: float = 0.0,
) -> tuple[Tensor, dict[str, float]]:
    """Weighted loss of a batch, a mean over its examples, and its parts unweighted.

    Args:
        masking: share of the pieces that the encoder does not see.
    """
    parts: dict[str, list[Tensor]] = {}
    encoded = word_states(network, examples, tokenizer, bfloat16=bfloat16, masking=masking)
    for example, states in zip(examples, encoded, strict=True):
        for name, value in example_losses(network, example, network.word_dropout(states)).items():
            parts.setdefault(name, []).append(value)
    means = {name: torch.stack(values).sum() / len(examples) for name, values in parts.items()}
    total = torch.stack([getattr(weights, name) * value for name, value in means.items()]).sum()
    return total, {name: float(value.detach()) for name, value in means.items()}


def example_losses(network: ParserNetwork, example: Example, states: Tensor) -> Losses:
    """Parts of the loss of one example.

    Args:
        states: of its words. *Shape:* (words, width)
    """
    losses: Losses = {}
    head = network.heads[example.scheme]
    assert isinstance(head, SchemeHead)
    device, scores, emissions = states.device, None, None
    if example.segment:
        paragraphs = torch.from_numpy(example.words.paragraphs).to(device)
        emissions = forbid_crossing(head.emission(states), paragraphs)
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
        scores = network.components(pool(states, structure), places, distances, example.scheme)
        losses |= _component_losses(scores, example, device)
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
        labels = torch.from_numpy(example.labels).to(device)
        labelled = labels != UNKNOWN
        if labelled.any():
            losses["labels"] = _cross_entropy(scores.labels[labelled], labels[labelled])
    return losses


class ExponentialAverage:
    """A slowly moving average of a network's weights, which generalizes better than the last ones.

    Source: Polyak & Juditsky (1992), with the warm-up of the decay usual since.
    """

    def __init__(self, network: nn.Module, decay: float = 0.99) -> None:
        self.decay, self.steps = decay, 0
        self.weights = {name: value.detach().clone() for name, value in network.state_dict().items()}

    def update(self, network: nn.Module) -> None:
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for name, value in network.state_dict().items():
            if value.dtype.is_floating_point:
                self.weights[name].lerp_(value.detach(), 1 - decay)
