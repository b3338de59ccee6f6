"""A judgement: what is made of all statements of a comparison, whoever makes it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from oped.compare.candidates import Judge, Matches, match
from oped.compare.points import Opposition, Point, group, oppose
from oped.compare.stances import Detector, Stances, stances_of
from oped.compare.statements import Collection
from oped.neural.stances.runtime import LIKELY

Report = Callable[[int, int], None]
Opposed = Callable[[int, int], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Points, oppositions and stances.

    Attributes:
        points: all statements are in them, each in one.
        opposed: the probability that two statements, by their places, oppose each other; None where nothing is known of it.
        stances: None where nothing tells them.
        thresholds: probabilities from which on a label counts.
        named: by the place of a statement, what it takes a stance towards beside the entities of its map.
        told: how the judgement came about; None where there is nothing to tell.
        notes: what a reader of it must know.
    """

    points: Sequence[Point]
    oppositions: Sequence[Opposition]
    opposed: Opposed
    stances: Stances | None
    thresholds: Mapping[str, float]
    named: Mapping[int, Sequence[str]] = field(default_factory=dict)
    told: Mapping[str, Any] | None = None
    notes: Sequence[str] = ()


@runtime_checkable
class Assessor(Protocol):
    """Judges all statements of a comparison at once."""

    def assess(self, collection: Collection, *, report: Report | None = None) -> Judgement:
        """The judgement.

        Args:
            report: is called with what is done and what there is in all.
        """


@dataclass(frozen=True, slots=True)
class PairAssessor:
    """Judges pair by pair: each statement with its nearest ones, and with each entity that it names.

    Attributes:
        judge: tells whether two statements make one point.
        detector: tells whether a statement is for or against an entity; None: that is left out.
    """

    judge: Judge
    detector: Detector | None = None

    def assess(self, collection: Collection, *, report: Report | None = None) -> Judgement:
        """The judgement; `report` hears of the pairs, then of the entities."""
        statements, least = collection.statements, self.judge.thresholds
        matches = match(
            [collection.passage(part) for part in statements],
            [part.article for part in statements],
            self.judge,
            report=report,
        )
        points = group(statements, matches, least)
        thresholds = {"same": least.same, "opposed": least.opposed}
        return Judgement(
            points=points,
            oppositions=oppose(statements, points, matches, least=least.opposed),
            opposed=_by_text(matches),
            stances=None if self.detector is None else stances_of(statements, self.detector, report=report),
            thresholds=thresholds if self.detector is None else thresholds | {"for": LIKELY, "against": LIKELY},
        )


def _by_text(matches: Matches) -> Opposed:
    def opposed(one: int, two: int) -> float | None:
        first, second = sorted((matches.text_of[one], matches.text_of[two]))
        verdict = matches.verdicts.get((first, second))
        return verdict.opposed if verdict else None

    return opposed
