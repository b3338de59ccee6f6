"""Borders of components, put right where they stand: no mention of an entity is cut, quotes and brackets are closed.

A border moves to the nearest place that is right, and never into another component or paragraph.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace

from oped.records import Component, Entity

_CLOSES = {"”": "“", ")": "(", "]": "[", "»": "«"}
_MARK = re.compile(r"[“”()\[\]«»\"\n]")
_BETWEEN = frozenset(" .,;:!?…")  # what may stand between the end of a component and the mark that closes it
MOST_BETWEEN = 2


def with_whole_borders(text: str, components: Sequence[Component], entities: Sequence[Entity]) -> list[Component]:
    """The components with borders that cut no mention and leave no quote or bracket open.

    Args:
        components, entities: in order of appearance.
    """
    mentions, partners = sorted((entity.start, entity.end) for entity in entities), _partners(text)
    marks = list(partners)
    result: list[Component] = []
    for place, part in enumerate(components):
        left = max(result[-1].end if result else 0, text.rfind("\n", 0, part.start) + 1)
        line = text.find("\n", part.end)
        right = len(text) if line < 0 else line
        if place + 1 < len(components):
            right = min(right, components[place + 1].start)
        start, end = _uncut(part.start, part.end, left, right, mentions)
        inside = marks[bisect_left(marks, start) : bisect_left(marks, end)]
        for mark in inside:
            start, end = _closed(text, start, end, (left, right), mark, partners)
        sound = left <= start < end <= right
        result.append(replace(part, start=start, end=end, text=text[start:end]) if sound else part)
    return result


def _uncut(start: int, end: int, left: int, right: int, mentions: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The span with the mentions at its edges whole; one that does not fit is left out of it."""
    if cut := _across(start, mentions):
        start = cut[0] if cut[0] >= left else cut[1]
    if cut := _across(end, mentions):
        end = cut[1] if cut[1] <= right else cut[0]
    return start, end


def _across(border: int, mentions: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The mention that a border cuts."""
    place = bisect_left(mentions, (border, 0)) - 1
    return mentions[place] if place >= 0 and border < mentions[place][1] else None


def _closed(
    text: str, start: int, end: int, bounds: tuple[int, int], mark: int, partners: Mapping[int, int | None]
) -> tuple[int, int]:
    """The span with the other mark of a quote or bracket that it has one of, or without that one where it is at an edge."""
    other, (left, right) = partners[mark], bounds
    opens = (other is not None and other > mark) or (other is None and text[mark] not in _CLOSES)
    if (other is not None and start <= other < end) or not start <= mark < end:
        return start, end
    if opens:
        if other is not None and other < right and _only_marks(text[end:other]):
            return start, other + 1
        before = text[start:mark]
        return (start, end) if before.strip() else (mark + 1 + _blanks(text, mark + 1), end)
    if other is not None and other >= left and not text[other + 1 : start].strip():
        return other, end
    return (start, mark) if _only_marks(text[mark + 1 : end]) else (start, end)


def _only_marks(between: str) -> bool:
    return len(between) <= MOST_BETWEEN and _BETWEEN.issuperset(between)


def _blanks(text: str, place: int) -> int:
    """How many spaces stand at a place."""
    return int(text[place : place + 1] == " ")


def _partners(text: str) -> dict[int, int | None]:
    """Each mark of a quote or bracket with the one that closes or opens it in its paragraph; None: there is none."""
    found: dict[int, int | None] = {}
    opened: dict[str, list[int]] = {}
    for match in _MARK.finditer(text):
        place, mark = match.start(), match[0]
        if mark == "\n":
            opened = {}
            continue
        found[place] = None
        before = opened.setdefault(_CLOSES.get(mark, mark), [])
        if before and (mark == '"' or mark in _CLOSES):
            other = before.pop()
            found[other], found[place] = place, other
        elif mark not in _CLOSES:
            before.append(place)
    return found
