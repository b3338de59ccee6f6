import copy

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from torch import nn  # noqa: E402
from transformers import AutoConfig, AutoModel  # noqa: E402

from oped.training.attention import use_plain_attention  # noqa: E402


class Network(nn.Module):
    def __init__(self, kind: str) -> None:
        super().__init__()
        config = AutoConfig.for_model(
            kind,
            vocab_size=60,
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=24,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        self.encoder = AutoModel.from_config(config)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        states: torch.Tensor = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return states[mask.bool()]


@pytest.mark.parametrize(("kind", "changes"), [("bert", True), ("mpnet", False)])
def test_plain_attention_computes_what_the_fused_one_does_with_the_same_gradients(kind: str, changes: bool) -> None:
    torch.manual_seed(1)
    fused = Network(kind).train()
    plain = copy.deepcopy(fused)
    use_plain_attention(plain)
    before, after = (network.encoder.config._attn_implementation for network in (fused, plain))
    assert (before != after) is changes
    ids = torch.randint(5, 60, (3, 9))
    mask = torch.ones_like(ids)
    mask[1, 6:] = 0
    one, two = fused(ids, mask), plain(ids, mask)
    torch.testing.assert_close(one, two)
    weights = torch.randn_like(one)
    (one * weights).sum().backward()
    (two * weights).sum().backward()
    for (name, left), (_, right) in zip(fused.named_parameters(), plain.named_parameters(), strict=True):
        if left.grad is not None and right.grad is not None:
            torch.testing.assert_close(left.grad, right.grad, msg=name)
