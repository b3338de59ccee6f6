"""The verdict: what all readings say together, as the points, oppositions and stances of a comparison."""

from collections.abc import Sequence
from itertools import product

from oped.compare.judge.reading import Against, Named, Taken
from oped.compare.judgement import Opposed
from oped.compare.points import Opposition, Point, as_name, by_spread
from oped.compare.stances import Stance
from oped.compare.statements import Statement
from oped.formats.stances import AGAINST, FOR, NONE
from oped.llm.folding import fold

# What the answers are worth: of pairs of the development articles those that were right, by one reader. Stances were not measured.
SAME, OPPOSED, STANCE = 0.9, 0.5, 0.8
# In a trial on real articles a reader joined 15 of 17 points of two authors, and half of those that hold more.
WIDE = 0.6  # of points of three articles and more
JOINED = 0.5  # of points that were joined without sight of their statements
# What the model itself doubts is below one half, and waits behind the page's switch.
DOUBTED_SAME, DOUBTED_OPPOSED = 0.4, 0.3
_MOST_PAIRS = 3


def points_of(statements: Sequence[Statement], named: Sequence[Named]) -> list[Point]:
    """All points, each statement in one; the points of most groups first."""
    taken = {place for point in named for place in point.places}
    alone = [
        Named(places=(place,), text=None, risk=False, doubtful=False)
        for place in range(len(statements))
        if place not in taken
    ]
    ordered = sorted([*named, *alone], key=lambda point: by_spread(statements, point.places))
    return [_point(f"k{number}", point, statements) for number, point in enumerate(ordered, start=1)]


def _point(name: str, point: Named, statements: Sequence[Statement]) -> Point:
    merits = [(statements[place].held, as_name(statements[place])) for place in point.places]
    head = point.places[merits.index(max(merits))]
    wide = len({statements[place].article for place in point.places}) > 2
    chance = DOUBTED_SAME if point.doubtful else JOINED if point.joined else WIDE if wide else SAME
    return Point(name, point.places, head, chance if len(point.places) > 1 else None, point.text, point.risk)


def oppositions_of(
    statements: Sequence[Statement], points: Sequence[Point], found: Sequence[Against]
) -> list[Opposition]:
    """Points against each other, by the contradictions between their statements; the surest first."""
    home = {place: number for number, point in enumerate(points) for place in point.members}
    told: dict[tuple[int, int], Opposition] = {}
    for item in sorted(found, key=lambda item: item.doubtful):
        for first, second in product(*(sorted({home[place] for place in side}) for side in (item.one, item.other))):
            key = (min(first, second), max(first, second))
            if first != second and key not in told:
                sides = [[place for place in side if home[place] == own]
                         for own, side in ((first, item.one), (second, item.other))]  # fmt: skip
                told[key] = _opposition(
                    key, sides if first < second else sides[::-1], item, statements, turned=first > second
                )
    return sorted(told.values(), key=lambda item: (-item.probability, item.first, item.second))


def _opposition(
    key: tuple[int, int],
    sides: Sequence[Sequence[int]],
    item: Against,
    statements: Sequence[Statement],
    *,
    turned: bool,
) -> Opposition:
    chance = DOUBTED_OPPOSED if item.doubtful else OPPOSED
    pairs = sorted(product(*sides), key=lambda pair: (sum(not statements[place].held for place in pair), pair))
    apart = [pair for pair in pairs if statements[pair[0]].article != statements[pair[1]].article]
    return Opposition(
        *key, chance, tuple((one, two, chance) for one, two in (apart or pairs)[:_MOST_PAIRS]), item.reason, turned
    )


def opposed_by(points: Sequence[Point], oppositions: Sequence[Opposition]) -> Opposed:
    """What tells how likely two statements oppose each other: as likely as their points."""
    home = {place: number for number, point in enumerate(points) for place in point.members}
    chances = {(item.first, item.second): item.probability for item in oppositions}

    def opposed(one: int, two: int) -> float | None:
        first, second = sorted((home[one], home[two]))
        return chances.get((first, second))

    return opposed


def stances_of(
    statements: Sequence[Statement], asked: set[int], taken: Sequence[Taken]
) -> tuple[dict[int, dict[str, Stance]], dict[int, list[str]]]:
    """Stances by statement and name, and the names that are no entities of the statement's map.

    Where the author holds a statement that names an entity, and nothing is said of it, there is no stance.
    """
    found: dict[int, dict[str, Stance]] = {}
    for place in sorted(asked):
        if statements[place].held:
            found[place] = {name: Stance(NONE, STANCE) for name, _ in statements[place].targets}
    new: dict[int, list[str]] = {}
    spelled: dict[str, str] = {}
    for item in taken:
        known = {fold(name).text: name for name, _ in statements[item.place].entities}
        folded = fold(item.name).text
        name = known.get(folded) or known.get(f"the {folded}") or spelled.setdefault(folded, item.name)
        if name not in known.values() and name not in new.get(item.place, ()):
            new.setdefault(item.place, []).append(name)
        found.setdefault(item.place, {})[name] = Stance(FOR if item.stance == "for" else AGAINST, STANCE)
    return found, new
