"""The encoder that a training starts from: of a folder, a model of oped's, or a name on a model hub."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from oped.errors import ConfigError, ModelError
from oped.neural.layout import CONFIG_FILE, WEIGHTS_FILE
from oped.neural.parser.config import ParserConfig
from oped.neural.pieces import PieceTokenizer
from oped.resources import find_model

_KEPT = (
    "model_type",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "vocab_size",
    "max_position_embeddings",
    "type_vocab_size",
    "layer_norm_eps",
    "hidden_act",
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "pad_token_id",
    "relative_attention_num_buckets",
)
_LAYER = re.compile(r"(?<=\.layer\.)\d+(?=\.)")


@dataclass(frozen=True, slots=True)
class Encoder:
    """An encoder to start from.

    Attributes:
        config: as transformers writes it, what is needed to build it again.
        weights: of the encoder, by name; and of a whole parser where it is one of oped's.
        source: the name of its folder, or on the hub.
        file: that the weights were read from.
        parser: the configuration of that parser.
    """

    config: Mapping[str, Any]
    weights: Mapping[str, Tensor]
    tokenizer: PieceTokenizer
    source: str
    file: Path
    parser: ParserConfig | None = None


def load_encoder(name: str, *, base: Path = Path()) -> Encoder:
    """Load an encoder.

    Args:
        name: a folder (from `base`), the name of a model of oped's, or a name on the hub.

    Raises:
        ModelError: there is none, or it lacks safetensors weights or a fast tokenizer.
    """
    for folder in (base / os.path.expandvars(name), Path(name).expanduser()):
        if (folder / CONFIG_FILE).is_file():
            return _from_folder(folder)
    try:
        return _from_folder(find_model(name))
    except ModelError:
        return _from_hub(name)


def keep_layers(encoder: Encoder, layers: Sequence[int]) -> Encoder:
    """The encoder with some of its layers alone.

    Args:
        layers: counted from 0 at the bottom, in order.

    Raises:
        ConfigError: they are not in order, or the encoder has no such layers.
    """
    count = int(encoder.config["num_hidden_layers"])
    if sorted(set(layers)) != list(layers) or not set(layers) <= set(range(count)):
        raise ConfigError(f"encoder_layers: expected rising numbers from 0 to {count - 1}, found {list(layers)}")
    config = {**encoder.config, "num_hidden_layers": len(layers)}
    return replace(encoder, config=config, weights=weights_of_layers(encoder.weights, layers))


def weights_of_layers(weights: Mapping[str, Tensor], layers: Sequence[int]) -> dict[str, Tensor]:
    """Weights without those of an encoder's other layers; the layers are counted anew from 0."""
    place = {str(layer): str(new) for new, layer in enumerate(layers)}
    kept = {}
    for name, value in weights.items():
        found = _LAYER.search(name) if name.startswith("encoder.") else None
        if found is None:
            kept[name] = value
        elif found[0] in place:
            kept[_LAYER.sub(place[found[0]], name)] = value
    return kept


def take_weights(network: nn.Module, weights: Mapping[str, Tensor], *, source: str) -> None:
    """Give a network the weights that fit it; those of its encoder must all be there.

    Raises:
        ConfigError: weights of the encoder are missing.
    """
    current = network.state_dict()
    fitting = {key: value for key, value in weights.items() if key in current and current[key].shape == value.shape}
    expected = {key for key in current if key.startswith("encoder.") and not key.endswith("position_ids")}
    if missing := expected - set(fitting):
        raise ConfigError(f"encoder {source}: the weights of {min(missing)} and {len(missing) - 1} more are missing")
    network.load_state_dict(fitting, strict=False)


def _from_folder(folder: Path) -> Encoder:
    settings = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    weights_file = folder / WEIGHTS_FILE
    if not weights_file.is_file():
        raise ModelError(f"{folder}: expected weights in {WEIGHTS_FILE}, found none")
    weights = read_weights(weights_file)
    tokenizer = PieceTokenizer.load(folder)
    if settings.get("format") == "oped/parser":
        parser = ParserConfig.load(folder)
        return Encoder(parser.encoder, weights, tokenizer, folder.name, weights_file, parser)
    kept = {key: settings[key] for key in _KEPT if key in settings}
    return Encoder(kept, under_encoder(weights), tokenizer, folder.name, weights_file)


def read_weights(path: Path) -> dict[str, Tensor]:
    """The weights of a safetensors file, in float32.

    Raises:
        ModelError: it is missing or torn.
    """
    try:
        weights = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path}: expected weights in safetensors: {error}") from None
    return {key: value.float() if value.is_floating_point() else value for key, value in weights.items()}


def under_encoder(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of an encoder by the names that they have in a parser."""
    return {f"encoder.{_bare(key)}": value for key, value in weights.items()}


def _bare(key: str) -> str:
    """Name of a weight without the prefix that task models put before it."""
    for prefix in ("bert.", "roberta.", "mpnet.", "model.", "0.auto_model."):
        key = key.removeprefix(prefix)
    return key


def _from_hub(name: str) -> Encoder:
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(name, allow_patterns=[CONFIG_FILE, WEIGHTS_FILE, "tokenizer.json"])
    except Exception as error:  # the hub's client raises many kinds
        reason = str(error).strip().splitlines()[0]
        raise ModelError(
            f"expected a folder, a model of oped's or a name on the hub, found none at {name!r}: {reason}"
        ) from None
    return replace(_from_folder(Path(folder)), source=name)


def tokenizer_file(tokenizer: PieceTokenizer, folder: Path) -> None:
    """Write the tokenizer, without truncation and padding, into a model's folder."""
    copy = Tokenizer.from_str(tokenizer.tokenizer.to_str())
    copy.no_truncation()
    copy.no_padding()
    copy.save(str(folder / "tokenizer.json"))
