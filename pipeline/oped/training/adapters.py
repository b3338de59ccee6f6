"""Low-rank adapters to an encoder, by peft: the encoder stays as it is, some hundredths of its size are trained.

Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022.
"""

from collections.abc import Iterable

from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import Tensor, nn

from oped.training.settings import AdapterSettings

SCALE = 3.5  # of what the adapters add; peft draws one of their matrices narrow


def add_adapters(encoder: nn.Module, settings: AdapterSettings) -> None:
    """Give each linear layer of an encoder an adapter, and freeze everything else."""
    layers = [name for name, layer in encoder.named_modules() if isinstance(layer, nn.Linear)]
    encoder.requires_grad_(requires_grad=False)
    config = LoraConfig(r=settings.rank, lora_alpha=SCALE * settings.rank, target_modules=layers)  # type: ignore[arg-type]
    inject_adapter_in_model(config, encoder)


def merge_adapters(network: nn.Module) -> None:
    """Add all adapters of a network to the weights that they belong to, and leave the plain layers."""
    for module in list(network.modules()):
        for name, layer in list(module.named_children()):
            if isinstance(layer, BaseTunerLayer):
                layer.merge()
                setattr(module, name, layer.get_base_layer())


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
