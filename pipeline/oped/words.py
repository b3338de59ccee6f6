"""Words: spaCy's tokens without white space, the same in training and in use."""

import hashlib
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from oped.numeric import Ints

if TYPE_CHECKING:
    from spacy.tokenizer import Tokenizer

# A run of punctuation, or of anything but white space, that no prose has.
_ENDLESS = re.compile(r"(?<![^\w\s]|_)(?:[^\w\s]|_){200,}+|(?<!\S)\S{1000,}+")
_CUT = 50
REMEMBERED = 20_000  # entries of spaCy's vocabulary
_LOCK = threading.Lock()  # spaCy's memory zones are for one thread at a time


@cache
def _tokenizer() -> "Tokenizer":
    """spaCy's English tokenizer alone: what `spacy.blank("en")` builds besides takes a tenth of a second."""
    from spacy.lang.en import EnglishDefaults
    from spacy.language import create_tokenizer
    from spacy.vocab import Vocab

    # Words need no more of spaCy's lexemes than their letters, so that none of their other features is computed.
    made: Any = create_tokenizer()(SimpleNamespace(vocab=Vocab(), Defaults=EnglishDefaults))  # type: ignore[arg-type]
    return cast("Tokenizer", made)


def split_words(text: str) -> list[tuple[int, int]]:
    """Code points of the words of a text."""
    with _LOCK, _memory():
        return [span for start, end in _pieces(text) for span in _split(text[start:end], start)]


def _memory() -> AbstractContextManager[object]:
    """Until the vocabulary is full its words are kept, which splits them faster; then what a text adds is forgotten."""
    vocabulary = _tokenizer().vocab
    return nullcontext() if len(vocabulary) < REMEMBERED else vocabulary.memory_zone()


def _split(text: str, start: int) -> list[tuple[int, int]]:
    doc = _tokenizer()(text)
    return [(start + token.idx, start + token.idx + len(token)) for token in doc if not token.text.isspace()]


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
