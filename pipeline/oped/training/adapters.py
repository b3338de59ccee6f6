"""Low-rank adapters to an encoder, by peft: the encoder stays as it is, some hundredths of its size are trained.

Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

import torch
from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.lora import LoraLayer
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import Tensor, nn
from torch.nn import functional

from oped.training.settings import AdapterSettings

SCALE = 3.5  # of what the adapters add; peft draws one of their matrices narrow


def add_adapters(encoder: nn.Module, settings: AdapterSettings) -> None:
    """Give each linear layer of an encoder an adapter, and freeze everything else."""
    layers = [name for name, layer in encoder.named_modules() if isinstance(layer, nn.Linear)]
    encoder.requires_grad_(requires_grad=False)
    config = LoraConfig(r=settings.rank, lora_alpha=SCALE * settings.rank, target_modules=layers)  # type: ignore[arg-type]
    inject_adapter_in_model(config, encoder)
    for layer in encoder.modules():
        if isinstance(layer, BaseTunerLayer):
            # Autocast chooses the precision; peft would copy each input to float32.
            layer.cast_input_dtype_enabled = False  # type: ignore[assignment]


def merge_adapters(network: nn.Module) -> None:
    """Add all adapters of a network to the weights that they belong to, and leave the plain layers."""

    def merged(layer: LoraLayer) -> nn.Module:
        layer.merge()
        return layer.get_base_layer()

    _replace_adapted(network, merged)


class FoldedLayer(nn.Module):
    """A linear layer that adds its adapter to its weight, not to each output; its weights keep their names.

    In an exported graph the sum is made of constants alone, so onnxruntime makes it once, when the graph is opened.
    """

    def __init__(self, layer: LoraLayer) -> None:
        super().__init__()
        (self.name,) = layer.active_adapters
        self.base_layer = cast(nn.Linear, layer.get_base_layer())
        self.lora_A, self.lora_B = layer.lora_A, layer.lora_B
        self.scale = float(layer.scaling[self.name])

    def forward(self, inputs: Tensor) -> Tensor:
        """*Shape:* (…, inputs) -> (…, outputs)"""
        down, up = self.lora_A.get_parameter(f"{self.name}.weight"), self.lora_B.get_parameter(f"{self.name}.weight")
        added = up @ down * self.scale  # (outputs, inputs)
        return functional.linear(inputs, self.base_layer.weight + added, self.base_layer.bias)


def fold_adapters(network: nn.Module) -> None:
    """Let each layer that has an adapter add it to its weight; see `FoldedLayer`.

    The network itself is changed; its adapters can be merged no more.
    """
    _replace_adapted(network, FoldedLayer)


def _replace_adapted(network: nn.Module, make: Callable[[LoraLayer], nn.Module]) -> None:
    """Put what is made of it in the place of each layer that has an adapter."""
    for module in list(network.modules()):
        for name, layer in list(module.named_children()):
            if isinstance(layer, LoraLayer):
                setattr(module, name, make(layer))


def halve_frozen(network: nn.Module) -> dict[str, Tensor]:
    """Hold the weights that are not trained in bfloat16, which spares a copy of each in every step.

    Returns:
        The weights as they were, by name; see `restore`.
    """
    frozen = {name: value.data for name, value in network.named_parameters() if not value.requires_grad}
    restore(network, {name: value.to(torch.bfloat16) for name, value in frozen.items()})
    return frozen


def restore(network: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Put weights, by name, in the place of those that a network has, in their own precision."""
    for name, value in network.named_parameters():
        if name in weights:
            value.data = weights[name].to(value.device)


def merged_weights(base: Mapping[str, Tensor], trained: Mapping[str, Tensor], *, scale: float) -> dict[str, Tensor]:
    """The weights that a network has with its adapters merged, as `merge_adapters` leaves them.

    Args:
        base: of the encoder, by their names in the network.
        trained: of adapters and heads.
        scale: of what the adapters add.

    Raises:
        KeyError: an adapter belongs to a weight that is not there, or half of it is missing.
    """
    adapters = adapter_names(trained)
    merged = {**base, **{name: value for name, value in trained.items() if name not in adapters}}
    for name in sorted(adapters):
        layer, down, which = name.partition(".lora_A.")
        if down:
            added = trained[f"{layer}.lora_B.{which}"] @ trained[name]  # (outputs, inputs)
            merged[f"{layer}.weight"] = base[f"{layer}.weight"] + added * scale
    return merged


def base_name(name: str) -> str:
    """The name that a weight of an encoder has without adapters."""
    return name.replace(".base_layer.", ".")


def adapter_names(names: Iterable[str]) -> set[str]:
    """Those among the names of weights that belong to adapters."""
    return {name for name in names if ".lora_" in name}


def trained_weights(network: nn.Module) -> dict[str, Tensor]:
    """The weights of a network that its adapters and heads are made of: all that is not frozen."""
    weights = network.state_dict()
    return {name: weights[name] for name, value in network.named_parameters() if value.requires_grad}
