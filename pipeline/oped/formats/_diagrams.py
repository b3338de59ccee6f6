"""Diagrams: DOT and Mermaid for drawing, Argdown for writing by hand. They are written, not read."""

import re
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from oped.records import ArgumentMap, Component

_SHAPES = {"major_claim": "doubleoctagon", "claim": "box", "premise": "ellipse"}
_WRAP = 36


def write_dot(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write maps as DOT digraphs for graphviz."""
    _write(path, (line for amap in maps for line in _dot(amap)))


def _dot(amap: ArgumentMap) -> Iterator[str]:
    yield f"digraph {_quoted(amap.article.id)} {{"
    yield "  rankdir=RL; node [fontname=Helvetica];"
    for part in amap.components:
        text = "\\n".join(_escaped(line) for line in textwrap.wrap(_flat(part.text), _WRAP))
        risk = ', color="orange", penwidth=2' if part.risk else ""
        yield f'  {_quoted(part.id)} [shape={_SHAPES.get(part.type, "box")}, label="{text}"{risk}];'
    for link in amap.relations:
        style = 'color="red", style=dashed, arrowhead=tee' if link.type == "attack" else 'color="darkgreen"'
        yield f"  {_quoted(link.source)} -> {_quoted(link.target)} [label={_quoted(link.type)}, {style}];"
    yield "}"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def write_mermaid(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write maps as Mermaid flowcharts."""
    _write(path, (line for amap in maps for line in _mermaid(amap)))


def _mermaid(amap: ArgumentMap) -> Iterator[str]:
    names = {part.id: f"n{number}" for number, part in enumerate(amap.components, start=1)}
    yield "flowchart RL"
    for part in amap.components:
        yield f'  {names[part.id]}["{_entities(part.text)}"]:::{re.sub("[^A-Za-z]", "", part.type) or "other"}'
    for link in amap.relations:
        arrow = "-. attack .->" if link.type == "attack" else f"-- {_entities(link.type)} -->"
        yield f"  {names[link.source]} {arrow} {names[link.target]}"
    yield "  classDef majorclaim stroke-width:4px"
    if risks := ",".join(names[part.id] for part in amap.components if part.risk):
        yield f"  style {risks.split(',')[0]} stroke:#c70" if "," not in risks else f"  class {risks} risk"
        yield "  classDef risk stroke:#c70"


def _entities(text: str) -> str:
    """Text in which nothing is syntax: every letter that could be stands as its number."""
    return re.sub(r"[^\w .,:;!?'’‘“”–—-]", lambda match: f"#{ord(match[0])};", _flat(text))


def write_argdown(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write maps as Argdown: a statement for each component, its reasons indented below it."""
    _write(path, (line for amap in maps for line in _argdown(amap)))


def _argdown(amap: ArgumentMap) -> Iterator[str]:
    yield "==="
    yield f"title: {_yaml(amap.article.title or amap.article.id)}"
    yield f"author: {_yaml(', '.join(amap.article.authors))}"
    yield "==="
    yield ""
    titles = {part.id: f"[{part.id}]" for part in amap.components}
    for part in amap.components:
        yield f"{titles[part.id]}: {_plain(part)}"
        for link in amap.relations:
            if link.target == part.id:
                yield f"  {'-' if link.type == 'attack' else '+'} {titles[link.source]}"
        yield ""


def _plain(part: Component) -> str:
    """A statement on one line, with what Argdown would read as its own syntax escaped, and tags for type and risk."""
    text = re.sub(r"([\\\[\]<>{}*_#@])", r"\\\1", _flat(part.text))
    who = part.attribution
    name = f", source: {_yaml(who.name or 'another')}" if who and who.holder == "other" else ""
    return f"{text} #{part.type.replace('_', '-')}{' #risk' if part.risk else ''} {{id: {part.id}, probability: {part.probability}{name}}}"


def _yaml(text: str) -> str:
    escaped = _flat(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _flat(text: str) -> str:
    return " ".join(text.split())


def _write(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
