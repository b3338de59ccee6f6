"""Key points: groups of statements that make one point, and which of them oppose each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
        turned: whether the reason speaks of the second point first.
    """

    first: int
    second: int
    probability: float
    pairs: tuple[tuple[int, int, float], ...]
    reason: str | None = None
    turned: bool = False


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
    sureness = _sureness(clusters, members, matches)
    ordered = sorted(members.items(), key=lambda item: by_spread(statements, item[1]))
    return [
        Point(f"k{number}", tuple(places), _clearest(statements, places, matches), sureness[cluster])
        for number, (cluster, places) in enumerate(ordered, start=1)
    ]


def by_spread(statements: Sequence[Statement], places: Sequence[int]) -> tuple[int, int, int]:
    """What points are ordered by: first those of the most groups, then those of the most statements."""
    return -len({name for place in places for name in statements[place].groups}), -len(places), places[0]


@dataclass(frozen=True, slots=True)
class _Between:
    """The verdicts on the pairs between two groups: how many, the sum of `same`, and whether one says opposed."""

    count: int
    same: float
    opposed: bool

    def __add__(self, other: "_Between") -> "_Between":
        return _Between(self.count + other.count, self.same + other.same, self.opposed or other.opposed)


class _Clusters:
    """Groups of distinct texts.

    What lies between each two groups is kept, and the lesser of two groups joins the greater, so that joining n texts takes
    about n steps.

    Attributes:
        of: the group of each text.
        texts: of each group.
    """

    def __init__(self, matches: Matches, thresholds: Thresholds) -> None:
        self.of = list(range(len(matches.texts)))
        self.texts = {place: [place] for place in self.of}
        self._sums = {place: matches.vectors[place] for place in self.of}
        self._thresholds = thresholds
        self._between: dict[int, dict[int, _Between]] = {place: {} for place in self.of}
        for (one, two), verdict in matches.verdicts.items():
            opposed = thresholds.says(verdict.same, verdict.opposed) == OPPOSED
            self._between[one][two] = self._between[two][one] = _Between(1, verdict.same, opposed)

    def join(self, one: int, two: int) -> None:
        """Put the groups of two texts that were judged together, where the groups belong together."""
        first, second = sorted((self.of[one], self.of[two]), key=self._weight)
        if first == second or not self._near(first, second):
            return
        told = self._between[first][second]
        pairs = len(self.texts[first]) * len(self.texts[second])
        if not told.opposed and told.same >= self._thresholds.same * max(told.count, min(pairs, NEIGHBOURS)):
            self._merge(first, second)

    def _weight(self, group: int) -> tuple[int, int]:
        """The work of moving a group."""
        return len(self.texts[group]) + len(self._between[group]), group

    def _merge(self, gone: int, kept: int) -> None:
        for text in self.texts[gone]:
            self.of[text] = kept
        self.texts[kept] += self.texts.pop(gone)
        self._sums[kept] = self._sums[kept] + self._sums.pop(gone)
        ours, theirs = self._between[kept], self._between.pop(gone)
        del ours[gone], theirs[kept]
        for other, told in theirs.items():
            both = told + ours[other] if other in ours else told
            del self._between[other][gone]
            ours[other] = self._between[other][kept] = both

    def _near(self, first: int, second: int) -> bool:
        """Whether the centres of two groups are near; of two texts alone the judge has decided already."""
        if len(self.texts[first]) == len(self.texts[second]) == 1:
            return True
        return float(unit(self._sums[first]) @ unit(self._sums[second])) >= self._thresholds.centre


def _sureness(clusters: _Clusters, members: Mapping[int, list[int]], matches: Matches) -> dict[int, float | None]:
    """How sure it is that the members of each group make one point; None where it has one alone."""
    found: dict[int, list[float]] = {}
    for (one, two), verdict in matches.verdicts.items():
        if clusters.of[one] == clusters.of[two]:
            found.setdefault(clusters.of[one], []).append(verdict.same)
    alike = {group for group, places in members.items() if len(clusters.texts[group]) == 1 and len(places) > 1}
    return {
        group: float(np.mean(found[group])) if group in found else 1.0 if group in alike else None for group in members
    }


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
