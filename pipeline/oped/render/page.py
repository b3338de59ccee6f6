"""One self-contained page of a map: the article with its components, the drawn graph, the risks and the sources.

Everything from the article is escaped; the page carries a content-security policy that lets in nothing but its own
script and style, by their hashes.
"""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup, escape

from oped.records import ArgumentMap, Component, Entity
from oped.render.html import asset, content_policy, environment, script_json
from oped.render.layout import BOX_HEIGHT, BOX_WIDTH, Box, lay_out

TYPE_NAMES = {"major_claim": "Major claim", "claim": "Claim", "premise": "Premise"}
LINE_LETTERS, LINES = 31, 3


@dataclass(frozen=True, slots=True)
class Curve:
    """A relation as drawn."""

    id: str
    source: str
    target: str
    type: str
    probability: float
    path: str


@dataclass(frozen=True, slots=True)
class Node:
    """A component as drawn."""

    part: Component
    x: float
    y: float
    lines: tuple[str, ...]


def render_page(amap: ArgumentMap) -> str:
    """The page of a map, as HTML."""
    drawing = lay_out(amap)
    boxes = {box.id: box for box in drawing.boxes}
    nodes = [Node(part, boxes[part.id].x, boxes[part.id].y, _lines(part.text)) for part in amap.components]
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            map=amap,
            title=amap.article.title or "Argument map",
            paragraphs=list(_paragraphs(amap)),
            nodes=nodes,
            curves=list(_curves(amap, boxes)),
            width=round(drawing.width),
            height=round(drawing.height),
            box_width=BOX_WIDTH,
            box_height=BOX_HEIGHT,
            risks=[part for part in amap.components if part.risk],
            sources=_sources(amap),
            entities=_entities(amap),
            type_names=TYPE_NAMES,
            data=script_json(amap.to_dict()),
            style=Markup(asset("page.css")),
            script=Markup(_script()),
            policy=page_policy(),
        )
    )


@cache
def page_policy() -> str:
    """The content-security policy of every page of a map."""
    return content_policy(asset("page.css"), _script())


@cache
def _script() -> str:
    return asset("page.js") + asset("correct.js")


def _lines(text: str) -> tuple[str, ...]:
    lines = textwrap.wrap(" ".join(text.split()), LINE_LETTERS)
    if len(lines) > LINES:
        return (*lines[: LINES - 1], textwrap.shorten(" ".join(lines[LINES - 1 :]), LINE_LETTERS, placeholder=" …"))
    return tuple(lines)


def _curves(amap: ArgumentMap, boxes: Mapping[str, Box]) -> Iterator[Curve]:
    for link in amap.relations:
        source, target = boxes[link.source], boxes[link.target]
        x1, y1 = source.x, source.y + BOX_HEIGHT / 2
        x2, y2 = target.x + BOX_WIDTH + 9, target.y + BOX_HEIGHT / 2
        bend = max(28.0, abs(x1 - x2) / 2)
        path = f"M{x1:.0f} {y1:.0f}C{x1 - bend:.0f} {y1:.0f} {x2 + bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
        yield Curve(link.id, link.source, link.target, link.type, link.probability, path)


def _sources(amap: ArgumentMap) -> list[tuple[str, int]]:
    """Names of those whose views the article reports, with how many components are theirs; most first."""
    counts: dict[str, int] = {}
    for part in amap.components:
        if part.attribution and part.attribution.holder == "other":
            name = part.attribution.name or "another"
            counts[name] = counts.get(name, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _entities(amap: ArgumentMap) -> list[tuple[str, str, int]]:
    """Name, label and number of mentions of each entity, most first."""
    counts: dict[tuple[str, str], int] = {}
    for entity in amap.entities:
        counts[entity.name, entity.label] = counts.get((entity.name, entity.label), 0) + 1
    return sorted(((name, label, count) for (name, label), count in counts.items()), key=lambda row: (-row[2], row[0]))


def _paragraphs(amap: ArgumentMap) -> Iterator[tuple[int, Markup]]:
    """Where each paragraph of the article begins, and its text with components and entities marked."""
    text, start = amap.article.text, 0
    for block in text.split("\n\n"):
        end = start + len(block)
        if block.strip():
            yield start, _marked(amap, start, end)
        start = end + 2


def _marked(amap: ArgumentMap, start: int, end: int) -> Markup:
    parts = [part for part in amap.components if part.start < end and start < part.end]
    result, position = Markup(), start
    for part in parts:
        first, last = max(start, part.start), min(end, part.end)
        if first < position:
            continue
        result += _with_entities(amap, position, first) + _component(part, _with_entities(amap, first, last))
        position = last
    return result + _with_entities(amap, position, end)


def _component(part: Component, content: Markup) -> Markup:
    other = part.attribution is not None and part.attribution.holder == "other"
    classes = " ".join(
        ["component", f"type-{_slug(part.type)}", *(["risk"] if part.risk else []), *(["reported"] if other else [])]
    )
    kind = TYPE_NAMES.get(part.type, part.type) + (", risk" if part.risk else "")
    return Markup(
        '<span class="{}" id="text-{}" data-id="{}" tabindex="0" role="button" aria-label="{}: {}">{}</span>'
    ).format(classes, part.id, part.id, kind, part.text, content)


def _slug(text: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in text.lower())


def _with_entities(amap: ArgumentMap, start: int, end: int) -> Markup:
    result, position = Markup(), start
    for entity in amap.entities:
        if position <= entity.start and entity.end <= end:
            result += escape(amap.article.text[position : entity.start]) + _entity(entity)
            position = entity.end
    return result + escape(amap.article.text[position:end])


def _entity(entity: Entity) -> Markup:
    return Markup('<span class="entity" data-name="{}" title="{} · {}">{}</span>').format(
        entity.name, entity.name, entity.label, entity.text
    )
