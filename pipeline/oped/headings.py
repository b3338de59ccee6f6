"""Headings of an article: those that its file marks, and those that their shape tells.

By its shape a heading is a short paragraph that ends no sentence and stands before a longer one.
"""

import re
from itertools import groupby
from typing import Any

from oped.quotations import marked_spans

HEADINGS = "headings"  # metadata of an article: where the headings that its file marks stand, as pairs of code points
MOST_WORDS = 12
MOST_MARKED_WORDS = 20  # a longer one is a paragraph in large letters
LIST = 3  # so many short paragraphs in a row are the items of a list
_PARAGRAPH = re.compile(r"[^\n]+")
_CLOSING = re.compile(r"[.!?…:;,][\"'”’)\]*_]*$")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]*_]*\s")
_NUMBER = re.compile(r"(?:\d{1,2}|[a-zA-Z])[.]\s")
_ITEM = re.compile(r"(?:\d{1,2}|[a-zA-Z])\s?\)")


def looks_like_heading(paragraph: str) -> bool:
    """Whether a paragraph is short, begins as a title does and ends no sentence; a number such as "2." may lead it."""
    text = paragraph.strip().strip("*_")
    if not text[:1].isalnum() or _ITEM.match(text) or len(text.split()) > MOST_WORDS:
        return False
    text = _NUMBER.sub("", text, count=1) if _NUMBER.match(text) else text
    return bool(text) and not _CLOSING.search(text) and not _SENTENCE_END.search(text)


def headings_of(text: str, marked: Any = None) -> list[tuple[int, int]]:
    """Where the headings of a text stand: code points, end exclusive, in order.

    By their shape, the last paragraph is none, and neither are several in a row, which are a list.

    Args:
        marked: what the article's metadata has as `HEADINGS`; what does not fit the text is passed over.
    """
    paragraphs = [match for match in _PARAGRAPH.finditer(text) if match[0].strip()]
    known = marked_spans(marked)
    found = [match.span() for match in paragraphs if match.span() in known and _is_short(match[0])]
    for heading, run in groupby(paragraphs[:-1], key=lambda match: looks_like_heading(match[0])):
        spans = [match.span() for match in run]
        if heading and len(spans) < LIST:
            found += spans
    return sorted(set(found))


def _is_short(paragraph: str) -> bool:
    return len(paragraph.split()) <= MOST_MARKED_WORDS
