"""The stance detector as a torch module: a parser's encoder, which low-rank adapters adapt, and a head.

The encoder's weights stay as they are and are stored once; the adapters are some hundredths of their size.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from oped.formats.stances import STANCES
from oped.neural.layers import UNDROPPED, label_head, last_states, mean_of_pieces, new_encoder


class StanceNetwork(nn.Module):
    """Encoder, and a head over the states of the first piece, the entity and the statement.

    Args:
        encoder: configuration of the encoder, as transformers writes it.
        dropout: before and within the head.
    """

    def __init__(self, encoder: Mapping[str, Any], *, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = new_encoder({**encoder, **UNDROPPED})
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
