"""Short forms that a text explains: "Sutter Inland Office (SIO)", "SIO (Sutter Inland Office)".

The letters of the short form must stand in the long one in their order, the first at its beginning.

Source: Schwartz & Hearst, "A Simple Algorithm for Identifying Abbreviation Definitions in Biomedical Text", PSB 2003.
"""

import re
from collections.abc import Sequence

MOST_LETTERS = 10
_IN_BRACKETS = re.compile(r"\s?[(\[](?:the |or |hereafter )?[“\"‘']?(?P<short>[^\W\d_][\w.&-]{1,9})[”\"’']?[)\],;]")


def explained(text: str, spans: Sequence[tuple[int, int]]) -> dict[str, str]:
    """Short forms with the name that each stands for, both as the text has them.

    Args:
        spans: of the names in the text, in order of appearance; code points, end exclusive.
    """
    found: dict[str, str] = {}
    for place, (start, end) in enumerate(spans):
        name = text[start:end]
        following = spans[place + 1] if place + 1 < len(spans) else None
        if match := _IN_BRACKETS.match(text, end, end + MOST_LETTERS + 20):
            _learn(match["short"], name, found)
        elif following is not None and text[end : following[0]] in (" (", " [") and len(name.split()) == 1:
            _learn(name, text[slice(*following)], found)
    return found


def _learn(short: str, long: str, found: dict[str, str]) -> None:
    if stands_for(short, long):
        found.setdefault(short, long)


def stands_for(short: str, long: str) -> bool:
    """Whether a short form, of two capitals at least, is made of the letters of a longer name."""
    letters = [letter for letter in short.lower() if letter.isalnum()]
    capitals = sum(letter.isupper() for letter in short)
    if capitals < 2 or len(letters) > MOST_LETTERS or len(long) <= len(short) + 1 or short in long.split():
        return False
    name = long.lower()
    if not name.startswith(letters[0]):
        return False
    place = 0
    for letter in letters[1:]:
        place = name.find(letter, place + 1)
        if place < 0:
            return False
    return True
