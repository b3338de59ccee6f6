"""Key points: groups of statements that make one point, and which of them oppose each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from oped.compare.candidates import NEIGHBOURS, Matches, Verdict, unit
from oped.compare.statements import Statement
from oped.formats.pairs import OPPOSED, SAME
from oped.neural.matcher.runtime import Thresholds
from oped.words import stands_alone


@dataclass(frozen=True, slots=True)
class Point:
    """Statements that make one point; one alone is a point too.

    Attributes:
        members: places of the statements.
        head: place of the member that says it most clearly.
        probability: mean, over the pairs of members that were judged, of making one point; None where none was.
        name: a sentence that says the point, where the judge gave one.
        risk: whether the judge says that it is a risk that its members warn of.
    """

    id: str
    members: tuple[int, ...]
    head: int
    probability: float | None = None
    name: str | None = None
    risk: bool = False


@dataclass(frozen=True, slots=True)
class Opposition:
    """Two points against each other.

    Attributes:
        first, second: places of the points.
        probability: mean over the pairs of statements that were judged.
        pairs: the statements of the clearest pairs, with the probability of each.
        reason: why they can't both be right, where the judge said so.
    """

    first: int
    second: int
    probability: float
    pairs: tuple[tuple[int, int, float], ...]
    reason: str | None = None


def group(statements: Sequence[Statement], matches: Matches, thresholds: Thresholds) -> list[Point]:
    """Put statements that make one point together; the largest groups first.

    Pairs that are the same are taken from the surest on. Two groups join where no pair between them is opposed, their
    centres are near and the mean probability over their pairs is high enough; pairs that were not judged, being too far
    apart, count as 0, up to the number of neighbours that each statement has. So one sure pair does not chain unlike
    statements together.
    """
    clusters = _Clusters(matches, thresholds)
    sure = [
        (verdict.same, pair)
        for pair, verdict in matches.verdicts.items()
        if thresholds.says(verdict.same, verdict.opposed) == SAME
    ]
    for _, (one, two) in sorted(sure, key=lambda item: (-item[0], item[1])):
        clusters.join(one, two)
    members: dict[int, list[int]] = {}
    for place, text in enumerate(matches.text_of):
        members.setdefault(clusters.of[text], []).append(place)
    ordered = sorted(members.values(), key=lambda places: by_spread(statements, places))
    return [
        Point(f"k{number}", tuple(places), _clearest(statements, places, matches), _sureness(places, matches))
        for number, places in enumerate(ordered, start=1)
    ]


def by_spread(statements: Sequence[Statement], places: Sequence[int]) -> tuple[int, int, int]:
    """What points are ordered by: first those of the most groups, then those of the most statements."""
    return -len({name for place in places for name in statements[place].groups}), -len(places), places[0]


class _Clusters:
    """Groups of distinct texts."""

    def __init__(self, matches: Matches, thresholds: Thresholds) -> None:
        self.of = list(range(len(matches.texts)))
        self.texts = {place: [place] for place in self.of}
        self._sums = {place: matches.vectors[place] for place in self.of}
        self._verdicts, self._thresholds = matches.verdicts, thresholds

    def join(self, one: int, two: int) -> None:
        first, second = sorted((self.of[one], self.of[two]))
        if first == second or not self._near(first, second):
            return
        found = [
            self._verdicts[pair]
            for left in self.texts[first]
            for right in self.texts[second]
            if (pair := (min(left, right), max(left, right))) in self._verdicts
        ]
        pairs = len(self.texts[first]) * len(self.texts[second])
        if any(self._thresholds.says(verdict.same, verdict.opposed) == OPPOSED for verdict in found):
            return
        enough = self._thresholds.same * max(len(found), min(pairs, NEIGHBOURS))
        if sum(verdict.same for verdict in found) < enough:
            return
        for text in self.texts[second]:
            self.of[text] = first
        self.texts[first] += self.texts.pop(second)
        self._sums[first] = self._sums[first] + self._sums.pop(second)

    def _near(self, first: int, second: int) -> bool:
        """Whether the centres of two groups are near; of two texts alone the judge has decided already."""
        if len(self.texts[first]) == len(self.texts[second]) == 1:
            return True
        return float(unit(self._sums[first]) @ unit(self._sums[second])) >= self._thresholds.centre


def _sureness(places: Sequence[int], matches: Matches) -> float | None:
    texts = sorted({matches.text_of[place] for place in places})
    found = [matches.verdicts[pair].same for pair in combinations(texts, 2) if pair in matches.verdicts]
    if found:
        return float(np.mean(found))
    return 1.0 if len(texts) == 1 and len(places) > 1 else None


def _clearest(statements: Sequence[Statement], places: Sequence[int], matches: Matches) -> int:
    """The member that best stands for the group: near its centre, and a good name."""
    vectors = matches.vectors[[matches.text_of[place] for place in places]]
    nearness = vectors @ unit(vectors.sum(axis=0))
    merits = [float(near) + as_name(statements[place]) for near, place in zip(nearness, places, strict=True)]
    return places[merits.index(max(merits))]


def as_name(part: Statement) -> float:
    """How good a name for its point a statement is: one that stands alone, an author's own claim of middling length."""
    words = len(part.text.split())
    return (
        0.3 * stands_alone(part.gist or part.text)
        + 0.1 * (part.gist is not None)
        + 0.1 * part.held
        + 0.1 * (part.type != "premise")
        + 0.1 * (5 <= words <= 30)
        + 0.05 * part.probability
    )


def oppose(
    statements: Sequence[Statement], points: Sequence[Point], matches: Matches, *, least: float
) -> list[Opposition]:
    """Pairs of points against each other; the surest first.

    Where several statements have the words of one, the pairs name one that its author holds.
    """
    home = {matches.text_of[place]: number for number, point in enumerate(points) for place in point.members}
    examples = {
        matches.text_of[place]: place
        for point in points
        for place in sorted(point.members, key=lambda place: (statements[place].held, -place))
    }
    judged: dict[tuple[int, int], list[tuple[tuple[int, int], Verdict]]] = {}
    for (one, two), verdict in matches.verdicts.items():
        first, second = home[one], home[two]
        if first != second:
            key, texts = ((first, second), (one, two)) if first < second else ((second, first), (two, one))
            judged.setdefault(key, []).append((texts, verdict))
    result = []
    for (first, second), found in judged.items():
        chance = float(np.mean([verdict.opposed for _, verdict in found]))
        if chance >= least:
            best = sorted(found, key=lambda item: (-item[1].opposed, item[0]))[:3]
            pairs = tuple((examples[one], examples[two], verdict.opposed) for (one, two), verdict in best)
            result.append(Opposition(first, second, chance, pairs))
    return sorted(result, key=lambda item: (-item.probability, item.first, item.second))
