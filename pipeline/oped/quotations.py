"""Quoted blocks of an article: paragraphs that its file sets apart as another's words, such as `<blockquote>`.

In annotated articles 97 of 100 components in such blocks are another's view, and the text alone does not show it: a
quoted block often has no quotation marks.
"""

import re
from typing import Any

QUOTATIONS = "quotations"  # metadata of an article: where its quoted blocks stand, as pairs of code points
MOST = 0.9  # share of the text; an article of which more is marked is set in such a block whole, and nothing is quoted
_PARAGRAPH = re.compile(r"[^\n]+")


def quotations_of(text: str, marked: Any) -> list[tuple[int, int]]:
    """Where the quoted blocks of a text stand: code points, end exclusive, in order.

    Args:
        marked: what the article's metadata has as `QUOTATIONS`; what is not a paragraph of the text is passed over.
    """
    known = marked_spans(marked)
    found = [match.span() for match in _PARAGRAPH.finditer(text) if match.span() in known] if known else []
    return found if sum(end - start for start, end in found) <= MOST * len(text) else []


def marked_spans(marked: Any) -> set[tuple[int, int]]:
    """The pairs of whole numbers in a list that was read from a file; what is none is passed over."""
    return {(span[0], span[1]) for span in marked if _is_span(span)} if isinstance(marked, list | tuple) else set()


def _is_span(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(place, int) for place in value)
