"""What graph formats share: the attributes of components and relations as flat tables, and back."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from oped.errors import FormatError
from oped.records import ArgumentMap, Component, Relation

Row = dict[str, Any]


def component_row(part: Component) -> Row:
    """A component as one flat row; nothing of it is lost."""
    who = part.attribution
    return {
        "id": part.id,
        "start": part.start,
        "end": part.end,
        "text": part.text,
        "type": part.type,
        "probability": part.probability,
        "risk": part.risk,
        "risk_probability": part.risk_probability,
        "holder": None if who is None else who.holder,
        "source_name": None if who is None else who.name,
        "entities": json.dumps(list(part.entities)),
        "extra": json.dumps(dict(part.extra), ensure_ascii=False, sort_keys=True),
    }


def relation_row(link: Relation) -> Row:
    """A relation as one flat row."""
    extra = json.dumps(dict(link.extra), ensure_ascii=False, sort_keys=True)
    return {
        "id": link.id,
        "source": link.source,
        "target": link.target,
        "type": link.type,
        "probability": link.probability,
        "extra": extra,
    }


def component_of(row: Mapping[str, Any]) -> Component:
    """The component of a row of `component_row`."""
    holder = row.get("holder")
    return Component.from_dict(
        {
            **{key: row[key] for key in ("id", "text", "type")},
            "start": int(row["start"]),
            "end": int(row["end"]),
            "probability": float(row["probability"]),
            "risk": _flag(row.get("risk")),
            "risk_probability": _number(row.get("risk_probability")),
            "attribution": {"holder": holder, "name": row.get("source_name") or None} if holder else None,
            "entities": json.loads(row.get("entities") or "[]"),
            "extra": json.loads(row.get("extra") or "{}"),
        }
    )


def relation_of(row: Mapping[str, Any]) -> Relation:
    """The relation of a row of `relation_row`."""
    fields = {key: row[key] for key in ("id", "source", "target", "type")}
    return Relation(**fields, probability=float(row["probability"]), extra=json.loads(row.get("extra") or "{}"))


def head_row(amap: ArgumentMap) -> Row:
    """The article, entities and model of a map, as one row with JSON in it."""
    data = amap.to_dict()
    return {key: json.dumps(data.get(key), ensure_ascii=False) for key in ("article", "entities", "model")} | {
        "scheme": amap.scheme
    }


def map_of(
    head: Mapping[str, Any], components: Iterable[Mapping[str, Any]], relations: Iterable[Mapping[str, Any]]
) -> ArgumentMap:
    """The map of rows.

    Raises:
        FormatError: rows that do not fit together.
    """
    try:
        data = {key: json.loads(head[key]) for key in ("article", "entities", "model")}
        return ArgumentMap.from_dict(
            {
                "format": "oped/argument-map",
                "version": 1,
                **data,
                "scheme": head["scheme"],
                "components": [component_of(row).to_dict() for row in components],
                "relations": [relation_of(row).to_dict() for row in relations],
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"expected the attributes of an argument map, found {error!r}") from None


def relation_order(row: Mapping[str, Any]) -> tuple[int, str]:
    """What sorts the rows of relations as their map had them: by the number in the id."""
    name = str(row.get("id", ""))
    digits = "".join(letter for letter in name if letter.isdigit())
    return int(digits or 0), name


def _flag(value: Any) -> bool | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, bool) else str(value).lower() in ("true", "1")


def _number(value: Any) -> float | None:
    return None if value is None or value == "" or value != value else float(value)
