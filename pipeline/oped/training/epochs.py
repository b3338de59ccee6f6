"""What the runs of small tasks have in common: epochs of batches, averaged weights, a checkpoint after each epoch."""

import json
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from oped.neural.parser.loss import ExponentialAverage
from oped.neural.parser.training import METRICS, Progress, seed, take_step, use_bfloat16, warm_linear
from oped.training.checkpoint import claim_data, claim_folder, load_checkpoint, save_checkpoint
from oped.training.config import MatcherConfig, StanceConfig

Network = TypeVar("Network", bound=nn.Module)
Item = TypeVar("Item")
SORTED_BATCHES = 40  # over which items are sorted by length, so that little is padding


class EpochRun(ABC, Generic[Network, Item]):
    """A training run in a folder; it goes on from its last epoch.

    Args:
        report: is called after each step.
    """

    config: MatcherConfig | StanceConfig
    network: Network

    def __init__(
        self, config: MatcherConfig | StanceConfig, folder: Path, report: Callable[[Progress], None] | None
    ) -> None:
        self.folder = folder
        self.report = report or (lambda progress: None)
        claim_folder(folder, config)
        seed(config.seed)
        self.bfloat16 = use_bfloat16(config.precision, torch.device("cpu"))
        self.config = config
        self.epoch, self.history = 0, list[dict[str, Any]]()

    def begin(self, network: Network, data: Iterable[object]) -> None:
        """Take the network at its start, and note what it is made of and learns from."""
        self.network = network
        self.average = ExponentialAverage(network)
        claim_data(self.folder, data)

    @abstractmethod
    def new_network(self) -> Network:
        """A network of the run's kind."""

    @abstractmethod
    def epoch_items(self, generator: random.Random) -> list[Item]:
        """What an epoch goes over, in any order."""

    @abstractmethod
    def length(self, item: Item) -> int:
        """By which items are sorted into batches."""

    @abstractmethod
    def loss(self, batch: Sequence[Item]) -> Tensor: ...

    @abstractmethod
    def judge(self, network: Network) -> dict[str, float]:
        """Scores on the dev parts."""

    def parameters(self) -> Iterable[Any]:
        """What is trained, as an optimizer takes it."""
        return self.network.parameters()

    def run(self) -> Network:
        """Train until done; returns the averaged network of the last epoch."""
        batches = [self._batches(epoch) for epoch in range(self.config.epochs)]
        steps = sum(map(len, batches))
        optimizer = torch.optim.AdamW(self.parameters(), lr=self.config.rate, weight_decay=0.01, fused=True)
        rates = torch.optim.lr_scheduler.LambdaLR(optimizer, warm_linear(steps, self.config.warmup))
        self._resume(optimizer, rates)
        done = sum(map(len, batches[: self.epoch]))
        while self.epoch < self.config.epochs:
            self.network.train()
            total = 0.0
            for batch in batches[self.epoch]:
                loss = self.loss(batch)
                loss.backward()  # type: ignore[no-untyped-call]
                take_step(self.network, optimizer, rates, self.average)
                done += 1
                total += float(loss.detach())
                self.report(Progress(self.epoch + 1, done, steps, float(loss.detach())))
            self.epoch += 1
            self._note(total / len(batches[self.epoch - 1]))
            self._save(optimizer, rates)
        return self.averaged()

    def averaged(self) -> Network:
        """The network with its averaged weights."""
        network = self.new_network()
        network.load_state_dict(self.average.weights)
        return network.eval()

    def _batches(self, epoch: int) -> list[list[Item]]:
        generator = random.Random(self.config.seed * 1000 + epoch)
        items = self.epoch_items(generator)
        generator.shuffle(items)
        size = self.config.batch_pairs
        batches = []
        for start in range(0, len(items), SORTED_BATCHES * size):
            ordered = sorted(items[start : start + SORTED_BATCHES * size], key=self.length)
            batches += [ordered[at : at + size] for at in range(0, len(ordered), size)]
        generator.shuffle(batches)
        return batches

    def _note(self, loss: float) -> None:
        """Score the averaged weights, and write down what came of the epoch."""
        self.history.append({"epoch": self.epoch, "loss": round(loss, 4), **self.judge(self.averaged())})
        with open(self.folder / METRICS, "w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(item) + "\n" for item in self.history)

    def _save(self, optimizer: torch.optim.Optimizer, rates: torch.optim.lr_scheduler.LRScheduler) -> None:
        state = json.dumps({"epoch": self.epoch, "history": self.history})
        save_checkpoint(self.folder, self.network, self.average, optimizer, rates, state)

    def _resume(self, optimizer: torch.optim.Optimizer, rates: torch.optim.lr_scheduler.LRScheduler) -> None:
        state = load_checkpoint(self.folder, self.network, self.average, optimizer, rates)
        if state is not None:
            values = json.loads(state)
            self.epoch, self.history = values["epoch"], values["history"]
