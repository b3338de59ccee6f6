"""What goes wrong, by kind: an analysis of errors, on overlapping spans."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from oped.metrics.spans import Pairs, match, overlap
from oped.records import ArgumentMap, Component

Kinds = Mapping[str, Mapping[str, int]]
FAR = 6  # components from source to target

FOUND, MISSED = "found", "missed"
SPLIT, MERGED, SHIFTED = "cut into several", "run together with others", "wrong borders"
NOTHING, BESIDE, INSTEAD = "extra, where there is none", "extra, beside a found one", "extra, in place of a missed one"
NO_SOURCE, NO_TARGET, NO_END = "source not found", "target not found", "neither end found"
ROOTED, REVERSED = "source linked to nothing", "the wrong way round"
HIGHER, SIBLING, LOWER = "to what the target bears on", "to another on the same target", "to what bears on the target"
ELSEWHERE, LABEL = "to another component", "right link, wrong kind"
EXTRA = "extra"


def error_kinds(pairs: Iterable[tuple[ArgumentMap, ArgumentMap]]) -> dict[str, dict[str, int]]:
    """Counts by kind of what was found, missed and made up.

    Args:
        pairs: gold map and predicted map of each article.

    Returns:
        Keys `components`, `links`, `links_by_distance` (of whatever kind) and `risks`; under each, counts, the most frequent
        first. Of a component that bears on several, the last target counts.
    """
    sums: dict[str, Counter[str]] = {key: Counter() for key in ("components", "links", "links_by_distance", "risks")}
    for gold, predicted in pairs:
        matched = match(gold, predicted, overlap)
        sums["components"].update(_components(gold, predicted, matched))
        sums["links"].update(_links(gold, predicted, matched))
        sums["links_by_distance"].update(_distances(gold, predicted, matched))
        sums["risks"].update(_risks(gold, predicted, matched))
    return {key: dict(counts.most_common()) for key, counts in sums.items()}


def _components(gold: ArgumentMap, predicted: ArgumentMap, pairs: Pairs) -> Iterable[str]:
    taken = {part.id for part in pairs.values()}
    found = [part for part in gold.components if part.id in pairs]
    for part in gold.components:
        if part.id in pairs:
            other = pairs[part.id]
            yield FOUND if other.type == part.type else f"{part.type} taken for {other.type}"
        else:
            yield _border(part, gold.components, predicted.components)
    for part in predicted.components:
        if part.id not in taken:
            yield BESIDE if _touching(part, found) else INSTEAD if _touching(part, gold.components) else NOTHING


def _border(part: Component, gold: Sequence[Component], predicted: Sequence[Component]) -> str:
    touching = _touching(part, predicted)
    if not touching:
        return MISSED
    if len(touching) > 1:
        return SPLIT
    return MERGED if len(_touching(touching[0], gold)) > 1 else SHIFTED


def _touching(part: Component, others: Sequence[Component]) -> list[Component]:
    return [other for other in others if other.start < part.end and part.start < other.end]


def _links(gold: ArgumentMap, predicted: ArgumentMap, pairs: Pairs) -> Iterable[str]:
    found = {(link.source, link.target): link.type for link in predicted.relations}
    targets = dict(found.keys())
    names = {other.id: name for name, other in pairs.items()}
    heads = {link.source: link.target for link in gold.relations}
    reversed_ones = {(link.target, link.source) for link in gold.relations}
    for link in gold.relations:
        source, target = pairs.get(link.source), pairs.get(link.target)
        if source is None or target is None:
            yield NO_END if source is target else NO_SOURCE if source is None else NO_TARGET
        elif (source.id, target.id) in found:
            yield FOUND if found[source.id, target.id] == link.type else LABEL
        elif (target.id, source.id) in found:
            yield REVERSED
        elif source.id not in targets:
            yield ROOTED
        else:
            yield _instead(names.get(targets[source.id]), link.target, heads)
    wanted = {(link.source, link.target) for link in gold.relations}
    for one, two in found:
        ends = names.get(one, ""), names.get(two, "")
        if ends[0] not in heads and ends not in wanted and ends not in reversed_ones:
            yield EXTRA


def _instead(found: str | None, wanted: str, heads: Mapping[str, str]) -> str:
    """How the target that was found stands to the one that was wanted."""
    if found is None:
        return ELSEWHERE
    if found == heads.get(wanted):
        return HIGHER
    if heads.get(found) == wanted:
        return LOWER
    return SIBLING if found in heads and heads.get(found) == heads.get(wanted) else ELSEWHERE


def _distances(gold: ArgumentMap, predicted: ArgumentMap, pairs: Pairs) -> Iterable[str]:
    places = {part.id: place for place, part in enumerate(gold.components)}
    found = {(link.source, link.target) for link in predicted.relations}
    for link in gold.relations:
        distance = abs(places[link.source] - places[link.target])
        reach = "to the next" if distance == 1 else f"over 2 to {FAR - 1}" if distance < FAR else f"over {FAR} or more"
        ends = pairs.get(link.source), pairs.get(link.target)
        hit = None not in ends and tuple(end.id for end in ends if end) in found
        yield f"{reach}: {FOUND if hit else MISSED}"


def _risks(gold: ArgumentMap, predicted: ArgumentMap, pairs: Pairs) -> Iterable[str]:
    right = set()
    for part in gold.components:
        if part.risk:
            other = pairs.get(part.id)
            if other is not None and other.risk:
                right.add(other.id)
                yield FOUND
            else:
                yield "span not found" if other is None else f"{part.type} not seen as a risk"
    matched = {other.id for other in pairs.values()}
    for part in predicted.components:
        if part.risk and part.id not in right:
            yield f"{part.type} taken for a risk" if part.id in matched else "extra component taken for a risk"
