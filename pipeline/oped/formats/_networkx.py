"""NetworkX graphs, and GraphML through them: a node a component, an edge a relation, the rest in attributes."""

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from oped.errors import FormatError
from oped.formats._files import optional, reader
from oped.formats._rows import Row, head_row, map_of, relation_order, row_of
from oped.formats._xml import parse_xml
from oped.formats.problems import Report
from oped.records import ArgumentMap


def _networkx() -> Any:
    return optional("networkx", "NetworkX and GraphML")


def to_networkx(amap: ArgumentMap) -> Any:
    """The map as a `networkx.MultiDiGraph`; edges go from the reason to what it bears on.

    Texts and numbers of a component's `extra` are attributes of its node besides, such as `by` in the graph of a comparison.

    Raises:
        MissingExtraError: networkx is not installed.
    """
    graph = _networkx().MultiDiGraph(**_known(head_row(amap)))
    for part in amap.components:
        row = row_of(part)
        plain = {key: value for key, value in part.extra.items() if isinstance(value, str | int | float)}
        graph.add_node(row.pop("id"), **_known(plain | row))
    for link in amap.relations:
        row = row_of(link)
        graph.add_edge(row.pop("source"), row.pop("target"), key=row["id"], **_known(row))
    return graph


def from_networkx(graph: Any) -> ArgumentMap:
    """The map of a graph made by `to_networkx`, or read from a file that came from one.

    Raises:
        FormatError: the graph lacks what a map needs.
    """
    components = [{**data, "id": name} for name, data in graph.nodes(data=True)]
    relations = [{**data, "source": source, "target": target} for source, target, data in graph.edges(data=True)]
    try:
        components.sort(key=lambda row: (row["start"], row["end"]))
    except KeyError as error:
        raise FormatError(f"a node lacks the attribute {error}") from None
    return map_of(graph.graph, components, sorted(relations, key=relation_order))


def _known(row: Row) -> Row:
    """Without empty values, which GraphML can't hold."""
    return {key: value for key, value in row.items() if value is not None}


def write_graphml(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write one map to a GraphML file."""
    networkx = _networkx()
    several = list(maps)
    if len(several) != 1:
        raise FormatError(f"a GraphML file holds one map, and there are {len(several)}", path=path)
    networkx.write_graphml(to_networkx(several[0]), path)


def _read_one(path: Path, report: Report) -> ArgumentMap:
    networkx = _networkx()
    parse_xml(path)  # refuses entities before networkx reads the file
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of a key without a type; what it makes is checked
            return from_networkx(networkx.read_graphml(path, force_multigraph=True))
    except (networkx.NetworkXError, ParseError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise FormatError(f"expected GraphML: {error}", path=path) from None


read_graphml = reader(_read_one, ".graphml")
