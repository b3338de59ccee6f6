"""Scoring a corpus: which metrics fit which scheme, totals, and intervals."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from oped.metrics import eger, spans
from oped.metrics.counts import Counts, total
from oped.records import ArgumentMap

Metric = Callable[[ArgumentMap, ArgumentMap], dict[str, Counts]]
METRICS: dict[str, tuple[Metric, ...]] = {
    "opinion": (spans.score_overlap, spans.score_exact),
    "aae2": (eger.score, spans.score_exact),
}
OTHER: tuple[Metric, ...] = (spans.score_exact,)


@dataclass(slots=True)
class Score:
    """Counts of each document of a corpus, and what follows from them."""

    scheme: str
    documents: list[Mapping[str, Counts]] = field(default_factory=list)
    cases: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, gold: ArgumentMap, predicted: ArgumentMap) -> None:
        """Count one document.

        Raises:
            ValueError: the two maps are not on the same text.
        """
        if gold.article.text != predicted.article.text:
            raise ValueError(f"{gold.article.id}: the predicted map is on another text than the gold one")
        counts: dict[str, Counts] = {}
        for metric in METRICS.get(self.scheme, OTHER):
            counts |= metric(gold, predicted)
        self.documents.append(counts)
        if self.scheme == "opinion":
            self.cases += spans.calibration_cases(gold, predicted)

    @property
    def totals(self) -> dict[str, Counts]:
        return total(self.documents)

    @property
    def metrics(self) -> dict[str, float]:
        """Every metric by its key, from 0 to 1."""
        result = {key: counts.f1 for key, counts in self.totals.items()}
        if self.cases:
            result["expected_calibration_error"] = spans.expected_calibration_error(self.cases)
        return result

    def intervals(self, *, level: float = 0.95, samples: int = 1000, seed: int = 1) -> dict[str, tuple[float, float]]:
        """Bootstrap confidence intervals: documents drawn with replacement (Efron 1979)."""
        keys = list(self.totals)
        table = _table(self.documents, keys)
        draws = _draws(len(table), samples, seed)
        values = _f1(table[draws].sum(axis=1))  # (samples, keys)
        tail = (1 - level) / 2
        low, high = np.quantile(values, [tail, 1 - tail], axis=0)
        return {key: (float(low[place]), float(high[place])) for place, key in enumerate(keys)}


def paired_test(one: Score, two: Score, *, samples: int = 10_000, seed: int = 1) -> dict[str, float]:
    """Two-sided p-values of the differences between two models on the same documents, by metric.

    Approximate randomization (Noreen 1989): each document's counts are swapped between the models at random.

    Raises:
        ValueError: the scores are not of the same number of documents.
    """
    if len(one.documents) != len(two.documents):
        raise ValueError(f"the models were scored on {len(one.documents)} and {len(two.documents)} documents")
    keys = [key for key in one.totals if key in two.totals]
    first, second = _table(one.documents, keys), _table(two.documents, keys)
    observed = np.abs(_f1(first.sum(axis=0)) - _f1(second.sum(axis=0)))
    generator = np.random.default_rng(seed)
    reached = np.zeros(len(keys))
    for _ in range(samples):
        swap = generator.random(len(first))[:, None, None] < 0.5
        left, right = np.where(swap, second, first), np.where(swap, first, second)
        reached += np.abs(_f1(left.sum(axis=0)) - _f1(right.sum(axis=0))) >= observed - 1e-12
    return {key: float((reached[place] + 1) / (samples + 1)) for place, key in enumerate(keys)}


Table = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def _table(documents: Iterable[Mapping[str, Counts]], keys: list[str]) -> Table:
    """*Shape:* (documents, keys, 3)"""
    empty = Counts()
    rows = [
        [(part.hits, part.predicted, part.gold) for part in (doc.get(key, empty) for key in keys)] for doc in documents
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, len(keys), 3)


def _f1(counts: Table) -> Table:
    sizes = counts[..., 1] + counts[..., 2]
    return np.divide(2 * counts[..., 0], sizes, out=np.zeros_like(sizes), where=sizes > 0)


def _draws(documents: int, samples: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.random.default_rng(seed).integers(0, documents, size=(samples, documents))
