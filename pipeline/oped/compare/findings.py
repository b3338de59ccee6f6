"""What a comparison finds beyond shared points: contested ones, evidence, grounds, attacks, risks."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from oped.compare.judgement import Judgement, Opposed
from oped.compare.points import Opposition, Point
from oped.compare.rates import share
from oped.compare.stances import Stances
from oped.compare.statements import Collection, Statement

LIKELY = 0.5  # from which on an opposition counts beyond the list of contested points
EXPOSED = ("GPE", "NORP", "ORG", "PERSON", "LOC", "FAC")
Row = dict[str, Any]


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


def key_points(view: View) -> list[Row]:
    """Points of two articles at least; first those of which it is surest that many hold them.

    `shared`: held in different articles by different groups. `groups`: by group, statements that hold it and that report it,
    and the share of the group's articles that hold it.
    """
    wrote = Counter(name for article in view.collection.articles for name in article.groups)
    rows = []
    for point in view.points:
        articles = {view.statement(place).article for place in point.members}
        if len(articles) > 1:
            rows.append(
                {
                    "id": point.id,
                    "text": view.statement(point.head).text,
                    **({"name": point.name} if point.name else {}),
                    "head": view.statement(point.head).id,
                    "probability": round(point.probability or 0.0, 4),
                    "held_by": view.holders(point.members),
                    "reported_by": view.reporters(point.members),
                    "shared": view.meets(view.held(point)),
                    "groups": {
                        name: _part(view, point, name, wrote[name]) for name in sorted(view.groups(point.members))
                    },
                    "articles": len(articles),
                    "risk": point.risk or _mostly(view.statement(place).risk for place in point.members),
                    "statements": view.ids(point.members),
                }
            )
    return sorted(rows, key=lambda row: (-_shared_by(row), -row["articles"], -row["probability"]))


def _shared_by(row: Row) -> float:
    """How many further groups hold a point, by its probability of being one point."""
    probability: float = row["probability"]
    return max(0, len(row["held_by"]) - 1) * probability


def _part(view: View, point: Point, name: str, articles: int) -> Row:
    """A group's part in a point."""
    own = [view.statement(place) for place in point.members if name in view.statement(place).groups]
    held = [part for part in own if part.held]
    return {
        "held": len(held),
        "reported": len(own) - len(held),
        "articles": share(len({part.article for part in held}), articles),
    }


def _mostly(values: Iterable[bool]) -> bool:
    items = list(values)
    return 2 * sum(items) > len(items)


def contested(view: View) -> list[Row]:
    """Points against each other; those that split the most holders first.

    `kind`: `across`, held by different groups; `within`, both held by the same alone; `reported`, one side is only told.
    """
    rows = []
    for item in view.oppositions:
        sides = [view.points[place] for place in (item.first, item.second)]
        holders = [{view.statement(place).groups for place in view.held(side)} for side in sides]
        both = view.groups(view.held(sides[0])) & view.groups(view.held(sides[1]))
        if len({view.statement(place).article for side in sides for place in side.members}) < 2:
            continue
        kind = "reported" if not all(holders) else "within" if len(holders[0] | holders[1]) == 1 else "across"
        rows.append(
            {
                "kind": kind,
                "probability": round(item.probability, 4),
                **({"reason": item.reason} if item.reason else {}),
                "sides": [
                    {
                        "point": side.id,
                        "text": view.statement(side.head).text,
                        "held_by": view.holders(side.members),
                        "reported_by": view.reporters(side.members),
                        "statements": view.ids(side.members),
                    }
                    for side in sides
                ],
                "both_held_by": sorted(both),
                "pairs": [
                    {"statements": [view.statement(one).id, view.statement(two).id], "probability": round(chance, 4)}
                    for one, two, chance in item.pairs
                ],
            }
        )
    order = {"across": 0, "within": 1, "reported": 2}
    return sorted(rows, key=lambda row: (order[row["kind"]], _split(row), -row["probability"]))


def _split(row: Row) -> tuple[int, int]:
    sizes = [len(side["held_by"]) for side in row["sides"]]
    return -min(sizes), -sum(sizes)


def changes(view: View) -> list[Row]:
    """Groups that hold both of two points that are likelier than not opposed, in different articles: the surest pair, the
    earlier statement first.

    Where a date is missing, or both are the same, the order tells nothing.
    """
    rows = []
    for item in view.oppositions:
        if item.probability < LIKELY:
            continue
        first, second = (view.held(view.points[side]) for side in (item.first, item.second))
        for name in sorted(view.groups(first) & view.groups(second)):
            own = [[place for place in side if name in view.statement(place).groups] for side in (first, second)]
            pairs = [
                (chance, one, two)
                for one, two in product(*own)
                if view.statement(one).article != view.statement(two).article
                and (chance := view.opposed(one, two)) is not None
            ]
            if pairs:
                chance, *pair = max(pairs, key=lambda found: (found[0], -found[1], -found[2]))
                pair.sort(key=lambda place: (view.statement(place).published or "", place))
                rows.append(
                    {
                        "by": name,
                        "statements": [view.statement(place).id for place in pair],
                        "dates": [view.statement(place).published for place in pair],
                        "probability": round(chance, 4),
                    }
                )
    return sorted(rows, key=lambda row: (-row["probability"], row["by"], row["statements"]))


