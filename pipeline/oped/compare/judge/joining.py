"""Joining: the points of all sheets of a family go to the model as lists, until one request has held them all or there is no
more to join.

Each round asks about half as many requests as the round before, since of what a request has joined only the points of most
authors go on. So all rounds together cost about as much as the first, and that is a small part of the readings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from oped.compare.judge.reading import Named
from oped.compare.judge.sheet import Item, Sheet, sheet_of_points
from oped.compare.statements import Statement
from oped.llm.parts import tokens_of


@dataclass(frozen=True, slots=True)
class Round:
    """One round of joining.

    Attributes:
        sheets: lists that are shown together.
        lists: the points on each of the sheets; those of one sheet are one list in the next round.
    """

    sheets: tuple[Sheet, ...]
    lists: tuple[tuple[int, ...], ...]


def round_of(
    points: Sequence[Named],
    lists: Sequence[Sequence[int]],
    statements: Sequence[Statement],
    *,
    room: int,
    question: str | None,
) -> Round:
    """The next round.

    Args:
        points: all points of a family.
        lists: numbers of the points on each list; what one list has was told apart already.
        room: tokens of points that one request may hold.
    """
    sheets: list[Sheet] = []
    ends: list[tuple[int, ...]] = []
    for rows in _packed([_leading(points, row, statements, room // 2) for row in lists], room):
        if len(rows) > 1:
            sheets.append(sheet_of_points(rows, question))
        ends.append(tuple(item.place for row in rows for item in row))
    return Round(tuple(sheets), tuple(ends))


def _leading(points: Sequence[Named], numbers: Sequence[int], statements: Sequence[Statement], room: int) -> list[Item]:
    """Of a list as many points as fit, those of most authors first."""
    items = [_item(number, points[number], statements) for number in sorted(set(numbers))]
    items.sort(key=lambda item: (-len(item.groups), item.place))
    size = 0
    kept: list[Item] = []
    for item in items:
        size += _tokens(item)
        if kept and size > room:
            break
        kept.append(item)
    return kept


def _item(number: int, point: Named, statements: Sequence[Statement]) -> Item:
    held = [statements[place] for place in point.places if statements[place].held]
    said = point.text or statements[point.places[0]].gist or statements[point.places[0]].text
    groups = tuple(sorted({name for part in held for name in part.groups}))
    return Item(number, 0, said, risk=point.risk, groups=groups)


def _packed(lists: Sequence[list[Item]], room: int) -> list[list[list[Item]]]:
    """Lists in bundles that fit; each item knows the list that it is on."""
    bundles: list[list[list[Item]]] = []
    size = room
    for row in (row for row in lists if row):
        tokens = sum(map(_tokens, row))
        if size + tokens > room:
            bundles.append([])
            size = 0
        home = len(bundles[-1])
        bundles[-1].append([_at(item, home) for item in row])
        size += tokens
    return bundles


def _at(item: Item, home: int) -> Item:
    return Item(item.place, home, item.text, risk=item.risk, groups=item.groups)


def _tokens(item: Item) -> int:
    return tokens_of(item.words) + 4
