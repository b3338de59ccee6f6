"""A view: a collection as it was judged, indexed for the questions that are asked of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from oped.compare.bounds import MOST_ANSWERS
from oped.compare.judgement import Judgement, Opposed
from oped.compare.points import Opposition, Point
from oped.compare.stances import Stances
from oped.compare.statements import Collection, Statement

LIKELY = 0.5  # from which on an opposition counts beyond the list of contested points
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """A point as one side of oppositions, of which it may have many: each question to it is answered once.

    Attributes:
        row: what is listed of it.
        holders: whose articles hold it, each article's together.
        by_group: the statements that hold it, by the group.
        by_article: the same by the article.
        articles: of all its statements.
    """

    row: Row
    holders: frozenset[tuple[str, ...]]
    by_group: Mapping[str, Sequence[int]]
    by_article: Mapping[int, Sequence[int]]
    articles: frozenset[int]

    @property
    def entries(self) -> int:
        """How many names and statements are listed."""
        return sum(len(self.row[key]) for key in ("held_by", "reported_by", "statements"))


@dataclass(frozen=True, slots=True)
class View:
    """A collection with its points and oppositions, indexed for the questions asked of it.

    Attributes:
        point_of: place of each statement's point.
        supports, attacks: what bears on each statement within its map: places of statements.
        targets: what each statement supports.
        against: points that are likelier than not opposed to each point.
        opposed: probability that two statements oppose each other; None where they were not judged.
        stances: towards entities; None where nothing tells them.
    """

    collection: Collection
    points: Sequence[Point]
    oppositions: Sequence[Opposition]
    point_of: Mapping[int, int]
    supports: Mapping[int, list[int]]
    attacks: Mapping[int, list[int]]
    targets: Mapping[int, list[int]]
    against: Mapping[int, list[int]]
    opposed: Opposed
    stances: Stances | None
    _sides: dict[int, Side] = field(default_factory=dict)
    _held: dict[int, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, collection: Collection, judgement: Judgement) -> "View":
        """The view of a collection as it was judged."""
        points, oppositions = judgement.points, judgement.oppositions
        supports: dict[int, list[int]] = {}
        attacks: dict[int, list[int]] = {}
        targets: dict[int, list[int]] = {}
        for source, target, kind, _ in collection.links:
            (attacks if kind == "attack" else supports).setdefault(target, []).append(source)
            if kind != "attack":
                targets.setdefault(source, []).append(target)
        against: dict[int, list[int]] = {}
        for item in oppositions:
            if item.probability >= LIKELY:
                against.setdefault(item.first, []).append(item.second)
                against.setdefault(item.second, []).append(item.first)
        home = {place: number for number, point in enumerate(points) for place in point.members}
        told = judgement.opposed, judgement.stances
        return cls(collection, points, oppositions, home, supports, attacks, targets, against, *told)

    def statement(self, place: int) -> Statement:
        return self.collection.statements[place]

    def ids(self, places: Iterable[int]) -> list[str]:
        """Ids of statements, in their order."""
        return [self.statement(place).id for place in sorted(set(places))]

    def held(self, point: Point) -> list[int]:
        """Members that their articles say as their own view."""
        return [place for place in point.members if self.statement(place).held]

    def side(self, number: int) -> Side:
        """The point at a place, as a side of oppositions."""
        if number not in self._sides:
            self._sides[number] = self._side(self.points[number])
        return self._sides[number]

    def _side(self, point: Point) -> Side:
        by_group: dict[str, list[int]] = {}
        by_article: dict[int, list[int]] = {}
        for place in self.held(point):
            part = self.statement(place)
            by_article.setdefault(part.article, []).append(place)
            for name in part.groups:
                by_group.setdefault(name, []).append(place)
        row = {
            "point": point.id,
            "text": self.statement(point.head).text,
            "held_by": sorted(by_group),
            "reported_by": self.reporters(point.members),
            "statements": self.ids(point.members),
        }
        holders = frozenset(self.statement(places[0]).groups for places in by_article.values())
        articles = frozenset(self.statement(place).article for place in point.members)
        return Side(row, holders, by_group, by_article, articles)

    def is_across_articles(self, item: Opposition) -> bool:
        """Whether the statements of two opposed points stand in two articles at least."""
        first, second = (self.side(place).articles for place in (item.first, item.second))
        return len(first) > 1 or first != second

    def answers_within(self, place: int) -> list[int]:
        """Statements that attack one in its article, as the author's own: the first `MOST_ANSWERS`."""
        if place not in self._held:
            held = (other for other in self.attacks.get(place, ()) if self.statement(other).held)
            self._held[place] = list(islice(held, MOST_ANSWERS))
        return self._held[place]

    def answers_of_others(self, place: int) -> Iterable[int]:
        """Statements of other articles that hold a point against that of a statement."""
        own = self.statement(place).article
        for other in self.against.get(self.point_of[place], ()):
            for article, held in self.side(other).by_article.items():
                if article != own:
                    yield from held

    def against_point(self, number: int) -> Iterable[int]:
        """Statements of the points against one."""
        return chain.from_iterable(self.points[other].members for other in self.against.get(number, ()))

    def groups(self, places: Iterable[int]) -> set[str]:
        """Whose articles statements stand in."""
        return {name for place in places for name in self.statement(place).groups}

    def holders(self, places: Iterable[int]) -> list[str]:
        """Groups whose articles say one of the statements as their own view."""
        return sorted(self.groups(place for place in places if self.statement(place).held))

    def reporters(self, places: Sequence[int]) -> list[str]:
        """Groups whose articles report one of the statements as another's view, and hold none."""
        told = self.groups(place for place in places if not self.statement(place).held)
        return sorted(told - set(self.holders(places)))

    def meets(self, places: Iterable[int]) -> bool:
        """Whether statements come from different articles by different groups; co-authors of one article do not meet."""
        found = [self.statement(place) for place in places]
        return len({part.article for part in found}) > 1 and len({part.groups for part in found}) > 1
