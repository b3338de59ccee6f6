"""PDF, through pdfminer.six: lines with their places, put back into columns and paragraphs."""

import io
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any

from oped.errors import EmptyInputError, EncryptedError, TooLongError, UnsupportedInputError
from oped.ingest.blocks import Block, Source
from oped.ingest.dates import parse_date

MARGIN = 0.1  # of the page's height, in which running heads and feet stand
GUTTER = 8.0  # points between two columns, at least
WIDE = 0.65  # of the text's width: a line that no column holds
HEADING = 1.15  # size of a heading's letters against the body's
MOST_PAGES = 3_000
_PAGE_NUMBER = re.compile(r"\W*(?:page\s*)?\d{1,4}(?:\s*(?:of|/)\s*\d+)?\W*", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")
_CUT_WORD = re.compile(r"[^\W\d_]-")
_CREATED = re.compile(r"D:(\d{4})(\d{2})(\d{2})")
_NO_TITLE = re.compile(r"\.(?:docx?|indd|pdf|tex|qxd)$|^(?:microsoft word|untitled)", re.IGNORECASE)
_BETWEEN_AUTHORS = re.compile(r"[;,]| and ")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of print; y grows upwards. Lengths are in points."""

    text: str
    x0: float
    x1: float
    y0: float
    y1: float
    size: float
    page: int

    @property
    def height(self) -> float:
        return self.y1 - self.y0


def read_pdf(data: bytes, name: str, step: Callable[[], None] = lambda: None) -> Source:
    """Blocks of a PDF, without running heads, feet and page numbers; columns in reading order, hyphenation undone.

    Args:
        step: is called after each page.

    Raises:
        EncryptedError: it is protected by a password.
        EmptyInputError: it has no text (a scan).
        UnsupportedInputError: it is damaged.
        TooLongError: it has too many pages.
    """
    pages, info = _pages(data, name, step)
    lines = [line for page in _without_running(pages) for line in _in_order(page)]
    if not lines:
        raise EmptyInputError(f"{name}: expected a PDF with text, found none (a scan?); run it through OCR first")
    body = _body_size(lines)
    return Source(list(_blocks(lines, body)), **_metadata(info))


def _pages(data: bytes, name: str, step: Callable[[], None]) -> tuple[list[list[Line]], dict[str, Any]]:
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LAParams
    from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
    from pdfminer.pdfparser import PDFParser

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    try:
        document = PDFDocument(PDFParser(io.BytesIO(data)))
        info = dict(document.info[0]) if document.info else {}
        pages = []
        for number, page in enumerate(extract_pages(io.BytesIO(data), laparams=LAParams(boxes_flow=None))):
            if number == MOST_PAGES:
                raise TooLongError(f"{name}: expected at most {MOST_PAGES:,} pages, found more; split it")
            pages.append(_page_lines(page, number))
            step()
        return pages, info
    except (PDFPasswordIncorrect, PDFEncryptionError):
        raise EncryptedError(
            f"{name}: expected an open PDF, found one protected by a password; save it without"
        ) from None
    except (TooLongError, OSError, MemoryError):
        raise
    except Exception as error:  # pdfminer raises many kinds on what is damaged, some of other packages
        raise UnsupportedInputError(f"{name}: expected a PDF, found a damaged one ({type(error).__name__})") from None


def _page_lines(page: Any, number: int) -> list[Line]:
    from pdfminer.layout import LTChar, LTTextContainer, LTTextLine

    lines = []
    for box in page:
        for line in box if isinstance(box, LTTextContainer) else ():
            text = line.get_text() if isinstance(line, LTTextLine) else ""
            if text.strip():
                sizes = [letter.size for letter in line if isinstance(letter, LTChar)]
                text = _SPACE.sub(" ", text).strip()
                lines.append(
                    Line(text, line.x0, line.x1, line.y0, line.y1, median(sizes) if sizes else line.height, number)
                )
    return [_relative(line, page) for line in lines]


def _relative(line: Line, page: Any) -> Line:
    return Line(
        line.text, line.x0 - page.x0, line.x1 - page.x0, line.y0 - page.y0, line.y1 - page.y0, line.size, line.page
    )


def _without_running(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """Pages without what returns at their top or foot, digits aside, and without page numbers."""
    edges = [set(_edges(page)) for page in pages]
    counts = Counter(key for lines in edges for key in {_key(line) for line in lines})
    running = {key for key, count in counts.items() if count >= max(2, len(pages) / 3)}

    def runs(line: Line, edge: set[Line]) -> bool:
        return line in edge and (_key(line) in running or _PAGE_NUMBER.fullmatch(line.text) is not None)

    return [[line for line in page if not runs(line, edge)] for page, edge in zip(pages, edges, strict=True)]


def _edges(page: list[Line]) -> list[Line]:
    if not page:
        return []
    top, bottom = max(line.y1 for line in page), min(line.y0 for line in page)
    margin = MARGIN * max(top, 1.0)
    return [line for line in page if line.y1 > top - margin or line.y0 < bottom + margin]


def _key(line: Line) -> str:
    return _DIGITS.sub("#", line.text.lower())


def _in_order(lines: list[Line]) -> Iterator[Line]:
    """Lines as they are read: in bands between wide lines, the left column before the right one."""
    if not lines:
        return
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    band: list[Line] = []
    for line in sorted(lines, key=lambda line: (-round(line.y1), line.x0)):
        if line.x1 - line.x0 > WIDE * (right - left):
            yield from _columns(band)
            band = []
            yield line
        else:
            band.append(line)
    yield from _columns(band)


def _columns(lines: list[Line]) -> Iterator[Line]:
    """Lines of a band, column by column; columns are apart by a gutter that no line crosses."""
    columns: list[list[Line]] = []
    reach = float("-inf")
    for line in sorted(lines, key=lambda line: line.x0):
        if line.x0 > reach + GUTTER:
            columns.append([])
        columns[-1].append(line)
        reach = max(reach, line.x1)
    if len(columns) > 1 and min(map(len, columns)) < 2:
        columns = [lines]
    for column in columns:
        yield from sorted(column, key=lambda line: (-round(line.y1), line.x0))


def _body_size(lines: Sequence[Line]) -> float:
    """The size of letters in which most of the text is set."""
    weights: Counter[float] = Counter()
    for line in lines:
        weights[round(line.size, 1)] += len(line.text)
    return weights.most_common(1)[0][0]


def _blocks(lines: Sequence[Line], body: float) -> Iterator[Block]:
    """Paragraphs and headings; a paragraph may go on in the next column or on the next page."""
    group = _Group()
    spacing = _spacing(lines)
    edges = _left_edges(lines)
    for line in lines:
        if group.lines and _begins(line, group, spacing, edges):
            yield _block(group.lines, body)
            group = _Group()
        group.add(line)
    if group.lines:
        yield _block(group.lines, body)


@dataclass(slots=True)
class _Group:
    """Lines of one block, with their outer edges."""

    lines: list[Line] = field(default_factory=list)
    left: float = float("inf")
    right: float = float("-inf")

    def add(self, line: Line) -> None:
        self.lines.append(line)
        self.left, self.right = min(self.left, line.x0), max(self.right, line.x1)


def _spacing(lines: Sequence[Line]) -> float:
    steps = [one.y0 - two.y0 for one, two in pairwise(lines) if one.page == two.page and one.y0 > two.y0]
    return median(steps) if steps else 12.0


def _left_edges(lines: Sequence[Line]) -> list[float]:
    counts = Counter(round(line.x0) for line in lines)
    return [edge for edge, count in counts.items() if count >= max(3, len(lines) / 20)]


def _begins(line: Line, group: _Group, spacing: float, edges: list[float]) -> bool:
    """Whether a line begins a new block after those of the group."""
    last = group.lines[-1]
    if abs(line.size - last.size) > 0.6:
        return True
    ended = last.text.endswith((".", "!", "?", "”", '"', ":"))
    step = last.y0 - line.y0
    if line.page != last.page or step <= 0:
        return ended and (line.text[:1].isupper() or not line.text[:1].isalpha()) and _is_short(last, group)
    if step > 1.35 * spacing:
        return True
    indented = (
        any(2 * line.size >= line.x0 - edge > 0.7 * line.size for edge in edges)
        and line.x0 - group.left > 0.5 * line.size
    )
    return indented and ended


def _is_short(line: Line, group: _Group) -> bool:
    return len(group.lines) == 1 or line.x1 < group.right - 2 * line.size


def _block(group: list[Line], body: float) -> Block:
    parts, end = [group[0].text], group[0].text[-2:]  # the last two letters of the text so far
    for line in group[1:]:
        if (_CUT_WORD.fullmatch(end) and line.text[:1].islower()) or end.endswith("\N{SOFT HYPHEN}"):
            parts[-1] = parts[-1][:-1]
            parts.append(line.text)
            end = (end[:-1] + line.text)[-2:]
        else:
            parts.append(f" {line.text}")
            end = parts[-1][-2:]
    text = "".join(parts)
    size = median(line.size for line in group)
    level = 0 if size < HEADING * body or len(text.split()) > 30 else (1 if size >= 1.5 * body else 2)
    return Block(text, level)


def _metadata(info: dict[str, Any]) -> dict[str, Any]:
    title, author = _text(info.get("Title")), _text(info.get("Author"))
    date = _CREATED.match(_text(info.get("CreationDate")))
    plausible = " " in title and not _NO_TITLE.search(title)
    created = parse_date("-".join(date.groups())) if date else None
    return {
        "title": title if plausible else None,
        "authors": tuple(part.strip() for part in _BETWEEN_AUTHORS.split(author) if part.strip())
        if " " in author
        else (),
        "extra": {"created": created} if created else {},
    }


def _text(value: Any) -> str:
    from pdfminer.utils import decode_text

    return decode_text(value).strip() if isinstance(value, bytes) else ""
