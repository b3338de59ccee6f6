"""A sheet: what one request shows of several articles, each statement on a line under a short id.

All of it is data. It stands between marks that nothing in it can know beforehand, each statement on one line.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import ascii_uppercase

from oped.compare.statements import Collection, Heading, Statement
from oped.llm.folding import fold
from oped.llm.paragraphs import on_one_line
from oped.llm.parts import tokens_of


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a sheet.

    Attributes:
        place: of the statement in the collection, or of the point among the points.
        home: of the article in the collection, or of the list of points.
        source: who says it where that is not the article's author; None: the author does.
        groups: whose article it stands in.
        names: what it names and its author may take a stance towards.
    """

    place: int
    home: int
    text: str
    source: str | None = None
    risk: bool = False
    gist: str | None = None
    groups: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The line after its id."""
        source = "" if self.source is None else f"[{on_one_line(self.source) or 'another'}] "
        gist = f" = {on_one_line(self.gist)}" if self.gist and self.gist != self.text else ""
        names = f" {{{'; '.join(map(on_one_line, self.names))}}}" if self.names else ""
        return f"{'!' * self.risk} {source}{on_one_line(self.text)}{gist}{names}"


@dataclass(frozen=True)
class Sheet:
    """What one request shows.

    Attributes:
        items: in the order of their homes.
        headings: a line for each home, in the same order.
        around: by home, all words of it that are at hand, folded: what a statement is for or against must be named there.
        of_points: whether its items are points from several sheets, and not statements of articles.
    """

    items: tuple[Item, ...]
    headings: Mapping[int, str]
    question: str | None = None
    around: Mapping[int, str] | None = None
    of_points: bool = False

    @cached_property
    def by_id(self) -> dict[str, Item]:
        """The items by their ids: the letters of their home and a number."""
        letters = {home: letters_of(number) for number, home in enumerate(self.headings)}
        counts = dict.fromkeys(letters, 0)
        found: dict[str, Item] = {}
        for item in self.items:
            counts[item.home] += 1
            found[f"{letters[item.home]}{counts[item.home]}"] = item
        return found

    @cached_property
    def text(self) -> str:
        """The sheet as it is sent."""
        lines: list[str] = [f"Question: {on_one_line(self.question)}"] if self.question else []
        home = None
        for name, item in self.by_id.items():
            if item.home != home:
                home = item.home
                kind = "LIST" if self.of_points else "ARTICLE"
                lines.append(f"{kind} {name.rstrip('0123456789')}{self.headings[home]}")
            lines.append(f"{name}{item.words}")
        mark = hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:10]
        return "\n".join([f"<<<STATEMENTS {mark}", *lines, f"STATEMENTS {mark}>>>"])


def letters_of(number: int) -> str:
    """A, B … Z, AA, AB …"""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, len(ascii_uppercase))
        letters = ascii_uppercase[rest] + letters
    return letters


def sheet_of(collection: Collection, places: Iterable[int]) -> Sheet:
    """The sheet of some statements, their articles in the order of their ids."""
    articles = collection.articles
    chosen = sorted(places, key=lambda place: (articles[collection.statements[place].article].id, place))
    items = tuple(_item(place, collection.statements[place]) for place in chosen)
    headings = {item.home: _heading(articles[item.home]) for item in items}
    around = {home: fold(" ".join([articles[home].title or ""])).text for home in headings}
    for place in chosen:
        around[collection.statements[place].article] += f" {fold(_around(collection.statements[place])).text}"
    for home, name, _ in collection.mentions:
        if home in around:
            around[home] += f" {fold(name).text}"
    questions = {articles[home].question for home in headings}
    return Sheet(items, headings, questions.pop() if len(questions) == 1 else None, around)


def sheet_of_points(lists: Sequence[Sequence[Item]], question: str | None = None) -> Sheet:
    """The sheet of points of several lists."""
    items = tuple(item for row in lists for item in row)
    return Sheet(items, {item.home: "" for item in items}, question, of_points=True)


def tokens_on(part: Statement) -> int:
    """How many tokens a statement takes on a sheet, at most."""
    return tokens_of(_item(0, part).words) + 4


def _item(place: int, part: Statement) -> Item:
    names = tuple(name for name, _ in part.targets)
    return Item(place, part.article, part.text, part.source, part.risk, part.gist, part.groups, names)


def _heading(article: Heading) -> str:
    parts = [" and ".join(article.groups), article.published or "", article.title or ""]
    return "".join(f" | {on_one_line(part)}" for part in parts if part)


def _around(part: Statement) -> str:
    return " ".join([part.before, part.text, part.after, part.gist or ""])
