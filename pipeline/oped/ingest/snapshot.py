"""A plain text of an HTML fragment that never changes: the ground under stored offsets.

Extractors of web pages improve from release to release, and each improvement moves characters. Annotations that
are stored as offsets need a text that stays. `snapshot_text` is that text: it depends on nothing but the
standard library's tokenizer of HTML and on the rules below, which are frozen.

1. A block element (`BLOCKS`) begins and ends a paragraph; so does a run of two or more `<br>`; a single `<br>` is a space.
2. What stands in `DROPPED` elements, or in an element one of whose class names is in `FURNITURE`, is left out.
3. Inside a paragraph each run of white space, no-break spaces included, becomes one space; the ends are stripped.
4. Empty paragraphs vanish; the others are joined by one blank line.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
DROPPED = frozenset(
    [
        "audio",
        "button",
        "figcaption",
        "figure",
        "head",
        "iframe",
        "noscript",
        "object",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "video",
    ]
)
FURNITURE = frozenset(
    [
        "wp-caption",
        "wp-caption-text",
        "caption",
        "factbox",
        "contributors",
        "newsletter",
        "twitter-tweet",
        "instagram-media",
    ]
)
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
_SPACE = re.compile(r"\s+")
_LINE_BREAK = "\N{LINE SEPARATOR}"
_SPACES = re.compile(r"(\s+)")


def snapshot_text(html: str) -> str:
    """The frozen plain text of an HTML page or fragment.

    Args:
        html: the markup; a fragment will do.

    Returns:
        The paragraphs, joined by one blank line; the empty string where there is no text.
    """
    return snapshot(html).text


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The frozen plain text of a page, by paragraphs.

    Attributes:
        paragraphs: of the text, and whether each stands in a `<blockquote>`.
        depth: elements that are open at once where the markup is nested most deeply.
    """

    paragraphs: Sequence[tuple[str, bool]]
    depth: int

    @property
    def text(self) -> str:
        """The paragraphs, joined by one blank line."""
        return "\n\n".join(text for text, _ in self.paragraphs)

    @property
    def quotations(self) -> list[tuple[int, int]]:
        """Where the quoted paragraphs stand in the text: code points, end exclusive."""
        spans, start = [], 0
        for text, quoted in self.paragraphs:
            if quoted:
                spans.append((start, start + len(text)))
            start += len(text) + len("\n\n")
        return spans


def snapshot(html: str) -> Snapshot:
    """The frozen plain text, and what else the markup says of it."""
    collector = _Collector()
    collector.feed(html)
    collector.close()
    return Snapshot(collector.paragraphs(), collector.depth)


def _at_blank_lines(text: str) -> list[str]:
    """The parts of a text between white space with two or more line breaks."""
    if _LINE_BREAK not in text:
        return [text]
    parts = [""]
    for number, piece in enumerate(_SPACES.split(text)):
        if number % 2 and piece.count(_LINE_BREAK) > 1:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


class _Collector(HTMLParser):
    """Gathers the text of each paragraph while walking through the markup."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, bool]] = []
        self._counts: Counter[str] = Counter()  # of the open elements of each name
        self._dropping = 0
        self.depth = 0
        self._blocks: list[tuple[list[str], bool]] = [([], False)]

    def paragraphs(self) -> list[tuple[str, bool]]:
        parts = [(part, quoted) for block, quoted in self._blocks for part in _at_blank_lines("".join(block))]
        texts = [(_SPACE.sub(" ", part.replace(_LINE_BREAK, " ")).strip(), quoted) for part, quoted in parts]
        return [(text, quoted) for text, quoted in texts if text]

    def _begin(self) -> None:
        self._blocks.append(([], self._counts["blockquote"] > 0))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br" and not self._dropping:
            self._blocks[-1][0].append(_LINE_BREAK)
        if tag in VOID:
            if tag in BLOCKS:
                self._begin()
            return
        classes = (dict(attrs).get("class") or "").split()
        dropped = tag in DROPPED or not FURNITURE.isdisjoint(classes)
        self._open.append((tag, dropped))
        self._counts[tag] += 1
        self.depth = max(self.depth, len(self._open))
        self._dropping += dropped
        if tag in BLOCKS:
            self._begin()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._counts[tag]:
            while self._open:
                name, dropped = self._open.pop()
                self._counts[name] -= 1
                self._dropping -= dropped
                if name == tag:
                    break
        if tag in BLOCKS:
            self._begin()

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self._blocks[-1][0].append(data)
