"""What stance the authors take towards the entities that their statements name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from oped.compare.statements import Statement
from oped.formats.stances import StanceTarget
from oped.neural.stances.runtime import decide
from oped.numeric import Floats

_BLOCK = 512


class Detector(Protocol):
    """Tells stances; `oped.neural.stances.runtime.StanceDetector` does."""

    def detect(self, targets: Sequence[StanceTarget]) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Stance:
    """A stance, a place in `STANCES`, and its probability."""

    stance: int
    probability: float


Stances = Mapping[int, Mapping[str, Stance]]


def stances_of(
    statements: Sequence[Statement], detector: Detector, *, report: Callable[[int, int], None] | None = None
) -> Stances:
    """Stances towards entities, by the place of the statement and the entity's name.

    Args:
        report: is called with the targets done and in all.
    """
    wanted = [(place, name, target) for place, part in enumerate(statements) for name, target in part.targets]
    found: dict[int, dict[str, Stance]] = {}
    for start in range(0, len(wanted), _BLOCK):
        block = wanted[start : start + _BLOCK]
        chances = detector.detect([target for _, _, target in block])
        for (place, name, _), stance, row in zip(block, decide(chances), chances, strict=True):
            found.setdefault(place, {})[name] = Stance(stance, round(float(row[stance]), 4))
        if report:
            report(start + len(block), len(wanted))
    return found
