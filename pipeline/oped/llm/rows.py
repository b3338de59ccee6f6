"""Rows: the numbered lines of an answer with their fields, whatever they are about; prose and code fences around them are
passed over."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from oped.llm.answer import LONGEST, Place

_START = re.compile(r"[\s|>*`\-•]*(?:\*\*)?[#cC]?(\d{1,5})[.):*\s]*\|")
_NONE = re.compile(r"[\W_]*none[\W_]*", re.IGNORECASE)
DROP = frozenset(["drop", "dropped", "remove", "delete", "none"])

Cell = tuple[str, Place]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an answer, `NUMBER|FIELD|FIELD…`.

    Attributes:
        cells: the fields after the number, each with its place in the answer.
        last: whether nothing follows it, so that it is torn where the answer was cut off.
    """

    number: int
    cells: list[Cell]
    last: bool


def rows_of(text: str) -> Iterator[Row]:
    """The numbered lines of an answer, in their order."""
    found = list(_lines(text[:LONGEST]))
    for place, (offset, line) in enumerate(found):
        if match := _START.match(line):
            cells = _cells(line, match.end(), offset)
            if line.lstrip().startswith("|") and len(cells) > 1 and not cells[-1][0]:  # a row of a Markdown table
                cells = cells[:-1]
            yield Row(int(match[1]), cells, place == len(found) - 1)


def says_none(text: str) -> bool:
    """Whether an answer is the word none, and nothing else."""
    return _NONE.fullmatch(text[:LONGEST]) is not None


def _lines(text: str) -> Iterator[tuple[int, str]]:
    offset = 0
    for line in text.split("\n"):
        if line.strip():
            yield offset, line
        offset += len(line) + 1


def _cells(line: str, start: int, offset: int) -> list[Cell]:
    result: list[Cell] = []
    for cell in line[start:].split("|"):
        result.append((cell.strip(), (offset + start, offset + start + len(cell))))
        start += len(cell) + 1
    return result
