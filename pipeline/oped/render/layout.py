"""Where the boxes of a drawn map stand: layered from left to right, claims at the left, what bears on them at the right."""

from collections.abc import Iterable
from dataclasses import dataclass

import fast_sugiyama

from oped.records import ArgumentMap

BOX_WIDTH, BOX_HEIGHT = 232, 84
LAYER_GAP, ROW_GAP = 64, 16
_STEP = 100  # the layout's own unit between neighbours in a layer and between layers


@dataclass(frozen=True, slots=True)
class Box:
    """Upper left corner of a component's box, in pixels."""

    id: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes of all components, and the size of the whole."""

    boxes: tuple[Box, ...]
    width: float
    height: float


def lay_out(amap: ArgumentMap) -> Drawing:
    """Place the components of a map (Sugiyama et al. 1981); those without relations stand in rows below."""
    order = {part.id: place for place, part in enumerate(amap.components)}
    edges = [(order[link.source], order[link.target]) for link in amap.relations]
    theses = {place for place, part in enumerate(amap.components) if part.type == "major_claim"}
    graphs = sorted(_graphs(edges), key=lambda graph: (theses.isdisjoint(graph), -len(graph), min(graph)))
    boxes: list[Box] = []
    bottom = 0.0
    for graph in graphs:
        left, top = min(x for x, _ in graph.values()), min(y for _, y in graph.values())
        for place, (x, y) in sorted(graph.items()):
            row = (x - left) / _STEP * (BOX_HEIGHT + ROW_GAP)
            boxes.append(Box(amap.components[place].id, (y - top) / _STEP * (BOX_WIDTH + LAYER_GAP), bottom + row))
        bottom = max(box.y for box in boxes) + BOX_HEIGHT + 2 * ROW_GAP
    placed = {box.id for box in boxes}
    alone = [part.id for part in amap.components if part.id not in placed]
    per_row = max(3, int(max((box.x for box in boxes), default=0) // (BOX_WIDTH + LAYER_GAP)) + 1)
    for number, name in enumerate(alone):
        x, y = number % per_row * (BOX_WIDTH + LAYER_GAP), bottom + number // per_row * (BOX_HEIGHT + ROW_GAP)
        boxes.append(Box(name, x, y))
    width = max((box.x for box in boxes), default=0) + BOX_WIDTH
    height = max((box.y for box in boxes), default=0) + BOX_HEIGHT
    return Drawing(tuple(sorted(boxes, key=lambda box: order[box.id])), width, height)


def _graphs(edges: Iterable[tuple[int, int]]) -> list[dict[int, tuple[float, float]]]:
    """Positions in each connected part; y is the layer, 0 that of the targets."""
    unique = sorted(set(edges))
    if not unique:
        return []
    # Numbers without a gap: the library puts names into a set, whose order would differ from process to process.
    nodes = sorted({place for edge in unique for place in edge})
    number = {place: count for count, place in enumerate(nodes)}
    numbered = [(number[source], number[target]) for source, target in unique]
    layouts = fast_sugiyama.from_edges(
        numbered, vertex_spacing=_STEP, crossing_minimization="barycenter", transpose=True
    )
    # The layout adds points, with higher numbers, where an edge passes through a layer.
    placed = [{int(node): (float(x), float(y)) for node, (x, y) in layout[0]} for layout in layouts]
    return [{nodes[node]: place for node, place in graph.items() if node < len(nodes)} for graph in placed]
