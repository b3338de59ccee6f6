"""Tables: Parquet and CSV, a folder with one table each of articles, components, relations and entities."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from oped.errors import FormatError
from oped.fields import Kind, fields_of
from oped.files import Numbered
from oped.formats._rows import HEAD, Row, columns, head_row, map_of, row_of
from oped.formats.problems import Problem, Report
from oped.records import ArgumentMap, Article, Component, Entity, Relation

TABLES = ("articles", "components", "relations", "entities")
GROUP_ARTICLES = 200


def rows_of(amap: ArgumentMap, name: str | None = None) -> dict[str, list[Row]]:
    """Rows of a map for each table; `article_id`, the article's id or another name, joins them."""
    key = {"article_id": name or amap.article.id}
    article = amap.article.to_dict()
    stored = {f"json_{name}": value for name, value in head_row(amap).items()}
    stored["json_article"] = json.dumps({**article, "text": None}, ensure_ascii=False)
    return {
        "articles": [{**key, **{name: article[name] for name in _article_columns()}, **stored}],
        "components": [key | row_of(part) for part in amap.components],
        "relations": [key | row_of(link) for link in amap.relations],
        "entities": [key | row_of(entity) for entity in amap.entities],
    }


def table_columns() -> dict[str, dict[str, Kind]]:
    """Columns of each table, with what stands in them."""
    key = {"article_id": Kind.TEXT}
    rows = {"components": Component, "relations": Relation, "entities": Entity}
    articles = key | _article_columns() | {f"json_{name}": Kind.TEXT for name in HEAD}
    return {"articles": articles} | {name: key | columns(record) for name, record in rows.items()}


def _article_columns() -> dict[str, Kind]:
    """An article's texts, then its lists of texts; its id joins the tables, the rest of it stands in JSON alone."""
    kinds = {item.name: item.kind for item in fields_of(Article) if item.name != "id"}
    return {name: kind for wanted in (Kind.TEXT, Kind.TEXTS) for name, kind in kinds.items() if kind is wanted}


def _schemas() -> dict[str, Any]:
    import pyarrow as pa

    text = pa.string()
    types = {Kind.TEXT: text, Kind.INTEGER: pa.int64(), Kind.NUMBER: pa.float64(), Kind.FLAG: pa.bool_()}
    types |= {Kind.TEXTS: pa.list_(text)}
    return {
        name: pa.schema([(column, types[kind]) for column, kind in kinds.items()])
        for name, kinds in table_columns().items()
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


def write_csv(maps: Iterable[ArgumentMap], path: Path) -> None:
    """Write articles.csv, components.csv, relations.csv and entities.csv into a folder; empty cells are missing values."""
    path.mkdir(parents=True, exist_ok=True)
    with ExitStack() as open_files:
        writers = {}
        for name, kinds in table_columns().items():
            stream = open_files.enter_context(open(path / f"{name}.csv", "w", encoding="utf-8", newline=""))
            writers[name] = csv.DictWriter(stream, kinds)
            writers[name].writeheader()
        numbered = Numbered()
        for amap in maps:
            for name, rows in rows_of(amap, numbered(amap.article.id)).items():
                writers[name].writerows({key: _cell(value) for key, value in row.items()} for row in rows)


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def read_parquet(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """Read a folder that `write_parquet` wrote."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = _tables(path, ".parquet", lambda file: pq.read_table(file).to_pylist(), pa.ArrowException)
    yield from _maps(tables, path, report)


def read_csv(path: Path, report: Report) -> Iterator[ArgumentMap]:
    """Read a folder that `write_csv` wrote."""
    csv.field_size_limit(1 << 30)
    yield from _maps(_tables(path, ".csv", _csv_rows, csv.Error), path, report)


def _csv_rows(file: Path) -> list[Row]:
    with open(file, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _tables(
    path: Path, suffix: str, read: Callable[[Path], list[Row]], error_class: type[Exception]
) -> dict[str, list[Row]]:
    tables = {}
    for name in TABLES:
        file = path / f"{name}{suffix}"
        try:
            tables[name] = read(file)
        except (OSError, UnicodeDecodeError, error_class) as error:
            raise FormatError(f"expected a table: {str(error).splitlines()[0]}", path=file) from None
    return tables


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
