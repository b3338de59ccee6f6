"""Who shares how much with whom: for each two of those compared, the points that both hold."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from oped.render.in_short import LIKELY

MOST = 30
_WIDEST = 17.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two of those compared.

    Attributes:
        sure, found: points that both hold: likelier than not, and all that were found.
        radius: of a disc whose area is as the sure points; `ring` the same of all.
    """

    one: str
    other: str
    sure: int
    found: int
    radius: float
    ring: float


@dataclass(frozen=True, slots=True)
class Sharing:
    """The pairs as a triangle: in each row one of those compared with all that stand before it.

    Attributes:
        columns: names over the columns; the rows are of the same, from the second on.
        left_out: how many share with nobody or are too many to be drawn.
    """

    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Pair]]]
    left_out: int
    sure: bool


def sharing(result: Mapping[str, Any]) -> Sharing | None:
    """The triangle; None where fewer than three share anything, for which sentences do."""
    shared = [point for point in result["key_points"] if point["shared"] and len(point["held_by"]) > 1]
    total = Counter[str]()
    for point in shared:
        for name in point["held_by"]:
            total[name] += len(point["held_by"]) - 1
    if len(total) < 3:
        return None
    drawn = set(sorted(total, key=lambda name: (-total[name], name))[:MOST])
    found, sure = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for point in shared:
        for pair in combinations(sorted(drawn.intersection(point["held_by"])), 2):
            found[pair] += 1
            sure[pair] += point["probability"] >= LIKELY
    order = _order(found, {name: total[name] for name in drawn})
    widest = max(found.values(), default=1)
    rows = [
        (name, [_pair(name, other, sure, found, widest) for other in order[:place]])
        for place, name in enumerate(order)
        if place
    ]
    return Sharing(order[:-1], rows, len(result["groups"]) - len(order), any(sure.values()))


def _pair(name: str, other: str, sure: Counter[tuple[str, str]], found: Counter[tuple[str, str]], widest: int) -> Pair:
    first, second = sorted((name, other))
    one, all_of_them = sure[first, second], found[first, second]
    return Pair(other, name, one, all_of_them, _radius(one, widest), _radius(all_of_them, widest))


def _radius(count: int, widest: int) -> float:
    return float(_WIDEST * (count / widest) ** 0.5)


def _order(found: Counter[tuple[str, str]], total: Mapping[str, int]) -> list[str]:
    """Who shares most first, then always whoever shares most with the one before, so that camps stand together."""
    left = sorted(total, key=lambda name: (-total[name], name))
    order = left[:1]
    left = left[1:]
    while left:
        last = order[-1]
        near = max(left, key=lambda name: (found[min(last, name), max(last, name)], total[name]))
        order.append(near)
        left.remove(near)
    return order
