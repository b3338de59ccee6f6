"""A parser's encoder in int8; see `oped.neural.int8_graph`."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import onnx
import torch

from oped.errors import ConfigError
from oped.neural.folder import ModelFolder
from oped.neural.int8_graph import OUTLIERS, Int8Graph, find_outliers
from oped.neural.layout import ENCODER_FILE, INT8, INT8_FILE
from oped.neural.parser.export import load_network
from oped.words import Words


def quantize(model: Path, folder: Path, texts: Sequence[str], *, outliers: int = OUTLIERS) -> None:
    """Copy a model, with a graph of its encoder in int8 that is run on CPUs from then on.

    Args:
        model: the model's folder.
        folder: of the copy.
        texts: articles that show which channels of the activations reach far; some dozens do.
        outliers: channels of each layer's input that are left in float32.

    Raises:
        ConfigError: the folder is not empty, or the encoder has layers that can't be quantized.
        ModelError: the model is torn.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise ConfigError(f"{folder}: expected a new folder, or an empty one")
    network, _ = load_network(model)
    scorer = ModelFolder(model).open_parser()
    windows = [ids for text in texts for ids in scorer.window_ids(text, Words.of(text))]
    proto = onnx.load(model / ENCODER_FILE, load_external_data=False)

    def read() -> None:
        for ids in windows:
            network.encode(torch.from_numpy(ids)[None], None)

    found = find_outliers(network.encoder, read, outliers)
    Int8Graph(proto, {name: value.numpy() for name, value in network.encoder.state_dict().items()}, found).rewrite()
    shutil.copytree(model, folder, dirs_exist_ok=True)
    (folder / INT8_FILE).write_bytes(proto.SerializeToString())
    quantized = ModelFolder(folder)
    made_by = f"oped quantize, {outliers} channels of each layer in float32"
    quantized.record(INT8, version=quantized.config.version, made_by=made_by)


def float32(model: Path, folder: Path) -> Path:
    """Copy a model without its graph in int8; returns the copy."""
    shutil.copytree(model, folder, dirs_exist_ok=True)
    ModelFolder(folder).remove(INT8)
    return folder
