"""What a run goes on from after a kill: weights, their average, optimizer, rates, random state, and its own state."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import torch
from torch import nn

from oped.errors import ConfigError
from oped.neural.parser.loss import ExponentialAverage
from oped.training.config import AnyConfig

CHECKPOINT = "checkpoint.pt"


def claim_folder(folder: Path, config: AnyConfig) -> None:
    """Make a run's folder and write the configuration into it, or compare it with the one that is there.

    Raises:
        ConfigError: the folder holds a run of another configuration.
    """
    text = json.dumps(asdict(config), indent=1, sort_keys=True)
    _claim(folder, "config.json", text, "another configuration")


def claim_data(folder: Path, data: Iterable[object]) -> None:
    """Note what a run is made of, or compare it with what the folder's run was made of.

    Args:
        data: documents, pairs and tensors, in the order in which they are used.

    Raises:
        ConfigError: the folder holds a run of other data.
    """
    digest = hashlib.sha256()
    for item in data:
        content = (
            item.detach().cpu().float().numpy().tobytes() if isinstance(item, torch.Tensor) else repr(item).encode()
        )
        digest.update(content)
    _claim(folder, "data.sha256", digest.hexdigest(), "the same configuration with other documents or weights")


def _claim(folder: Path, name: str, text: str, what: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    begun = (folder / CHECKPOINT).exists()  # before its first epoch is done, a run has nothing to lose
    if begun and path.exists() and path.read_text(encoding="utf-8") != text:
        raise ConfigError(f"{folder}: holds a run of {what}; name another folder with -o")
    path.write_text(text, encoding="utf-8")


def save_checkpoint(
    folder: Path,
    network: nn.Module,
    average: ExponentialAverage,
    optimizer: torch.optim.Optimizer,
    rates: torch.optim.lr_scheduler.LRScheduler,
    state: str,
) -> None:
    """Write the checkpoint of a run's folder, whole or not at all.

    Args:
        state: what else the run needs, as text.
    """
    content = {
        "network": network.state_dict(),
        "average": average.weights,
        "average_steps": average.steps,
        "optimizer": optimizer.state_dict(),
        "rates": rates.state_dict(),
        "random": torch.get_rng_state(),
        "state": state,
    }
    write_atomically(folder / CHECKPOINT, content)


def load_checkpoint(
    folder: Path,
    network: nn.Module,
    average: ExponentialAverage,
    optimizer: torch.optim.Optimizer,
    rates: torch.optim.lr_scheduler.LRScheduler,
    device: torch.device | None = None,
) -> str | None:
    """Take up a run's checkpoint; returns the state that was saved with it, None where there is no checkpoint."""
    path = folder / CHECKPOINT
    if not path.exists():
        return None
    content = torch.load(path, weights_only=True, map_location=device)
    network.load_state_dict(content["network"])
    average.weights, average.steps = content["average"], content["average_steps"]
    optimizer.load_state_dict(content["optimizer"])
    rates.load_state_dict(content["rates"])
    torch.set_rng_state(content["random"].cpu())
    return str(content["state"])


def write_atomically(path: Path, content: object) -> None:
    """Save with torch under another name first."""
    partial = path.with_suffix(".partial")
    with open(partial, "wb") as stream:
        torch.save(content, stream)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)
