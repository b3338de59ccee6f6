"""How far two models, or two forms of one, give the same maps of the same articles."""

import statistics
from collections.abc import Sequence

from oped.records import ArgumentMap


def alike(maps: Sequence[ArgumentMap], others: Sequence[ArgumentMap]) -> dict[str, float]:
    """Of all components (by borders and type), relations (by both borders and type) and risks (by borders) that either has
    in an article, the share that both have; means over the articles. Maps without any are alike.

    Args:
        others: maps of the same articles, in the same order.
    """
    shares: dict[str, list[float]] = {"components": [], "relations": [], "risks": []}
    for one, two in zip(maps, others, strict=True):
        for (kind, first), second in zip(_parts(one).items(), _parts(two).values(), strict=True):
            shares[kind].append(len(first & second) / len(first | second) if first | second else 1.0)
    return {kind: statistics.fmean(values) for kind, values in shares.items()}


def _parts(amap: ArgumentMap) -> dict[str, set[tuple[object, ...]]]:
    spans = {part.id: (part.start, part.end) for part in amap.components}
    return {
        "components": {(*spans[part.id], part.type) for part in amap.components},
        "relations": {(spans[link.source], spans[link.target], link.type) for link in amap.relations},
        "risks": {spans[part.id] for part in amap.components if part.risk},
    }
