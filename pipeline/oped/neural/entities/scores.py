"""Scores of an entity recognizer against annotated mentions."""

from collections.abc import Sequence
from dataclasses import dataclass

from oped.metrics.counts import Counts
from oped.neural.entities.data import EntityExample, Mention
from oped.neural.entities.recognizer import LABELS


@dataclass(frozen=True, slots=True)
class EntityScores:
    """Mentions against the annotation: with their labels, each label alone, and by borders alone."""

    labels: dict[str, Counts]
    borders: Counts

    @property
    def labelled(self) -> Counts:
        return sum(self.labels.values(), Counts())

    def to_dict(self) -> dict[str, float]:
        """Scores of all labels together, of borders alone, and F1 of each label that the annotation has."""
        whole = self.labelled
        head = {"precision": whole.precision, "recall": whole.recall, "f1": whole.f1, "borders_f1": self.borders.f1}
        each = {f"{label}_f1": counts.f1 for label, counts in self.labels.items() if counts.gold}
        return {key: round(value, 4) for key, value in (head | each).items()}


def entity_scores(pairs: Sequence[tuple[EntityExample, frozenset[Mention]]]) -> EntityScores:
    """Score what was found in annotated articles; a mention counts when borders and label are those of the annotation."""
    labels, borders = dict.fromkeys(LABELS, Counts()), Counts()
    for example, given in pairs:
        gold = example.gold or frozenset()
        for label in LABELS:
            one, two = ({mention for mention in part if mention[2] == label} for part in (gold, given))
            labels[label] += Counts(len(one & two), len(two), len(one))
        bare = [{mention[:2] for mention in part} for part in (gold, given)]
        borders += Counts(len(bare[0] & bare[1]), len(bare[1]), len(bare[0]))
    return EntityScores(labels, borders)
