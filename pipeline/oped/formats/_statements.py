"""Statements of sentence and pair corpora: they become an article, a paragraph each.

Such corpora give statements without a running text. Each group that belongs together (a pair, or all that is said on a
topic) becomes one article whose paragraphs are the statements and whose components are those that carry a label.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from oped.errors import FormatError
from oped.formats._draft import Draft, Link, Span, assemble
from oped.formats._files import read_text
from oped.formats.problems import Report
from oped.records import ArgumentMap, Article

MOST_CELL = 1 << 24  # characters


class Statements:
    """An article that grows statement by statement.

    Args:
        name: the article's id.
        path: the file it comes from.
    """

    def __init__(self, name: str, path: Path, scheme: str, *, title: str | None = None) -> None:
        self.name, self.path, self.scheme, self.title = name, path, scheme, title
        self.text = ""
        self.spans: list[Span] = []
        self.links: list[Link] = []

    def add(
        self, text: str, kind: str | None, *, name: str | None = None, place: str | None = None, **extra: Any
    ) -> str:
        """Append a statement; returns its id.

        Args:
            kind: its label; None: it is context, and no component.
        """
        text = " ".join(text.split())
        self.text += "\n\n" if self.text else ""
        start = len(self.text)
        self.text += text
        name = name or f"s{len(self.spans) + 1}"
        if kind is not None and text:
            self.spans.append(Span(name, start, len(self.text), kind, place=place, extra=extra))
        return name

    def link(self, source: str, target: str, kind: str, place: str | None = None) -> None:
        """Relate two statements by their ids."""
        self.links.append(Link(f"r{len(self.links) + 1}", source, target, kind, place))

    def map(self, report: Report) -> ArgumentMap:
        """The finished article with its labels."""
        article = Article(self.name, self.text, self.title, source=self.path.name)
        return assemble(Draft(article, self.path, self.scheme, self.spans, self.links), report)


def topic_of(books: dict[str, Statements], topic: str, name: str, path: Path, scheme: str) -> Statements:
    """The article of a topic, whose first statement the topic is; a new one, NAME and a number, where it has none yet."""
    if topic not in books:
        books[topic] = Statements(f"{name}-{len(books) + 1}", path, scheme, title=topic)
        books[topic].add(topic, "topic", name="topic")
    return books[topic]


def rows(
    path: Path, columns: tuple[str, ...], *, delimiter: str = ",", header: bool = True
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Place and cells of each row of a table.

    Args:
        columns: those that must be there; without a header, all in their order.

    Raises:
        FormatError: a column is missing, or a row is torn.
    """
    stream = io.StringIO(read_text(path).removeprefix("\ufeff"), newline="")
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if delimiter == "," else csv.QUOTE_NONE
    names = None if header else list(columns)
    reader: csv.DictReader[str] = csv.DictReader(stream, names, delimiter=delimiter, quoting=quoting)
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise FormatError(
            f"expected a column {missing[0]!r}, found {', '.join(reader.fieldnames or ())[:80]}", path=path
        )
    csv.field_size_limit(MOST_CELL)
    for row in _whole(reader, path):
        place = f"line {reader.line_num}"
        if any(row[column] is None for column in columns):
            raise FormatError(f"expected {len(columns)} columns, found fewer", path=path, place=place)
        yield place, row


def _whole(reader: "csv.DictReader[str]", path: Path) -> Iterator[Mapping[str, str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise FormatError(f"expected a table: {error}", path=path, place=f"line {reader.line_num}") from None
