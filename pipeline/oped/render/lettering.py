"""Lines of text that fit into a width, by the usual widths of letters in a sans-serif, for pictures made without a screen."""

import unicodedata

MOST_LINES = 24
_NARROW = frozenset("iljtfrI.,:;'’‘!|()[]- ")
_WIDE = frozenset("mwMW%@—…")


def width_of(text: str, *, size: float) -> float:
    """Width of a text in pixels, rather too much than too little."""
    return size * sum(map(_letter, text))


def _letter(letter: str) -> float:
    if letter in _NARROW:
        return 0.36
    if letter in _WIDE:
        return 0.92
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    return 0.7 if letter.isupper() else 0.585


def wrapped(text: str, *, size: float, width: float) -> tuple[str, ...]:
    """The lines of a text; a word that is wider than the room is cut, and a very long text ends on an ellipsis."""
    lines: list[str] = []
    line, used = "", 0.0
    for piece in (piece for word in text.split() for piece in _cut(word, size, width)):
        more = width_of(piece, size=size)
        if line and used + more + 0.36 * size > width:
            lines.append(line)
            line, used = piece, more
            if len(lines) > MOST_LINES:
                break
        else:
            line, used = (f"{line} {piece}", used + more + 0.36 * size) if line else (piece, more)
    lines.append(line)
    return tuple(lines) if len(lines) <= MOST_LINES else (*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1]} …")


def _cut(word: str, size: float, width: float) -> list[str]:
    if width_of(word, size=size) <= width:
        return [word]
    pieces, used = [""], 0.0
    for letter in word[:2000]:
        more = size * _letter(letter)
        if used + more > width:
            pieces.append("")
            used = 0.0
        pieces[-1] += letter
        used += more
    return pieces


def shortened(text: str, *, size: float, width: float) -> str:
    """A text on one line, cut where it does not fit."""
    flat = " ".join(text.split())
    if width_of(flat, size=size) <= width:
        return flat
    while flat and width_of(f"{flat}…", size=size) > width:
        flat = flat[:-1]
    return f"{flat.rstrip()}…"
