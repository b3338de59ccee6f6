"""What a comparison finds beyond shared points: contested ones, evidence, grounds, attacks, risks."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain, islice, product

from oped.compare.bounds import MOST_ANSWERS, MOST_ENTRIES, MOST_OWN
from oped.compare.points import Opposition, Point
from oped.compare.rates import share
from oped.compare.statements import Statement
from oped.compare.view import LIKELY, Row, View

EXPOSED = ("GPE", "NORP", "ORG", "PERSON", "LOC", "FAC")


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
                    "groups": _parts(view, point, wrote),
                    "articles": len(articles),
                    "risk": point.risk or _mostly(view.statement(place).risk for place in point.members),
                    "statements": view.ids(point.members),
                }
            )
    return sorted(rows, key=_surest_first)


def _surest_first(row: Row) -> tuple[float, int, int, float]:
    """By the probability, to the tenth; of equally sure points those that most groups hold."""
    probability: float = row["probability"]
    return -round(probability, 1), -len(row["held_by"]), -row["articles"], -probability


def _parts(view: View, point: Point, wrote: Mapping[str, int]) -> Row:
    """The part of each group in a point."""
    own: dict[str, list[Statement]] = {}
    for part in map(view.statement, point.members):
        for name in part.groups:
            own.setdefault(name, []).append(part)
    return {name: _part(parts, wrote[name]) for name, parts in sorted(own.items())}


def _part(own: list[Statement], articles: int) -> Row:
    """A group's part in a point, by its statements there; `articles`: that it wrote."""
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
    """Points against each other; those that split the most holders first, the sides as the reason names them.

    `kind`: `across`, the statements against each other are held by different groups; `within`, by the same alone; `reported`,
    one of them is only told.
    Where there is too much to list (`MOST_ENTRIES`), the surest are listed.
    """
    rows: list[Row] = []
    entries = 0
    for item in view.oppositions:
        sides = [view.side(place) for place in (item.first, item.second)]
        if not view.is_across_articles(item):
            continue
        entries += sum(side.entries for side in sides)
        if rows and entries > MOST_ENTRIES:
            break
        step = -1 if item.turned else 1
        rows.append(
            {
                "kind": _kind(view, item),
                "probability": round(item.probability, 4),
                **({"reason": item.reason} if item.reason else {}),
                "sides": [side.row for side in sides[::step]],
                "both_held_by": sorted(sides[0].by_group.keys() & sides[1].by_group.keys()),
                "pairs": [
                    {
                        "statements": [view.statement(place).id for place in (one, two)[::step]],
                        "probability": round(chance, 4),
                    }
                    for one, two, chance in item.pairs
                ],
            }
        )
    order = {"across": 0, "within": 1, "reported": 2}
    return sorted(rows, key=lambda row: (order[row["kind"]], _split(row), -row["probability"]))


def _kind(view: View, item: Opposition) -> str:
    """`across` where any of the clearest pairs is."""
    pairs = [(view.statement(one), view.statement(two)) for one, two, _ in item.pairs]
    held = [(set(one.groups), set(two.groups)) for one, two in pairs if one.held and two.held]
    return "reported" if not held else "within" if all(one == two for one, two in held) else "across"


def _split(row: Row) -> tuple[int, int]:
    sizes = [len(side["held_by"]) for side in row["sides"]]
    return -min(sizes), -sum(sizes)


def changes(view: View) -> list[Row]:
    """Groups that hold both of two points that are likelier than not opposed, in different articles: the surest pair, the
    earlier statement first.

    Where a date is missing, or both are the same, the order tells nothing. Of very many statements of one group on a side the
    first `MOST_OWN` are looked through.
    """
    rows = []
    for item in view.oppositions:
        if item.probability < LIKELY:
            continue
        first, second = (view.side(side).by_group for side in (item.first, item.second))
        for name in sorted(first.keys() & second.keys()):
            own = [_told_once(view, side[name]) for side in (first, second)]
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


def _told_once(view: View, places: Iterable[int]) -> list[int]:
    """The first statements of a group, each article's words once."""
    first: dict[tuple[int, str], int] = {}
    for place in places:
        first.setdefault((view.statement(place).article, view.statement(place).text), place)
    return list(islice(first.values(), MOST_OWN))


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
    At most `MOST_ANSWERS` answers are listed.
    """
    rows = []
    for source, target, kind, probability in view.collection.links:
        if kind == "attack":
            attack, aim = view.statement(source), view.statement(target)
            answers = chain(view.answers_within(source), view.answers_of_others(source))
            listed = view.ids(islice(answers, MOST_ANSWERS))
            rows.append(
                {
                    "attack": attack.id,
                    "target": aim.id,
                    "kind": _ATTACKS[attack.held, aim.held],
                    "by": list(attack.groups) if attack.held else [],
                    "reported_by": [] if attack.held else list(attack.groups),
                    "probability": probability,
                    "answered": bool(listed),
                    "answers": listed,
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
        attacks_on = (attack for place in risks for attack in view.attacks.get(place, ()))
        answers = islice(chain(attacks_on, view.against_point(number)), MOST_ANSWERS)
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
