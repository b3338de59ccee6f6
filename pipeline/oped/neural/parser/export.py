"""From a trained network to a model folder: safetensors to train on from, ONNX to run.

The weights stand in the folder once, as float16 in `model.safetensors`; the ONNX graphs point into that file (external
data at the tensors' own offsets) and compute in float32. `check_export` compares the graphs with the network on real
text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from oped.neural.encoder import tokenizer_file
from oped.neural.folder import ModelFolder
from oped.neural.layout import ENCODER_FILE, ENTITIES, HEADS_FILE, INT8, STANCES, WEIGHTS_FILE
from oped.neural.onnx_export import Graph, save_weights
from oped.neural.parser.config import ParserConfig
from oped.neural.parser.decoding import parse
from oped.neural.parser.network import ParserNetwork
from oped.neural.parser.runtime import OUTPUTS, output_name
from oped.neural.parser.structure import PLACES
from oped.neural.parser.torch_scorer import TorchScorer
from oped.neural.pieces import PieceTokenizer
from oped.words import Words


class _Encoder(nn.Module):
    """The encoder over one unpadded window. *Shape:* (1, pieces) -> (1, pieces, width)"""

    def __init__(self, network: ParserNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor) -> Tensor:
        return self.network.encode(ids, None)


class _Heads(nn.Module):
    """Document layer and heads of all schemes; the outputs of each scheme follow one another in order of `OUTPUTS`."""

    def __init__(self, network: ParserNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, pooled: Tensor, places: Tensor, distances: Tensor) -> tuple[Tensor, ...]:
        normed, states = self.network.represent(pooled, places, distances)
        scores = [head(normed, states, distances, self.network.pairs) for head in self.network.heads.values()]
        return tuple(getattr(score, name) for score in scores for name in OUTPUTS)


def export_parser(network: ParserNetwork, tokenizer: PieceTokenizer, folder: Path) -> None:
    """Write all files of a model but its card; the network's weights are rounded to float16 first."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in (INT8, ENTITIES, STANCES):  # of the weights that stood here
        ModelFolder(folder).remove(part)
    network = network.half().float().eval()
    network.config.save(folder)
    tokenizer_file(tokenizer, folder)
    save_weights(network.state_dict(), folder / WEIGHTS_FILE)
    _encoder_graph(network).write(folder / ENCODER_FILE, [folder / WEIGHTS_FILE])
    _heads_graph(network).write(folder / HEADS_FILE, [folder / WEIGHTS_FILE])


def _encoder_graph(network: ParserNetwork) -> Graph:
    length = torch.export.Dim("pieces", min=3, max=network.config.window)
    return Graph(_Encoder(network), {"ids": torch.randint(1000, 2000, (1, 32))}, ["states"], [{1: length}])


def _heads_graph(network: ParserNetwork) -> Graph:
    count, width = 7, network.config.pooled * network.config.width
    inputs = {
        "pooled": torch.randn(count, width),
        "places": torch.zeros(count, len(PLACES), dtype=torch.long),
        "distances": torch.zeros(count, count, dtype=torch.long),
    }
    size = torch.export.Dim("components", min=2)
    outputs = [output_name(scheme, name) for scheme in network.config.schemes for name in OUTPUTS]
    return Graph(_Heads(network), inputs, outputs, [{0: size}, {0: size}, {0: size, 1: size}])


@dataclass(frozen=True, slots=True)
class ExportCheck:
    """How far exported files and network agree.

    Attributes:
        spans: share of the network's components, by span and type, that the files find too.
        arcs: share of the targets of those that agree.
        largest: largest difference of a word's state.
    """

    spans: float
    arcs: float
    largest: float


def check_export(
    network: ParserNetwork, tokenizer: PieceTokenizer, folder: Path, texts: Sequence[str], scheme: str
) -> ExportCheck:
    """Compare a model folder with the network it was exported from, on real texts."""
    exact, exported = TorchScorer(network, tokenizer), ModelFolder(folder).open_parser()
    same = arcs = total = 0
    largest = 0.0
    for text in texts:
        words = Words.of(text)
        states, given = exact.word_states(text, words), exported.word_states(text, words)
        largest = max(largest, float(np.abs(states - given).max()))
        found = {(part.start, part.end, part.type): part for part in parse(given, words, exported, scheme)}
        for part in parse(states, words, exact, scheme):
            total += 1
            twin = found.get((part.start, part.end, part.type))
            same += twin is not None
            arcs += twin is not None and twin.target == part.target
    return ExportCheck(same / total if total else 1.0, arcs / same if same else 1.0, largest)


def load_network(folder: Path) -> tuple[ParserNetwork, PieceTokenizer]:
    """The network of a model folder, for further training or export."""
    from safetensors.torch import load_file

    network = ParserNetwork(ParserConfig.load(folder))
    weights = load_file(folder / WEIGHTS_FILE)
    network.load_state_dict(
        {key: value.float() if value.is_floating_point() else value for key, value in weights.items()}
    )
    return network.eval(), PieceTokenizer.load(folder)
