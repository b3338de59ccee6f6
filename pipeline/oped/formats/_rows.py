"""Flat rows: a record as plain values by column, and back. Tables, graphs and annotation layers are made of them."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from oped.errors import FormatError
from oped.fields import Field, Kind, fields_of
from oped.records import FORMAT, VERSION, ArgumentMap, Component, Relation

Row = dict[str, Any]
HEAD = ("article", "entities", "model", "scheme", "reading")  # what a map has beside its components and relations
_PARTS = {"attribution": {"holder": "holder", "name": "source_name"}}  # columns of what stands in a record
_JSON = (Kind.TEXTS, Kind.OBJECT)  # a column holds these as JSON text


def columns(record: type[Any]) -> dict[str, Kind]:
    """Columns of a record's rows, with what stands in each: text, whole number, number or flag."""
    found: dict[str, Kind] = {}
    for item in fields_of(record):
        parts = _PARTS.get(item.name, {item.name: ""}).values() if item.kind is Kind.RECORD else ()
        found |= dict.fromkeys(parts, Kind.TEXT) or {item.name: Kind.TEXT if item.kind in _JSON else item.kind}
    return found


def row_of(record: Any) -> Row:
    """A record as one flat row; nothing of it is lost."""
    row: Row = {}
    for item in fields_of(type(record)):
        value = getattr(record, item.name)
        if item.kind is Kind.RECORD:
            row |= {column: value and getattr(value, name) for name, column in _PARTS[item.name].items()}
        else:
            row[item.name] = _cell(item.kind, value)
    return row


def _cell(kind: Kind, value: Any) -> Any:
    if kind is Kind.OBJECT:
        return json.dumps(dict(value), ensure_ascii=False, sort_keys=True)
    return json.dumps(list(value)) if kind is Kind.TEXTS else value


def data_of_row(record: type[Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """JSON's data of a record, from a row of `row_of`, or from one whose values have become texts.

    Raises:
        KeyError: a column is missing.
        ValueError: a text that is no such number or JSON.
    """
    return {item.name: _value(item, row) for item in fields_of(record)}


def _value(item: Field, row: Mapping[str, Any]) -> Any:
    if item.kind is Kind.RECORD:
        parts = {name: row.get(column) or None for name, column in _PARTS[item.name].items()}
        return parts if any(parts.values()) else None
    if item.kind in _JSON:
        return json.loads(row.get(item.name) or "null")
    value = row.get(item.name) if item.nullable else row[item.name]
    return None if item.nullable and value in (None, "") else parsed(item.kind, value)


def parsed(kind: Kind, value: Any) -> Any:
    """A value of a kind that may have become a text, or a number that stands for a missing one (NaN)."""
    if kind is Kind.FLAG:
        return value if isinstance(value, bool) else str(value).lower() in ("true", "1")
    if kind is Kind.NUMBER:
        return float(value) if value == value else None
    return int(value) if kind is Kind.INTEGER else value


def head_row(amap: ArgumentMap) -> Row:
    """What a map has beside its components and relations, as one row with JSON in it."""
    data = amap.to_dict()
    row = {key: json.dumps(data.get(key), ensure_ascii=False) for key in HEAD}
    return row | {"scheme": amap.scheme, "reading": row["reading"] if amap.reading else None}


def map_of(
    head: Mapping[str, Any], components: Iterable[Mapping[str, Any]], relations: Iterable[Mapping[str, Any]]
) -> ArgumentMap:
    """The map of rows.

    Raises:
        FormatError: rows that do not fit together.
    """
    try:
        data = {key: json.loads(head[key]) for key in ("article", "entities", "model")}
        data |= {"scheme": head["scheme"], "reading": json.loads(head.get("reading") or "null")}
        data |= {"components": [data_of_row(Component, row) for row in components]}
        data |= {"relations": [data_of_row(Relation, row) for row in relations]}
        return ArgumentMap.from_dict({"format": FORMAT, "version": VERSION, **data})
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"expected the attributes of an argument map, found {error!r}") from None


def relation_order(row: Mapping[str, Any]) -> tuple[int, str]:
    """What sorts the rows of relations as their map had them: by the number in the id."""
    name = str(row.get("id", ""))
    digits = "".join(letter for letter in name if letter.isdigit())
    return int(digits or 0), name
