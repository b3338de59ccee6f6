"""The stance detector as a torch module: a parser's encoder, low-rank adapters in its layers, and a head.

The encoder's weights stay as they are and are stored once; the adapters (Hu et al. 2022, LoRA) are some hundredths of their
size.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from oped.formats.stances import STANCES
from oped.neural.matcher.network import label_head, last_states, mean_of_pieces
from oped.neural.parser.network import new_encoder

SCALE = 2.0  # of what the adapters add


class AdaptedLinear(nn.Linear):
    """A linear layer that stays as it is, and a product of two narrow ones beside it that learns."""

    def __init__(self, layer: nn.Linear, rank: int) -> None:
        super().__init__(layer.in_features, layer.out_features)
        self.weight, self.bias = layer.weight, layer.bias
        self.down = nn.Parameter(torch.randn(rank, layer.in_features) / layer.in_features**0.5)
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank))

    def forward(self, input: Tensor) -> Tensor:
        """*Shape:* (…, in) -> (…, out)"""
        added: Tensor = input @ self.down.T @ self.up.T
        return functional.linear(input, self.weight, self.bias) + SCALE * added


class StanceNetwork(nn.Module):
    """Encoder with adapters, and a head over the states of the first piece, the entity and the statement.

    Args:
        encoder: configuration of the encoder, as transformers writes it.
        rank: of the adapters.
        dropout: before and within the head.
    """

    def __init__(self, encoder: Mapping[str, Any], *, rank: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = new_encoder({**encoder, "attention_probs_dropout_prob": 0.0})
        self.encoder.requires_grad_(requires_grad=False)
        for module in list(self.encoder.encoder.modules()):
            for name, layer in list(module.named_children()):
                if isinstance(layer, nn.Linear):
                    setattr(module, name, AdaptedLinear(layer, rank))
        width = self.encoder.config.hidden_size
        self.head = label_head(3 * width, width, len(STANCES), dropout)

    def forward(self, ids: Tensor, sides: Tensor, named: Tensor, mask: Tensor | None = None) -> Tensor:
        """Scores of `STANCES`.

        Args:
            ids: *Shape:* (targets, pieces)
            sides: 1 for pieces of the statement, 0 for those before it. *Shape:* (targets, pieces)
            named: 1 for pieces of the entity. *Shape:* (targets, pieces)
            mask: 1 where there is a piece. *Shape:* (targets, pieces)
        """
        states = last_states(self.encoder, ids, sides, mask).float()  # (targets, pieces, width)
        means = (mean_of_pieces(states, named), mean_of_pieces(states, sides))  # (targets, width) each
        scores: Tensor = self.head(torch.cat([states[:, 0], *means], dim=-1))  # (targets, stances)
        return scores
