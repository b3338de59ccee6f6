"""Layers and tensors that the networks of several parts share."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from oped.numeric import Ints

# Dropout inside an encoder halves the speed of training on a CPU.
UNDROPPED = {"attention_probs_dropout_prob": 0.0, "hidden_dropout_prob": 0.0}


def new_encoder(settings: Mapping[str, Any]) -> Any:
    """An encoder with random weights, without a pooling layer.

    Args:
        settings: its configuration, as transformers writes it.
    """
    values = dict(settings)
    config = AutoConfig.for_model(values.pop("model_type"), **values)
    pooling = {"add_pooling_layer": False} if config.model_type in ("bert", "mpnet") else {}
    return AutoModel.from_config(config, **pooling)  # type: ignore[no-untyped-call]


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


def pad_rows(rows: Sequence[Ints], fill: int) -> tuple[Tensor, Tensor]:
    """Rows at one length, and 1 where there is no filling. *Shape:* (rows, pieces) each"""
    tensors = [torch.from_numpy(row) for row in rows]
    batch = nn.utils.rnn.pad_sequence(tensors, batch_first=True, padding_value=fill)
    mask = nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in tensors], batch_first=True)
    return batch, mask
