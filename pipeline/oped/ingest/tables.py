"""Tables of articles: JSONL, CSV and Parquet, also packed with gzip or zstd; a row an article, read one by one.

Columns are `text` or `html`, and where present `id`, `title`, `author` or `authors`, `date` or `published`, `url`; any
other column becomes metadata. A row that holds no article is reported and the rest read.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from oped.errors import InputError, TooLongError, UnsupportedInputError
from oped.ingest.read import BYTES_PER_CHARACTER, DEFAULT_MAX_CHARACTERS, article_from_html, article_from_text
from oped.records import Article

Row = Mapping[str, Any]
Failed = Callable[[str, InputError], None]
Opener = Callable[[Path], IO[bytes]]
SUFFIXES = (".jsonl", ".ndjson", ".csv", ".parquet")
PACKED = {".gz": "gzip", ".zst": "zstd"}
_KNOWN = {"text", "html", "id", "title", "author", "authors", "date", "published", "url"}
_BATCH = 64


def is_table(path: Path | str) -> bool:
    """Whether a file's ending is that of a table."""
    return _suffix(Path(path)) in SUFFIXES


def read_table(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    max_characters: int = DEFAULT_MAX_CHARACTERS,
    failed: Failed | None = None,
) -> Iterator[Article]:
    """Read the articles of a table.

    Args:
        path: a .jsonl, .csv or .parquet file; the first two also as .gz or .zst.
        columns: names of the table's columns for the known ones: {"text": "body"}.
        max_characters: a longer text is refused.
        failed: is called with the place and the error of each row that holds no article; by default the error is raised.

    Raises:
        InputError: the file can't be read as a table, or a row as an article and `failed` is not given.
    """
    path = Path(path)
    for place, row in table_rows(path, columns=columns, max_characters=max_characters, failed=failed):
        try:
            yield article_of_row(row, f"{path.name} {place}", max_characters)
        except InputError as error:
            _fail(failed, f"{path.name} {place}", error)


def table_rows(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    max_characters: int = DEFAULT_MAX_CHARACTERS,
    failed: Failed | None = None,
    opener: Opener | None = None,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of a table with their places, columns renamed; see `read_table`.

    Args:
        opener: opens the file for reading bytes; by default it is a local one.
    """
    names = {column: name for name, column in (columns or {}).items()}
    for place, row in _rows(path, max_characters, failed, opener or _open_local):
        yield place, {names.get(key, key): value for key, value in row.items()}


def _fail(failed: Failed | None, place: str, error: InputError) -> None:
    if failed is None:
        raise error
    failed(place, error)


def article_of_row(row: Row, name: str, max_characters: int = DEFAULT_MAX_CHARACTERS) -> Article:
    """The article of a row with the known columns.

    Raises:
        InputError: it holds none.
    """
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


def _rows(path: Path, max_characters: int, failed: Failed | None, opener: Opener) -> Iterator[tuple[str, Row]]:
    suffix = _suffix(path)
    if suffix not in SUFFIXES:
        raise UnsupportedInputError(f"{path}: expected a table, one of {', '.join(SUFFIXES)}")
    try:
        with opener(path) as stream:
            if suffix == ".parquet":
                yield from _parquet_rows(stream)
                return
            with _unpacked(stream, path.suffix) as text:
                yield from _csv_rows(text) if suffix == ".csv" else _json_rows(text, path, max_characters, failed)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: expected UTF-8, found byte {error.object[error.start]:#04x}") from None
    except (OSError, EOFError) as error:
        raise InputError(f"{path}: expected a table, but it can't be read: {str(error).splitlines()[0]}") from None


def _suffix(path: Path) -> str:
    if path.suffix.lower() in PACKED:
        path = path.with_suffix("")
    return path.suffix.lower()


def _open_local(path: Path) -> IO[bytes]:
    return open(path, "rb")


@contextmanager
def _unpacked(stream: IO[bytes], suffix: str) -> Iterator[IO[str]]:
    import pyarrow as pa

    packed = PACKED.get(suffix.lower())
    data = pa.CompressedInputStream(stream, packed) if packed else stream
    with io.TextIOWrapper(io.BufferedReader(data, 1 << 20) if packed else data, "utf-8-sig", newline="") as text:
        yield text


def _json_rows(stream: IO[str], path: Path, max_characters: int, failed: Failed | None) -> Iterator[tuple[str, Row]]:
    limit = 8 * BYTES_PER_CHARACTER * max_characters
    for number, line in enumerate(iter(lambda: stream.readline(limit), ""), start=1):
        place = f"{path.name} line {number}"
        if len(line) == limit:
            while line and not line.endswith("\n"):
                line = stream.readline(limit)
            _fail(failed, place, TooLongError(f"{place}: expected a row of less than {limit:,} characters, found more"))
        elif line.strip():
            try:
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError("no object")
            except (ValueError, RecursionError) as error:
                _fail(failed, place, InputError(f"{place}: expected a JSON object: {error}"))
                continue
            yield f"line {number}", row


def _csv_rows(stream: IO[str]) -> Iterator[tuple[str, Row]]:
    csv.field_size_limit(1 << 30)
    for number, row in enumerate(csv.DictReader(stream), start=1):
        yield f"row {number}", {key: value for key, value in row.items() if key}


def _parquet_rows(stream: IO[bytes]) -> Iterator[tuple[str, Row]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        number = 0
        for batch in pq.ParquetFile(stream).iter_batches(batch_size=_BATCH):
            for row in batch.to_pylist():
                number += 1
                yield f"row {number}", row
    except pa.ArrowException as error:
        raise OSError(str(error)) from None
