"""All statements of a comparison as one argument map."""

from collections.abc import Iterator, Mapping
from typing import Any

from oped.compare.statements import AUTHOR
from oped.records import ArgumentMap, Article, Attribution, Component, Relation

SAME, OPPOSED = "same", "opposed"


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
                gist=value.get("gist"),
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
