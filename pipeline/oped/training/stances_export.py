"""From a trained stance detector to the files that a model holds it in."""

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from oped.parser.runtime import WEIGHTS_FILE
from oped.stances.corpus import LabelledTarget
from oped.stances.runtime import (
    AGAINST,
    FOR,
    MOST_PIECES,
    STANCE_CONFIG_FILE,
    STANCE_FILE,
    STANCE_WEIGHTS_FILE,
    STANCES,
    StanceThresholds,
    stance_chances,
)
from oped.training.export import to_onnx
from oped.training.matcher_calibrate import fit, prevalence_threshold, short
from oped.training.stances import StanceRun, stance_scores, trained_names


@dataclass(frozen=True, slots=True)
class StanceCalibration:
    """The calibrated scores are the raw ones over `temperature`, plus `biases`."""

    temperature: float = 1.0
    biases: tuple[float, ...] = (0.0,) * len(STANCES)
    thresholds: StanceThresholds = field(default_factory=StanceThresholds)


def export_stances(run: StanceRun) -> Path:
    """Train to the end and copy the parser's model, with the detector's three files, into the run's folder.

    Returns:
        The folder of the copy.
    """
    network = run.run().half().float().eval()
    folder = run.folder / "model"
    shutil.copytree(run.model, folder, dirs_exist_ok=True)
    weights = {name: network.state_dict()[name].half().contiguous() for name in sorted(trained_names(network))}
    save_file(weights, folder / STANCE_WEIGHTS_FILE)
    ids = torch.randint(1000, 2000, (2, 24))
    sides = torch.ones_like(ids)
    targets, pieces = torch.export.Dim("targets", min=1), torch.export.Dim("pieces", min=3, max=MOST_PIECES)
    shape = {0: targets, 1: pieces}
    names = ["ids", "sides", "named"]
    files = [STANCE_WEIGHTS_FILE, WEIGHTS_FILE]
    inputs = (ids, sides, sides.clone())  # one tensor given twice would become one input
    to_onnx(network, inputs, folder / STANCE_FILE, names, ["scores"], (shape,) * 3, files)
    config = {
        "format": "oped/stances",
        "name": run.config.name,
        "version": run.config.version,
        "rank": run.config.rank,
        **asdict(calibrate_stances(stance_scores(network, run.tokenizer, run.dev), run.dev)),
    }
    (folder / STANCE_CONFIG_FILE).write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return folder


def calibrate_stances(
    scores: "np.ndarray[tuple[int, int], np.dtype[np.float32]]", dev: list[LabelledTarget]
) -> StanceCalibration:
    """Fit on targets that were not trained on; without such, nothing is fitted."""
    if not dev:
        return StanceCalibration()
    gold = np.array([item.stance for item in dev])
    temperature, biases, _ = fit(scores, np.zeros(len(dev), dtype=np.float32), gold)
    chances = stance_chances(scores, temperature, np.array(biases, dtype=np.float32))
    pro, con = (prevalence_threshold(chances[:, stance], gold == stance) for stance in (FOR, AGAINST))
    return StanceCalibration(round(temperature, 4), short(biases), StanceThresholds(round(pro, 4), round(con, 4)))
