"""Each article's line of argument: its thesis, and below it what bears on it most surely."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from oped.compare.view import Row, View

MOST_STEPS, MOST_STARTS, DEEPEST = 14, 2, 3
MOST_FOR, MOST_AGAINST = 3, 2  # below one statement
LEAST = 0.1  # a link less sure than this leads nowhere
Bearing = tuple[int, str, float]  # the statement that bears on another, how, and with which probability


def lines(view: View) -> list[Row]:
    """The line of each article, in the order of the articles.

    `steps`: each statement after the one `to` which it leads; what stands first leads to nothing.
    """
    below: dict[int, list[Bearing]] = {}
    leads = set()
    for source, target, kind, probability in view.collection.links:
        if probability >= LEAST:
            below.setdefault(target, []).append((source, kind, probability))
            leads.add(source)
    members: dict[int, list[int]] = {}
    for place, part in enumerate(view.collection.statements):
        members.setdefault(part.article, []).append(place)
    rows = []
    for number, article in enumerate(view.collection.articles):
        starts = _starts(view, members.get(number, []), below, leads)
        rows.append({"article": article.id, "by": list(article.groups), "steps": _steps(view, starts, below)})
    return rows


def _starts(view: View, places: Sequence[int], below: Mapping[int, list[Bearing]], leads: set[int]) -> list[int]:
    """The surest theses; without one, the claims that most bears on."""
    own = [place for place in places if view.statement(place).held]
    theses = [place for place in own if view.statement(place).type == "major_claim"]
    if theses:
        return sorted(theses, key=lambda place: (-view.statement(place).probability, place))[:MOST_STARTS]
    ends = [place for place in own if place not in leads and below.get(place)]
    return sorted(ends, key=lambda place: (-len(below[place]), place))[:MOST_STARTS]


def _steps(view: View, starts: Sequence[int], below: Mapping[int, list[Bearing]]) -> list[dict[str, Any]]:
    """The starts, then level by level what bears on them; each statement once."""
    steps = [_step(view, place) for place in starts]
    seen, waiting = set(starts), deque((place, 0) for place in starts)
    while waiting:
        place, depth = waiting.popleft()
        for source, kind, probability in _main(below.get(place, ()), below):
            if len(steps) == MOST_STEPS or depth == DEEPEST or source in seen:
                continue
            seen.add(source)
            steps.append(_step(view, source, to=view.statement(place).id, kind=kind, probability=probability))
            waiting.append((source, depth + 1))
    return steps


def _main(found: Sequence[Bearing], below: Mapping[int, list[Bearing]]) -> list[Bearing]:
    """What bears most on a statement, sure and with much behind it; what supports it first."""
    ranked = sorted(found, key=lambda item: (-item[2] * (1 + len(below.get(item[0], ()))), item[0]))
    against = [item for item in ranked if item[1] == "attack"]
    return [item for item in ranked if item[1] != "attack"][:MOST_FOR] + against[:MOST_AGAINST]


def _step(
    view: View, place: int, *, to: str | None = None, kind: str | None = None, probability: float | None = None
) -> dict[str, Any]:
    return {"statement": view.statement(place).id, "to": to, "type": kind, "probability": probability}
