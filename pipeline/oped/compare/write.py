"""Writing a comparison: JSON, the page, and the graph of all statements."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from oped.commands.write import check_format, put_out, write_map
from oped.compare.inputs import MAP_FILES, maps_at
from oped.compare.statements import AUTHOR
from oped.files import refuse_input, write_beside
from oped.records import ArgumentMap, Article, Attribution, Component, Relation
from oped.render.comparison import render_comparison

SAME, OPPOSED = "same", "opposed"


def check_output(
    output: Path | None, graph: Path | None, graph_format: str | None, *, inputs: Iterable[Path] = ()
) -> None:
    """Refuse what can't be written before anything is computed.

    Raises:
        click.UsageError: an ending that is neither .html nor .json, or no format of graphs.
        OutputError: a file of maps that is one of the inputs.
    """
    for path in (output, graph):
        if path is not None and path.suffix in MAP_FILES:
            refuse_input(path, [maps_at(one) for one in inputs])
    if output is not None and output.suffix.lower() not in (".html", ".htm", ".json"):
        raise click.UsageError(f"-o: expected a name that ends in .html or .json, found {output.name!r}")
    if graph is not None:
        check_format(graph_format, graph)


def write_comparison(result: Mapping[str, Any], output: Path | None) -> None:
    """Write a comparison as its ending says; as JSON to the standard output where no file is named."""
    text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    if output is None:
        put_out(text.encode())
        return
    if output.suffix.lower() != ".json":
        text = render_comparison(result)
    with write_beside(output) as path:
        path.write_text(text, encoding="utf-8", newline="\n")


def write_graph(result: Mapping[str, Any], path: Path, format_name: str | None = None) -> None:
    """Write all statements as one map in any format of maps."""
    write_map(merged_map(result), path, check_format(format_name, path))


def merged_map(result: Mapping[str, Any]) -> ArgumentMap:
    """The statements that a comparison names as one map.

    Beside `support` and `attack` within the articles there are `same`, from each member of a key point to the one that
    names it, and `opposed`, between the clearest statements of contested points. A component's attribution says whose view
    it is, its `extra` who wrote the article.
    """
    names: dict[str, str] = {}
    parts: list[Component] = []
    position = 0
    for number, (key, value) in enumerate(result["statements"].items(), start=1):
        names[key] = f"c{number}"
        parts.append(
            Component(
                id=f"c{number}",
                start=position,
                end=position + len(value["text"]),
                text=value["text"],
                type=value["type"],
                probability=value["probability"],
                risk=value["risk"],
                attribution=Attribution("other", _holder(value)),
                extra={"article": value["article"], "component": value["component"], "by": ", ".join(value["by"])},
            )
        )
        position += len(value["text"]) + 2
    links = [
        Relation(f"r{number}", names[source], names[target], kind, probability)
        for number, (source, target, kind, probability) in enumerate(_links(result), start=1)
    ]
    article = Article("comparison", "\n\n".join(part.text for part in parts), title="Comparison")
    return ArgumentMap(article, tuple(parts), tuple(links), scheme="comparison")


def _holder(statement: Mapping[str, Any]) -> str | None:
    """The author's name, or that of the one whose view the article reports."""
    return ", ".join(statement["by"]) if statement["holder"] == AUTHOR else statement["name"]


def _links(result: Mapping[str, Any]) -> Iterator[tuple[str, str, str, float]]:
    for link in result["relations"]:
        yield link["source"], link["target"], link["type"], link["probability"]
    for point in result["key_points"]:
        for name in point["statements"]:
            if name != point["head"]:
                yield name, point["head"], SAME, point["probability"]
    for row in result["contested"]:
        for pair in row["pairs"]:
            yield *pair["statements"], OPPOSED, pair["probability"]
