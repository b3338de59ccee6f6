"""ONNX graphs of torch modules, whose weights stay in safetensors files and so stand in a model once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
import onnx.helper
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from oped.training.adapters import base_name

OPSET = 23  # the first with attention as one operator, which onnxruntime computes without the masks


def save_weights(weights: Mapping[str, Tensor], path: Path) -> None:
    """Write weights as float16."""
    rounded = {name: value.half() if value.is_floating_point() else value for name, value in weights.items()}
    save_file({name: value.contiguous() for name, value in rounded.items()}, path)


@dataclass(frozen=True, slots=True)
class Graph:
    """What a graph computes.

    Attributes:
        inputs: an example of each, by name.
        outputs: names.
        shapes: the dimensions of each input that may differ.
    """

    module: nn.Module
    inputs: Mapping[str, Tensor]
    outputs: Sequence[str]
    shapes: Sequence[Mapping[int, Any]]

    def write(self, path: Path, weights: Sequence[Path], *, root: Path | None = None) -> None:
        """Write the graph; its weights are taken from files, which must be there.

        Args:
            weights: safetensors files; of a weight that several have, the first counts.
            root: the folder that the graph names the files from; by default its own.
        """
        with torch.inference_mode():
            program = torch.onnx.export(
                self.module.eval(),
                tuple(self.inputs.values()),
                input_names=list(self.inputs),
                output_names=list(self.outputs),
                dynamic_shapes=tuple(self.shapes),
                dynamo=True,
                optimize=False,  # keeps the weights under their own names
                opset_version=OPSET,
                verbose=False,
            )
        assert program is not None
        proto = program.model_proto
        _point_at_weights(proto, weights, root or path.parent)
        path.write_bytes(proto.SerializeToString())


def _point_at_weights(proto: onnx.ModelProto, weights: Sequence[Path], root: Path) -> None:
    """Let the graph take its weights from the safetensors files, and cast them to float32."""
    places = {name: place for path in reversed(weights) for name, place in _safetensors_places(path, root)}
    kept, casts = [], []
    for tensor in proto.graph.initializer:
        place = places.get(base_name(tensor.name.removeprefix("network.")))
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


def _safetensors_places(path: Path, root: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Names of the tensors of a file, and where each lies, as ONNX says it."""
    with open(path, "rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        header: dict[str, Any] = json.loads(stream.read(size))
    location = path.relative_to(root).as_posix()
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            yield name, {"location": location, "offset": str(8 + size + start), "length": str(end - start)}
