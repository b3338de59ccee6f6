"""Words: spaCy's tokens without white space, the same in training and in use."""

import hashlib
import sys
import threading
from functools import cache
from typing import TYPE_CHECKING

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


def fingerprint(text: str) -> bytes:
    """What texts have in common that differ in nothing but case, spacing and punctuation."""
    letters = "".join(letter for letter in text if letter.isalnum()).lower()
    return hashlib.sha256(letters.encode("utf-8", "replace")).digest()
