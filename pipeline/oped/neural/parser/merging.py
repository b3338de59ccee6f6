"""The small form of a parser written after a training by adapters, and made whole again with the encoder's weights."""

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from textwrap import shorten

import torch
from torch import Tensor

from oped.errors import ModelError
from oped.neural.encoder import Encoder, read_weights, under_encoder, weights_of_layers
from oped.neural.folder import ModelFolder
from oped.neural.layout import ADAPTERS_FILE, ADAPTERS_WEIGHTS_FILE, CARD_FILE, PARSER, TOKENIZER_FILE
from oped.neural.onnx_export import save_weights
from oped.neural.parser.adapted import KNOWN, AdaptedParser, BaseEncoder, Places
from oped.neural.parser.config import ParserConfig
from oped.neural.parser.export import export_parser
from oped.neural.parser.network import ParserNetwork
from oped.neural.parser.settings import ParserSettings
from oped.neural.pieces import PieceTokenizer
from oped.training.adapters import SCALE, adapter_names, merged_weights


def save_trained(network: ParserNetwork, folder: Path) -> None:
    """Write adapters and heads of a network as float16, and round them in the network too.

    What is merged from the file then computes what the network does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = network.state_dict()
    adapters = adapter_names(weights)
    trained = {name: value for name, value in weights.items() if name in adapters or not name.startswith("encoder.")}
    with torch.no_grad():
        for value in trained.values():
            value.copy_(value.half())
    save_weights(trained, folder / ADAPTERS_WEIGHTS_FILE)


def save_adapted(settings: ParserSettings, encoder: Encoder, model: Path, folder: Path) -> None:
    """Complete the small form of a parser by all that stands beside the weights.

    Args:
        settings: of the run.
        encoder: that the run started from.
        model: the whole model's folder, calibrated and with its card.
        folder: with the weights that `save_trained` wrote.
    """
    assert settings.adapters is not None
    base = _base_encoder(encoder, tuple(settings.encoder_layers))
    AdaptedParser(base, settings.adapters.rank, SCALE, settings.made_by, ParserConfig.load(model)).save(folder)
    for name in (TOKENIZER_FILE, CARD_FILE):
        shutil.copyfile(model / name, folder / name)


def _base_encoder(encoder: Encoder, layers: tuple[int, ...]) -> BaseEncoder:
    with open(encoder.file, "rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    hub = Places(encoder.source if "/" in encoder.source else "")
    return BaseEncoder(encoder.source, digest, encoder.file.stat().st_size, layers, KNOWN.get(digest, hub))


def merge_model(small: Path, weights: Path, folder: Path) -> ModelFolder:
    """Make the whole model of its small form and its encoder.

    Args:
        small: folder of the small form.
        weights: the encoder's `model.safetensors`; it must be the one that the small form names.
        folder: of the whole model.

    Raises:
        ModelError: a file is torn, or the weights do not fit together.
    """
    adapted = AdaptedParser.load(small)
    network = ParserNetwork(adapted.parser)
    base = _encoder_weights(network, read_weights(weights), adapted.encoder)
    try:
        merged = merged_weights(base, read_weights(small / ADAPTERS_WEIGHTS_FILE), scale=adapted.scale)
        network.load_state_dict({name: merged[name] for name in network.state_dict()})
    except (KeyError, RuntimeError) as error:
        raise ModelError(
            f"{small / ADAPTERS_WEIGHTS_FILE}: expected weights that fit {ADAPTERS_FILE} and its encoder: {shorten(str(error), 200)}"
        ) from None
    export_parser(network, PieceTokenizer.load(small), folder)
    shutil.copyfile(small / CARD_FILE, folder / CARD_FILE)
    model = ModelFolder(folder)
    model.record(PARSER, version=adapted.parser.version, made_by=adapted.made_by)
    return model


def _encoder_weights(network: ParserNetwork, found: Mapping[str, Tensor], encoder: BaseEncoder) -> Mapping[str, Tensor]:
    """The encoder's weights by their names in the network: those of a whole parser have them already."""
    expected = {name for name in network.state_dict() if name.startswith("encoder.")}
    named = found if expected <= set(found) else under_encoder(found)
    return weights_of_layers(named, encoder.layers) if encoder.layers else named
