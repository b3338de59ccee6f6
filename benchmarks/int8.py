"""What quantizing the encoder to int8 changes in the maps of some articles, and what it gains; see README.md."""

import argparse
import logging
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import onnx
import onnx.numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

from oped.api import load, map_articles
from oped.ingest.tables import read_table
from oped.metrics.alike import alike
from oped.neural.parser.int8 import float32
from oped.records import ArgumentMap, Article
from oped.resources import find_model

MODEL = "en_opinion_sm"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", type=Path, help="a table of articles")
    parser.add_argument("--some", type=int, default=40)
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)  # onnxruntime's tools tell of every node
    articles = list(read_table(chosen.articles, failed=lambda place, error: None))[: chosen.some]
    with tempfile.TemporaryDirectory() as folder:
        exact, seconds = _mapped(articles, str(float32(find_model(MODEL), Path(folder) / "model")))
    print(f"float32: {seconds:.1f} s for {len(articles)} articles")
    _report("as shipped", MODEL, articles, exact, seconds)
    kinds: dict[str, Callable[[Path, Path], None]] = {
        "per tensor": lambda source, target: _quantize(source, target, per_channel=False),
        "per channel": lambda source, target: _quantize(source, target, per_channel=True),
        "weights alone": lambda source, target: _quantize_weights(source, target, accuracy=1),
        "weights in blocks, activations by piece": lambda source, target: _quantize_weights(source, target, accuracy=4),
    }
    for name, quantize in kinds.items():
        with tempfile.TemporaryDirectory() as folder:
            model = float32(find_model(MODEL), Path(folder) / "model")
            quantize(find_model(MODEL) / "encoder.onnx", model / "encoder.onnx")
            _report(name, str(model), articles, exact, seconds)


def _report(name: str, model: str, articles: list[Article], exact: list[ArgumentMap], seconds: float) -> None:
    maps, taken = _mapped(articles, model)
    shares = ", ".join(f"{kind} alike {share:.3f}" for kind, share in alike(exact, maps).items())
    print(f"{name}: {seconds / taken:.2f} times as fast, {shares}", flush=True)


def _quantize(source: Path, target: Path, *, per_channel: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        onnx.save(_with_weights(onnx.load(source)), plain)
        target.unlink()
        quantize_dynamic(
            plain, target, per_channel=per_channel, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"]
        )


def _quantize_weights(source: Path, target: Path, *, accuracy: int) -> None:
    """Weights in int8 with a scale for each block of 32; onnxruntime's accuracy level says what is computed in."""
    quantizer = MatMulNBitsQuantizer(
        _with_weights(onnx.load(source)), bits=8, block_size=32, is_symmetric=True, accuracy_level=accuracy
    )
    quantizer.process()
    target.unlink()
    quantizer.model.save_model_to_file(str(target))


def _with_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with float32 weights in place of casts from, and transpositions of, what lies beside it."""
    arrays = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    kept = []
    for node in model.graph.node:
        if node.op_type == "Cast" and node.input[0] in arrays:
            arrays[node.output[0]] = arrays[node.input[0]].astype("float32")
        elif node.op_type == "Transpose" and node.input[0] in arrays:
            arrays[node.output[0]] = arrays[node.input[0]].transpose(list(node.attribute[0].ints)).copy()
        else:
            kept.append(node)
    used = {name for node in kept for name in node.input}
    model.graph.ClearField("node")
    model.graph.node.extend(kept)
    model.graph.ClearField("initializer")
    model.graph.initializer.extend(
        onnx.numpy_helper.from_array(array, name) for name, array in arrays.items() if name in used
    )
    return model


def _mapped(articles: list[Article], model: str) -> tuple[list[ArgumentMap], float]:
    nlp = load(model, threads=2, entities=False)
    list(map_articles(articles[:1], nlp=nlp))
    began = time.perf_counter()
    return list(map_articles(articles, nlp=nlp)), time.perf_counter() - began


if __name__ == "__main__":
    main()
