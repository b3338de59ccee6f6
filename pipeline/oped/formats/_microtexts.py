"""arg-microtexts (Peldszus & Stede 2016): NAME.xml, the graph, with NAME.txt beside it.

Each argumentative unit (adu) is one component, made of the elementary units (edu) that segmentation edges join to it.
An edge may end at another edge: an undercut (`und`) bears on the inference, a linked premise (`add`) joins one. As a
relation joins components, an undercut is read as aimed at the source of the edge that it undercuts, and a linked
premise at the target of the edge that it joins, as in the corpus' published reduction to trees; the original end
stays in `extra["edge"]`.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from oped.errors import FormatError
from oped.formats._draft import Draft, Link, Span, assemble
from oped.formats._files import read_text, reader
from oped.formats._xml import parse_xml
from oped.formats.problems import Report
from oped.records import ArgumentMap, Article


def _read_one(path: Path, report: Report) -> ArgumentMap:
    root = parse_xml(path)
    if root.tag != "arggraph":
        raise FormatError(f"expected <arggraph>, found <{root.tag}>", path=path)
    text = read_text(path.with_suffix(".txt")) if path.with_suffix(".txt").is_file() else _joined(root)
    extra: dict[str, str] = {key: root.attrib[key] for key in ("topic_id", "stance") if key in root.attrib}
    draft = Draft(Article(root.attrib.get("id", path.stem), text, source=path.name, extra=extra), path, "microtexts")
    try:
        draft.spans = list(_spans(root, draft, report))
        draft.links = list(_links(root))
    except KeyError as error:
        raise FormatError(f"an element lacks the attribute {error}, or names an unknown id", path=path) from None
    return assemble(draft, report)


def _joined(root: Element) -> str:
    return " ".join((edu.text or "").strip() for edu in root.iter("edu"))


def _spans(root: Element, draft: Draft, report: Report) -> Iterator[Span]:
    places: dict[str, tuple[int, int]] = {}
    position = 0
    for edu in root.iter("edu"):
        quote = (edu.text or "").strip()
        start = draft.article.text.find(quote, position)
        if start < 0:
            draft.problem(report, edu.attrib["id"], f"the text has no {quote[:50]!r} after position {position}")
            continue
        position = start + len(quote)
        places[edu.attrib["id"]] = (start, position)
    parts: dict[str, list[tuple[int, int]]] = {}
    for edge in root.iter("edge"):
        if edge.attrib["type"] == "seg" and edge.attrib["src"] in places:
            parts.setdefault(edge.attrib["trg"], []).append(places[edge.attrib["src"]])
    for adu in root.iter("adu"):
        if found := parts.get(adu.attrib["id"]):
            start, end = min(start for start, _ in found), max(end for _, end in found)
            yield Span(adu.attrib["id"], start, end, adu.attrib["type"], place=f"adu {adu.attrib['id']}")


def _links(root: Element) -> Iterator[Link]:
    edges = {edge.attrib["id"]: edge.attrib for edge in root.iter("edge")}
    for name, edge in edges.items():
        if edge["type"] == "seg":
            continue
        target, extra = edge["trg"], {}
        if target in edges:
            extra = {"edge": target}
            while target in edges:
                target = edges[target]["src" if edge["type"] == "und" else "trg"]
        yield Link(name, edge["src"], target, edge["type"], f"edge {name}", extra=extra)


read = reader(_read_one, ".xml")
