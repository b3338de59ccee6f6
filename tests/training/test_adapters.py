import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from torch import nn  # noqa: E402

from oped.training.adapters import (  # noqa: E402
    adapter_names,
    add_adapters,
    base_name,
    fold_adapters,
    halve_frozen,
    merge_adapters,
    restore,
    trained_weights,
)
from oped.training.settings import AdapterSettings  # noqa: E402


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm, self.second = nn.Linear(6, 8), nn.LayerNorm(8), nn.Linear(8, 6)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.second(self.norm(self.first(inputs)))
        return outputs


def adapted() -> tuple[Encoder, Encoder]:
    """An encoder without adapters, and one with adapters that have learned something."""
    torch.manual_seed(1)
    plain, encoder = Encoder(), Encoder()
    encoder.load_state_dict(plain.state_dict())
    add_adapters(encoder, AdapterSettings(rank=2))
    return plain, encoder


def test_adapters_change_nothing_at_first_and_alone_are_trained() -> None:
    plain, encoder = adapted()
    inputs = torch.randn(3, 6)
    assert torch.equal(plain(inputs), encoder(inputs))
    assert set(trained_weights(encoder)) == adapter_names(encoder.state_dict())
    names = {base_name(name) for name in encoder.state_dict()} - adapter_names(encoder.state_dict())
    assert names == set(plain.state_dict())


def test_merged_adapters_compute_the_same_and_leave_plain_layers() -> None:
    plain, encoder = adapted()
    with torch.no_grad():
        for weights in trained_weights(encoder).values():
            weights.normal_()
    inputs = torch.randn(3, 6)
    wanted = encoder(inputs)
    assert not torch.allclose(wanted, plain(inputs))
    merge_adapters(encoder)
    torch.testing.assert_close(encoder(inputs), wanted)
    assert set(encoder.state_dict()) == set(plain.state_dict())


def test_frozen_weights_are_held_in_bfloat16_and_come_back_exactly() -> None:
    plain, encoder = adapted()
    frozen = halve_frozen(encoder)
    dtypes = {name: value.dtype for name, value in encoder.named_parameters()}
    assert {dtypes[name] for name in frozen} == {torch.bfloat16}
    assert {dtypes[name] for name in trained_weights(encoder)} == {torch.float32}
    restore(encoder, frozen)
    inputs = torch.randn(3, 6)
    assert torch.equal(plain(inputs), encoder(inputs))


def test_folded_adapters_compute_the_same_and_keep_their_names() -> None:
    _, encoder = adapted()
    with torch.no_grad():
        for weights in trained_weights(encoder).values():
            weights.normal_()
    inputs, weights = torch.randn(3, 6), trained_weights(encoder)
    wanted = encoder(inputs)
    fold_adapters(encoder)
    torch.testing.assert_close(encoder(inputs), wanted)
    assert trained_weights(encoder).keys() == weights.keys()
