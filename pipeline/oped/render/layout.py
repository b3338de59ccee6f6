"""Where the boxes of a drawn map stand: claims at the left, what bears on them at the right, each as high as its words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from oped.records import ArgumentMap
from oped.render.forest import THESIS, Forest

BOX_WIDTH = 284
COLUMN_GAP, ROW_GAP, TREE_GAP, CAPTION = 70, 14, 40, 20
MOST_ACROSS = 6


@dataclass(frozen=True, slots=True)
class Box:
    """Upper left corner and height of a component's box, in pixels."""

    id: str
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes of all components in their order, and the size of the whole.

    Attributes:
        caption: height at which the boxes begin that are linked to nothing; None where there is no such row of its own.
        alone: how many these are.
    """

    boxes: tuple[Box, ...]
    width: float
    height: float
    caption: float | None = None
    alone: int = 0


def lay_out(amap: ArgumentMap, forest: Forest, heights: Mapping[str, float]) -> Drawing:
    """Place boxes of the given heights: trees below each other, what is linked to nothing in rows at the end."""
    theses = {part.id for part in amap.components if part.type == THESIS}
    alone = [name for name in forest.roots if forest.size[name] == 1 and name not in theses]
    boxes: list[Box] = []
    y = 0.0
    for root in forest.roots:
        if root in alone:
            continue
        offsets, depth = _tree(root, forest, heights)
        boxes += _standing(root, forest, offsets, y, heights)
        y += depth + TREE_GAP
    caption = y if alone and boxes else None
    across = round((max((box.x for box in boxes), default=0) + BOX_WIDTH + COLUMN_GAP) / (BOX_WIDTH + COLUMN_GAP))
    boxes += _rows(alone, heights, y + (CAPTION if caption is not None else 0), min(max(2, across), MOST_ACROSS))
    order = {part.id: place for place, part in enumerate(amap.components)}
    width = max((box.x + BOX_WIDTH for box in boxes), default=0)
    height = max((box.y + box.height for box in boxes), default=0)
    return Drawing(tuple(sorted(boxes, key=lambda box: order[box.id])), width, height, caption, len(alone))


def _tree(root: str, forest: Forest, heights: Mapping[str, float]) -> tuple[dict[str, float], float]:
    """How far each component stands below the one it hangs on, and the height of the whole tree.

    The first child stands beside its parent; each further one as high as the columns of those before it let it.
    """
    tops: dict[str, list[float]] = {}
    bottoms: dict[str, list[float]] = {}
    offsets: dict[str, float] = {}
    for name, _ in reversed(list(forest.below(root))):
        top: list[float] = []
        bottom: list[float] = []
        for number, child in enumerate(forest.children[name]):
            child_top, child_bottom = tops.pop(child), bottoms.pop(child)
            room = [low + ROW_GAP - high for low, high in zip(bottom, child_top, strict=False)]
            y = offsets[child] = max([0.0, *room]) if number else 0.0
            _widen(top, [value + y for value in child_top], min)
            _widen(bottom, [value + y for value in child_bottom], max)
        tops[name], bottoms[name] = [0.0, *top], [heights[name], *bottom]
    return offsets, max(bottoms[root])


def _widen(known: list[float], more: Sequence[float], choose: Callable[[float, float], float]) -> None:
    """Take further columns into a contour."""
    for depth, value in enumerate(more):
        if depth < len(known):
            known[depth] = choose(known[depth], value)
        else:
            known.append(value)


def _standing(
    root: str, forest: Forest, offsets: Mapping[str, float], y: float, heights: Mapping[str, float]
) -> Iterable[Box]:
    places: dict[str, float] = {}
    for name, depth in forest.below(root):
        link = forest.parent.get(name)
        places[name] = y if name == root or link is None else places[link.target] + offsets[name]
        yield Box(name, depth * (BOX_WIDTH + COLUMN_GAP), places[name], heights[name])


def _rows(names: Iterable[str], heights: Mapping[str, float], y: float, across: int) -> Iterable[Box]:
    bottoms = [y] * across
    for name in names:
        column = bottoms.index(min(bottoms))
        yield Box(name, column * (BOX_WIDTH + 2 * ROW_GAP), bottoms[column], heights[name])
        bottoms[column] += heights[name] + ROW_GAP
