"""The task of a training run: what is learned, from what, and how it is judged. The loop knows no more of it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from oped.training.settings import RunSettings

Network = TypeVar("Network", bound=nn.Module)
Item = TypeVar("Item")
Scores = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Compute:
    """Where and how exactly a network is computed."""

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    bfloat16: bool = False

    @classmethod
    def of(cls, precision: str) -> "Compute":
        """The fastest device here, at a precision of `Schedule`."""
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        return cls(device, precision == "bfloat16" or (precision == "auto" and _is_fast_in_bfloat16(device)))

    def autocast(self) -> torch.autocast:
        """A context in which products are computed in bfloat16, where that is wanted."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16)


def _is_fast_in_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return "amx_bf16" in flags or "avx512_bf16" in flags


@dataclass(slots=True)
class State:
    """What changes from epoch to epoch, and is in the checkpoint.

    Attributes:
        epoch: the last one that is done.
        best: value of the best epoch, by the task's `value`.
        best_epoch: whose weights are kept; of equal ones the last.
        history: a row for each epoch: `epoch`, `seconds`, losses (`train`) and scores (`dev`).
    """

    epoch: int = 0
    best: float = float("-inf")
    best_epoch: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def best_scores(self) -> Scores:
        """Scores of the best epoch; empty before there is one."""
        scores: Scores = self.history[self.best_epoch - 1]["dev"] if self.best_epoch else {}
        return scores


@dataclass(frozen=True, slots=True)
class Trained(Generic[Network]):
    """A run that is done.

    Attributes:
        network: of the best epoch, on the CPU, ready to predict.
        folder: of the run.
    """

    network: Network
    folder: Path
    state: State


class Task(ABC, Generic[Network, Item]):
    """What is trained.

    Attributes:
        settings: of the run.
        network: as it is at the start.
        notes: what whoever trains should know, such as data that could not be taken in.
    """

    settings: RunSettings
    network: Network
    notes: Sequence[str] = ()

    @abstractmethod
    def data(self) -> Iterable[object]:
        """All that is learned from and started from, in a fixed order; a run does not go on with other data."""

    @abstractmethod
    def batches(self, epoch: int) -> Sequence[Sequence[Item]]:
        """The batches of an epoch, counted from 0; the same at each call."""

    @abstractmethod
    def loss(self, network: Network, batch: Sequence[Item], compute: Compute) -> tuple[Tensor, Mapping[str, float]]:
        """The loss of a batch, and parts of it to write down. *Shape of the loss:* ()"""

    @abstractmethod
    def judge(self, network: Network, compute: Compute) -> Scores:
        """Scores on the dev parts, by what is judged; empty where there is none."""

    @abstractmethod
    def export(self, run: Trained[Network], folder: Path) -> None:
        """Write the part's files into a model folder; nothing is trained or fitted."""

    def parameters(self, network: Network) -> list[dict[str, Any]]:
        """What is trained, in groups as an optimizer takes them."""
        trained = [weights for weights in network.parameters() if weights.requires_grad]
        return [{"params": trained}]

    def value(self, scores: Scores, epoch: int) -> float:
        """By which the best epoch is chosen; by default the last is the best."""
        return float(epoch)

    def stages(self) -> Iterator[tuple[str, "Task[Any, Any]"]]:
        """Tasks to train before this one, each in a folder of its name within the run's.

        A stage's `network` is the trained one once the next stage is asked for.
        """
        return iter(())

    def calibrate(self, run: Trained[Network], folder: Path) -> None:
        """Fit probabilities and thresholds on the dev parts, and write them into the exported files."""

    def describe(self, run: Trained[Network], folder: Path) -> None:
        """Check the exported files against the network, and write the card."""
