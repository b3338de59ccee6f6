"""Attention as plain products, for training in bfloat16 on a CPU.

torch's fused attention has a backward pass there that takes several times as long as the products themselves: with rows of
128 pieces and heads of 32 numbers plain products took a quarter of its time, with rows of 256 half. MPNet's attention in
transformers is made of plain products anyway.
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.masking_utils import sdpa_mask

_NAME = "oped_plain"
_HIDDEN = -1e4  # score of a piece that is not to be seen


def use_plain_attention(network: nn.Module) -> None:
    """Let each encoder of a network attend by plain products, where its class allows another attention."""
    AttentionInterface.register(_NAME, _attend)
    AttentionMaskInterface.register(_NAME, sdpa_mask)
    for module in network.modules():
        if isinstance(module, PreTrainedModel) and module._supports_attention_backend:
            module.set_attn_implementation(_NAME)


def _attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **_: Any,
) -> tuple[Tensor, None]:
    """What transformers expects of an attention.

    *Shape:* (rows, heads, pieces, width) thrice -> (rows, pieces, heads, width)

    Args:
        attention_mask: true where a piece is seen. *Shape:* (rows, 1, 1 or pieces, pieces)
    """
    with torch.autocast(query.device.type, enabled=False):
        scores = torch.matmul(query * (scaling or query.size(-1) ** -0.5), key.transpose(2, 3))
        if attention_mask is not None:
            scores = scores.masked_fill_(~attention_mask, _HIDDEN)
        shares = nn.functional.dropout(scores.softmax(dim=-1), p=dropout, training=module.training)
        return torch.matmul(shares, value).transpose(1, 2).contiguous(), None