def shared_evidence(view: View) -> list[Row]:
    """Points that different groups give as reasons for different conclusions of their own; opposed conclusions first."""
    rows = []
    for point in view.points:
        uses = [
            (place, target)
            for place in view.held(point)
            for target in view.targets.get(place, ())
            if view.statement(target).held
        ]
        ends: dict[str, set[int]] = {}
        for place, target in uses:
            for name in view.statement(place).groups:
                ends.setdefault(name, set()).add(view.point_of[target])
        if view.meets(place for place, _ in uses) and len(set(map(frozenset, ends.values()))) > 1:
            reached = set().union(*ends.values())
            opposed = any(other in reached for end in reached for other in view.against.get(end, ()))
            rows.append(
                {
                    "point": point.id,
                    "text": view.statement(point.head).text,
                    "conclusions": "opposed" if opposed else "different",
                    "uses": [
                        {"by": name, "evidence": view.statement(place).id, "conclusion": view.statement(target).id}
                        for place, target in uses
                        for name in view.statement(place).groups
                    ],
                }
            )
    return sorted(rows, key=lambda row: (row["conclusions"] == "different", -len(row["uses"])))


def same_conclusion(view: View) -> list[Row]:
    """Points that different groups hold on grounds that are not all the same."""
    rows = []
    for point in view.points:
        grounds: dict[str, set[int]] = {}
        based = [place for place in view.held(point) if view.supports.get(place)]
        for place in based:
            for name in view.statement(place).groups:
                grounds.setdefault(name, set()).update(view.supports[place])
        reasons = {name: frozenset(view.point_of[place] for place in places) for name, places in grounds.items()}
        if view.meets(based) and len(set(reasons.values())) > 1:
            used = Counter(number for numbers in reasons.values() for number in numbers)
            rows.append(
                {
                    "point": point.id,
                    "text": view.statement(point.head).text,
                    "grounds": [
                        {"by": name, "statements": view.ids(places)} for name, places in sorted(grounds.items())
                    ],
                    "shared": [view.points[number].id for number, count in sorted(used.items()) if count > 1],
                }
            )
    return sorted(rows, key=lambda row: -len(row["grounds"]))


def attacks(view: View) -> list[Row]:
    """Attacks within the articles, and what answers each: in the article itself, or by points of others against it.

    `kind`: `objection`, another's, that the article reports, to what its author says; `rebuttal`, the author's of another's
    view; `own`, both the author's, as a concession is; `reported`, both another's. What is only reported answers nothing.
    """
    rows = []
    for source, target, kind, probability in view.collection.links:
        if kind == "attack":
            attack, aim = view.statement(source), view.statement(target)
            inside = [place for place in view.attacks.get(source, ()) if view.statement(place).held]
            outside = [
                place
                for other in view.against.get(view.point_of[source], ())
                for place in view.held(view.points[other])
                if view.statement(place).article != attack.article
            ]
            rows.append(
                {
                    "attack": attack.id,
                    "target": aim.id,
                    "kind": _ATTACKS[attack.held, aim.held],
                    "by": list(attack.groups) if attack.held else [],
                    "reported_by": [] if attack.held else list(attack.groups),
                    "probability": probability,
                    "answered": bool(inside or outside),
                    "answers": view.ids([*inside, *outside]),
                }
            )
    return sorted(
        rows, key=lambda row: (row["answered"], row["kind"] == "rebuttal", -row["probability"], row["attack"])
    )


_ATTACKS = {(True, True): "own", (True, False): "rebuttal", (False, True): "objection", (False, False): "reported"}


def risk_register(view: View) -> list[Row]:
    """Each risk: who warns of it, who is exposed, what supports it and what is offered against it.

    Of a point, those members count that tell of the risk; all of them where the judge says that the point is one.
    """
    rows = []
    for number, point in enumerate(view.points):
        risks = [place for place in point.members if point.risk or view.statement(place).risk]
        if not risks:
            continue
        exposed = Counter(name for place in risks for name, label in view.statement(place).entities if label in EXPOSED)
        own = [place for place in risks if view.statement(place).held]
        answers = [place for place in risks for place in view.attacks.get(place, ())]
        answers += [place for other in view.against.get(number, ()) for place in view.points[other].members]
        rows.append(
            {
                "point": point.id,
                "text": view.statement(point.head if point.head in risks else risks[0]).text,
                "warned_by": view.holders(risks),
                "reported_by": view.reporters(risks),
                "only": ", ".join(view.holders(risks))
                if len({view.statement(place).groups for place in own}) == 1
                else None,
                "exposed": [name for name, _ in sorted(exposed.items(), key=lambda item: (-item[1], item[0]))],
                "statements": view.ids(risks),
                "support": view.ids(place for risk in risks for place in view.supports.get(risk, ())),
                "against": view.ids(answers),
            }
        )
    return sorted(rows, key=lambda row: (-len(row["warned_by"]), -len(row["statements"]), -len(row["support"])))
