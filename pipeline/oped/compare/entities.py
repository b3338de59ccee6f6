"""What the groups of a comparison argue about, and whom they speak for and against."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from oped.compare.bounds import MOST_ROWS
from oped.compare.rates import rate, share
from oped.compare.stances import Stance
from oped.compare.statements import Statement
from oped.compare.view import Row, View
from oped.formats.stances import AGAINST, FOR, NONE, STANCES


def entities(view: View, words: Mapping[str, int]) -> list[Row]:
    """What the groups argue about, and how.

    Named in risks they warn of, in views of others, in what is attacked or contested; and spoken for or against in what they
    hold, where that is told.
    """
    mentions: dict[str, Counter[str]] = {}
    labels: dict[str, Counter[str]] = {}
    for article, name, label in view.collection.mentions:
        labels.setdefault(name, Counter())[label] += 1
        mentions.setdefault(name, Counter()).update(view.collection.articles[article].groups)
    roles: dict[tuple[str, str], Counter[str]] = {}
    taken: dict[tuple[str, str], list[tuple[int, Stance]]] = {}
    for place, part in enumerate(view.collection.statements):
        for who, name in product(part.groups, sorted({name for name, _ in part.entities})):
            roles.setdefault((name, who), Counter()).update(_roles(view, place, part))
        for who, (name, stance) in product(part.groups, (view.stances or {}).get(place, {}).items()):
            taken.setdefault((name, who), []).append((place, stance))
    return [
        {
            "name": name,
            "label": min(labels[name], key=lambda label: (-labels[name][label], label)),
            "mentions": mentions[name].total(),
            "groups": {
                who: _named_by(count, words[who], roles.get((name, who), Counter()))
                | ({} if view.stances is None else _stances(view, taken.get((name, who), ())))
                for who, count in sorted(mentions[name].items())
            },
        }
        for name in _first_rows(mentions)
    ]


def _first_rows(mentions: Mapping[str, Counter[str]]) -> Iterator[str]:
    """The entities that most groups name, so many that their rows, one for each group, are not too many."""
    rows = 0
    for name in sorted(mentions, key=lambda name: (-len(mentions[name]), -mentions[name].total(), name)):
        rows += len(mentions[name])
        if rows > MOST_ROWS:
            return
        yield name


def _named_by(mentions: int, words: int, roles: Counter[str]) -> Row:
    """How one group names an entity."""
    total = roles["statements"]
    shares = {role: share(roles[role], total) for role in ("risks", "reported", "attacked", "contested")}
    return {"mentions": rate(mentions, words), "statements": total, **shares}


def _stances(view: View, taken: Sequence[tuple[int, Stance]]) -> Row:
    """How one group stands towards an entity, as shares of the statements that were asked for it: those that it holds."""
    counts = Counter(item.stance for _, item in taken)
    return {
        "asked": len(taken),
        **{STANCES[stance]: share(counts[stance], len(taken)) for stance in (FOR, AGAINST)},
        "stances": [
            {
                "statement": view.statement(place).id,
                "stance": STANCES[item.stance],
                "probability": item.probability,
            }
            for place, item in sorted(taken, key=lambda pair: (-pair[1].probability, pair[0]))
            if item.stance != NONE
        ],
    }


def _roles(view: View, place: int, part: Statement) -> Iterable[str]:
    yield "statements"
    if part.risk and part.held:
        yield "risks"
    if not part.held:
        yield "reported"
    if view.attacks.get(place):
        yield "attacked"
    if view.against.get(view.point_of[place]):
        yield "contested"
