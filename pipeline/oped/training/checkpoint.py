"""The folder of a training run: its configuration, the digest of its data, and the checkpoint that it goes on from."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import torch

from oped.errors import ConfigError
from oped.locking import lock_file
from oped.training.settings import RunSettings
from oped.training.task import State

CHECKPOINT, BEST, METRICS = "checkpoint.pt", "best.pt", "metrics.jsonl"


class Stateful(Protocol):
    """What a checkpoint holds the state of: a network, an optimizer, rates."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state_dict: dict[str, Any], /) -> object: ...


class RunFolder:
    """A training run's folder; it is made where it is missing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from training in the folder.

        Raises:
            OpedError: another process trains in it.
        """
        taken = f"{self.path}: another run trains here; wait, or name another folder with -o"
        lock = lock_file(self.path / "lock", taken=taken)
        try:
            yield
        finally:
            lock.release()

    def claim(self, settings: RunSettings, data: Iterable[object] | None = None) -> None:
        """Write down what the run is made of, or compare it with what is written down.

        Args:
            data: documents, pairs and tensors, in the order in which they are used; None: not known yet.

        Raises:
            ConfigError: the folder holds a run of another configuration, or of other data.
        """
        text = json.dumps(settings.model_dump(), indent=1, sort_keys=True)
        self._claim("config.json", text, "another configuration")
        if data is not None:
            self._claim("data.sha256", _digest(data), "the same configuration with other documents or weights")

    def _claim(self, name: str, text: str, what: str) -> None:
        path = self.path / name
        begun = (self.path / CHECKPOINT).exists()  # before its first epoch is done, a run has nothing to lose
        if begun and path.exists() and path.read_text(encoding="utf-8") != text:
            raise ConfigError(f"{self.path}: holds a run of {what}; name another folder with -o")
        path.write_text(text, encoding="utf-8")

    def save(self, state: State, parts: dict[str, Stateful]) -> None:
        """Write the checkpoint, whole or not at all, and the history so far."""
        content = {name: part.state_dict() for name, part in parts.items()}
        random = {"cpu": torch.get_rng_state(), "cuda": torch.cuda.get_rng_state_all()}
        write_atomically(self.path / CHECKPOINT, {**content, "random": random, "state": json.dumps(asdict(state))})
        with open(self.path / METRICS, "w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(row) + "\n" for row in state.history)

    def load(self, parts: dict[str, Stateful], device: torch.device) -> State | None:
        """Give each part its state in the checkpoint, and random numbers theirs; None where there is no checkpoint."""
        path = self.path / CHECKPOINT
        if not path.exists():
            return None
        content = torch.load(path, weights_only=True, map_location=device)
        for name, part in parts.items():
            part.load_state_dict(content[name])
        torch.set_rng_state(content["random"]["cpu"].cpu())
        if torch.cuda.is_available():
            torch.cuda.set_rng_state_all([state.cpu() for state in content["random"]["cuda"]])
        return State(**json.loads(content["state"]))

    def save_best(self, network: torch.nn.Module) -> None:
        """Keep the weights of the best epoch so far."""
        write_atomically(self.path / BEST, network.state_dict())

    def load_best(self, network: torch.nn.Module) -> None:
        """Give a network the weights of the best epoch."""
        network.load_state_dict(torch.load(self.path / BEST, weights_only=True, map_location="cpu"))


def write_atomically(path: Path, content: object) -> None:
    """Save with torch under another name first."""
    partial = path.with_suffix(".partial")
    with open(partial, "wb") as stream:
        torch.save(content, stream)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


def _digest(data: Iterable[object]) -> str:
    digest = hashlib.sha256()
    for item in data:
        if isinstance(item, torch.Tensor):
            digest.update(item.detach().cpu().float().numpy().tobytes())
        else:
            digest.update(repr(item).encode())
    return digest.hexdigest()
