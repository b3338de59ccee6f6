"""What a comparison finds beyond shared points: contested ones, evidence, grounds, attacks, risks, entities."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oped.compare.points import Opposition, Point
from oped.compare.rates import rate, share
from oped.compare.statements import Collection, Statement

EXPOSED = ("GPE", "NORP", "ORG", "PERSON", "LOC", "FAC")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    """A collection with its points and oppositions, indexed for the questions asked of it.

    Attributes:
        point_of: place of each statement's point.
        supports, attacks: what bears on each statement within its map: places of statements.
        targets: what each statement supports.
        against: points opposed to each point, with the probability.
    """

    collection: Collection
    points: Sequence[Point]
    oppositions: Sequence[Opposition]
    point_of: Mapping[int, int]
    supports: Mapping[int, list[int]]
    attacks: Mapping[int, list[int]]
    targets: Mapping[int, list[int]]
    against: Mapping[int, list[tuple[int, float]]]

    @classmethod
    def of(cls, collection: Collection, points: Sequence[Point], oppositions: Sequence[Opposition]) -> "View":
        supports: dict[int, list[int]] = {}
        attacks: dict[int, list[int]] = {}
        targets: dict[int, list[int]] = {}
        for source, target, kind, _ in collection.links:
            (attacks if kind == "attack" else supports).setdefault(target, []).append(source)
            if kind != "attack":
                targets.setdefault(source, []).append(target)
        against: dict[int, list[tuple[int, float]]] = {}
        for item in oppositions:
            against.setdefault(item.first, []).append((item.second, item.probability))
            against.setdefault(item.second, []).append((item.first, item.probability))
        home = {place: number for number, point in enumerate(points) for place in point.members}
        return cls(collection, points, oppositions, home, supports, attacks, targets, against)

    def statement(self, place: int) -> Statement:
        return self.collection.statements[place]

    def ids(self, places: Iterable[int]) -> list[str]:
        """Ids of statements, in their order."""
        return [self.statement(place).id for place in sorted(set(places))]

    def holders(self, point: Point) -> list[str]:
        """Groups whose articles say it as their own view."""
        return sorted(
            {name for place in point.members if self.statement(place).held for name in self.statement(place).groups}
        )

    def reporters(self, point: Point) -> list[str]:
        """Groups whose articles report it as another's view and do not hold it."""
        told = {
            name for place in point.members if not self.statement(place).held for name in self.statement(place).groups
        }
        return sorted(told - set(self.holders(point)))


def key_points(view: View) -> list[Row]:
    """Points of two articles at least; the most widely held first."""
    rows = []
    for point in view.points:
        articles = {view.statement(place).article for place in point.members}
        if len(articles) > 1:
            rows.append(
                {
                    "id": point.id,
                    "text": view.statement(point.head).text,
                    "head": view.statement(point.head).id,
                    "held_by": view.holders(point),
                    "reported_by": view.reporters(point),
                    "articles": len(articles),
                    "risk": _mostly(view.statement(place).risk for place in point.members),
                    "statements": view.ids(point.members),
                }
            )
    return sorted(rows, key=lambda row: (-len(row["held_by"]), -row["articles"], -len(row["statements"])))


def _mostly(values: Iterable[bool]) -> bool:
    items = list(values)
    return 2 * sum(items) > len(items)


