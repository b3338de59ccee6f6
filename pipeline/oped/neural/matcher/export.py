"""From a trained matcher to the files that a model holds it in."""

import json
import shutil
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors.numpy import load_file
from safetensors.numpy import save_file as save_arrays
from torch import Tensor, nn

from oped.formats.pairs import Pair
from oped.neural.encoder import tokenizer_file
from oped.neural.layout import (
    CONFIG_FILE,
    EMBED_FILE,
    JUDGE_FILE,
    JUDGE_INT8_FILE,
    MATCHER_FOLDER,
    RARITY_FILE,
    WEIGHTS_FILE,
)
from oped.neural.matcher.calibrate import Calibration, calibrate_matcher
from oped.neural.matcher.int8 import quantize_judge, sampled
from oped.neural.matcher.network import MatcherNetwork, load_matcher
from oped.neural.matcher.runtime import MOST_PIECES, PassagePair, rarity_of
from oped.neural.onnx_export import Graph, save_weights
from oped.neural.pieces import PieceTokenizer
from oped.training.adapters import adapter_names, fold_adapters, merge_adapters, trained_weights

if TYPE_CHECKING:
    from oped.neural.matcher.task import MatcherTask


class _Embed(nn.Module):
    def __init__(self, network: MatcherNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor) -> Tensor:
        return self.network.embed(ids)


class _Judge(nn.Module):
    def __init__(self, network: MatcherNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor, sides: Tensor) -> Tensor:
        return self.network.judge(ids, sides)


def export_matcher(task: "MatcherTask", network: MatcherNetwork, model: Path) -> None:
    """Write `matcher/` and the tokenizer into a model's folder; adapters go into a copy of the model that they belong to."""
    if task.model:
        shutil.copytree(task.model, model, dirs_exist_ok=True)
    folder = model / MATCHER_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    if not task.model:
        tokenizer_file(task.tokenizer, model)
    network = network.half().float().eval()
    save_weights(trained_weights(network) if task.model else network.state_dict(), folder / WEIGHTS_FILE)
    rarity = rarity_of(task.tokenizer, task.texts).astype(np.float16)
    save_arrays({"rarity": rarity}, folder / RARITY_FILE)
    _write_config(task, folder, Calibration())
    _write_graphs(network, task.tokenizer, model, task.sample())


def complete_matcher(model: Path, pairs: Sequence[Pair]) -> None:
    """Write the graphs of a matcher with adapters, of which a model's folder has what was trained alone.

    Args:
        pairs: that show which channels of the judgement in int8 stay in float32; without any, that graph is left out.

    Raises:
        ModelError: what was trained is torn, or does not fit the model's encoder.
    """
    network = load_matcher(model)
    config = json.loads((model / MATCHER_FOLDER / CONFIG_FILE).read_text(encoding="utf-8"))
    sample = sampled(pairs, context=bool(config.get("context", False)))
    _write_graphs(network, PieceTokenizer.load(model), model, sample)


def _write_graphs(
    network: MatcherNetwork, tokenizer: PieceTokenizer, model: Path, sample: Sequence[PassagePair]
) -> None:
    """Write the graphs of a matcher whose weights lie in a model's folder; its adapters are folded."""
    folder = model / MATCHER_FOLDER
    adapted = bool(adapter_names(network.state_dict()))
    weights = [folder / WEIGHTS_FILE, *([model / WEIGHTS_FILE] if adapted else [])]
    root = model if adapted else None  # whose weights the adapters belong to
    if sample:
        merged = deepcopy(network)
        merge_adapters(merged)
        graph_of("judge", merged).write(folder / JUDGE_INT8_FILE, weights, root=root)
        quantize_judge(folder / JUDGE_INT8_FILE, merged, tokenizer, sample)
    fold_adapters(network)
    graph_of("embed", network).write(folder / EMBED_FILE, weights, root=root)
    graph_of("judge", network).write(folder / JUDGE_FILE, weights, root=root)


def graph_of(step: str, network: MatcherNetwork) -> Graph:
    """The graph of a step of a matcher: `embed` or `judge`."""
    ids = torch.randint(1000, 2000, (2, 24))
    pairs, pieces = torch.export.Dim("pairs", min=1), torch.export.Dim("pieces", min=3, max=2 * MOST_PIECES + 3)
    shape = {0: pairs, 1: pieces}
    if step == "embed":
        return Graph(_Embed(network), {"ids": ids}, ["vectors"], [shape])
    return Graph(_Judge(network), {"ids": ids, "sides": torch.zeros_like(ids)}, ["scores"], [shape, shape])


def calibrate_exported(task: "MatcherTask", network: MatcherNetwork, model: Path) -> None:
    """Fit the calibration of an exported matcher on the dev pairs, and write it into the matcher's configuration."""
    folder = model / MATCHER_FOLDER
    rarity = load_file(folder / RARITY_FILE)["rarity"].astype(np.float32)
    _write_config(
        task, folder, calibrate_matcher(network, task.tokenizer, task.dev, rarity, context=task.settings.context)
    )


def _write_config(task: "MatcherTask", folder: Path, calibration: Calibration) -> None:
    adapters = task.settings.adapters
    config = {
        "format": "oped/matcher",
        "name": task.settings.name,
        "version": task.settings.version,
        "context": task.settings.context,
        **({"adapters": adapters.model_dump()} if adapters else {"encoder": dict(task.encoder_config)}),
        **asdict(calibration),
    }
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
