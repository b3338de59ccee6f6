"""Words: spaCy's tokens without white space, the same in training and in use."""

import hashlib
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from oped.numeric import Ints

if TYPE_CHECKING:
    from spacy.language import Language

# A run of punctuation, or of anything but white space, that no prose has.
_ENDLESS = re.compile(r"(?<![^\w\s]|_)(?:[^\w\s]|_){200,}+|(?<!\S)\S{1000,}+")
_CUT = 50
_FEW_WORDS = 5
_POINTING = frozenset(
    ("it", "this", "that", "these", "those", "they", "he", "she", "them", "his", "her", "their", "its", "so", "such")
)
_LOCK = threading.Lock()  # spaCy's memory zones are for one thread at a time


@cache
def _language() -> "Language":
    import spacy

    language = spacy.blank("en")
    language.max_length = sys.maxsize
    return language


def split_words(text: str) -> list[tuple[int, int]]:
    """Code points of the words of a text."""
    with _LOCK, _language().memory_zone():  # what a text adds to spaCy's vocabulary is forgotten after it
        return [span for start, end in _pieces(text) for span in _split(text[start:end], start)]


def _split(text: str, start: int) -> list[tuple[int, int]]:
    doc = _language().make_doc(text)
    return [(start + token.idx, start + token.idx + len(token)) for token in doc if not token.is_space]


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Parts of a text that are split by themselves: all of it, but for what is no prose.

    spaCy takes time with the square of a run of punctuation, so that a very long one is cut.
    """
    position = 0
    for run in _ENDLESS.finditer(text):
        yield position, run.start()
        yield from ((place, min(place + _CUT, run.end())) for place in range(run.start(), run.end(), _CUT))
        position = run.end()
    yield position, len(text)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text.

    Attributes:
        starts, ends: code points, end exclusive. *Shape:* (words,)
        paragraphs: the number of the paragraph of each word, from 0. *Shape:* (words,)
    """

    starts: Ints
    ends: Ints
    paragraphs: Ints

    def __len__(self) -> int:
        return len(self.starts)

    @classmethod
    def of(cls, text: str, spans: Sequence[tuple[int, int]] | None = None) -> "Words":
        """Words of a text, at the given spans or where `split_words` finds them; a line break between two begins a paragraph."""
        spans = split_words(text) if spans is None else spans
        starts = np.array([start for start, _ in spans], dtype=np.int64)
        ends = np.array([end for _, end in spans], dtype=np.int64)
        breaks = np.zeros(len(spans), dtype=np.int64)
        for place in range(1, len(spans)):
            gap_start, gap_end = spans[place - 1][1], spans[place][0]
            breaks[place] = gap_end > gap_start and "\n" in text[gap_start:gap_end]
        return cls(starts, ends, breaks.cumsum())


def fingerprint(text: str) -> bytes:
    """What texts have in common that differ in nothing but case, spacing and punctuation."""
    letters = "".join(letter for letter in text if letter.isalnum()).lower()
    return hashlib.sha256(letters.encode("utf-8", "replace")).digest()


def stands_alone(text: str) -> bool:
    """Whether a statement can be understood by itself: it has some words, and does not begin with one that points back."""
    words = text.lower().replace("'", " ").replace("’", " ").split()
    return len(words) >= _FEW_WORDS and (words[0] not in _POINTING or words[1] in ("who", "whose"))
