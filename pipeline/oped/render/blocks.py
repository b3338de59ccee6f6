"""Kinds of the article's blocks: headings, quotations, list items, paragraphs, and what the web left behind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from oped.headings import looks_like_heading
from oped.quotations import QUOTATIONS, quotations_of
from oped.records import ArgumentMap

HEADING, QUOTATION, ITEM, FAINT, PARAGRAPH = "heading", "quotation", "item", "faint", "paragraph"
FEW_WORDS = 8
LEAST_ENGLISH = 0.08

_TAGS = {HEADING: "h2", QUOTATION: "blockquote"}
_ITEM = re.compile(r"(?:[-*•–‣▪]|\(?(?:\d{1,2}|[a-z])[.)])\s+\S")
_DEBRIS = re.compile(
    r"(?:https?://\S+|www\.\S+|pic\.twitter\.com/\S+|[—–-]+ .{1,60}\(@\w+\).{0,30}|\d+ (?:shares|comments)"
    r"|(?:read more|read also|see also|related|photo|image|screenshot|video|embed|tweet|share|follow|subscribe|advertisement)\b.{0,160})",
    re.IGNORECASE,
)
_ENGLISH = frozenset(
    re.findall(
        r"\w+",
        "the of and to a in is that it for was on are as with his they be at this have from or by one had not but what"
        " all were when we there can an your which their said if do will each about how up out them then she many some"
        " so these would other into has more her two like him see time could no make than been its who now people my",
    )
)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or other block of the article.

    Attributes:
        start: of its text in the article, in code points.
        kind: heading, quotation, item, faint (what is no part of the article's own words) or paragraph.
    """

    start: int
    text: str
    kind: str

    @property
    def tag(self) -> str:
        """The element that it stands in."""
        return _TAGS.get(self.kind, "p")


def blocks_of(amap: ArgumentMap) -> list[Block]:
    """The blocks of a map's article; one that holds a component is never faint or a heading."""
    marked = sorted((part.start, part.end) for part in amap.components)
    english = amap.article.language == "en"
    quoted = {start for start, _ in quotations_of(amap.article.text, amap.article.extra.get(QUOTATIONS))}
    found: list[Block] = []
    place = 0
    for start, text in _pieces(amap.article.text):
        end = start + len(text)
        while place < len(marked) and marked[place][1] <= start:
            place += 1
        holds = place < len(marked) and marked[place][0] < end
        kind = _kind(text, holds=holds, english=english)
        found.append(Block(start, text, QUOTATION if start in quoted and kind in (PARAGRAPH, HEADING) else kind))
    return found


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for piece in text.split("\n\n"):
        if piece.strip():
            yield start, piece
        start += len(piece) + 2


def _kind(text: str, *, holds: bool, english: bool) -> str:
    words = text.split()
    if not holds and (_DEBRIS.fullmatch(text.strip()) or (english and _is_untranslated(words))):
        return FAINT
    if _ITEM.match(text):
        return ITEM
    if text.startswith(">") or (text.lstrip()[0] in '“"«' and re.search(r"[”\"»][.!?]?\s*$", text)):
        return QUOTATION
    if not holds and looks_like_heading(text):
        return HEADING
    return PARAGRAPH


def _is_untranslated(words: list[str]) -> bool:
    """Whether a block of an English article is in another language, as remains of a translated page are."""
    letters = [letter for word in words for letter in word if letter.isalpha()]
    if letters and sum(letter > "\u024f" for letter in letters) > len(letters) / 2:
        return True
    known = sum(word.strip(".,;:!?\"'“”‘’()").lower() in _ENGLISH for word in words)
    return len(words) >= FEW_WORDS and known / len(words) < LEAST_ENGLISH
