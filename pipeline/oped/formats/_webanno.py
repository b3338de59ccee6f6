"""WebAnno TSV 3: one token a line, span and relation layers in columns (INCEpTION and WebAnno export and import it).

Offsets in the file count UTF-16 units; records count code points. Written files have a sentence for each paragraph and
token borders wherever a component begins or ends, so that every span is whole tokens. Read are spans over whole tokens
and parts of one (`3-2.1`), and relations with their disambiguation numbers.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from oped.errors import FormatError
from oped.formats._draft import Draft, assemble
from oped.formats._files import read_text, reader, writer
from oped.formats._layers import RELATION, SPAN, features_of, link_of, span_of
from oped.formats.problems import Report
from oped.records import ArgumentMap, Article, Component

_ESCAPED = re.compile(r"([\\\[\]|_;*])|(->)")
_UNESCAPED = re.compile(r"\\(->|.)", re.DOTALL)
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r"}
_TOKEN = re.compile(r"\w+|[^\w\s]")
_ROW = re.compile(r"(\d+)-(\d+)(?:\.(\d+))?\t(\d+)-(\d+)\t([^\t]*)(?:\t(.*))?")
_NUMBERED = re.compile(r"(.*?)(?:\[(\d+)\])?", re.DOTALL)
_CUSTOM = "webanno.custom."
_END = re.compile(r"(\d+-\d+(?:\.\d+)?)(?:\[(\d+)_(\d+)\])?")


def escape(value: str | None) -> str:
    """A value as a column of the file holds it; None is `*`."""
    if not value:
        return "*"
    return _on_one_line(_ESCAPED.sub(lambda match: "\\" + match[0], value))


def _on_one_line(text: str) -> str:
    return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def unescape(value: str) -> str | None:
    """The value of a column."""
    if value in ("*", "_"):
        return None
    return _plain(value)


def _plain(text: str) -> str:
    return _UNESCAPED.sub(lambda match: _CONTROLS.get(match[1], match[1]), text)


def _document(amap: ArgumentMap) -> str:
    lines = [
        "#FORMAT=WebAnno TSV 3.3",
        "#T_SP=" + "|".join((SPAN.name, *SPAN.features)),
        "#T_RL=" + "|".join((RELATION.name, *RELATION.features, f"BT_{SPAN.name}")),
        "",
    ]
    text, units = amap.article.text, _units(amap.article.text)
    rows = _Rows(amap)
    for number, (start, end, tokens) in enumerate(rows.sentences, start=1):
        lines += ["", "#Text=" + _on_one_line(text[start:end].replace("\\", "\\\\"))]
        for place, (first, last) in enumerate(tokens, start=1):
            columns = (f"{number}-{place}", f"{units[first]}-{units[last]}", text[first:last], *rows.cells(first, last))
            lines.append("\t".join(columns) + "\t")
    return "\n".join(lines) + "\n"


def _units(text: str) -> list[int]:
    """Offset in UTF-16 units of each code point, and of the end. *Shape:* (code points + 1,)"""
    offsets, total = [], 0
    for letter in text:
        offsets.append(total)
        total += 2 if ord(letter) > 0xFFFF else 1
    return [*offsets, total]


class _Rows:
    """The sentences and tokens of a map, and what stands in the columns of each."""

    def __init__(self, amap: ArgumentMap) -> None:
        self.amap = amap
        self.numbers = {part.id: number for number, part in enumerate(amap.components, start=1)}
        borders = sorted({border for part in amap.components for border in (part.start, part.end)})
        self.sentences = list(_sentences(amap.article.text, borders))
        self.addresses: dict[str, tuple[int, str]] = {}  # each component's first token: its start and its name
        for number, (_, _, tokens) in enumerate(self.sentences, start=1):
            for place, (first, last) in enumerate(tokens, start=1):
                for part in self._touching(first, last):
                    self.addresses.setdefault(part.id, (first, f"{number}-{place}"))

    def _touching(self, first: int, last: int) -> list[Component]:
        return [part for part in self.amap.components if part.start < last and first < part.end]

    def cells(self, first: int, last: int) -> Iterator[str]:
        """The columns of the token between two offsets."""
        own = self._touching(first, last)
        values = [(features_of(part), self.numbers[part.id]) for part in own]
        for feature in SPAN.features:
            yield "|".join(f"{escape(value[feature])}[{number}]" for value, number in values) or "_"
        begun = {part.id for part in own if self.addresses[part.id][0] == first}
        links = [link for link in self.amap.relations if link.target in begun and link.source in self.addresses]
        for feature in RELATION.features:
            yield "|".join(escape(features_of(link)[feature]) for link in links) or "_"
        ends = (
            f"{self.addresses[link.source][1]}[{self.numbers[link.source]}_{self.numbers[link.target]}]"
            for link in links
        )
        yield "|".join(ends) or "_"


def _sentences(text: str, borders: list[int]) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Start, end and tokens of each paragraph; tokens also end at each border."""
    for paragraph in re.finditer(r"\S(?:.*?\S)??(?=\s*(?:\n\s*\n|$))", text, re.DOTALL):
        tokens = []
        for match in _TOKEN.finditer(text, paragraph.start(), paragraph.end()):
            inside = borders[bisect_right(borders, match.start()) : bisect_left(borders, match.end())]
            tokens += list(pairwise((match.start(), *inside, match.end())))
        if tokens:
            yield tokens[0][0], tokens[-1][1], tokens


