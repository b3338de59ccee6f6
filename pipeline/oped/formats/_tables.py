"""Tables: Parquet and CSV, a folder with one table each of articles, components, relations and entities."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from oped.errors import FormatError
from oped.files import Numbered
from oped.formats._draft import Problem, Report
from oped.formats._graph import Row, component_row, head_row, map_of, relation_row
from oped.records import ArgumentMap

TABLES = ("articles", "components", "relations", "entities")
GROUP_ARTICLES = 200


def rows_of(amap: ArgumentMap, name: str | None = None) -> dict[str, list[Row]]:
    """Rows of a map for each table; `article_id`, the article's id or another name, joins them."""
    key = {"article_id": name or amap.article.id}
    article = amap.article.to_dict()
    flat = {
        **key,
        **{name: article[name] for name in ("title", "published", "url", "source", "language", "text")},
        "authors": article["authors"],
        **{f"json_{name}": value for name, value in head_row(amap).items()},
        "json_article": json.dumps({**article, "text": None}, ensure_ascii=False),
    }
    return {
        "articles": [flat],
        "components": [key | component_row(part) for part in amap.components],
        "relations": [key | relation_row(link) for link in amap.relations],
        "entities": [key | entity.to_dict() for entity in amap.entities],
    }


def _schemas() -> dict[str, Any]:
    import pyarrow as pa

    texts, whole, real = pa.string(), pa.int64(), pa.float64()
    span = [("start", whole), ("end", whole), ("text", texts)]
    head = [
        ("title", texts),
        ("published", texts),
        ("url", texts),
        ("source", texts),
        ("language", texts),
        ("text", texts),
        ("authors", pa.list_(texts)),
    ]
    stored = [(f"json_{name}", texts) for name in ("article", "entities", "model", "scheme")]
    facets = [
        ("probability", real),
        ("risk", pa.bool_()),
        ("risk_probability", real),
        ("holder", texts),
        ("source_name", texts),
        ("entities", texts),
        ("extra", texts),
    ]
    key = [("article_id", texts)]
    return {
        "articles": pa.schema(key + head + stored),
        "components": pa.schema([*key, ("id", texts), *span, ("type", texts), *facets]),
        "relations": pa.schema(
            [
                *key,
                *((name, texts) for name in ("id", "source", "target", "type")),
                ("probability", real),
                ("extra", texts),
            ]
        ),
        "entities": pa.schema([*key, ("id", texts), *span, ("label", texts), ("name", texts)]),
    }


class TableWriter:
    """Writes maps to four Parquet tables, a row group for some hundred maps at a time, so that memory stays small.

    Args:
        paths: the file of each table.
    """

    def __init__(self, paths: Mapping[str, Path]) -> None:
        import pyarrow.parquet as pq

        self._schemas = _schemas()
        self._writers = {name: pq.ParquetWriter(paths[name], schema) for name, schema in self._schemas.items()}
        self._rows: dict[str, list[Row]] = {name: [] for name in TABLES}
        self._numbered = Numbered()

    def write(self, amap: ArgumentMap) -> None:
        """Add a map."""
        for name, rows in rows_of(amap, self._numbered(amap.article.id)).items():
            self._rows[name] += rows
        if len(self._rows["articles"]) >= GROUP_ARTICLES:
            self._flush()

    def close(self) -> None:
        """Write what is left and close the files."""
        self._flush()
        for writer in self._writers.values():
            writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        for name, rows in self._rows.items():
            if rows:
                self._writers[name].write_table(pa.Table.from_pylist(rows, schema=self._schemas[name]))
                rows.clear()


def write_parquet(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write articles.parquet, components.parquet, relations.parquet and entities.parquet into a folder."""
    path.mkdir(parents=True, exist_ok=True)
    with closing(TableWriter({name: path / f"{name}.parquet" for name in TABLES})) as writer:
        for amap in maps:
            writer.write(amap)


def read_parquet(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """Read a folder that `write_parquet` wrote."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = {}
    for name in TABLES:
        try:
            tables[name] = pq.read_table(path / f"{name}.parquet").to_pylist()
        except (OSError, pa.ArrowException) as error:
            raise FormatError(
                f"expected a Parquet table: {str(error).splitlines()[0]}", path=path / f"{name}.parquet"
            ) from None
    yield from _maps(tables, path, report)


def write_csv(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write articles.csv, components.csv, relations.csv and entities.csv into a folder; empty cells are missing values."""
    path.mkdir(parents=True, exist_ok=True)
    streams = {name: open(path / f"{name}.csv", "w", encoding="utf-8", newline="") for name in TABLES}  # noqa: SIM115
    try:
        writers = {name: csv.DictWriter(streams[name], schema.names) for name, schema in _schemas().items()}
        for writer in writers.values():
            writer.writeheader()
        numbered = Numbered()
        for amap in maps:
            for name, rows in rows_of(amap, numbered(amap.article.id)).items():
                writers[name].writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    finally:
        for stream in streams.values():
            stream.close()


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def read_csv(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """Read a folder that `write_csv` wrote."""
    tables = {}
    csv.field_size_limit(1 << 30)
    for name in TABLES:
        try:
            with open(path / f"{name}.csv", encoding="utf-8", newline="") as stream:
                tables[name] = list(csv.DictReader(stream))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise FormatError(f"expected a CSV table: {error}", path=path / f"{name}.csv") from None
    yield from _maps(tables, path, report)


def _maps(tables: dict[str, list[Row]], path: Path, report: Report) -> Iterator[ArgumentMap]:
    components, relations = _by_article(tables["components"]), _by_article(tables["relations"])
    for number, row in enumerate(tables["articles"], start=1):
        name = row.get("article_id")
        head = {key.removeprefix("json_"): value for key, value in row.items() if key and key.startswith("json_")}
        try:
            head["article"] = json.dumps({**json.loads(head["article"]), "text": row["text"]})
            yield map_of(head, components.get(name, ()), relations.get(name, ()))
        except (FormatError, KeyError, TypeError, ValueError) as error:
            reason = error.reason if isinstance(error, FormatError) else f"expected an article's row: {error!r}"
            report(Problem(str(path), f"article {number} ({name})", reason))


def _by_article(rows: list[Row]) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.get("article_id"), []).append(row)
    return groups
