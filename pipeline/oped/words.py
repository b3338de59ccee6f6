"""Words: spaCy's tokens without white space, the same in training and in use."""

import hashlib
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc


@cache
def _language() -> "Language":
    import spacy

    return spacy.blank("en")


def word_spans(doc: "Doc") -> list[tuple[int, int]]:
    """Code points of each token that is not white space."""
    return [(token.idx, token.idx + len(token)) for token in doc if not token.is_space]


def split_words(text: str) -> list[tuple[int, int]]:
    """Code points of the words of a text."""
    return word_spans(_language().make_doc(text))


def fingerprint(text: str) -> bytes:
    """What texts have in common that differ in nothing but case, spacing and punctuation."""
    letters = "".join(letter for letter in text if letter.isalnum()).lower()
    return hashlib.sha256(letters.encode("utf-8", "replace")).digest()
