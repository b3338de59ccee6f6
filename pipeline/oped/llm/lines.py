"""An answer of lines, one for each component.

A line is `NUMBER|TYPE|PARAGRAPH|FIRST WORDS … LAST WORDS|RISK|SOURCE|RELATION`, with `|GIST` at the end where a gist was
asked for, and without the fields that a scheme does not have. A line `NUMBER|RELATION` gives the relation of a component
that has a line already; `NUMBER|drop` takes a component back. Prose and code fences around the lines do no harm, and a
line that is wrong costs itself alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from oped.llm.answer import (
    CUT,
    MOST_LINES,
    NO,
    RENUMBERED,
    YES,
    Answer,
    AnswerLine,
    Fault,
    Link,
    Place,
    gist_of,
    label_of,
    links_in,
    source_of,
)
from oped.llm.rows import DROP, Row, rows_of, says_none
from oped.llm.scheme import LabelScheme

_EMPTY: tuple[str, Place] = ("", (0, 0))


def read_lines(text: str, scheme: LabelScheme, *, gist: bool = False, late: bool = False, cut: bool = False) -> Answer:
    """Read an answer of lines.

    Args:
        gist: whether lines end in a gist.
        late: whether relations stand in lines of their own, after all components.
        cut: whether the answer was cut off, so that its last line is not whole.
    """
    reader = _Reader(text, scheme, gist=gist, late=late)
    for row in rows_of(text):
        reader.read(row, torn=cut and row.last)
    return reader.answer(nothing=says_none(text), cut=cut)


class _Reader:
    """Reads the lines of one answer, one after another."""

    def __init__(self, text: str, scheme: LabelScheme, *, gist: bool, late: bool) -> None:
        self.text, self.scheme = text, scheme
        self.tail = [name for name, there in (("risk", scheme.risk), ("source", scheme.source),
                     ("relation", bool(scheme.relations) and not late), ("gist", gist)) if there]  # fmt: skip
        self.lines: dict[int, AnswerLine] = {}
        self.faults: list[Fault] = []
        self.relinked: dict[int, tuple[Link, ...]] = {}
        self.removed: set[int] = set()

    def read(self, row: Row, *, torn: bool) -> None:
        if len(self.lines) >= MOST_LINES:
            return
        number, cells = row.number, row.cells
        if len(cells) == 1:
            self._amend(number, cells[0][0])
        elif torn and len(cells) < 3 + len(self.tail):
            self.faults.append(Fault(number, CUT))
        else:
            self._component(number, cells)

    def answer(self, *, nothing: bool, cut: bool) -> Answer:
        for number, links in list(self.relinked.items()):
            if number in self.lines:
                self.lines[number] = replace(self.lines[number], links=links)
                del self.relinked[number]
        return Answer(
            lines=tuple(self.lines.values()),
            faults=tuple(self.faults),
            nothing=nothing,
            relinked=self.relinked,
            removed=frozenset(self.removed),
            cut=cut,
        )

    def _amend(self, number: int, cell: str) -> None:
        if cell.strip().lower() in DROP:
            self.removed.add(number)
        elif links := links_in(cell, self.scheme):
            self.relinked[number] = links

    def _component(self, number: int, cells: Sequence[tuple[str, Place]]) -> None:
        kind = label_of(cells[0][0], self.scheme.components)
        paragraph = re.search(r"\d{1,6}", cells[1][0]) if len(cells) > 1 else None
        if kind is None:
            names = ", ".join(label.code for label in self.scheme.components)
            self.faults.append(Fault(number, f"its type is none of {names}"))
        elif paragraph is None or len(cells) < 3 or not cells[2][0]:
            self.faults.append(Fault(number, "it has not all the fields of a line"))
        else:
            self._add(number, kind, int(paragraph[0]), cells)

    def _add(self, number: int, kind: str, paragraph: int, cells: Sequence[tuple[str, Place]]) -> None:
        quote, tail = self._split(cells[2:])
        relation = tail.get("relation", _EMPTY)[0]
        links = links_in(relation, self.scheme)
        if not links and relation.lower() not in NO:
            self.faults.append(Fault(number, f"{relation[:20]!r} is no relation"))
        line = AnswerLine(
            number=number,
            type=kind,
            paragraph=paragraph,
            quote=quote,
            risk=tail.get("risk", _EMPTY)[0].lower() in YES,
            source=source_of(tail.get("source", _EMPTY)[0]),
            links=links,
            gist=gist_of(tail["gist"][0]) if "gist" in tail else None,
            places={"type": cells[0][1]} | {name: tail[name][1] for name in ("risk", "relation") if name in tail},
        )
        self.put(line)

    def put(self, line: AnswerLine) -> None:
        """Take a line; one with a number that is there already gets a new one, which nothing can name as target."""
        if line.number in self.lines:
            if (line.quote, line.paragraph) == (self.lines[line.number].quote, self.lines[line.number].paragraph):
                return
            line = replace(line, number=max(self.lines) + RENUMBERED)
        self.lines[line.number] = line

    def _split(self, cells: Sequence[tuple[str, Place]]) -> tuple[str, dict[str, tuple[str, Place]]]:
        """The quote, and the fields after it by name: where there are more than there should be, the quote has bars in it."""
        names, cells = list(self.tail), list(cells)
        surplus = len(cells) - 1 - len(names)
        if surplus < 0:
            names = self._names_of(cells[1:])
        for extra in range(max(surplus, 0), -1, -1):
            tail = dict(zip(names, cells[1 + extra :], strict=False))
            if self._fits(tail):
                return self._quote(cells, extra), tail
        extra = max(surplus, 0)
        return self._quote(cells, extra), dict(zip(names, cells[1 + extra :], strict=False))

    def _quote(self, cells: Sequence[tuple[str, Place]], extra: int) -> str:
        """The words of the first field and some more, with the bars between them."""
        return self.text[cells[0][1][0] : cells[extra][1][1]].strip()

    def _names_of(self, cells: Sequence[tuple[str, Place]]) -> list[str]:
        """Names of too few fields: the last of them is the relation, if it looks like one."""
        if not cells or "relation" not in self.tail or not links_in(cells[-1][0], self.scheme):
            return self.tail
        before = self.tail[: self.tail.index("relation")]
        if len(cells) == 2 and before == ["risk", "source"]:
            before = ["risk"] if cells[0][0].lower() in YES | NO else ["source"]
        return [*before[: len(cells) - 1], "relation"]

    def _fits(self, tail: Mapping[str, tuple[str, Place]]) -> bool:
        risk, relation = tail.get("risk", _EMPTY)[0].lower(), tail.get("relation", _EMPTY)[0]
        return risk in YES | NO and (relation.lower() in NO or bool(links_in(relation, self.scheme)))
