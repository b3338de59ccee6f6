"""Problems of a corpus: inconsistencies that reading it shows, each with its file and place."""

from collections.abc import Callable
from dataclasses import dataclass

from oped.errors import FormatError


@dataclass(frozen=True, slots=True)
class Problem:
    """One inconsistency of a corpus.

    Attributes:
        left_out: whether something had to be left out of the record.
    """

    path: str
    place: str
    reason: str
    left_out: bool = True

    def __str__(self) -> str:
        return f"{self.path}: {self.place}: {self.reason}" + (" (left out)" if self.left_out else "")


Report = Callable[[Problem], None]


def ignore(problem: Problem) -> None:
    """Pass over a problem."""


def refuse(problem: Problem) -> None:
    """Take a problem for an error.

    Raises:
        FormatError: always.
    """
    raise FormatError(problem.reason, path=problem.path, place=problem.place)
