"""The fields of records are those of the JSON Schema, and data is checked for them."""

import json
from importlib.resources import files
from typing import Any

import pytest

from oped.fields import Field, Kind, fields_of
from oped.records import (
    FORMAT,
    VERSION,
    ArgumentMap,
    Article,
    Attribution,
    Component,
    Entity,
    ModelInfo,
    Reading,
    Relation,
)

SCHEMA = json.loads((files("oped") / "schemas" / "argument-map-1.schema.json").read_text(encoding="utf-8"))
PARTS = SCHEMA["properties"]
COMPONENT = PARTS["components"]["items"]
RECORDS = {
    Article: PARTS["article"],
    Entity: PARTS["entities"]["items"],
    Component: COMPONENT,
    Relation: PARTS["relations"]["items"],
    ModelInfo: PARTS["model"]["oneOf"][1],
    Attribution: COMPONENT["properties"]["attribution"]["oneOf"][1],
    Reading: PARTS["reading"],
    ArgumentMap: {
        "properties": {name: item for name, item in PARTS.items() if name not in ("format", "version")},
        "required": [name for name in SCHEMA["required"] if name not in ("format", "version")],
    },
}
TYPES = {"string": Kind.TEXT, "integer": Kind.INTEGER, "number": Kind.NUMBER, "boolean": Kind.FLAG}


def described(item: dict[str, Any]) -> tuple[Kind, bool]:
    """Kind and nullability that the JSON Schema gives a property."""
    if "$ref" in item:
        return described(SCHEMA["$defs"][item["$ref"].removeprefix("#/$defs/")])
    if "enum" in item:
        return Kind.TEXT, False
    if "oneOf" in item:
        null, other = item["oneOf"]
        return (described(other)[0], null == {"type": "null"})
    types = item["type"] if isinstance(item["type"], list) else [item["type"]]
    (plain,) = set(types) - {"null"}
    if plain == "array":
        kind = Kind.RECORDS if item["items"]["type"] == "object" else Kind.TEXTS
    elif plain == "object":
        kind = Kind.RECORD if "properties" in item else Kind.OBJECT
    else:
        kind = TYPES[plain]
    return kind, "null" in types


def told(item: Field) -> tuple[Kind, bool]:
    # What JSON leaves out where it is None is never null in JSON.
    return item.kind, item.nullable and not item.omitted


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_the_schema_has_the_fields_with_their_types(record: type[Any]) -> None:
    schema = RECORDS[record]
    assert {item.name: told(item) for item in fields_of(record)} == {
        name: described(item) for name, item in schema["properties"].items()
    }
    assert {item.name for item in fields_of(record) if not item.omitted} == set(schema["required"])


def test_json_has_the_fields_in_their_order(article_map: ArgumentMap) -> None:
    data = article_map.to_dict()
    assert list(data) == ["format", "version", "model", "article", "entities", "components", "relations"]
    assert list(data["article"]) == ["id", "title", "authors", "published", "url", "source", "language", "text"]
    component = [item.name for item in fields_of(Component) if not item.omitted]
    assert [list(part) for part in data["components"]] == [component] * 3


def test_gist_reading_and_scheme_stand_in_json_where_there_are_any(article_map: ArgumentMap) -> None:
    gist = Component("c9", 0, 3, "The", "claim", gist="Close the quay.", extra={"by": ["a"]})
    amap = article_map.replace(components=(*article_map.components, gist), reading=Reading(samples=3), scheme="mine")
    data = amap.to_dict()
    assert list(data["components"][-1])[-2:] == ["gist", "extra"]
    assert list(data)[-2:] == ["reading", "scheme"]
    assert ArgumentMap.from_dict(json.loads(json.dumps(data))) == amap


def test_the_least_data_makes_a_map() -> None:
    data = {"format": FORMAT, "version": VERSION, "article": {"id": "a", "text": "abc"}, "relations": []}
    data["components"] = [{"id": "c1", "start": 0, "end": 1, "text": "a", "type": "claim"}]
    assert ArgumentMap.from_dict(data) == ArgumentMap(Article("a", "abc"), (Component("c1", 0, 1, "a", "claim"),))


def test_null_stands_for_a_list_or_object_without_anything() -> None:
    assert Article.from_dict({"id": "a", "text": "b", "authors": None, "extra": None}) == Article("a", "b")


def changed(amap: ArgumentMap, path: str, *value: object) -> dict[str, Any]:
    """JSON's data of a map with another value, or none, at a path such as `components.0.text`."""
    data = json.loads(json.dumps(amap.to_dict()))
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner = data
    for step in way:
        inner = inner[step]
    if value:
        (inner[last],) = value
    else:
        del inner[last]
    return data


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("article.id", 5, "article.id: expected text, found 5"),
        ("article.title", ["x"], "article.title: expected text, found ['x']"),
        ("article.text", None, "article.text: expected text, found null"),
        ("article.text", "a\0b", "article.text: expected text without NUL, found one at 1"),
        ("article.authors", "Ann", "article.authors: expected a list of texts, found 'Ann'"),
        ("article.authors", ["Ann", 3], "article.authors: expected a list of texts, found 3 in it"),
        ("article.title", "a\ud800", "article.title: expected well-formed Unicode, found a lone surrogate at 1"),
        ("article.extra", {"a": [{"b\udfff": 1}]}, "article.extra: expected well-formed Unicode"),
        ("article", [], "article: expected an object, found []"),
        ("components.1.start", "4", "components[1].start: expected a whole number, found '4'"),
        ("components.1.start", True, "components[1].start: expected a whole number, found True"),
        ("components.1.type", None, "components[1].type: expected text, found null"),
        ("components.1.probability", None, "components[1].probability: expected a number, found null"),
        ("components.1.risk", "yes", "components[1].risk: expected true or false, found 'yes'"),
        ("components.1.attribution", "author", "components[1].attribution: expected an object, found 'author'"),
        ("components.1.attribution.name", 1, "components[1].attribution.name: expected text, found 1"),
        ("components", {}, "components: expected a list of objects, found {}"),
        ("entities.0.name", None, "entities[0].name: expected text, found null"),
        ("relations.0", "r1", "relations[0]: expected an object, found 'r1'"),
        ("model", {"name": "m", "version": 1}, "model.version: expected text, found 1"),
        ("reading", {"samples": 1.5}, "reading.samples: expected a whole number, found 1.5"),
        ("scheme", 1, "scheme: expected text, found 1"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_by_name(
    article_map: ArgumentMap, path: str, value: object, message: str
) -> None:
    with pytest.raises(ValueError) as caught:
        ArgumentMap.from_dict(changed(article_map, path, value))
    assert str(caught.value).startswith(message) and "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", ["components.0.text", "relations.0.target", "article.id", "relations"])
def test_a_missing_field_is_named(article_map: ArgumentMap, missing: str) -> None:
    with pytest.raises(KeyError, match=missing.rpartition(".")[2]):
        ArgumentMap.from_dict(changed(article_map, missing))
