"""Folding: a text with its quotes, dashes, case, accents and white space made alike, that still knows its places."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_ALIKE = {
    **dict.fromkeys("‘’‚‛“”„‟«»‹›`´′″\"'", "'"),
    **dict.fromkeys("‐‑‒–—―−﹘﹣－-", "-"),
}


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text.

    Attributes:
        text: the folded characters.
        places: for each of them, the place of the character that it comes from. Several may come from one.
    """

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the unfolded text that a span of the folded one comes from."""
        return self.places[start], self.places[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold a text; white space at its ends is gone, invisible characters are gone everywhere."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for part in _folded(letter):
            if part != " " or (letters and letters[-1] != " "):
                letters.append(part)
                places.append(place)
    if letters and letters[-1] == " ":
        del letters[-1], places[-1]
    return Folded("".join(letters), tuple(places))


@lru_cache(maxsize=4096)
def _folded(letter: str) -> str:
    if letter in _ALIKE:
        return _ALIKE[letter]
    if letter.isspace() or unicodedata.category(letter) == "Cc":
        return " "
    kept = (part for part in unicodedata.normalize("NFKD", letter) if unicodedata.category(part) not in ("Mn", "Cf"))
    return "".join(_ALIKE.get(part, part) for part in "".join(kept).casefold())
