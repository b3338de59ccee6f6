"""From a trained stance detector to the files that a model holds it in."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from oped.errors import ModelError
from oped.formats.stances import STANCES, LabelledTarget
from oped.neural.layout import STANCE_CONFIG_FILE, STANCE_FILE, STANCE_WEIGHTS_FILE, WEIGHTS_FILE
from oped.neural.matcher.calibrate import fit, short
from oped.neural.parser.export import to_onnx
from oped.neural.pieces import PieceTokenizer
from oped.neural.stances.network import StanceNetwork
from oped.neural.stances.runtime import MOST_PIECES, StanceDetector, weights_digest
from oped.neural.stances.training import StanceRun, stance_scores, trained_names

CHECKED = 40  # targets on which exported files and network are compared
LARGEST = 0.01  # difference of a score that rounding explains


@dataclass(frozen=True, slots=True)
class StanceCalibration:
    """The calibrated scores are the raw ones over `temperature`, plus `biases`."""

    temperature: float = 1.0
    biases: tuple[float, ...] = (0.0,) * len(STANCES)


def export_stances(run: StanceRun, folder: Path) -> Path:
    """Train to the end, and copy the parser's model with the detector's three files; returns the folder of the copy.

    Raises:
        ModelError: the files do not say what the network says.
    """
    network = run.run().half().float().eval()
    shutil.copytree(run.model, folder, dirs_exist_ok=True)
    weights = {name: network.state_dict()[name].half().contiguous() for name in sorted(trained_names(network))}
    save_file(weights, folder / STANCE_WEIGHTS_FILE)
    ids = torch.randint(1000, 2000, (2, 24))
    sides = torch.ones_like(ids)
    inputs = (ids, sides, sides.clone())  # one tensor given twice would become one input
    targets, pieces = torch.export.Dim("targets", min=1), torch.export.Dim("pieces", min=3, max=MOST_PIECES)
    shape = {0: targets, 1: pieces}
    files = [STANCE_WEIGHTS_FILE, WEIGHTS_FILE]
    to_onnx(network, inputs, folder / STANCE_FILE, ["ids", "sides", "named"], ["scores"], (shape,) * 3, files)
    config = {
        "format": "oped/stances",
        "name": run.config.name,
        "version": run.config.version,
        "rank": run.config.rank,
        "encoder_sha256": weights_digest(folder),
        **asdict(calibrate_stances(network, run.tokenizer, run.dev)),
    }
    (folder / STANCE_CONFIG_FILE).write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    _check(network, StanceDetector(folder), run.train[:CHECKED])
    _add_to_card(run, folder / "README.md")
    return folder


def calibrate_stances(
    network: StanceNetwork, tokenizer: PieceTokenizer, dev: Sequence[LabelledTarget]
) -> StanceCalibration:
    """Fit on targets that were not trained on; without such, nothing is fitted."""
    if not dev:
        return StanceCalibration()
    scores = stance_scores(network, tokenizer, dev)
    gold = np.array([item.stance for item in dev])
    temperature, biases, _ = fit(scores, np.zeros(len(dev), dtype=np.float32), gold)
    return StanceCalibration(round(temperature, 4), short(biases))


def _check(network: StanceNetwork, detector: StanceDetector, items: Sequence[LabelledTarget]) -> None:
    given = detector.scores([item.target for item in items])
    apart = float(np.abs(stance_scores(network, detector.tokenizer, items) - given).max())
    if apart > LARGEST:
        raise ModelError(f"{STANCE_FILE}: expected the network's scores, found some {apart:.2g} apart")


def _add_to_card(run: StanceRun, card: Path) -> None:
    """Say in the copied model's card what was added to it."""
    config = run.config
    lines = [f"\n## Stance detector: {config.name} {config.version}\n", config.description, ""]
    lines += [f"- Licence: {config.licence or 'not stated'}", f"- Seed: {config.seed}"]
    lines += [f"- {corpus.role}: {corpus.path}, {corpus.split}" for corpus in config.corpus]
    if run.history:
        scores = ", ".join(f"{stance} {run.history[-1][f'{stance}_f1']:.3f}" for stance in STANCES if run.dev)
        lines += [f"- F1 on dev, before calibration: {scores or 'there is no dev part'}"]
    with open(card, "a", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
