"""Alignment of several readings of one article: which of their components are the same, and where it begins and ends.

Two components are the same when they share more than half of the longer one's characters, as the scores count it. Those
of all readings are joined into groups, the nearest pairs first, one of each reading in a group. Readings may cut a passage
differently: of all the spans that the groups offer those are chosen that have the most agreement and do not overlap.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from oped.llm.draft import Draft, DraftComponent

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Group:
    """Components of several readings that are the same.

    Attributes:
        members: by the place of their reading.
        span: code points into the article's text, end exclusive, that the group stands for.
    """

    members: dict[int, DraftComponent]
    span: Span


def align(drafts: Sequence[Draft], *, least: float = 0.5) -> list[Group]:
    """Groups that at least a share of the readings have, in the order of the text; their spans do not overlap.

    Args:
        least: share of the readings that a group needs.
    """
    groups = [group for group in _join(drafts) if len(group) >= least * len(drafts)]
    offers = [offer for number, group in enumerate(groups) for offer in _offers(number, group, len(drafts))]
    chosen = _choose(offers)
    return sorted((Group(groups[number], span) for number, span in chosen.items()), key=lambda group: group.span)


def likeness(one: Span, two: Span) -> float:
    """Characters that two spans share, as a part of those that either has."""
    shared = min(one[1], two[1]) - max(one[0], two[0])
    return max(0, shared) / (max(one[1], two[1]) - min(one[0], two[0]))


def _same(one: DraftComponent, two: DraftComponent) -> bool:
    shared = min(one.end, two.end) - max(one.start, two.start)
    return 2 * shared > max(one.end - one.start, two.end - two.start)


def _join(drafts: Sequence[Draft]) -> list[dict[int, DraftComponent]]:
    """All groups: each component is in one, alone where no other reading has it."""
    parts = sorted(
        ((reading, part) for reading, draft in enumerate(drafts) for part in draft.components),
        key=lambda item: (item[1].start, item[0]),
    )
    groups: dict[int, dict[int, DraftComponent]] = {
        place: {reading: part} for place, (reading, part) in enumerate(parts)
    }
    home = list(range(len(parts)))
    for _, first, second in sorted(_pairs(parts)):
        left, right = groups[home[first]], groups[home[second]]
        # All members overlap one another, so that at most one span of a group can be chosen.
        if left is right or set(left) & set(right) or not _overlap(left, right):
            continue
        gone = home[second]
        left |= groups.pop(gone)
        home = [home[first] if place == gone else place for place in home]
    return list(groups.values())


def _pairs(parts: Sequence[tuple[int, DraftComponent]]) -> Iterator[tuple[float, int, int]]:
    """Pairs of places of the same component in two readings, with how unlike they are; parts are sorted by their start."""
    for first, (here, one) in enumerate(parts):
        for second in range(first + 1, len(parts)):
            there, two = parts[second]
            if two.start >= one.end:
                break
            if here != there and _same(one, two):
                yield -likeness((one.start, one.end), (two.start, two.end)), first, second


def _overlap(left: dict[int, DraftComponent], right: dict[int, DraftComponent]) -> bool:
    return all(one.start < two.end and two.start < one.end for one in left.values() for two in right.values())


def _offers(number: int, group: dict[int, DraftComponent], readings: int) -> list[tuple[float, Span, int]]:
    """The spans that a group could stand for, with what each is worth: the agreement of all its readings with it."""
    spans = {(part.start, part.end) for part in group.values()}
    return [
        (sum(likeness(span, (part.start, part.end)) for part in group.values()) / readings, span, number)
        for span in sorted(spans)
    ]


def _choose(offers: Sequence[tuple[float, Span, int]]) -> dict[int, Span]:
    """The spans without overlap that are worth most together, by group.

    Source: weighted interval scheduling, as in Kleinberg & Tardos, "Algorithm Design", 2005.
    """
    offers = sorted(offers, key=lambda offer: (offer[1][1], offer[1][0]))
    ends = [offer[1][1] for offer in offers]
    best: list[float] = [0.0]
    before: list[int] = []
    for place, (worth, (start, _), _) in enumerate(offers):
        before.append(bisect_right(ends, start, 0, place))
        best.append(max(best[place], best[before[place]] + worth))
    chosen: dict[int, Span] = {}
    place = len(offers)
    while place:
        worth, span, number = offers[place - 1]
        if best[place] == best[place - 1]:
            place -= 1
        else:
            chosen[number] = span
            place = before[place - 1]
    return chosen
