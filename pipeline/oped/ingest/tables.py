"""Tables of articles: JSONL, CSV and Parquet, also packed with gzip; a row an article, read one by one.

Columns are `text` or `html`, and where present `id`, `title`, `author` or `authors`, `date` or `published`, `url`; any
other column becomes metadata. A row that holds no article is reported and the rest read.
"""

import csv
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from oped.errors import InputError, UnsupportedInputError
from oped.ingest.read import DEFAULT_MAX_CHARACTERS, article_from_html, article_from_text
from oped.records import Article

Row = Mapping[str, Any]
Failed = Callable[[str, InputError], None]
SUFFIXES = (".jsonl", ".ndjson", ".csv", ".parquet")
_KNOWN = {"text", "html", "id", "title", "author", "authors", "date", "published", "url"}
_BATCH = 64


def is_table(path: Path) -> bool:
    """Whether a file's ending is that of a table."""
    return _suffix(path) in SUFFIXES


def read_table(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    max_characters: int = DEFAULT_MAX_CHARACTERS,
    failed: Failed | None = None,
) -> Iterator[Article]:
    """Read the articles of a table.

    Args:
        path: a .jsonl, .csv or .parquet file; the first two also as .gz.
        columns: names of the table's columns for the known ones: {"text": "body"}.
        max_characters: a longer text is refused.
        failed: is called with the place and the error of each row that holds no article; by default the error is raised.

    Raises:
        InputError: the file can't be read as a table, or a row as an article and `failed` is not given.
    """
    path = Path(path)
    names = {column: name for name, column in (columns or {}).items()}
    for place, row in _rows(path, failed):
        named = {names.get(key, key): value for key, value in row.items()}
        try:
            yield _article(named, f"{path.name} {place}", max_characters)
        except InputError as error:
            _fail(failed, f"{path.name} {place}", error)


def _fail(failed: Failed | None, place: str, error: InputError) -> None:
    if failed is None:
        raise error
    failed(place, error)


def _article(row: Row, name: str, max_characters: int) -> Article:
    content = row.get("text") or row.get("html")
    if not isinstance(content, str):
        raise UnsupportedInputError(f"{name}: expected a column text or html, found {', '.join(row) or 'nothing'}")
    extra = {key: value for key, value in row.items() if key not in _KNOWN and value is not None}
    known = {
        "title": row.get("title"),
        "authors": _authors(row.get("authors") or row.get("author")),
        "published": _text(row.get("published") or row.get("date")),
        "url": row.get("url"),
        "extra": extra,
    }
    read = article_from_text if row.get("text") else article_from_html
    return read(content, id=_text(row.get("id")), name=name, max_characters=max_characters, **known)


def _authors(value: Any) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    return tuple(part.strip() for part in value.split(";")) if isinstance(value, str) else tuple(map(str, value))


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _rows(path: Path, failed: Failed | None) -> Iterator[tuple[str, Row]]:
    suffix = _suffix(path)
    if suffix == ".parquet":
        yield from _parquet_rows(path)
    elif suffix == ".csv":
        yield from _csv_rows(path)
    elif suffix in SUFFIXES:
        yield from _json_rows(path, failed)
    else:
        raise UnsupportedInputError(f"{path}: expected a table, one of {', '.join(SUFFIXES)}")


def _suffix(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


@contextmanager
def _open(path: Path) -> Iterator[IO[str]]:
    opener: Callable[..., IO[str]] = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as stream:
            yield stream
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: expected UTF-8, found byte {error.object[error.start]:#04x}") from None
    except (OSError, EOFError) as error:
        raise InputError(f"{path}: expected a table, but it can't be read: {error}") from None


def _json_rows(path: Path, failed: Failed | None) -> Iterator[tuple[str, Row]]:
    with _open(path) as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError("no object")
            except ValueError as error:
                place = f"{path.name} line {number}"
                _fail(failed, place, InputError(f"{place}: expected a JSON object: {error}"))
                continue
            yield f"line {number}", row


def _csv_rows(path: Path) -> Iterator[tuple[str, Row]]:
    csv.field_size_limit(1 << 30)
    with _open(path) as stream:
        for number, row in enumerate(csv.DictReader(stream), start=1):
            yield f"row {number}", {key: value for key, value in row.items() if key}


def _parquet_rows(path: Path) -> Iterator[tuple[str, Row]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        number = 0
        for batch in pq.ParquetFile(path).iter_batches(batch_size=_BATCH):
            for row in batch.to_pylist():
                number += 1
                yield f"row {number}", row
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: expected a Parquet table: {str(error).splitlines()[0]}") from None
