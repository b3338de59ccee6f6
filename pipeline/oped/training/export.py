"""From a trained network to a model folder: safetensors to train on from, ONNX to run.

The encoder is quantized to 8 bits dynamically, its embeddings and its matrix products; document layer and heads stay
float32. `check_export` compares the ONNX files with the network on real text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from oped.parser.config import ParserConfig
from oped.parser.network import POOLED, ParserNetwork, SchemeHead
from oped.parser.parse import parse
from oped.parser.pieces import PieceTokenizer, Words
from oped.parser.runtime import ENCODER_FILE, HEADS_FILE, OUTPUTS, TAGS_FILE, OnnxScorer, output_name
from oped.parser.structure import PLACES
from oped.training.encoder import WEIGHTS_FILE, tokenizer_file
from oped.training.scorer import TorchScorer
from oped.words import split_words

OPSET = 18


class _Encoder(nn.Module):
    """The encoder over one unpadded window. *Shape:* (1, pieces) -> (1, pieces, width)"""

    def __init__(self, network: ParserNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor) -> Tensor:
        return self.network.encode(ids, torch.ones_like(ids))


class _Heads(nn.Module):
    """Document layer and heads of all schemes; the outputs of each scheme follow one another in order of `OUTPUTS`."""

    def __init__(self, network: ParserNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, pooled: Tensor, places: Tensor, distances: Tensor) -> tuple[Tensor, ...]:
        states = self.network.document(pooled, places, distances)
        scores = [head(states, distances) for head in self.network.heads.values()]
        return tuple(getattr(score, name) for score in scores for name in OUTPUTS)


def export_model(network: ParserNetwork, tokenizer: PieceTokenizer, folder: Path, *, quantize: bool = True) -> None:
    """Write all files of a model but its card.

    Args:
        quantize: whether the encoder's ONNX file is of 8 bits.
    """
    folder.mkdir(parents=True, exist_ok=True)
    network = network.cpu().float().eval()
    network.config.save(folder)
    tokenizer_file(tokenizer, folder)
    weights = {key: value.half().contiguous() if value.is_floating_point() else value.contiguous() for key, value in network.state_dict().items()}
    save_file(weights, folder / WEIGHTS_FILE)
    _export_encoder(network, folder / ENCODER_FILE, quantize=quantize)
    _export_heads(network, folder / HEADS_FILE)
    np.savez(folder / TAGS_FILE, **_tag_weights(network))


def _export_encoder(network: ParserNetwork, path: Path, *, quantize: bool) -> None:
    ids = torch.randint(1000, 2000, (1, 32))
    length = torch.export.Dim("pieces", min=3, max=network.config.window)
    _to_onnx(_Encoder(network).eval(), (ids,), path, ["ids"], ["states"], ({1: length},))
    if quantize:
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantize_dynamic(path, path, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["MatMul", "Gather"])


def _export_heads(network: ParserNetwork, path: Path) -> None:
    count, width = 7, POOLED * network.config.width
    inputs = (
        torch.randn(count, width),
        torch.zeros(count, len(PLACES), dtype=torch.long),
        torch.zeros(count, count, dtype=torch.long),
    )
    size = torch.export.Dim("components", min=2)
    shapes = ({0: size}, {0: size}, {0: size, 1: size})
    names = [output_name(scheme, name) for scheme in network.config.schemes for name in OUTPUTS]
    _to_onnx(_Heads(network).eval(), inputs, path, ["pooled", "places", "distances"], names, shapes)


def _to_onnx(
    module: nn.Module, inputs: tuple[Tensor, ...], path: Path, names: list[str], outputs: list[str], shapes: tuple[object, ...]
) -> None:
    with torch.inference_mode():
        torch.onnx.export(
            module,
            inputs,
            path,
            input_names=names,
            output_names=outputs,
            dynamic_shapes=shapes,
            dynamo=True,
            external_data=False,
            opset_version=OPSET,
            verbose=False,
        )


def _tag_weights(network: ParserNetwork) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    arrays = {}
    for scheme, head in network.heads.items():
        assert isinstance(head, SchemeHead)
        arrays[f"{scheme}.weight"] = head.emission.weight.detach().numpy()
        arrays[f"{scheme}.bias"] = head.emission.bias.detach().numpy()
        arrays[f"{scheme}.transitions"] = head.crf.scores().detach().numpy()
    return arrays


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


def check_export(network: ParserNetwork, tokenizer: PieceTokenizer, folder: Path, texts: Sequence[str], scheme: str) -> ExportCheck:
    """Compare a model folder with the network it was exported from, on real texts."""
    exact, exported = TorchScorer(network, tokenizer), OnnxScorer(folder)
    same = arcs = total = 0
    largest = 0.0
    for text in texts:
        words = Words.of(text, split_words(text))
        difference = np.abs(exact.word_states(text, words) - exported.word_states(text, words)).max()
        largest = max(largest, float(difference))
        found = {(part.start, part.end, part.type): part for part in parse(text, words, exported, scheme)}
        for part in parse(text, words, exact, scheme):
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
    network.load_state_dict({key: value.float() if value.is_floating_point() else value for key, value in weights.items()})
    return network.eval(), PieceTokenizer.load(folder)
