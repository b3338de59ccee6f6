"""Counts of hits and misses, and what is made of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """Hits among the predicted and the gold items of a document or a corpus.

    An accuracy is kept as counts too: both totals are then the number of cases.
    """

    hits: float = 0
    predicted: float = 0
    gold: float = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.hits + other.hits, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def precision(self) -> float:
        return self.hits / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        return self.hits / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where nothing is gold and nothing predicted."""
        total = self.predicted + self.gold
        return 2 * self.hits / total if total else 0.0


def total(documents: Iterable[Mapping[str, Counts]]) -> dict[str, Counts]:
    """Micro counts over documents, by key."""
    sums: dict[str, Counts] = {}
    for document in documents:
        for key, counts in document.items():
            sums[key] = sums.get(key, Counts()) + counts
    return sums
