"""A map as trees: each component hangs below the one that it bears on most surely; other relations are extra."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from oped.records import ArgumentMap, Relation

THESIS = "major_claim"
_CON = re.compile(r"attack|against|^con$|contest|disagree|^reb|^und", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Forest:
    """The trees of a map.

    Attributes:
        roots: ids of what hangs below nothing; the thesis first, then the largest trees.
        children: of each component, what supports it before what attacks it, each in order of appearance.
        parent: the relation by which a component hangs below another.
        size: how many components a branch holds.
        extra: relations that are no part of a tree.
    """

    roots: tuple[str, ...]
    children: Mapping[str, tuple[str, ...]]
    parent: Mapping[str, Relation]
    size: Mapping[str, int]
    extra: tuple[Relation, ...]

    def below(self, name: str) -> Iterator[tuple[str, int]]:
        """A component and all that hang below it with their depth, in the order in which one reads them."""
        waiting = [(name, 0)]
        while waiting:
            found, depth = waiting.pop()
            yield found, depth
            waiting.extend((child, depth + 1) for child in reversed(self.children[found]))


def is_con(kind: str) -> bool:
    """Whether a type of relation speaks against its target."""
    return bool(_CON.search(kind))


def grow_forest(amap: ArgumentMap, *, least: float = 0.0) -> Forest:
    """The trees of a map, over the relations that are at least so probable; circles are cut where they close."""
    relations = [link for link in amap.relations if link.probability >= least]
    order = {part.id: place for place, part in enumerate(amap.components)}
    parent = _parents(order, relations)
    below: dict[str, list[str]] = {name: [] for name in order}
    for name, link in parent.items():
        below[link.target].append(name)
    children = {
        name: tuple(sorted(found, key=lambda child: (is_con(parent[child].type), order[child])))
        for name, found in below.items()
    }
    size = _sizes(parent, order)
    theses = {part.id for part in amap.components if part.type == THESIS}
    roots = sorted(order.keys() - parent.keys(), key=lambda name: (name not in theses, -size[name], order[name]))
    used = {link.id for link in parent.values()}
    return Forest(tuple(roots), children, parent, size, tuple(link for link in relations if link.id not in used))


def _parents(order: Mapping[str, int], relations: list[Relation]) -> dict[str, Relation]:
    out: dict[str, list[Relation]] = {}
    for link in relations:
        out.setdefault(link.source, []).append(link)
    parent: dict[str, Relation] = {}
    for name in order:
        for link in sorted(out.get(name, ()), key=lambda link: -link.probability):
            if not _hangs_below(link.target, name, parent):
                parent[name] = link
                break
    return parent


def _hangs_below(name: str, above: str, parent: Mapping[str, Relation]) -> bool:
    while name != above:
        if name not in parent:
            return False
        name = parent[name].target
    return True


def _sizes(parent: Mapping[str, Relation], order: Mapping[str, int]) -> dict[str, int]:
    size = dict.fromkeys(order, 1)
    waiting = dict.fromkeys(order, 0)
    for link in parent.values():
        waiting[link.target] += 1
    ready = [name for name in order if not waiting[name]]
    while ready:
        name = ready.pop()
        if name in parent:
            above = parent[name].target
            size[above] += size[name]
            waiting[above] -= 1
            if not waiting[above]:
                ready.append(above)
    return size