def contested(view: View) -> list[Row]:
    """Points against each other; those that split the most holders first.

    `kind`: `across`, held by different groups; `within`, both held by one group alone; `reported`, one side is only told.
    """
    rows = []
    for item in view.oppositions:
        sides = [view.points[place] for place in (item.first, item.second)]
        holders = [set(view.holders(side)) for side in sides]
        both = holders[0] & holders[1]
        if len({view.statement(place).article for side in sides for place in side.members}) < 2:
            continue
        kind = "reported" if not all(holders) else "within" if both and len(holders[0] | holders[1]) == 1 else "across"
        rows.append(
            {
                "kind": kind,
                "probability": round(item.probability, 4),
                "sides": [
                    {
                        "point": side.id,
                        "text": view.statement(side.head).text,
                        "held_by": view.holders(side),
                        "reported_by": view.reporters(side),
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
    """Groups that hold both of two opposed points, the earlier statement first."""
    rows = []
    for item in view.oppositions:
        first, second = (
            [place for place in view.points[side].members if view.statement(place).held]
            for side in (item.first, item.second)
        )
        own = {name for place in first for name in view.statement(place).groups}
        for name in sorted(own & {name for place in second for name in view.statement(place).groups}):
            pair = [min(place for place in side if name in view.statement(place).groups) for side in (first, second)]
            if view.statement(pair[0]).article != view.statement(pair[1]).article:
                pair.sort(key=lambda place: (view.statement(place).published or "", place))
                dates = [view.statement(place).published for place in pair]
                rows.append(
                    {
                        "by": name,
                        "statements": [view.statement(place).id for place in pair],
                        "dates": dates,
                        "probability": round(item.probability, 4),
                    }
                )
    return sorted(rows, key=lambda row: (-row["probability"], row["by"], row["statements"]))


def shared_evidence(view: View) -> list[Row]:
    """Points that different groups give as reasons for different conclusions; opposed conclusions first."""
    rows = []
    for point in view.points:
        conclusions = [
            (name, place, target)
            for place in point.members
            if view.statement(place).held
            for target in view.targets.get(place, ())
            for name in view.statement(place).groups
        ]
        ends = {view.point_of[target] for _, _, target in conclusions}
        if len({name for name, _, _ in conclusions}) > 1 and len(ends) > 1:
            opposed = any(other in ends for end in ends for other, _ in view.against.get(end, ()))
            rows.append(
                {
                    "point": point.id,
                    "text": view.statement(point.head).text,
                    "conclusions": "opposed" if opposed else "different",
                    "uses": [
                        {"by": name, "evidence": view.statement(place).id, "conclusion": view.statement(target).id}
                        for name, place, target in conclusions
                    ],
                }
            )
    return sorted(rows, key=lambda row: (row["conclusions"] == "different", -len(row["uses"])))


def same_conclusion(view: View) -> list[Row]:
    """Points that different groups hold, each on grounds of its own."""
    rows = []
    for point in view.points:
        grounds: dict[str, set[int]] = {}
        for place in point.members:
            for name in view.statement(place).groups if view.statement(place).held else ():
                grounds.setdefault(name, set()).update(view.supports.get(place, ()))
        given = {name: places for name, places in sorted(grounds.items()) if places}
        if len(given) > 1:
            used = Counter(number for places in given.values() for number in {view.point_of[place] for place in places})
            rows.append(
                {
                    "point": point.id,
                    "text": view.statement(point.head).text,
                    "grounds": [{"by": name, "statements": view.ids(places)} for name, places in given.items()],
                    "shared": [view.points[number].id for number, count in sorted(used.items()) if count > 1],
                }
            )
    return sorted(rows, key=lambda row: -len(row["grounds"]))


def attacks(view: View) -> list[Row]:
    """Attacks within the articles, and what answers each: in the article itself, or by points of others against it."""
    rows = []
    for source, target, kind, probability in view.collection.links:
        if kind == "attack":
            inside = view.attacks.get(source, [])
            outside = [
                place
                for other, _ in view.against.get(view.point_of[source], ())
                for place in view.points[other].members
                if view.statement(place).article != view.statement(source).article and view.statement(place).held
            ]
            rows.append(
                {
                    "attack": view.statement(source).id,
                    "target": view.statement(target).id,
                    "by": list(view.statement(source).groups),
                    "probability": probability,
                    "answered": bool(inside or outside),
                    "answers": view.ids([*inside, *outside]),
                }
            )
    return sorted(rows, key=lambda row: (row["answered"], -row["probability"], row["attack"]))


def risk_register(view: View) -> list[Row]:
    """Each risk: who warns of it, who is exposed, what supports it and what is offered against it."""
    rows = []
    for number, point in enumerate(view.points):
        risks = [place for place in point.members if view.statement(place).risk]
        if not risks or 2 * len(risks) <= len(point.members):
            continue
        exposed = Counter(name for place in risks for name, label in view.statement(place).entities if label in EXPOSED)
        holders = view.holders(point)
        answers = [place for place in risks for place in view.attacks.get(place, ())]
        answers += [place for other, _ in view.against.get(number, ()) for place in view.points[other].members]
        rows.append(
            {
                "point": point.id,
                "text": view.statement(point.head).text,
                "warned_by": holders,
                "reported_by": view.reporters(point),
                "only": holders[0] if len(holders) == 1 else None,
                "exposed": [name for name, _ in sorted(exposed.items(), key=lambda item: (-item[1], item[0]))],
                "statements": view.ids(risks),
                "support": view.ids(place for risk in risks for place in view.supports.get(risk, ())),
                "against": view.ids(answers),
            }
        )
    return sorted(rows, key=lambda row: (-len(row["warned_by"]), -len(row["statements"]), -len(row["support"])))


def entities(view: View, words: Mapping[str, int], *, most: int = 100) -> list[Row]:
    """What the groups argue about, and how: named in risks, in views of others, in what is attacked or contested."""
    mentions: dict[str, Counter[str]] = {}
    labels: dict[str, Counter[str]] = {}
    for article, name, label in view.collection.mentions:
        labels.setdefault(name, Counter())[label] += 1
        mentions.setdefault(name, Counter()).update(view.collection.articles[article].groups)
    roles: dict[tuple[str, str], Counter[str]] = {}
    for place, part in enumerate(view.collection.statements):
        for name, _ in part.entities:
            for who in part.groups:
                roles.setdefault((name, who), Counter()).update(_roles(view, place, part))
    chosen = sorted(mentions, key=lambda name: (-len(mentions[name]), -mentions[name].total(), name))[:most]
    return [
        {
            "name": name,
            "label": min(labels[name], key=lambda label: (-labels[name][label], label)),
            "mentions": mentions[name].total(),
            "groups": {
                who: _named_by(count, words[who], roles.get((name, who), Counter()))
                for who, count in sorted(mentions[name].items())
            },
        }
        for name in chosen
    ]


def _named_by(mentions: int, words: int, roles: Counter[str]) -> Row:
    """How one group names an entity."""
    total = roles["statements"]
    shares = {role: share(roles[role], total) for role in ("risks", "reported", "attacked", "contested")}
    return {"mentions": rate(mentions, words), "statements": total, **shares}


def _roles(view: View, place: int, part: Statement) -> Iterable[str]:
    yield "statements"
    if part.risk:
        yield "risks"
    if not part.held:
        yield "reported"
    if view.attacks.get(place):
        yield "attacked"
    if view.against.get(view.point_of[place]):
        yield "contested"
