"""AIF JSON (the Argument Interchange Format as AIFdb serves it) and xAIF (as the oAMF modules exchange it).

A component is an I-node; a relation is an RA node (support) or CA node (attack) between two of them, its own label as
`scheme` where it is another. Offsets, types, risks and probabilities have no place in AIF: they stand in an object
`oped` beside the graph, which other readers pass over; a graph without it is read with the text its I-nodes make, or
with the text in the file beside it. In xAIF the source of a component is the participant of its locution (L-node, YA).
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from oped.errors import FormatError
from oped.formats._draft import Draft, Link, Span, assemble, ends_through
from oped.formats._files import json_text, read_json, read_text, reader, writer
from oped.formats.problems import Report
from oped.records import ArgumentMap, Article

_NODE = {"support": "RA", "attack": "CA", "opposed": "CA", "same": "MA"}
_TIMESTAMP = "1970-01-01 00:00:00"
RELATIONS = ("RA", "CA", "MA")


def graph_of(amap: ArgumentMap) -> dict[str, Any]:
    """The AIF graph of a map, without locutions; nodes are numbered, as AIFdb and the oAMF modules expect."""
    names = [part.id for part in amap.components] + [link.id for link in amap.relations]
    numbers = {name: str(number) for number, name in enumerate(names, start=1)}
    nodes = [_node(numbers[part.id], part.text, "I") for part in amap.components]
    edges: list[dict[str, Any]] = []
    for link in amap.relations:
        kind = _NODE.get(link.type, "RA")
        label = {"RA": "Default Inference", "CA": "Default Conflict", "MA": "Default Rephrase"}[kind]
        inference = numbers[link.id]
        nodes.append(_node(inference, label if link.type in _NODE else link.type, kind))
        _join(edges, numbers[link.source], inference, numbers[link.target])
    return {"nodes": nodes, "edges": edges, "locutions": [], "participants": []}


def _join(edges: list[dict[str, Any]], *chain: str) -> None:
    for source, target in pairwise(chain):
        edges.append({"edgeID": len(edges) + 1, "fromID": source, "toID": target, "formEdgeID": None})


def _xaif(amap: ArgumentMap) -> dict[str, Any]:
    graph = graph_of(amap)
    author = ", ".join(amap.article.authors) or "author"
    holders = [
        (part.attribution.name or "another") if part.attribution and part.attribution.holder == "other" else author
        for part in amap.components
    ]
    people = {name: number for number, name in enumerate(dict.fromkeys(holders), start=1)}
    graph["participants"] = [
        {"participantID": number, "firstname": name, "surname": ""} for name, number in people.items()
    ]
    statements = graph["nodes"][: len(amap.components)]
    for statement, holder in zip(statements, holders, strict=True):
        locution, act = str(len(graph["nodes"]) + 1), str(len(graph["nodes"]) + 2)
        graph["nodes"] += [_node(locution, f"{holder} : {statement['text']}", "L"), _node(act, "Asserting", "YA")]
        _join(graph["edges"], locution, act, statement["nodeID"])
        graph["locutions"].append({"nodeID": locution, "personID": people[holder], "timestamp": None})
    graph |= {"schemefulfillments": [], "descriptorfulfillments": [], "cqdescriptorfulfillments": []}
    return {"AIF": graph, "text": amap.article.text, "dialog": False, "OVA": {}, "oped": amap.to_dict()}


def _node(name: str, text: str, kind: str) -> dict[str, Any]:
    return {"nodeID": name, "text": text, "type": kind, "timestamp": _TIMESTAMP}


def _read_one(path: Path, report: Report) -> ArgumentMap:
    data = read_json(path)
    try:
        if "oped" in data:
            return ArgumentMap.from_dict(data["oped"])
        graph = data.get("AIF", data)
        beside = path.with_suffix(".txt")
        text = data.get("text") or (read_text(beside) if beside.is_file() else None)
        return _from_graph(graph, text, path, report)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"expected an AIF graph with nodes and edges, found {error!r}", path=path) from None


def _from_graph(graph: Mapping[str, Any], text: str | None, path: Path, report: Report) -> ArgumentMap:
    statements = [node for node in graph["nodes"] if node["type"] == "I"]
    if text is None:
        text = "\n\n".join(str(node["text"]) for node in statements)
    draft = Draft(Article(path.stem, text, source=path.name), path, "aif")
    position = 0
    for node in statements:
        name, quote = str(node["nodeID"]), str(node["text"])
        start = _find(text, quote, position)
        if start is None:
            draft.problem(report, f"node {name}", f"the text has no {quote[:50]!r}")
            continue
        draft.spans.append(Span(name, start, start + len(quote), "I", quote))
        position = start + len(quote)
    draft.links = list(_links(graph, {span.id for span in draft.spans}))
    return assemble(draft, report)


def _find(text: str, quote: str, position: int) -> int | None:
    """Where a quotation stands: after the last one, or else anywhere."""
    for start in (text.find(quote, position), text.find(quote)):
        if start >= 0 and quote:
            return start
    return None


def _links(graph: Mapping[str, Any], known: set[str]) -> Iterator[Link]:
    edges = [(str(edge["fromID"]), str(edge["toID"])) for edge in graph["edges"]]
    edges = [ends for ends in edges if not known.isdisjoint(ends)]
    nodes = [node for node in graph["nodes"] if node["type"] in RELATIONS]
    for node, ends in zip(nodes, ends_through([str(node["nodeID"]) for node in nodes], edges), strict=True):
        name, extra = str(node["nodeID"]), {"scheme": node.get("text")}
        for source, target in ends:
            yield Link(f"{name}-{source}-{target}", source, target, node["type"], f"node {name}", extra=dict(extra))


read = reader(_read_one, ".json")
write_aif = writer(".json", lambda amap: json_text(graph_of(amap) | {"oped": amap.to_dict()}))
write_xaif = writer(".json", lambda amap: json_text(_xaif(amap)))
