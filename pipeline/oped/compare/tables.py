"""The tables of a comparison as CSV and Parquet; their columns follow from the comparison's JSON Schema."""

import csv
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = (
    "groups",
    "articles",
    "key_points",
    "contested",
    "changes",
    "shared_evidence",
    "same_conclusion",
    "attacks",
    "risks",
    "entities",
    "lines",
    "statements",
    "relations",
)
NAMES = "names"
_MAIN = {"#/$defs/rate": "rate", "#/$defs/share": "share"}
_KINDS = {
    "#/$defs/names": NAMES,
    "#/$defs/text": "string",
    "#/$defs/probability": "number",
    "array": "json",
    "object": "json",
}


def write_tables(result: Mapping[str, Any], folder: Path) -> None:
    """Write each table as CSV and Parquet.

    A rate or share has four columns: count, rate or share, and the bounds of its interval. Names are lists in Parquet; what is
    nested deeper, and names in CSV, stand in the cell as JSON. A table without rows has its columns all the same.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        kinds = columns(name)
        rows = [_cells(row, kinds) for row in _rows(result, name)]
        pq.write_table(pa.Table.from_pylist(rows, _arrow(kinds)), folder / f"{name}.parquet")
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, kinds)
            writer.writeheader()
            writer.writerows(
                {key: _text(value) if isinstance(value, list) else value for key, value in row.items()} for row in rows
            )


@cache
def _described() -> dict[str, Any]:
    """The comparison's properties in its JSON Schema."""
    path = files("oped") / "schemas" / "comparison-1.schema.json"
    properties: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["properties"]
    return properties


def columns(name: str) -> dict[str, str]:
    """Columns of a table and what stands in them: string, integer, number, boolean, names or json."""
    described = _described()[name]
    row = (described.get("items") or described["additionalProperties"])["properties"]
    if name == "statements":
        row = {"id": {"type": "string"}, **row}
    if name == "entities":
        row = {key: row[key] for key in ("name", "label")} | {
            "by": {"type": "string"},
            **row["groups"]["additionalProperties"]["properties"],
        }
    result: dict[str, str] = {}
    for key, value in row.items():
        reference = value.get("$ref", "")
        if main := _MAIN.get(reference):
            result |= {f"{key}_count": "integer", **{f"{key}_{part}": "number" for part in (main, "low", "high")}}
        else:
            kind = reference or value.get("type", "string")
            result[key] = _KINDS.get(kind, kind)
    return result


def _rows(result: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    if name == "statements":
        for key, value in result[name].items():
            yield {"id": key, **value}
    elif name == "entities":
        for row in result[name]:
            for who, value in row["groups"].items():
                yield {"name": row["name"], "label": row["label"], "by": who, **value}
    else:
        yield from result[name]


def _cells(row: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for key, value in row.items():
        if key in kinds:
            cells[key] = _text(value) if kinds[key] == "json" else value
        else:
            low, high = value["interval"] or (None, None)
            main = "rate" if "rate" in value else "share"
            cells |= {f"{key}_count": value["count"], f"{key}_{main}": value[main]}
            cells |= {f"{key}_low": low, f"{key}_high": high}
    return cells


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _arrow(kinds: Mapping[str, str]) -> "pa.Schema":
    import pyarrow as pa

    types = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(), NAMES: pa.list_(pa.string())}
    return pa.schema([(key, types.get(kind, pa.string())) for key, kind in kinds.items()])
