"""Blocks: which statements are shown together, so that each is shown a bounded number of times, however many articles there are.

Articles of one question, or near each other where none says its question, are a family. A family that fits into one request
is one block. A larger one is put in an order in which near articles follow each other, and cut into blocks of equal size
which overlap by a quarter. So the cost grows with the number of statements.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from oped.compare.judge.nearness import families, in_a_row, vectors_of
from oped.compare.judge.sheet import Sheet, sheet_of, tokens_on
from oped.compare.statements import Collection

OVERLAP = 0.25


@dataclass(frozen=True, slots=True)
class Family:
    """Articles that are compared with each other.

    Attributes:
        question: None where they do not say one.
        sheets: one, or several that overlap.
    """

    question: str | None
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked at first.

    Attributes:
        alone: ids of articles that nothing is near to; they are not sent.
    """

    families: tuple[Family, ...]
    alone: tuple[str, ...]

    @property
    def sheets(self) -> list[Sheet]:
        return [sheet for family in self.families for sheet in family.sheets]


@dataclass(frozen=True, slots=True)
class _Unit:
    """Statements that stay together: those of an article, or of a part of a long one."""

    places: tuple[int, ...]
    tokens: int


def plan_blocks(collection: Collection, *, room: int) -> Plan:
    """Divide all statements into blocks.

    Args:
        room: tokens of statements that one request may hold.

    Raises:
        MissingExtraError: the extra `compare` is not installed.
    """
    by_article: dict[int, list[int]] = {}
    for place, part in enumerate(collection.statements):
        by_article.setdefault(part.article, []).append(place)
    by_question: dict[str | None, list[int]] = {}
    for article in sorted(by_article, key=lambda article: collection.articles[article].id):
        by_question.setdefault(collection.articles[article].question, []).append(article)
    planned: list[Family] = []
    alone: list[str] = []
    for question in sorted(by_question, key=lambda name: (name is None, name or "")):
        articles = by_question[question]
        for family in [articles] if question else _near(collection, articles, by_article, room):
            if len(family) < 2:
                alone += [collection.articles[article].id for article in family]
            else:
                planned.append(Family(question, _sheets(collection, [by_article[one] for one in family], room)))
    return Plan(tuple(planned), tuple(alone))


def _near(
    collection: Collection, articles: Sequence[int], by_article: dict[int, list[int]], room: int
) -> list[list[int]]:
    """Articles near each other; all of them where one request holds them."""
    sizes = sum(tokens_on(collection.statements[place]) for article in articles for place in by_article[article])
    if sizes <= room or len(articles) < 3:
        return [list(articles)]
    texts = [_words(collection, by_article[article]) for article in articles]
    return [[articles[place] for place in family] for family in families(vectors_of(texts))]


def _sheets(collection: Collection, articles: Sequence[Sequence[int]], room: int) -> tuple[Sheet, ...]:
    whole = sum(tokens_on(collection.statements[place]) for places in articles for place in places)
    if whole <= room:
        return (sheet_of(collection, [place for places in articles for place in places]),)
    units = [unit for places in articles for unit in _units(collection, places, int(room * OVERLAP))]
    order = in_a_row(vectors_of([_words(collection, unit.places) for unit in units]))
    return tuple(
        sheet_of(collection, [place for unit in window for place in unit.places])
        for window in _windows([units[place] for place in order], room)
    )


def _units(collection: Collection, places: Sequence[int], room: int) -> list[_Unit]:
    """The statements of an article in parts of which several fit into one block."""
    units: list[_Unit] = []
    taken: list[int] = []
    size = 0
    for place in places:
        tokens = tokens_on(collection.statements[place])
        if taken and size + tokens > room:
            units.append(_Unit(tuple(taken), size))
            taken, size = [], 0
        taken.append(place)
        size += tokens
    return [*units, _Unit(tuple(taken), size)]


def _windows(units: Sequence[_Unit], room: int) -> list[list[_Unit]]:
    """Runs of units that fit, of about equal size, each with the last ones of the run before it."""
    whole, shared = sum(unit.tokens for unit in units), room * OVERLAP
    count = math.ceil(max(1.0, (whole - shared) / (room - shared)))
    even = min(room, math.ceil(shared + (whole - shared) / count) + max(unit.tokens for unit in units) // 2)
    windows: list[list[_Unit]] = []
    new = 0
    while new < len(units):
        start, size = new, 0
        while windows and start > 0 and size + units[start - 1].tokens <= even * OVERLAP:
            start -= 1
            size += units[start].tokens
        end = new
        while end < len(units) and (end == new or size + units[end].tokens <= even):
            size += units[end].tokens
            end += 1
        windows.append(list(units[start:end]))
        new = end
    return windows


def _words(collection: Collection, places: Sequence[int]) -> str:
    titles = {collection.articles[collection.statements[place].article].title or "" for place in places}
    return " ".join([*sorted(titles), *(collection.statements[place].text for place in places)])
