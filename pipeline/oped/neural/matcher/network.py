"""The matcher as a torch module: one encoder that embeds a statement alone, and judges two that it reads together.

Embeddings find candidates (Reimers & Gurevych 2019), the judgement of a pair decides (Humeau et al. 2020 call these
bi-encoder and cross-encoder); both share all weights but those of the last layer.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from oped.formats.pairs import LABELS
from oped.neural.parser.network import new_encoder


class MatcherNetwork(nn.Module):
    """Encoder, and a head over pairs.

    Args:
        encoder: configuration of the encoder, as transformers writes it.
    """

    def __init__(self, encoder: Mapping[str, Any], *, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = new_encoder(encoder)
        width = self.encoder.config.hidden_size
        self.pair = label_head(2 * width, width, len(LABELS), dropout)

    def embed(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """Unit vectors. *Shape:* (statements, pieces) -> (statements, width)"""
        return functional.normalize(mean_of_pieces(last_states(self.encoder, ids, None, mask), mask), dim=-1)

    def judge(self, ids: Tensor, sides: Tensor, mask: Tensor | None = None) -> Tensor:
        """Scores of `LABELS`.

        Args:
            ids: both statements, each closed by a separator. *Shape:* (pairs, pieces)
            sides: 0 for pieces of the first, 1 for those of the second. *Shape:* (pairs, pieces)
            mask: 1 where there is a piece. *Shape:* (pairs, pieces)
        """
        states = last_states(self.encoder, ids, sides, mask)  # (pairs, pieces, width)
        scores: Tensor = self.pair(torch.cat([states[:, 0], mean_of_pieces(states, mask)], dim=-1))  # (pairs, labels)
        return scores


def label_head(inputs: int, width: int, labels: int, dropout: float) -> nn.Sequential:
    """Scores of labels by one hidden layer. *Shape:* (rows, inputs) -> (rows, labels)"""
    return nn.Sequential(
        nn.Dropout(dropout), nn.Linear(inputs, width), nn.Tanh(), nn.Dropout(dropout), nn.Linear(width, labels)
    )


def last_states(encoder: Any, ids: Tensor, sides: Tensor | None, mask: Tensor | None) -> Tensor:
    """States of the pieces in an encoder's last layer. *Shape:* (rows, pieces, width)

    Args:
        ids: *Shape:* (rows, pieces)
        sides: 0 and 1 for two parts of a row; only for encoders that tell such apart. *Shape:* (rows, pieces)
        mask: 1 where there is a piece; None: everywhere. *Shape:* (rows, pieces)
    """
    extra = {} if sides is None or encoder.config.model_type != "bert" else {"token_type_ids": sides}
    mask = torch.ones_like(ids) if mask is None else mask
    states: Tensor = encoder(input_ids=ids, attention_mask=mask, **extra).last_hidden_state
    return states


def mean_of_pieces(states: Tensor, mask: Tensor | None) -> Tensor:
    """Mean over the pieces that a mask has at 1. *Shape:* (rows, pieces, width) -> (rows, width)"""
    if mask is None:
        return states.mean(dim=1)
    weights = mask[:, :, None].to(states.dtype)
    return (states * weights).sum(dim=1) / weights.sum(dim=1)
