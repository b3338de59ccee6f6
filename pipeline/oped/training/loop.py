"""The training loop, one for every task.

A run lives in its folder. `checkpoint.pt` holds all that the next epoch depends on (weights, their average, optimizer,
random state), so that a run that was killed goes on from its last epoch and ends where an undisturbed one would.
"""

import random
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from oped.training.adapters import halve_frozen, restore
from oped.training.attention import use_plain_attention
from oped.training.checkpoint import RunFolder, Stateful
from oped.training.task import Compute, Item, Network, State, Task, Trained

WARMUP = 0.1  # share of all steps over which the rates rise
WEIGHT_DECAY = 0.01
LARGEST_NORM = 1.0  # of the gradients of a step
AVERAGED = 0.99  # share of the average that a step leaves


@dataclass(frozen=True, slots=True)
class Progress:
    """What a run reports after each step.

    Attributes:
        step, steps: done so far, and in all, over all epochs.
    """

    epoch: int
    step: int
    steps: int
    loss: float


Report = Callable[[Progress], None]


def train_task(task: Task[Network, Any], folder: Path, report: Report | None = None) -> Trained[Network]:
    """Train a task to its end, after the stages that it has before.

    A folder in which a run was stopped is gone on with; where one is done, its result is read.

    Args:
        folder: where the run lives; made if missing.
        report: is called after each step.

    Raises:
        ConfigError: the folder holds a run of another configuration, or of other data.
        OpedError: another process trains in the folder.
    """
    run_folder = RunFolder(folder)
    with run_folder.locked():
        run_folder.claim(task.settings, task.data())
        for name, stage in task.stages():
            stage.network = train_task(stage, folder / name, report).network
        return _Loop(task, run_folder, report or (lambda progress: None)).run()


class _Loop(Generic[Network, Item]):
    """The epochs of one task."""

    def __init__(self, task: Task[Network, Item], folder: RunFolder, report: Report) -> None:
        self.task, self.folder, self.report = task, folder, report
        schedule = self.schedule = task.settings.schedule
        seed(task.settings.seed)
        self.compute = Compute.of(schedule.precision)
        self.network = task.network.to(self.compute.device)
        self.frozen = halve_frozen(self.network) if self.compute.bfloat16 else {}
        self.average = AveragedModel(self.network, avg_fn=_moving_average)
        self.average.update_parameters(self.network)  # the average begins with the weights of the start
        if self.compute.bfloat16 and self.compute.device.type == "cpu":
            use_plain_attention(self.network)  # the average, which is judged, keeps the fused one
        self.batches = [task.batches(epoch) for epoch in range(schedule.epochs)]
        self.counts = [-(-len(epoch) // schedule.accumulate) for epoch in self.batches]
        groups = task.parameters(self.network)
        # Fused is one pass over the weights: much faster on a CPU.
        self.optimizer = torch.optim.AdamW(groups, weight_decay=WEIGHT_DECAY, fused=True)
        self.rates = torch.optim.lr_scheduler.LambdaLR(self.optimizer, _rise_and_fall(sum(self.counts)))
        self.parts: dict[str, Stateful] = {
            "network": self.network,
            "average": self.average,
            "optimizer": self.optimizer,
            "rates": self.rates,
        }
        self.state = folder.load(self.parts, self.compute.device) or State()

    def run(self) -> Trained[Network]:
        """Train until done; returns the averaged network of the best epoch."""
        began = time.monotonic()
        while self.state.epoch < self.schedule.epochs:
            started = time.monotonic()
            losses = self._epoch(self.batches[self.state.epoch])
            self.state.epoch += 1
            self._judge(losses, time.monotonic() - started)
            self.folder.save(self.state, self.parts)
            if self.schedule.minutes and time.monotonic() - began > 60 * self.schedule.minutes:
                break
        network: Network = deepcopy(self.average.module).cpu()  # type: ignore[assignment]
        if self.state.best_epoch:
            self.folder.load_best(network)
        restore(network, {name: weights.cpu() for name, weights in self.frozen.items()})
        return Trained(network.eval(), self.folder.path, self.state)

    def _epoch(self, batches: Sequence[Sequence[Item]]) -> dict[str, float]:
        """Go over the batches once; returns the mean of each loss."""
        self.network.train()
        sums: dict[str, float] = {}
        done = sum(self.counts[: self.state.epoch])
        for number, batch in enumerate(batches, start=1):
            loss, parts = self.task.loss(self.network, batch, self.compute)
            (loss / self.schedule.accumulate).backward()  # type: ignore[no-untyped-call]
            value = float(loss.detach())
            for name, part in {"loss": value, **parts}.items():
                sums[name] = sums.get(name, 0.0) + part
            if number % self.schedule.accumulate == 0 or number == len(batches):
                self._step()
                done += 1
                self.report(Progress(self.state.epoch + 1, done, sum(self.counts), value))
        return {name: round(value / len(batches), 4) for name, value in sums.items()}

    def _step(self) -> None:
        """One step along the gradients that have been added up."""
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_NORM)
        self.optimizer.step()
        self.rates.step()
        self.optimizer.zero_grad()
        self.average.update_parameters(self.network)

    def _judge(self, losses: dict[str, float], seconds: float) -> None:
        """Score the averaged weights on the dev parts, and keep them if they are the best so far."""
        judged: Network = self.average.module.eval()  # type: ignore[assignment]
        restore(judged, self.frozen)
        scores = self.task.judge(judged, self.compute)
        dev = {what: {key: round(score, 4) for key, score in found.items()} for what, found in scores.items()}
        row = {"epoch": self.state.epoch, "seconds": round(seconds, 1), "train": losses, "dev": dev}
        self.state.history.append(row)
        value = self.task.value(dev, self.state.epoch)
        if value >= self.state.best:
            self.state.best, self.state.best_epoch = value, self.state.epoch
            self.folder.save_best(judged)
        if self.frozen:
            halve_frozen(judged)


def seed(number: int) -> None:
    """Make all that is drawn from now on repeatable."""
    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Nothing here reads memory that was never written; filling it takes a third of a step.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def _moving_average(average: Tensor, current: Tensor, steps: Tensor | int) -> Tensor:
    """A slowly moving average of weights generalizes better than the last ones (Polyak & Juditsky 1992).

    It moves fast at first, as is usual since.
    """
    left = min(AVERAGED, (1 + float(steps)) / (10 + float(steps)))
    return average.lerp(current, 1 - left)


def _rise_and_fall(steps: int) -> Callable[[int], float]:
    """Factor on the rates by step: a linear rise, then a linear fall to nothing."""
    rise = max(1, round(steps * WARMUP))
    return lambda step: min((step + 1) / rise, max(0.0, (steps - step) / max(1, steps - rise)))
