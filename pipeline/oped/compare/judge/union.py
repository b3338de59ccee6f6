"""The union of readings: points of overlapping sheets that are one become one, and a statement ends in one point.

Two points of different sheets are one where they share at least half of what each has among the statements that both sheets
show. Points that have no statement in common are joined by the model itself, which is shown the points: see `joined`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from oped.compare.judge.reading import Against, Named, Reading, Taken
from oped.compare.judge.sheet import Sheet
from oped.compare.statements import Statement


@dataclass(slots=True)
class Found:
    """What the readings of one family say together.

    Attributes:
        points: no statement is in two of them.
        asked: places of the statements that were shown and answered for.
    """

    points: list[Named] = field(default_factory=list)
    contradictions: list[Against] = field(default_factory=list)
    stances: list[Taken] = field(default_factory=list)
    asked: set[int] = field(default_factory=set)


def united(readings: Iterable[tuple[Sheet, Reading]], statements: Sequence[Statement]) -> Found:
    """The union of readings of overlapping sheets, in their order."""
    found = Found()
    owner: dict[int, int] = {}
    for sheet, reading in readings:
        shown = {item.place for item in sheet.items}
        for point in reading.points:
            home = _home(point, shown & found.asked, owner, found.points)
            free = tuple(place for place in point.places if place not in owner)
            if home is not None:
                found.points[home] = _with(found.points[home], free, point)
            elif len({statements[place].article for place in free}) > 1:
                home = len(found.points)
                found.points.append(_with(point, (), point, places=free))
            if home is not None:
                owner |= dict.fromkeys(free, home)
        found.contradictions += reading.contradictions
        found.stances += reading.stances
        found.asked |= shown
    return found


def _home(point: Named, both: set[int], owner: dict[int, int], points: Sequence[Named]) -> int | None:
    """The point that a point of another sheet is, judged by the statements that both sheets show."""
    own = set(point.places) & both
    best = max(
        sorted({owner[place] for place in own if place in owner}),
        key=lambda number: len(own & set(points[number].places)),
        default=None,
    )
    if best is None:
        return None
    theirs = set(points[best].places) & both
    return best if 2 * len(own & theirs) >= max(len(own), len(theirs)) else None


def _with(point: Named, more: Sequence[int], other: Named, places: Sequence[int] | None = None) -> Named:
    """A point with more statements, and what another point knows of it."""
    return Named(
        places=tuple(sorted({*(point.places if places is None else places), *more})),
        text=point.text or other.text,
        risk=point.risk or other.risk,
        doubtful=point.doubtful and other.doubtful,
        joined=point.joined or other.joined,
    )


def joined(points: Sequence[Named], readings: Iterable[Reading]) -> tuple[list[Named], list[Against], list[int]]:
    """Points as the model joined them.

    Args:
        points: that were shown.
        readings: of sheets of points, no point on two of them.

    Returns:
        The points; the contradictions between them, of statements; and for each point that was shown its new place.
    """
    place_of = list(range(len(points)))
    result: list[Named | None] = list(points)
    against: list[Against] = []
    for reading in readings:
        for one in reading.points:
            members = sorted(set(one.places))
            together = [points[place] for place in members]
            result[members[0]] = Named(
                places=tuple(sorted({place for point in together for place in point.places})),
                text=one.text or together[0].text,
                risk=one.risk,
                doubtful=one.doubtful or any(point.doubtful for point in together),
                joined=True,
            )
            for place in members[1:]:
                result[place], place_of[place] = None, members[0]
        against += [_of_statements(item, points) for item in reading.contradictions]
    kept = [place for place, point in enumerate(result) if point is not None]
    number = {place: new for new, place in enumerate(kept)}
    return [point for point in result if point is not None], against, [number[place] for place in place_of]


def _of_statements(item: Against, points: Sequence[Named]) -> Against:
    sides = [tuple(sorted({at for place in side for at in points[place].places})) for side in (item.one, item.other)]
    return Against(one=sides[0], other=sides[1], reason=item.reason, doubtful=item.doubtful)
