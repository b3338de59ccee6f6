"""From a trained stance detector to the files that a model holds it in."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from oped.errors import ModelError
from oped.formats.stances import STANCES, LabelledTarget
from oped.neural.calibration import fit_temperature, short
from oped.neural.layout import CARD_FILE, STANCE_CONFIG_FILE, STANCE_FILE, STANCE_WEIGHTS_FILE, WEIGHTS_FILE
from oped.neural.onnx_export import Graph, save_weights
from oped.neural.stances.network import StanceNetwork
from oped.neural.stances.runtime import MOST_PIECES, StanceDetector, weights_digest
from oped.numeric import Floats
from oped.training.adapters import fold_adapters, trained_weights
from oped.training.card import facts, score_lines
from oped.training.task import State

if TYPE_CHECKING:
    from oped.neural.stances.task import StancesTask

LARGEST = 0.01  # difference of a score that rounding explains


def export_stances(task: "StancesTask", network: StanceNetwork, folder: Path) -> None:
    """Copy the parser's model, with the detector's three files."""
    network = network.half().float().eval()
    fold_adapters(network)
    shutil.copytree(task.model, folder, dirs_exist_ok=True)
    save_weights(trained_weights(network), folder / STANCE_WEIGHTS_FILE)
    names = ("ids", "sides", "named")
    ids = torch.randint(1000, 2000, (2, 24))
    inputs = dict(zip(names, (ids, torch.ones_like(ids), torch.ones_like(ids)), strict=True))  # not one tensor twice
    targets, pieces = torch.export.Dim("targets", min=1), torch.export.Dim("pieces", min=3, max=MOST_PIECES)
    graph = Graph(network, inputs, ["scores"], [{0: targets, 1: pieces}] * len(names))
    graph.write(folder / STANCE_FILE, [folder / STANCE_WEIGHTS_FILE, folder / WEIGHTS_FILE])
    _write_config(task, folder, 1.0, [0.0] * len(STANCES))


def calibrate_exported(task: "StancesTask", scores: Floats | None, folder: Path) -> None:
    """Fit temperature and biases, and write them into the detector's configuration.

    Args:
        scores: of the dev targets by the network; None: there are none, and nothing is fitted. *Shape:* (targets, 3)
    """
    if scores is not None:
        gold = np.array([item.stance for item in task.dev])
        temperature, biases, _ = fit_temperature(scores, np.zeros(len(gold), dtype=np.float32), gold)
        _write_config(task, folder, temperature, biases)


def _write_config(task: "StancesTask", folder: Path, temperature: float, biases: Sequence[float]) -> None:
    config = {
        "format": "oped/stances",
        "name": task.settings.name,
        "version": task.settings.version,
        "rank": task.settings.adapters.rank,
        "encoder_sha256": weights_digest(folder),
        "temperature": round(temperature, 4),
        "biases": short(biases),
    }
    (folder / STANCE_CONFIG_FILE).write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def describe_stances(
    task: "StancesTask", state: State, scores: Floats, checked: Sequence[LabelledTarget], folder: Path
) -> None:
    """Compare the exported files with the network, and say in the copied model's card what was added to it.

    Args:
        scores: of the checked targets by the network. *Shape:* (targets, 3)

    Raises:
        ModelError: the files do not say what the network says.
    """
    given = StanceDetector(folder).scores([item.target for item in checked])
    if (apart := float(np.abs(scores - given).max())) > LARGEST:
        raise ModelError(f"{STANCE_FILE}: expected the network's scores, found some {apart:.2g} apart")
    settings = task.settings
    lines = [
        f"\n## Stance detector: {settings.name} {settings.version}\n",
        settings.description,
        "",
        *facts(settings, encoder=task.encoder.source),
        *(f"- {corpus.role}: {corpus.path}, {corpus.split}" for corpus in settings.corpus),
        *score_lines(state),
    ]
    with open(folder / CARD_FILE, "a", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
