"""From a trained network to a model folder: safetensors to train on from, ONNX to run.

The weights stand in the folder once, as float16 in `model.safetensors`; the ONNX graphs point into that file (external
data at the tensors' own offsets) and compute in float32. `check_export` compares the graphs with the network on real
text.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.helper
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from oped.neural.encoder import tokenizer_file
from oped.neural.folder import ModelFolder
from oped.neural.layout import ENCODER_FILE, ENTITIES, HEADS_FILE, INT8, STANCES, WEIGHTS_FILE
from oped.neural.parser.config import ParserConfig
from oped.neural.parser.decoding import parse
from oped.neural.parser.network import POOLED, ParserNetwork
from oped.neural.parser.runtime import OUTPUTS, output_name
from oped.neural.parser.structure import PLACES
from oped.neural.parser.torch_scorer import TorchScorer
from oped.neural.pieces import PieceTokenizer
from oped.words import Words

OPSET = 23  # the first with attention as one operator, which onnxruntime computes without the masks


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


def export_model(network: ParserNetwork, tokenizer: PieceTokenizer, folder: Path) -> None:
    """Write all files of a model but its card; the network's weights are rounded to float16 first."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in (INT8, ENTITIES, STANCES):  # of the weights that stood here
        ModelFolder(folder).remove(part)
    network = network.cpu().half().float().eval()
    network.config.save(folder)
    tokenizer_file(tokenizer, folder)
    weights = {
        key: value.half().contiguous() if value.is_floating_point() else value.contiguous()
        for key, value in network.state_dict().items()
    }
    save_file(weights, folder / WEIGHTS_FILE)
    _export_encoder(network, folder)
    _export_heads(network, folder)


def _export_encoder(network: ParserNetwork, folder: Path) -> None:
    ids = torch.randint(1000, 2000, (1, 32))
    length = torch.export.Dim("pieces", min=3, max=network.config.window)
    to_onnx(_Encoder(network).eval(), (ids,), folder / ENCODER_FILE, ["ids"], ["states"], ({1: length},))


def _export_heads(network: ParserNetwork, folder: Path) -> None:
    count, width = 7, POOLED * network.config.width
    inputs = (
        torch.randn(count, width),
        torch.zeros(count, len(PLACES), dtype=torch.long),
        torch.zeros(count, count, dtype=torch.long),
    )
    size = torch.export.Dim("components", min=2)
    shapes = ({0: size}, {0: size}, {0: size, 1: size})
    names = [output_name(scheme, name) for scheme in network.config.schemes for name in OUTPUTS]
    to_onnx(_Heads(network).eval(), inputs, folder / HEADS_FILE, ["pooled", "places", "distances"], names, shapes)


def to_onnx(
    module: nn.Module,
    inputs: tuple[Tensor, ...],
    path: Path,
    names: list[str],
    outputs: list[str],
    shapes: tuple[object, ...],
    weights: Sequence[str] = (WEIGHTS_FILE,),
) -> None:
    """Write a module's graph; its weights are taken from files beside it, which must be there.

    Args:
        weights: names of the safetensors files; of a weight that several have, the first counts.
    """
    with torch.inference_mode():
        program = torch.onnx.export(
            module,
            inputs,
            input_names=names,
            output_names=outputs,
            dynamic_shapes=shapes,
            dynamo=True,
            optimize=False,  # keeps the weights under their own names
            opset_version=OPSET,
            verbose=False,
        )
    assert program is not None
    proto = program.model_proto
    _point_at_weights(proto, [path.with_name(name) for name in weights])
    path.write_bytes(proto.SerializeToString())


def _point_at_weights(proto: onnx.ModelProto, weights: Sequence[Path]) -> None:
    """Let the graph take its weights from the safetensors files, and cast them to float32."""
    places = {name: place for path in reversed(weights) for name, place in _safetensors_places(path)}
    kept, casts = [], []
    for tensor in proto.graph.initializer:
        place = places.get(tensor.name.removeprefix("network."))
        if place is None:
            kept.append(tensor)
            continue
        stored = onnx.TensorProto(name=f"{tensor.name}.float16", dims=tensor.dims, data_type=onnx.TensorProto.FLOAT16)
        stored.data_location = onnx.TensorProto.EXTERNAL
        stored.external_data.extend(onnx.StringStringEntryProto(key=key, value=value) for key, value in place.items())
        kept.append(stored)
        casts.append(onnx.helper.make_node("Cast", [stored.name], [tensor.name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *proto.graph.node]
    for field, values in (("initializer", kept), ("node", nodes)):
        proto.graph.ClearField(field)
        getattr(proto.graph, field).extend(values)
    for node in proto.graph.node:
        node.ClearField("metadata_props")  # the exporter's traces of the Python source
        node.ClearField("doc_string")
    proto.graph.ClearField("value_info")
    proto.graph.ClearField("metadata_props")


def _safetensors_places(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Names of the tensors of a file, and where each lies, as ONNX says it."""
    with open(path, "rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        header: dict[str, Any] = json.loads(stream.read(size))
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            yield name, {"location": path.name, "offset": str(8 + size + start), "length": str(end - start)}


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
