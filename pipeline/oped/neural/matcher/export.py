"""From a trained matcher to the folder that a model holds it in."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file
from torch import Tensor, nn

from oped.neural.encoder import tokenizer_file
from oped.neural.layout import CONFIG_FILE, EMBED_FILE, JUDGE_FILE, MATCHER_FOLDER, RARITY_FILE, WEIGHTS_FILE
from oped.neural.matcher.calibrate import calibrate_matcher
from oped.neural.matcher.network import MatcherNetwork
from oped.neural.matcher.runtime import MOST_PIECES, rarity_of
from oped.neural.matcher.training import MatcherRun
from oped.neural.parser.export import to_onnx


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


def export_matcher(run: MatcherRun, model: Path) -> Path:
    """Train to the end and write `matcher/` and the tokenizer into a model's folder; returns the folder of the matcher."""
    network = run.run().half().float().eval()
    folder = model / MATCHER_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer_file(run.tokenizer, model)
    save_file({name: value.half().contiguous() for name, value in network.state_dict().items()}, folder / WEIGHTS_FILE)
    ids = torch.randint(1000, 2000, (2, 24))
    pairs, pieces = torch.export.Dim("pairs", min=1), torch.export.Dim("pieces", min=3, max=2 * MOST_PIECES + 3)
    shape = {0: pairs, 1: pieces}
    to_onnx(_Embed(network).eval(), (ids,), folder / EMBED_FILE, ["ids"], ["vectors"], (shape,))
    sides = torch.zeros_like(ids)
    to_onnx(_Judge(network).eval(), (ids, sides), folder / JUDGE_FILE, ["ids", "sides"], ["scores"], (shape, shape))
    rarity = rarity_of(run.tokenizer, run.texts).astype(np.float16)
    save_arrays({"rarity": rarity}, folder / RARITY_FILE)
    fitted = calibrate_matcher(network, run.tokenizer, run.dev, rarity.astype(np.float32))
    config = {
        "format": "oped/matcher",
        "name": run.config.name,
        "version": run.config.version,
        "encoder": dict(run.encoder_config),
        **asdict(fitted),
    }
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return folder
