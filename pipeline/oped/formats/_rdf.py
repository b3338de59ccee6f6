"""RDF with the AIF ontology, through rdflib: Turtle, N-Triples, JSON-LD or RDF/XML by the file's ending.

A component is an `aif:I-node` with its `aif:claimText`; a support an `aif:RA-node` with `aif:Premise` and
`aif:Conclusion`, an attack an `aif:CA-node` with `aif:ConflictingElement` and `aif:ConflictedElement`. What the ontology
has no term for (offsets, types, risks, attribution, probabilities, entities) are properties of the vocabulary
`https://oped.invalid/ns#`, their names those of the JSON map's fields.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from oped.errors import FormatError
from oped.formats._files import optional, read_text, reader, write_each, write_text
from oped.formats._rows import Row, head_row, map_of, relation_order, row_of
from oped.formats._xml import parse_xml
from oped.formats.problems import Report
from oped.records import ArgumentMap

AIF = "http://www.arg.dundee.ac.uk/aif#"
OWN = "https://oped.invalid/ns#"
SYNTAXES = {".ttl": "turtle", ".nt": "nt", ".jsonld": "json-ld", ".rdf": "xml", ".xml": "xml"}
ROLES = {"RA": ("Premise", "Conclusion"), "CA": ("ConflictingElement", "ConflictedElement")}


def _rdflib() -> Any:
    return optional("rdflib", "RDF")


def graph_of(amap: ArgumentMap) -> Any:
    """The map as an `rdflib.Graph`.

    Raises:
        MissingExtraError: rdflib is not installed.
    """
    rdflib = _rdflib()
    is_a, literal, uri = rdflib.RDF.type, rdflib.Literal, rdflib.URIRef

    aif, own = rdflib.Namespace(AIF), rdflib.Namespace(OWN)
    base = f"urn:oped:{quote(amap.article.id, safe='')}"
    graph = rdflib.Graph()
    graph.bind("aif", aif)
    graph.bind("oped", own)

    def describe(node: Any, row: Row) -> None:
        for key, value in row.items():
            if value is not None:
                graph.add((node, own[key], literal(value)))

    head = uri(base)
    graph.add((head, is_a, own.ArgumentMap))
    describe(head, head_row(amap))
    names = [part.id for part in amap.components] + [link.id for link in amap.relations]
    nodes = {name: uri(f"{base}#{quote(name, safe='')}") for name in names}
    for part in amap.components:
        graph.add((nodes[part.id], is_a, aif["I-node"]))
        graph.add((nodes[part.id], aif.claimText, literal(part.text)))
        graph.add((nodes[part.id], own.partOf, head))
        describe(nodes[part.id], row_of(part))
    for link in amap.relations:
        kind = "CA" if link.type == "attack" else "RA"
        first, second = ROLES[kind]
        graph.add((nodes[link.id], is_a, aif[f"{kind}-node"]))
        graph.add((nodes[link.id], aif[first], nodes[link.source]))
        graph.add((nodes[link.id], aif[second], nodes[link.target]))
        graph.add((nodes[link.id], own.partOf, head))
        describe(nodes[link.id], row_of(link))
    return graph


def _write_one(amap: ArgumentMap, path: Path) -> None:
    if path.suffix not in SYNTAXES:
        raise FormatError(f"expected one of the endings {', '.join(SYNTAXES)}", path=path)
    syntax = SYNTAXES[path.suffix]
    text = graph_of(amap).serialize(format=syntax)
    # Triples have no order, and N-Triples are written in none.
    text = "".join(sorted(text.splitlines(keepends=True))) if syntax == "nt" else text
    write_text(text, path)


def _read_one(path: Path, report: Report) -> ArgumentMap:
    rdflib = _rdflib()
    is_a, uri = rdflib.RDF.type, rdflib.URIRef

    syntax = SYNTAXES.get(path.suffix, "turtle")
    if syntax == "xml":
        parse_xml(path)  # refuses what rdflib's parser would expand
    graph = rdflib.Graph()
    try:
        graph.parse(data=read_text(path), format=syntax)
    except Exception as error:  # each of rdflib's parsers raises errors of its own
        raise FormatError(f"malformed {syntax}: {str(error).splitlines()[0][:120]}", path=path) from None
    head = next(graph.subjects(is_a, uri(f"{OWN}ArgumentMap")), None)
    if head is None:
        raise FormatError("expected an oped:ArgumentMap, found none", path=path)
    row = _row(graph, head)
    components = [_row(graph, node) for node in graph.subjects(is_a, uri(f"{AIF}I-node"))]
    relations = [_row(graph, node) for kind in ROLES for node in graph.subjects(is_a, uri(f"{AIF}{kind}-node"))]
    components.sort(key=lambda item: (item.get("start"), item.get("end")))
    return map_of(row, components, sorted(relations, key=relation_order))


def _row(graph: Any, node: Any) -> Row:
    return {
        str(name).removeprefix(OWN): str(value) if name == f"{OWN}text" else value.toPython()
        for name, value in graph.predicate_objects(node)
        if str(name).startswith(OWN) and hasattr(value, "toPython")
    }


def write(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write each map as RDF."""
    write_each(maps, path, ".ttl", _write_one)


read = reader(_read_one, *SYNTAXES)
