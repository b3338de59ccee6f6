"""Words: spaCy's tokens without white space, the same in training and in use."""

import hashlib
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from oped.numeric import Ints

if TYPE_CHECKING:
    from spacy.language import Language

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
        doc = _language().make_doc(text)
        return [(token.idx, token.idx + len(token)) for token in doc if not token.is_space]


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
