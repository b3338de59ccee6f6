"""The answer of a language model: a line for each component, read tolerantly into records, never evaluated.

A line is `NUMBER|TYPE|PARAGRAPH|FIRST WORDS … LAST WORDS|RISK|SOURCE|RELATION`, with `|GIST` at the end where a gist was
asked for, and without the fields that a scheme does not have. A line `NUMBER|RELATION` gives the relation of a component
that has a line already; `NUMBER|drop` takes a component back. Prose and code fences around the lines do no harm.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from oped.llm.paragraphs import on_one_line
from oped.llm.scheme import Label, LabelScheme

LONGEST = 1_000_000
MOST_LINES = 5_000
_START = re.compile(r"[\s|>*`\-•]*(?:\*\*)?[#cC]?(\d{1,5})[.):*\s]*\|")
_YES = frozenset(["r", "risk", "yes", "y", "true", "1", "x"])
_NO = frozenset(["", "-", "–", "—", "0", "no", "n", "false", "none", "null", "n/a", "na", "/"])
_AUTHOR = frozenset([*_NO, "author", "the author", "the author's", "author's", "a", "writer", "the writer"])
_DROP = frozenset(["drop", "dropped", "remove", "delete", "none"])
_NONE = re.compile(r"[\W_]*none[\W_]*", re.IGNORECASE)

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Link:
    """A relation that goes out from a line: its type, and the number of the line that it goes to."""

    type: str
    target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    """One component as answered; nothing of it has been looked up in the article yet.

    Attributes:
        number: of the line; unique in an answer.
        type: a label of the scheme.
        paragraph: that the words stand in, from 1.
        quote: its words, or the first and last ones with an ellipsis between.
        source: whose view it is; empty for the author's.
        places: of some fields, where they stand in the answer; empty where they are not known.
    """

    number: int
    type: str
    paragraph: int
    quote: str
    risk: bool = False
    source: str = ""
    links: tuple[Link, ...] = ()
    gist: str | None = None
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in an answer.

    Attributes:
        number: of the line; None: the answer as a whole.
        reason: in words that the model, and a user, can act on.
    """

    number: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was read from an answer.

    Attributes:
        faults: lines that are no component.
        nothing: whether the model said that the article argues nothing.
        relinked: relations of lines that stand elsewhere.
        removed: numbers of lines that are taken back.
        cut: whether the answer ends in the middle.
    """

    lines: tuple[AnswerLine, ...] = ()
    faults: tuple[Fault, ...] = ()
    nothing: bool = False
    relinked: Mapping[int, tuple[Link, ...]] = field(default_factory=dict)
    removed: frozenset[int] = frozenset()
    cut: bool = False

    def amended(self, other: "Answer") -> "Answer":
        """This answer, with the lines of a correction in the place of those with the same numbers."""
        lines = {line.number: line for line in self.lines} | {line.number: line for line in other.lines}
        for number, links in other.relinked.items():
            if number in lines:
                lines[number] = replace(lines[number], links=links)
        mended = {*lines, *other.removed}
        kept = tuple(lines[number] for number in sorted(lines) if number not in other.removed)
        faults = tuple(fault for fault in self.faults if fault.number is not None and fault.number not in mended)
        return Answer(lines=kept, faults=(*faults, *other.faults), nothing=self.nothing and not kept)


def read_lines(text: str, scheme: LabelScheme, *, gist: bool = False, cut: bool = False) -> Answer:
    """Read an answer of lines.

    Args:
        gist: whether lines end in a gist.
        cut: whether the answer was cut off, so that its last line is not whole.
    """
    reader = _Reader(scheme, gist=gist)
    rows = list(_rows(text[:LONGEST]))
    for place, (offset, row) in enumerate(rows):
        reader.read(row, offset, torn=cut and place == len(rows) - 1)
    return reader.answer(nothing=_NONE.fullmatch(text) is not None, cut=cut)


def _rows(text: str) -> Iterable[tuple[int, str]]:
    offset = 0
    for row in text.split("\n"):
        if row.strip():
            yield offset, row
        offset += len(row) + 1


class _Reader:
    """Reads the lines of one answer, one after another."""

    def __init__(self, scheme: LabelScheme, *, gist: bool) -> None:
        self.scheme, self.gist = scheme, gist
        self.tail = [name for name, there in (("risk", scheme.risk), ("source", scheme.source),
                     ("relation", bool(scheme.relations)), ("gist", gist)) if there]  # fmt: skip
        self.lines: dict[int, AnswerLine] = {}
        self.faults: list[Fault] = []
        self.relinked: dict[int, tuple[Link, ...]] = {}
        self.removed: set[int] = set()

    def read(self, row: str, offset: int, *, torn: bool) -> None:
        match = _START.match(row)
        if match is None or len(self.lines) >= MOST_LINES:
            return
        number = int(match[1])
        cells = _cells(row, match.end(), offset)
        if row.lstrip().startswith("|") and len(cells) > 1 and not cells[-1][0]:
            cells = cells[:-1]
        if len(cells) == 1:
            self._amend(number, cells[0][0])
        elif torn and len(cells) < 3 + len(self.tail):
            self.faults.append(Fault(number, "the line is cut off"))
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
        if cell.strip().lower() in _DROP:
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
        relation = tail.get("relation", ("", (0, 0)))[0]
        links = links_in(relation, self.scheme)
        if not links and relation.lower() not in _NO:
            self.faults.append(Fault(number, f"{relation[:20]!r} is no relation"))
        line = AnswerLine(
            number=number,
            type=kind,
            paragraph=paragraph,
            quote=quote,
            risk=tail.get("risk", ("", (0, 0)))[0].lower() in _YES,
            source=source_of(tail.get("source", ("", (0, 0)))[0]),
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
            line = replace(line, number=max(self.lines) + 100_000)
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
                return "|".join(cell for cell, _ in cells[: 1 + extra]).strip(), tail
        extra = max(surplus, 0)
        return "|".join(cell for cell, _ in cells[: 1 + extra]).strip(), dict(zip(names, cells[1 + extra :], strict=False))

    def _names_of(self, cells: Sequence[tuple[str, Place]]) -> list[str]:
        """Names of too few fields: the last of them is the relation, if it looks like one."""
        if not cells or "relation" not in self.tail or not links_in(cells[-1][0], self.scheme):
            return self.tail
        before = self.tail[: self.tail.index("relation")]
        if len(cells) == 2 and before == ["risk", "source"]:
            before = ["risk"] if cells[0][0].lower() in _YES | _NO else ["source"]
        return [*before[: len(cells) - 1], "relation"]

    def _fits(self, tail: Mapping[str, tuple[str, Place]]) -> bool:
        risk, relation = tail.get("risk", ("", (0, 0)))[0].lower(), tail.get("relation", ("", (0, 0)))[0]
        return risk in _YES | _NO and (relation.lower() in _NO or bool(links_in(relation, self.scheme)))


def _cells(row: str, start: int, offset: int) -> list[tuple[str, Place]]:
    """The fields of a line after its number, each with its place in the answer."""
    result: list[tuple[str, Place]] = []
    for cell in row[start:].split("|"):
        result.append((cell.strip().strip("`*").strip(), (offset + start, offset + start + len(cell))))
        start += len(cell) + 1
    return result


def label_of(text: str, labels: Sequence[Label]) -> str | None:
    """The name of the label that a text is the code or the name of, whatever its case."""
    wanted = re.sub(r"[\W_]+", "", text).lower()
    for label in labels:
        if wanted and wanted in (re.sub(r"[\W_]+", "", form).lower() for form in (label.code, label.name)):
            return label.name
    return None


def links_in(text: str, scheme: LabelScheme) -> tuple[Link, ...]:
    """The relations that a field names, such as `+5`, `attack 3` or `+5, -2`; a bare number is the first type."""
    if not scheme.relations:
        return ()
    forms = {form.lower(): label.name for label in scheme.relations for form in (label.name, label.code)}
    names = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    text = text.lower().translate(dict.fromkeys(map(ord, "−–—‐‑"), "-"))
    found = re.findall(rf"(?:({names})[a-z]*)?[\s:>(#]*c?(?<!\d)(\d{{1,6}})(?!\d)", text)
    links = dict.fromkeys(Link(forms.get(form, scheme.relations[0].name), int(target)) for form, target in found)
    return tuple(links)[:1] if scheme.tree else tuple(links)


def source_of(text: str) -> str:
    """The name of a source, on one line and of bearable length; empty for the author."""
    name = on_one_line(text).strip("\"“”'‘’ ")[:200]
    return "" if name.lower() in _AUTHOR else name


def gist_of(text: str, most: int = 15) -> str | None:
    """A gist of at most fifteen words; None where there is none."""
    words = on_one_line(text).strip("\"“” ").split()
    if not words or " ".join(words).lower() in _NO:
        return None
    short = " ".join(words[:most]) + (" …" if len(words) > most else "")
    return short[:300]
