"""Tasks whose items are short texts, such as pairs of statements: batches of like length, one rate for all of an encoder."""

import random
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from oped.training.batches import by_length, repeated
from oped.training.settings import ItemSchedule
from oped.training.task import Item, Network, Task


class ItemTask(Task[Network, Item]):
    """A task over items that are repeated, shuffled and batched by their length.

    Attributes:
        train: the items of each corpus, with how often they are seen in an epoch.
        dev: those that judge and calibrate.
    """

    train: list[tuple[float, list[Item]]]
    dev: list[Item]

    @abstractmethod
    def length(self, item: Item) -> int:
        """By which items are put together in a batch."""

    def drawn(self, item: Item, generator: random.Random) -> Item:
        """An item as an epoch sees it."""
        return item

    def batches(self, epoch: int) -> Sequence[Sequence[Item]]:
        generator = random.Random(self.settings.seed * 1000 + epoch)
        chosen = [item for repeat, items in self.train for item in repeated(items, repeat, generator)]
        seen = [self.drawn(item, generator) for item in chosen]
        return by_length(seen, self._schedule.batch_size, self.length, generator)

    def parameters(self, network: Network) -> list[dict[str, Any]]:
        """The encoder, or the adapters to it, and what stands on it."""
        named = [(name, weights) for name, weights in network.named_parameters() if weights.requires_grad]
        encoder = [weights for name, weights in named if name.startswith("encoder.")]
        head = [weights for name, weights in named if not name.startswith("encoder.")]
        rate, head_rate = self._schedule.rate, self._schedule.head_rate
        return [{"params": encoder, "lr": rate}, {"params": head, "lr": rate if head_rate is None else head_rate}]

    @property
    def _schedule(self) -> ItemSchedule:
        schedule = self.settings.schedule
        assert isinstance(schedule, ItemSchedule)
        return schedule