@dataclass(slots=True)
class _Unit:
    """A span as it grows row by row."""

    start: int
    end: int
    place: str
    values: dict[str, str | None] = field(default_factory=dict)


class _Reader:
    """Reads one file: rebuilds its text and gathers what stands in the columns."""

    def __init__(self, path: Path, report: Report) -> None:
        self.path, self.report = path, report
        self.span_columns: list[str] = []
        self.relation_columns: list[str] = []
        self.offset = 0  # of the span layer's first column
        self.relation_offset = 0
        self.text, self.length = "", 0  # length in UTF-16 units
        self.sentence: str | None = None
        self.places: dict[int, int] = {}  # code point of each UTF-16 offset where something may begin or end
        self.units: dict[str, _Unit] = {}
        self.tokens: dict[str, list[str]] = {}  # the spans at each token
        self.links: list[tuple[dict[str, str | None], str, str, str, str]] = []

    def map(self) -> ArgumentMap:
        lines = read_text(self.path).split("\n")
        if not lines[0].startswith("#FORMAT=WebAnno TSV 3"):
            raise self._wrong(f"expected '#FORMAT=WebAnno TSV 3.x', found {lines[0][:40]!r}", "line 1")
        self._header([line for line in lines if line.startswith(("#T_SP=", "#T_RL=", "#T_CH="))])
        for number, line in enumerate(lines, start=1):
            line = line.rstrip("\r")
            if line.startswith("#Text="):
                self.sentence = line.removeprefix("#Text=") if self.sentence is None else f"{self.sentence}\n{line[6:]}"
            elif match := _ROW.fullmatch(line):
                self._row(match, f"line {number}")
            elif line and not line.startswith("#"):
                raise self._wrong(f"expected a token's row, found {line[:60]!r}", f"line {number}")
        draft = Draft(Article(self.path.stem, self.text, source=self.path.name), self.path)
        self._fill(draft)
        return assemble(draft, self.report)

    def _wrong(self, reason: str, place: str) -> FormatError:
        return FormatError(reason, path=self.path, place=place)

    def _header(self, layers: list[str]) -> None:
        column = 0
        found: dict[str, list[tuple[str, list[str], int]]] = {"SP": [], "RL": [], "CH": []}
        for layer in layers:
            kind, (name, *features) = layer[3:5], layer.partition("=")[2].split("|")
            found[kind].append((name, features, column))
            column += 2 if kind == "CH" else max(1, len(features))
        if not found["SP"]:
            raise FormatError("expected a span layer (#T_SP=…), found none", path=self.path)
        # Our own layer, or else the first with a custom name, or else the first.
        known = sorted(found["SP"], key=lambda item: (item[0] != SPAN.name, not item[0].startswith(_CUSTOM)))
        name, self.span_columns, self.offset = known[0]
        for _, features, offset in found["RL"]:
            if features[-1:] == [f"BT_{name}"]:
                self.relation_columns, self.relation_offset = features, offset
                break

    def _row(self, match: re.Match[str], place: str) -> None:
        sentence, token, part, first, last, _, rest = match.groups()
        begin, end = int(first), int(last)
        if self.sentence is not None:
            self._place_sentence(_plain(self.sentence), begin, place)
            self.sentence = None
        start, stop = (self.places.get(border) for border in (begin, end))
        if start is None or stop is None:
            raise self._wrong(f"token {begin}-{end} is not inside its sentence", place)
        cells = (rest or "").split("\t")
        address = f"{sentence}-{token}" + (f".{part}" if part else "")
        self._spans(cells, address, start, stop, place)
        self._relations(cells, address, place)

    def _place_sentence(self, sentence: str, begin: int, place: str) -> None:
        gap = begin - self.length
        if gap < 0:
            raise self._wrong(f"the sentence begins at {begin}, inside the last one", place)
        self.text += " " if gap == 1 else "\n" * gap
        units = _units(sentence)
        self.places |= {begin + unit: len(self.text) + number for number, unit in enumerate(units)}
        self.text += sentence
        self.length = begin + units[-1]

    def _spans(self, cells: list[str], address: str, start: int, end: int, place: str) -> None:
        columns = cells[self.offset : self.offset + len(self.span_columns)]
        values = [_split(column) for column in columns]
        count = max((len(column) for column in values), default=0)
        for number in range(count):
            parts = [_NUMBERED.fullmatch(column[number]) for column in values if number < len(column)]
            tag = next((match[2] for match in parts if match and match[2]), None)
            name = tag or f"{address}#{number}"
            unit = self.units.setdefault(name, _Unit(start, end, place))
            unit.start, unit.end = min(unit.start, start), max(unit.end, end)
            self.tokens.setdefault(address, []).append(name)
            for feature, match in zip(self.span_columns, parts, strict=False):
                if match:
                    unit.values[feature] = unescape(match[1])

    def _relations(self, cells: list[str], address: str, place: str) -> None:
        columns = cells[self.relation_offset : self.relation_offset + len(self.relation_columns)]
        if not columns or len(columns) < len(self.relation_columns) or columns[-1] in ("_", ""):
            return
        values = [_split(column) for column in columns[:-1]]
        for number, end in enumerate(_split(columns[-1])):
            match = _END.fullmatch(end)
            if not match:
                raise self._wrong(f"expected a token such as 1-2[3_4], found {end!r}", place)
            named = {
                feature: unescape(column[number]) if number < len(column) else None
                for feature, column in zip(self.relation_columns, values, strict=False)
            }
            source = match[2] if match[2] and match[2] != "0" else match[1]
            target = match[3] if match[3] and match[3] != "0" else address
            self.links.append((named, source, target, f"R{len(self.links) + 1}", place))

    def _fill(self, draft: Draft) -> None:
        try:
            names = {}
            for number, (key, unit) in enumerate(self.units.items(), start=1):
                span = span_of(unit.values, unit.start, unit.end, name=f"T{number}", place=unit.place)
                names[key] = span.id
                draft.spans.append(span)
            for values, source, target, name, place in self.links:
                ends = [names.get(end) or names.get(self.tokens.get(end, [end])[0], end) for end in (source, target)]
                draft.links.append(link_of(values, ends[0], ends[1], name=name, place=place))
        except ValueError as error:
            raise FormatError(f"expected a component's or relation's features: {error}", path=self.path) from None


def _split(column: str) -> list[str]:
    """The values of a column, which stand apart by bars that are not escaped."""
    return [] if column in ("_", "") else re.split(r"(?<!\\)\|", column)


read = reader(lambda path, report: _Reader(path, report).map(), ".tsv")
write = writer(".tsv", _document)
