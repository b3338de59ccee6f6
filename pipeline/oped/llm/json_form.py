"""An answer as JSON, for endpoints that can hold a model to a schema; whether they did is checked here all the same."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from oped.llm.answer import (
    LONGEST,
    MOST_LINES,
    RENUMBERED,
    YES,
    Answer,
    AnswerLine,
    Fault,
    Link,
    gist_of,
    label_of,
    links_in,
    source_of,
)
from oped.llm.scheme import LabelScheme

_DECODER = json.JSONDecoder()
MOST_BROKEN = 50


def answer_schema(scheme: LabelScheme, *, gist: bool = False) -> dict[str, Any]:
    """The JSON Schema of an answer; every field is required, as strict endpoints want it."""
    whole: dict[str, Any] = {"type": "integer"}
    fields: dict[str, Any] = {
        "number": whole,
        "type": {"type": "string", "enum": [label.name for label in scheme.components]},
        "paragraph": whole,
        "quote": {"type": "string"},
    }
    fields |= {"risk": {"type": "boolean"}} if scheme.risk else {}
    fields |= {"source": {"type": "string"}} if scheme.source else {}
    if scheme.relations:
        kind = {"type": "string", "enum": [label.name for label in scheme.relations]}
        fields["relations"] = {"type": "array", "items": _object({"type": kind, "target": whole})}
    fields |= {"gist": {"type": "string"}} if gist else {}
    return _object({"components": {"type": "array", "items": _object(fields)}})


def _object(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(fields), "required": list(fields), "additionalProperties": False}


def read_json(text: str, scheme: LabelScheme, *, gist: bool = False, cut: bool = False) -> Answer:
    """Read an answer of JSON; of one that is cut off, the components that are whole.

    Args:
        gist: whether components have a gist.
        cut: whether the answer was cut off.
    """
    lines: dict[int, AnswerLine] = {}
    faults: list[Fault] = []
    relinked: dict[int, tuple[Link, ...]] = {}
    removed: set[int] = set()
    count = 0
    for count, item in enumerate(_items(text[:LONGEST]), start=1):
        number = _whole(item.get("number"), default=count)
        if item.get("drop") is True:
            removed.add(number)
        elif "quote" not in item and (links := _links(item, scheme)):
            relinked[number] = links
        elif isinstance(line := _line(number, item, scheme, gist=gist), Fault):
            faults.append(line)
        else:
            number = number if number not in lines else max(lines) + RENUMBERED
            lines[number] = replace(line, number=number)
        if count >= MOST_LINES:
            break
    return Answer(
        lines=tuple(lines.values()),
        faults=tuple(faults),
        nothing=count == 0 and re.search(r'"components"\s*:\s*\[\s*\]', text) is not None,
        relinked=relinked,
        removed=frozenset(removed),
        cut=cut,
    )


def _items(text: str) -> Iterator[Mapping[str, Any]]:
    """The objects of the list of components, as far as they are whole."""
    start, broken = text.find("[", max(text.find('"components"'), 0)), 0
    while start >= 0 and broken < MOST_BROKEN and (start := text.find("{", start + 1)) >= 0:
        try:
            item, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            broken += 1
            continue
        yield item
        start = end - 1


def _line(number: int, item: Mapping[str, Any], scheme: LabelScheme, *, gist: bool) -> AnswerLine | Fault:
    kind = label_of(str(item.get("type", "")), scheme.components)
    quote = item.get("quote")
    if kind is None:
        return Fault(number, f"its type is none of {', '.join(label.name for label in scheme.components)}")
    if not isinstance(quote, str) or not quote.strip():
        return Fault(number, "it has no quote")
    return AnswerLine(
        number=number,
        type=kind,
        paragraph=_whole(item.get("paragraph"), default=0),
        quote=quote.strip(),
        risk=scheme.risk and str(item.get("risk", "")).lower() in YES,
        source=source_of(str(item.get("source") or "")) if scheme.source else "",
        links=_links(item, scheme),
        gist=gist_of(str(item.get("gist") or "")) if gist else None,
    )


def _links(item: Mapping[str, Any], scheme: LabelScheme) -> tuple[Link, ...]:
    given = item.get("relations") or item.get("relation") or ()
    links: list[Link] = []
    for part in given if isinstance(given, list) else [given]:
        if isinstance(part, Mapping):
            kind, target = label_of(str(part.get("type", "")), scheme.relations), _whole(part.get("target"), default=-1)
            links += [Link(kind, target)] if kind and target >= 0 else []
        else:
            links += links_in(str(part), scheme)
    unique = tuple(dict.fromkeys(links))
    return unique[:1] if scheme.tree else unique


def _whole(value: object, *, default: int) -> int:
    match = re.fullmatch(r"\D{0,3}(\d{1,6})(?:\.0)?", str(value)) if isinstance(value, int | float | str) else None
    return int(match[1]) if match and not isinstance(value, bool) else default
