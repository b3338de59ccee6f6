"""A reading: what one answer says of a sheet, as far as it holds; and what is wrong with the rest.

What a reading has is valid whatever the model said: its ids are of the sheet, a statement makes one point, a point is made in
two articles, a contradiction has two sides, and a stance is the author's own towards what the article names.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from oped.compare.judge.answer import AGAINST, CONTRADICTION, FOR, POINT, RISK, Answer, Line
from oped.compare.judge.sheet import Item, Sheet
from oped.llm.answer import Fault, gist_of
from oped.llm.folding import fold
from oped.words import stands_alone

MOST_WORDS = 40  # of a sentence or a reason
FEWEST_LETTERS = 2  # of what a stance is towards
LONGEST_NAME = 80
_NOBODY = frozenset(("it", "this", "that", "they", "them", "he", "she", "we", "us", "i", "you", "the author", "author"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A point.

    Attributes:
        places: of the statements that make it.
        text: a sentence that says it; None where the model gave none that can be used.
        joined: whether it was made of points of several sheets, which the model saw without their statements.
    """

    places: tuple[int, ...]
    text: str | None
    risk: bool
    doubtful: bool
    joined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A contradiction: statements of one side and of the other."""

    one: tuple[int, ...]
    other: tuple[int, ...]
    reason: str | None
    doubtful: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A stance of a statement's author, `for` or `against`."""

    place: int
    name: str
    stance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an answer says.

    Attributes:
        faults: what can't be used, for the model to put right or for a user to know.
        lines: that were answered.
        kept: those of which something is used.
    """

    points: tuple[Named, ...] = ()
    contradictions: tuple[Against, ...] = ()
    stances: tuple[Taken, ...] = ()
    faults: tuple[Fault, ...] = ()
    lines: int = 0
    kept: int = 0
    nothing: bool = False

    @property
    def usable(self) -> bool:
        """Whether it says anything, or that there is nothing to say."""
        return bool(self.kept) or self.nothing


def reading_of(sheet: Sheet, answer: Answer) -> Reading:
    """Check an answer against what was asked."""
    checker = _Checker(sheet)
    for line in answer.lines:
        if line.kind in (POINT, RISK):
            checker.point(line)
    for line in answer.lines:
        if line.kind == CONTRADICTION:
            checker.contradiction(line)
        elif line.kind in (FOR, AGAINST):
            checker.stance(line)
    faults = [*answer.faults, *checker.faults]
    if not answer.lines and not answer.nothing and not faults:
        faults.append(Fault(None, "there is no line in it that says anything"))
    return Reading(
        points=tuple(checker.points.values()),
        contradictions=tuple(checker.contradictions),
        stances=tuple(checker.stances),
        faults=tuple(faults),
        lines=len({line.number for line in answer.lines} | {fault.number for fault in answer.faults}),
        kept=len(checker.kept),
        nothing=answer.nothing,
    )


class _Checker:
    """Takes the lines of one answer, one after another."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.points: dict[int, Named] = {}
        self.contradictions: list[Against] = []
        self.stances: list[Taken] = []
        self.faults: list[Fault] = []
        self.kept: set[int] = set()
        self._owner: dict[int, int] = {}  # the line that has a statement
        self._sides: dict[tuple[int, str], str] = {}
        self._groups = {name for item in sheet.items for name in item.groups}

    def point(self, line: Line) -> None:
        items = []
        for item in self._items(line, line.ids):
            owner = self._owner.get(item.place, line.number)
            if owner == line.number:
                items.append(item)
            else:
                self._fault(line, f"{self._id(item)} stands in {owner} already, and a statement makes one point")
        if len({item.home for item in items}) < 2:
            homes = "lists" if self.sheet.of_points else "articles"
            self._fault(line, f"it needs statements of two {homes} that make it")
            return
        self._owner |= {item.place: line.number for item in items}
        self.points[line.number] = Named(
            places=tuple(item.place for item in items),
            text=self._sentence(line, items),
            risk=line.kind == RISK,
            doubtful=line.doubtful,
        )
        self.kept.add(line.number)

    def contradiction(self, line: Line) -> None:
        one, other = (self._side(line, ids) for ids in (line.ids, line.other))
        if not one or not other:
            self._fault(line, "one of its sides has no statement")
            return
        owners = [{self._owner[item.place] for item in side if item.place in self._owner} for side in (one, other)]
        same = {item.place for item in one} & {item.place for item in other}
        if same or owners[0] & owners[1]:
            where = (
                f"are both in {min(owners[0] & owners[1])}" if owners[0] & owners[1] else "have a statement in common"
            )
            self._fault(line, f"its sides {where}, so they can't contradict each other")
            return
        if len({item.home for item in (*one, *other)}) < 2:
            self._fault(line, "both of its sides are of one article")
            return
        reason = gist_of(line.text, MOST_WORDS)
        if reason is None:
            self._fault(line, "it needs a reason")
        elif who := self._credited(reason, (*one, *other)):
            self._fault(line, f"its reason names {who}, who says neither")
            reason = None
        places = [tuple(item.place for item in side) for side in (one, other)]
        self.contradictions.append(Against(one=places[0], other=places[1], reason=reason, doubtful=line.doubtful))
        self.kept.add(line.number)

    def stance(self, line: Line) -> None:
        name = _whom(line.text)
        if self.sheet.of_points or not name:
            self._fault(line, "it does not say by name whom or what it is towards")
            return
        for item in self._items(line, line.ids):
            if item.source is not None:
                self._fault(
                    line, f"{self._id(item)} is what {item.source or 'another'} says, and no stance of the author"
                )
            elif not self._names(item, name):
                self._fault(line, f"the article of {self._id(item)} does not name {name}")
            elif self._sides.setdefault((item.place, fold(name).text), line.kind) != line.kind:
                self._fault(line, f"{self._id(item)} is said to be for it and against it")
            elif not line.doubtful:
                self.stances.append(Taken(place=item.place, name=name, stance=line.kind))
                self.kept.add(line.number)

    def _items(self, line: Line, ids: Sequence[str]) -> list[Item]:
        """The statements of ids, and a fault for each id that is none."""
        known = self.sheet.by_id
        for name in ids:
            if name not in known:
                self._fault(line, f"{name} is none of the ids listed")
        return list({known[name].place: known[name] for name in ids if name in known}.values())

    def _side(self, line: Line, ids: Sequence[str]) -> list[Item]:
        """The statements of a side, which may be named by the numbers of points."""
        numbers = [int(name) for name in ids if name.isdigit()]
        for number in numbers:
            if number not in self.points:
                self._fault(line, f"{number} is no point")
        members = {place for number in numbers if number in self.points for place in self.points[number].places}
        items = [item for item in self.sheet.items if item.place in members]
        named = self._items(line, [name for name in ids if not name.isdigit()])
        return list({item.place: item for item in (*items, *named)}.values())

    def _sentence(self, line: Line, items: Sequence[Item]) -> str | None:
        """The sentence of a point, if it can be its name."""
        text = gist_of(line.text, MOST_WORDS)
        if text is None or not stands_alone(text):
            self._fault(line, "its sentence can't be understood alone: say who or what, in five words at least")
            return None
        if who := self._credited(text, items):
            self._fault(line, f"its sentence names {who}, who does not say it")
            return None
        return text

    def _credited(self, text: str, items: Iterable[Item]) -> str | None:
        """One of those compared whom a text names and who holds none of the statements."""
        holders = {name for item in items if item.source is None for name in item.groups}
        folded = fold(text).text
        others = sorted(name for name in self._groups - holders if " " in name.strip())
        return next((name for name in others if fold(name).text in folded), None)

    def _names(self, item: Item, name: str) -> bool:
        """Whether the words of a name, or the beginnings of long ones, stand in what is known of an article."""
        around = (self.sheet.around or {}).get(item.home, "")
        words = [word for word in fold(name).text.split() if word not in ("the", "a", "an", "of")]
        return bool(words) and all(word[: max(4, len(word) - 2)] in around for word in words)

    def _id(self, item: Item) -> str:
        return next(name for name, other in self.sheet.by_id.items() if other.place == item.place)

    def _fault(self, line: Line, reason: str) -> None:
        self.faults.append(Fault(line.number, reason))


def _whom(text: str) -> str:
    """The name of what a stance is towards; empty where it is none."""
    name = " ".join(text.split()).strip("\"“”'‘’.,;: ")
    name = name[4:] if name.lower().startswith("the ") else name
    letters = sum(letter.isalpha() for letter in name)
    return name if letters >= FEWEST_LETTERS and len(name) <= LONGEST_NAME and name.lower() not in _NOBODY else ""
