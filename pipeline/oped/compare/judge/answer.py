"""The answer of a judge as records: what it says of the statements on a sheet, before anything is checked.

A line is `NUMBER|point|SENTENCE|IDS`, and so with `risk`; `NUMBER|contradiction|REASON|IDS|IDS`; `NUMBER|for|WHOM|IDS`, and so
with `against`. A `?` behind the second field says that it is doubtful. `NUMBER|drop` takes a line back. Prose and code fences
around the lines do no harm, and a line that is wrong costs itself alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from oped.llm.answer import MOST_LINES, RENUMBERED, Fault
from oped.llm.rows import DROP, Row, rows_of, says_none

POINT, RISK, CONTRADICTION, FOR, AGAINST = KINDS = ("point", "risk", "contradiction", "for", "against")
CUT = "the answer was cut off here; give this line and all that follow it"
_FORMS = {
    **{kind: kind for kind in KINDS},
    "keypoint": POINT,
    "points": POINT,
    "p": POINT,
    "k": POINT,
    "risks": RISK,
    "r": RISK,
    "contradictions": CONTRADICTION,
    "contradicts": CONTRADICTION,
    "opposed": CONTRADICTION,
    "x": CONTRADICTION,
    "f": FOR,
    "pro": FOR,
    "a": AGAINST,
    "con": AGAINST,
}
_ID = re.compile(r"(?<![\w])([A-Za-z]{1,3}\d{1,5}|\d{1,5})(?![\w])")
_BETWEEN = re.compile(r"(?:[\s,;&+!.()\[\]]|\band\b)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that an answer says.

    Attributes:
        number: of the line; unique in an answer.
        kind: one of `KINDS`.
        text: the sentence of a point or risk, the reason of a contradiction, whom a stance is towards.
        ids: of statements; of a contradiction those of the one side, which may be numbers of lines.
        other: ids of the other side of a contradiction.
        doubtful: whether a careful reader may see it otherwise.
    """

    number: int
    kind: str
    text: str
    ids: tuple[str, ...]
    other: tuple[str, ...] = ()
    doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was read from an answer.

    Attributes:
        faults: lines that say nothing.
        nothing: whether the model said that there is nothing to tell.
        removed: numbers of lines that are taken back.
    """

    lines: tuple[Line, ...] = ()
    faults: tuple[Fault, ...] = ()
    nothing: bool = False
    removed: frozenset[int] = frozenset()

    def amended(self, other: "Answer") -> "Answer":
        """This answer, with the lines of a correction in the place of those with the same numbers."""
        lines = {line.number: line for line in (*self.lines, *other.lines)}
        mended = {*(line.number for line in other.lines), *other.removed}
        kept = tuple(lines[number] for number in sorted(lines) if number not in other.removed)
        faults = tuple(fault for fault in self.faults if fault.number is not None and fault.number not in mended)
        nothing = (self.nothing or other.nothing) and not kept
        return Answer(lines=kept, faults=(*faults, *other.faults), nothing=nothing)


def read_answer(text: str, *, cut: bool = False) -> Answer:
    """Read an answer.

    Args:
        cut: whether it was cut off, so that its last line is not whole.
    """
    lines: dict[int, Line] = {}
    faults: list[Fault] = []
    removed: set[int] = set()
    for row in rows_of(text):
        if len(lines) >= MOST_LINES:
            break
        if len(row.cells) == 1 and row.cells[0][0].lower() in DROP:
            removed.add(row.number)
        elif cut and row.last:
            faults.append(Fault(row.number, CUT))
        elif isinstance(found := _line(row), Fault):
            faults.append(found)
        else:
            _put(found, lines)
    return Answer(
        lines=tuple(lines.values()), faults=tuple(faults), nothing=says_none(text), removed=frozenset(removed)
    )


def _put(line: Line, lines: dict[int, Line]) -> None:
    """Take a line; one with a number that is there already gets a new one."""
    if lines.get(line.number) == line:
        return
    if line.number in lines:
        line = replace(line, number=max(lines) + RENUMBERED)
    lines[line.number] = line


def _line(row: Row) -> Line | Fault:
    first, *cells = (cell for cell, _ in row.cells)
    kind = _FORMS.get(re.sub(r"[\W_]+", "", first).lower())
    if kind is None:
        return Fault(row.number, f"its second field is none of {', '.join(KINDS)}")
    sides = 2 if kind == CONTRADICTION else 1
    text, ids = _parted(cells, sides)
    if len(ids) < sides or not all(ids):
        wanted = "a reason and the ids of two sides" if sides == 2 else "a text and the ids of statements"
        return Fault(row.number, f"it has not all its fields: {kind} needs {wanted}")
    return Line(
        number=row.number, kind=kind, text=text, ids=ids[0], other=ids[1] if sides == 2 else (), doubtful="?" in first
    )


def _parted(cells: Sequence[str], sides: int) -> tuple[str, list[tuple[str, ...]]]:
    """The text and the lists of ids, in whatever order they stand; a text may have bars in it."""
    places = [place for place, cell in enumerate(cells) if _ID.search(cell) and _BETWEEN.fullmatch(_ID.sub("", cell))]
    if len(places) < sides:  # ids with words around them
        places = [place for place, cell in enumerate(cells) if place and _ID.search(cell)]
    places = places[-sides:]
    text = "|".join(cell for place, cell in enumerate(cells) if place not in places and cell)
    return text, [_ids(cells[place]) for place in places]


def _ids(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.upper() for name in _ID.findall(cell)))
