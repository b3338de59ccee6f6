"""Paragraphs: the parts of an article between blank lines, numbered from 1, as a language model sees them."""

import re
import unicodedata
from dataclasses import dataclass

_PARAGRAPH = re.compile(r"\S(?:.*?\S)??(?=\s*(?:\n\s*\n|\Z))", re.DOTALL)
_INVISIBLE = frozenset(["Cf", "Cs", "Co", "Cn"])


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of an article.

    Attributes:
        number: from 1.
        start, end: code points into the article's text, end exclusive; without white space at the ends.
    """

    number: int
    start: int
    end: int


def paragraphs_of(text: str) -> tuple[Paragraph, ...]:
    """The paragraphs of a text; there is none in a text of white space alone."""
    found = _PARAGRAPH.finditer(text)
    return tuple(Paragraph(number, *match.span()) for number, match in enumerate(found, start=1))


def on_one_line(text: str) -> str:
    """A text as one line of visible characters: white space is one blank, control characters and the like are gone.

    What an article says can then neither begin a line of its own in a prompt nor hide anything from who reads it.
    """
    kept = (" " if unicodedata.category(letter) == "Cc" else letter for letter in text)
    return " ".join("".join(letter for letter in kept if unicodedata.category(letter) not in _INVISIBLE).split())
