"""A map as a picture in SVG, as the page draws it: boxes with whole sentences, support and attack between them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from xml.sax.saxutils import escape, quoteattr

from oped.records import ArgumentMap, Component, Relation
from oped.render.certainty import DEFAULT_CERTAINTY, Certainty
from oped.render.forest import THESIS, Forest, grow_forest, is_con
from oped.render.html import asset
from oped.render.layout import BOX_WIDTH, CAPTION, Box, Drawing, lay_out
from oped.render.lettering import shortened, wrapped

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
INSET, HEAD, LINE, FOOT, HOOK = 15, 30, 18.5, 11, 20
MARGIN, TITLE = 24, 46
SIZE, THESIS_SIZE, SMALL = 13.5, 14.5, 12.0
TYPE_NAMES = {"major_claim": "Major claim", "claim": "Claim", "premise": "Premise"}
_COLOURS = {"major_claim": "major", "claim": "claim", "premise": "premise"}
_FORBIDDEN = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Lettered:
    """A component with the lines of its box."""

    part: Component
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return HEAD + LINE * len(self.lines) + FOOT


def draw_map(amap: ArgumentMap, *, certainty: Certainty = DEFAULT_CERTAINTY) -> str:
    """The picture of a map, in light colours and without uncertain relations, as SVG."""
    forest = grow_forest(amap, least=certainty.relations)
    lettered = {part.id: _Lettered(part, _lines(part)) for part in amap.components}
    drawing = lay_out(amap, forest, {name: one.height for name, one in lettered.items()})
    width, height = drawing.width + 2 * MARGIN, drawing.height + 2 * MARGIN + TITLE
    return "".join(
        f"{line}\n"
        for line in _svg(amap, forest, lettered, drawing, (max(width, 360), height), certainty.left_out(amap))
    )


def _lines(part: Component) -> tuple[str, ...]:
    size = THESIS_SIZE * 1.06 if part.type == THESIS else SIZE
    return wrapped(part.gist or part.text, size=size, width=BOX_WIDTH - 2 * INSET)


def _svg(
    amap: ArgumentMap,
    forest: Forest,
    lettered: Mapping[str, _Lettered],
    drawing: Drawing,
    size: tuple[float, float],
    remark: str | None,
) -> Iterator[str]:
    width, height = size
    boxes = {box.id: box for box in drawing.boxes}
    names = " · ".join(filter(None, [amap.article.title, ", ".join(amap.article.authors)]))
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" font-family={quoteattr(FONT)} role="img">'
    yield f"<title>{_text(names or 'Argument map')}</title>"
    yield f'<rect width="100%" height="100%" fill="{_colour("paper")}"/>'
    title = shortened(names, size=15.5, width=width - 2 * MARGIN)
    yield f'<text x="{MARGIN}" y="{MARGIN + 14}" font-size="15" font-weight="600" fill="{_colour("ink")}">{_text(title)}</text>'
    if remark:
        yield f'<text x="{MARGIN}" y="{MARGIN + 34}" font-size="{SMALL}" fill="{_colour("dim")}">{_text(remark)}</text>'
    yield f'<g transform="translate({MARGIN} {MARGIN + TITLE})">'
    for link in forest.parent.values():
        yield _line(link, _tree_path(boxes[link.source], boxes[link.target], con=is_con(link.type)), width=1.8)
    for link in forest.extra:
        yield _line(link, _extra_path(boxes[link.source], boxes[link.target]), width=1.3)
    for one in lettered.values():
        yield from _box(one, boxes[one.part.id])
    for link in forest.parent.values():
        yield from _ends(link, boxes[link.source], boxes[link.target])
    if drawing.caption is not None:
        yield f'<text x="0" y="{drawing.caption + CAPTION - 16:.1f}" font-size="{SMALL}" font-weight="600" fill="{_colour("dim")}">Linked to nothing ({drawing.alone})</text>'
    yield "</g></svg>"


def _box(one: _Lettered, box: Box) -> Iterator[str]:
    part = one.part
    thesis = part.type == THESIS
    colour = _colour(_COLOURS.get(part.type, "other"))
    fill, stroke = (_colour("major-bg"), _colour("major")) if thesis else (_colour("raised"), _colour("rule"))
    yield f'<g transform="translate({box.x:.1f} {box.y:.1f})"><title>{_text(part.text)}</title>'
    yield f'<rect width="{BOX_WIDTH}" height="{box.height:.1f}" rx="7" fill="{fill}" stroke="{stroke}" stroke-width="{1.8 if thesis else 1.2}"/>'
    yield f'<path d="M3.5 8V{box.height - 8:.1f}" stroke="{colour}" stroke-width="4" stroke-linecap="round"/>'
    room = BOX_WIDTH - 2 * INSET - (58 if part.risk else 0)
    yield f'<text x="{INSET}" y="{HOOK + 4}" font-size="{SMALL}" font-weight="600" fill="{colour}">{_text(shortened(_head(part), size=SMALL * 1.06, width=room))}</text>'
    if part.risk:
        yield f'<text x="{BOX_WIDTH - INSET}" y="{HOOK + 4}" font-size="{SMALL}" font-weight="600" text-anchor="end" fill="{_colour("warn")}">⚠ risk</text>'
    weight = ' font-weight="600"' if thesis else ""
    turned = _is_right_to_left(one.lines)
    x, direction = (BOX_WIDTH - INSET, ' direction="rtl"') if turned else (INSET, "")
    spans = "".join(
        f'<tspan x="{x}" y="{HEAD + 13 + number * LINE:.1f}">{_text(line)}</tspan>'
        for number, line in enumerate(one.lines)
    )
    yield f'<text font-size="{THESIS_SIZE if thesis else SIZE}"{weight}{direction} fill="{_colour("ink")}">{spans}</text></g>'


def _head(part: Component) -> str:
    kind = TYPE_NAMES.get(part.type, part.type.replace("_", " "))
    who = part.attribution
    return f"{kind} · {who.name or 'another'}" if who and who.holder == "other" else kind


def _line(link: Relation, path: str, *, width: float) -> str:
    con = is_con(link.type)
    dashes = ' stroke-dasharray="6 4.5"' if con else ""
    colour = _colour("attack" if con else "support")
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dashes} stroke-opacity="{0.45 + 0.55 * link.probability:.2f}"/>'


def _tree_path(child: Box, parent: Box, *, con: bool) -> str:
    """From the right edge of what is supported or attacked along a trunk to the left edge of what bears on it."""
    left, right = parent.x + BOX_WIDTH + 3, child.x
    start, end = parent.y + HOOK + (16 if con else 0), child.y + HOOK
    trunk = parent.x + BOX_WIDTH + (40 if con else 26)
    if abs(end - start) < 1:
        return f"M{left:.1f} {start:.1f}H{right:.1f}"
    bend = min(9.0, abs(end - start) / 2)
    turn = bend if end > start else -bend
    return (
        f"M{left:.1f} {start:.1f}H{trunk - bend:.1f}Q{trunk:.1f} {start:.1f} {trunk:.1f} {start + turn:.1f}"
        f"V{end - turn:.1f}Q{trunk:.1f} {end:.1f} {trunk + bend:.1f} {end:.1f}H{right:.1f}"
    )


def _extra_path(source: Box, target: Box) -> str:
    x1, y1 = source.x, source.y + HOOK + 8
    x2, y2 = target.x + BOX_WIDTH + 3, target.y + min(target.height - 10, HOOK + 30)
    bend = max(50.0, abs(x1 - x2) / 2.5)
    return f"M{x2:.1f} {y2:.1f}C{x2 + bend:.1f} {y2:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"


def _ends(link: Relation, child: Box, parent: Box) -> Iterator[str]:
    """An arrow or a bar where a line ends, and plus or minus where it begins."""
    con = is_con(link.type)
    colour = _colour("attack" if con else "support")
    x, y = parent.x + BOX_WIDTH + 2, parent.y + HOOK + (16 if con else 0)
    if con:
        yield f'<path d="M{x + 1.5:.1f} {y - 6:.1f}V{y + 6:.1f}" stroke="{colour}" stroke-width="2.6" stroke-linecap="round"/>'
    else:
        yield f'<path d="M{x:.1f} {y:.1f}l9 -4.5v9z" fill="{colour}"/>'
    sign = "M-4 0H4" if con else "M-4 0H4M0 -4V4"
    yield f'<g transform="translate({child.x:.1f} {child.y + HOOK:.1f})" stroke="{colour}"><circle r="8.5" fill="{_colour("raised")}" stroke-width="1.5"/><path d="{sign}" stroke-width="1.8" stroke-linecap="round"/></g>'


@cache
def _colour(name: str) -> str:
    """A colour of the pages, in light."""
    match = re.search(rf"--{name}: light-dark\((#[0-9a-f]+)", asset("base.css"))
    assert match is not None
    return match[1]


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text))


def _is_right_to_left(lines: tuple[str, ...]) -> bool:
    return bool(re.match(r"[^\w]*[\u0590-\u08ff]", lines[0])) if lines else False
