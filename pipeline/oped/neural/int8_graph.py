"""The graph of an encoder in int8, which onnxruntime computes faster on a CPU than in float32.

A weight has a scale for each output, an activation one for each piece. The few channels of a layer's input that reach far
beyond the others would coarsen the scale for all, so they are multiplied in float32 beside the rest (Dettmers et al. 2022,
LLM.int8()). The graph holds the rounded weights and the rows of the outliers; `model.safetensors` stays as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnx.helper
import onnx.numpy_helper
import torch
from torch import Tensor, nn

from oped.errors import ConfigError

LEVELS = 127  # of a weight, either side of zero
LEAST = np.float32(1e-12)  # of a weight's reach: no division by zero where all are zero
LEAST_REACH = 1.0  # of a piece's scale: GELU's outputs go down to -0.17, however small the largest is
OUTLIERS = 8

Outliers = Mapping[str, Sequence[int]]


def find_outliers(encoder: nn.Module, run: Callable[[], None], count: int) -> dict[str, list[int]]:
    """The channels of each linear layer's input that reach farthest from zero.

    Args:
        run: computes the encoder on what shows its channels.
        count: of channels for each layer, at most half of its input.

    Returns:
        Channels by the layer's name within the encoder.
    """
    reach: dict[str, Tensor] = {}

    def look(name: str, inputs: Tensor) -> None:
        largest = inputs.abs().amax(dim=(0, 1))
        reach[name] = torch.maximum(reach.get(name, largest), largest)

    hooks = [
        module.register_forward_pre_hook(lambda _, inputs, name=name: look(name, inputs[0]))
        for name, module in encoder.named_modules()
        if isinstance(module, nn.Linear)
    ]
    with torch.inference_mode():
        run()
    for hook in hooks:
        hook.remove()
    return {name: sorted(values.topk(min(count, len(values) // 2)).indices.tolist()) for name, values in reach.items()}


@dataclass(slots=True)
class Int8Graph:
    """Puts integer products in the place of the products with the weights of linear layers.

    Attributes:
        weights: of the encoder, by their names in it.
        outliers: as `find_outliers` returns them.
    """

    proto: onnx.ModelProto
    weights: Mapping[str, npt.NDArray[Any]]
    outliers: Outliers
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    inputs: dict[tuple[str, tuple[int, ...]], str] = field(default_factory=dict)

    def rewrite(self) -> None:
        graph = self.proto.graph
        makers = {output: node for node in graph.node for output in node.output}
        users = {name: node for node in graph.node for name in node.input}
        self._constant("int8.last", np.array([2], np.int64))
        self._constant("int8.one_more", np.array([0, 0, 0, 0, 0, 1], np.int64))
        self._constant("int8.one", np.array(1, np.float32))
        self._constant("int8.least_reach", np.array(LEAST_REACH, np.float32))
        done, replaced = set(), set()
        for node in list(graph.node):
            weight = makers.get(node.input[1]) if node.op_type == "MatMul" else None
            name = weight.input[0] if weight and weight.input else ""
            layer = name.removeprefix("network.encoder.").removesuffix(".weight")
            add = users.get(node.output[0])
            if layer in self.outliers and add is not None and add.op_type == "Add":
                self._layer(layer, node.input[0], add.output[0])
                done.add(layer)
                replaced.add(add.output[0])
            elif node.output[0] not in replaced:
                self.nodes.append(node)
        if left := sorted(set(self.outliers) - done):
            raise ConfigError(
                f"expected layers with weight and bias alone, found {len(left)} others, such as {left[0]}"
            )
        graph.ClearField("node")
        graph.node.extend(_needed(self.nodes, [output.name for output in graph.output]))
        used = {name for node in graph.node for name in node.input}
        kept = [tensor for tensor in graph.initializer if tensor.name in used]
        graph.ClearField("initializer")
        graph.initializer.extend(kept)

    def _layer(self, layer: str, inputs: str, output: str) -> None:
        name, rounded = f"int8.{layer}", self._input(inputs, layer)
        weight, bias = self.weights[f"{layer}.weight"].T, self.weights[f"{layer}.bias"]  # (in, out), (out,)
        kept = weight * self._kept(layer)[:, None]
        steps = np.maximum(np.abs(kept).max(axis=0), LEAST) / np.float32(LEVELS)  # (out,)
        whole = self._constant(f"{name}.weight", np.round(kept / steps).astype(np.int8))
        product = self._add("MatMulInteger", [f"{rounded}.int8", whole, f"{rounded}.zero"], f"{name}.sums")
        product = self._add("Cast", [product], f"{name}.product", to=onnx.TensorProto.FLOAT)
        scale = self._add("Mul", [f"{rounded}.step", self._constant(f"{name}.steps", steps)], f"{name}.scale")
        product = self._add("Mul", [product, scale], f"{name}.scaled")
        product = self._add("Mul", [product, f"{rounded}.reach"], f"{name}.restored")
        rows = np.concatenate([weight[list(self.outliers[layer])], bias[None]])  # (outliers + 1, out)
        apart = [f"{rounded}.outliers_and_one", self._constant(f"{name}.rows", rows)]
        self._add("Add", [product, self._add("MatMul", apart, f"{name}.apart")], output)

    def _input(self, inputs: str, layer: str) -> str:
        """Round an input, once for all layers that read it; returns the stem of the names of its parts."""
        key = inputs, tuple(self.outliers[layer])
        if key not in self.inputs:
            name = self.inputs[key] = f"int8.{layer}.input"
            channels = self._constant(f"{name}.channels", np.array(self.outliers[layer], np.int64))
            outliers = self._add("Gather", [inputs, channels], f"{name}.outliers", axis=2)
            self._add("Pad", [outliers, "int8.one_more", "int8.one"], f"{name}.outliers_and_one")
            kept = self._add("Mul", [inputs, self._constant(f"{name}.mask", self._kept(layer))], f"{name}.kept")
            reach = self._add("ReduceMax", [self._add("Abs", [kept], f"{name}.sizes"), "int8.last"], f"{name}.largest")
            reach = self._add("Max", [reach, "int8.least_reach"], f"{name}.reach")
            kept = self._add("Div", [kept, reach], f"{name}.scaled")  # between -1 and 1 in every piece
            parts = [f"{name}.int8", f"{name}.step", f"{name}.zero"]
            self.nodes.append(onnx.helper.make_node("DynamicQuantizeLinear", [kept], parts))
        return self.inputs[key]

    def _kept(self, layer: str) -> npt.NDArray[np.float32]:
        """1 for channels that are rounded, 0 for outliers. *Shape:* (in,)"""
        kept = np.ones(self.weights[f"{layer}.weight"].shape[1], np.float32)
        kept[list(self.outliers[layer])] = 0
        return kept

    def _add(self, operator: str, inputs: list[str], output: str, **settings: Any) -> str:
        self.nodes.append(onnx.helper.make_node(operator, inputs, [output], **settings))
        return output

    def _constant(self, name: str, values: npt.NDArray[Any]) -> str:
        self.proto.graph.initializer.append(onnx.numpy_helper.from_array(values, name))
        return name


def _needed(nodes: Sequence[onnx.NodeProto], outputs: Sequence[str]) -> list[onnx.NodeProto]:
    """The nodes on which outputs depend, in their order."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            kept.append(node)
    return kept[::-1]
