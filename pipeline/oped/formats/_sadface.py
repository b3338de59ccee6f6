"""SADFace (Simple Argument Description Format): atoms joined by scheme nodes, JSON.

A component is an atom whose source points into the article (offset and length in code points); a relation is a scheme
node named `support` or `attack` between two atoms. What SADFace has no place for stands in `metadata.oped`, which its
specification leaves to applications.
"""

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oped.errors import FormatError
from oped.formats._draft import Draft, Link, Span, assemble, ends_through
from oped.formats._files import json_text, read_json, reader, writer
from oped.formats.problems import Report
from oped.records import ArgumentMap, Article

_TIME = "1970-01-01T00:00:00"
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://pypi.org/project/oped/")
_VERSION = "0.5"


def document_of(amap: ArgumentMap) -> dict[str, Any]:
    """The SADFace document of a map; its identifiers follow from the article's, so that they are the same each time."""
    article = amap.article

    def name(part: str) -> str:
        return str(uuid.uuid5(_SPACE, f"{article.id}\n{part}"))

    nodes, edges = [], []
    for part in amap.components:
        place = {"offset": part.start, "length": part.end - part.start}
        source = {"resource_id": name("resource"), "text": part.text, **place}
        nodes.append({"id": name(part.id), "type": "atom", "text": part.text, "sources": [source], "metadata": {}})
    for link in amap.relations:
        nodes.append({"id": name(link.id), "type": "scheme", "name": link.type, "metadata": {}})
        for start, end in ((link.source, link.id), (link.id, link.target)):
            edges.append({"id": name(f"{start} {end}"), "source_id": name(start), "target_id": name(end)})
    core = {
        "analyst_email": "",
        "analyst_name": amap.model.name if amap.model else "",
        "created": _TIME,
        "edited": _TIME,
        "description": "",
        "id": name("document"),
        "notes": "",
        "title": article.title or "",
        "version": _VERSION,
    }
    described = {"url": article.url, "title": article.title}
    resource = {"id": name("resource"), "type": "text", "content": article.text, "metadata": described}
    metadata = {"core": core, "oped": amap.to_dict()}
    return {"metadata": metadata, "resources": [resource], "nodes": nodes, "edges": edges}


def _read_one(path: Path, report: Report) -> ArgumentMap:
    data = read_json(path)
    try:
        if "oped" in data["metadata"]:
            return ArgumentMap.from_dict(data["metadata"]["oped"])
        return _from_nodes(data, path, report)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise FormatError(f"expected a SADFace document, found {error!r}", path=path) from None


def _from_nodes(data: Mapping[str, Any], path: Path, report: Report) -> ArgumentMap:
    atoms = [node for node in data["nodes"] if node["type"] == "atom"]
    resources = {item["id"]: item for item in data.get("resources", ())}
    content = next((item["content"] for item in resources.values() if item.get("content")), None)
    text = content or "\n\n".join(node["text"] for node in atoms)
    core = data["metadata"]["core"]
    draft = Draft(Article(core.get("id") or path.stem, text, core.get("title") or None, source=path.name), path)
    position = 0
    for node in atoms:
        sources = node.get("sources") or [{}]
        start = sources[0].get("offset") if content else None
        if start is None:
            start = text.find(node["text"], position)
        if start < 0:
            draft.problem(report, f"atom {node['id']}", f"the text has no {node['text'][:50]!r}")
            continue
        end = start + (sources[0].get("length") if content and "length" in sources[0] else len(node["text"]))
        draft.spans.append(Span(node["id"], start, end, "claim", node["text"], f"atom {node['id']}"))
        position = end
    draft.links = list(_links(data))
    return assemble(draft, report)


def _links(data: Mapping[str, Any]) -> Iterator[Link]:
    edges = [(edge["source_id"], edge["target_id"]) for edge in data["edges"]]
    nodes = [node for node in data["nodes"] if node["type"] == "scheme"]
    for node, ends in zip(nodes, ends_through([node["id"] for node in nodes], edges), strict=True):
        for source, target in ends:
            name = f"{node['id']}-{source}-{target}"
            yield Link(name, source, target, node["name"], f"scheme node {node['id']}")


read = reader(_read_one, ".json")
write = writer(".json", lambda amap: json_text(document_of(amap)))
