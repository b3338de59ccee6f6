"""Tables of articles: JSONL, CSV and Parquet, also packed with gzip or zstd; a row an article, read one by one.

Columns are `text` or `html`, and where present `id`, `title`, `author` or `authors`, `date` or `published`, `url`; any
other column becomes metadata. A row that holds no article is reported and the rest read.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from oped.errors import EncodingError, InputError, TooLongError, UnsupportedInputError
from oped.ingest.csv_rows import SKIPPED, read_csv
from oped.ingest.encoding import has_half_characters, well_formed
from oped.ingest.parquet_rows import read_parquet
from oped.ingest.read import BYTES_PER_CHARACTER, DEFAULT_MAX_CHARACTERS, article_from_html, article_from_text
from oped.records import Article

Row = Mapping[str, Any]
Failed = Callable[[str, InputError], None]
Opener = Callable[[Path], IO[bytes]]
SUFFIXES = (".jsonl", ".ndjson", ".csv", ".parquet")
PACKED = {".gz": "gzip", ".zst": "zstd"}
_KNOWN = {"text", "html", "id", "title", "author", "authors", "date", "published", "url"}
_ANNOTATION = {
    "components",
    "relations",
    "entities",
    "annotators",
    "scheme",
    "language",
    "guideline",
}  # of an annotated article
MOST_NESTED = 50


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
    for place, row in table_rows(path, columns=columns, max_characters=max_characters):
        name = f"{path.name} {place}"
        try:
            if isinstance(row, InputError):
                raise row
            yield article_of_row(row, name, max_characters)
        except InputError as error:
            if failed is None:
                raise
            failed(name, error)


def table_rows(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    max_characters: int = DEFAULT_MAX_CHARACTERS,
    opener: Opener | None = None,
) -> Iterator[tuple[str, dict[str, Any] | InputError]]:
    """The rows of a table with their places, columns renamed, or why a row is none; see `read_table`.

    Args:
        opener: opens the file for reading bytes; by default it is a local one.

    Raises:
        InputError: the file can't be read as a table, from here on.
    """
    names = {column: name for name, column in (columns or {}).items()}
    for place, row in _rows(path, max_characters, opener or _open_local):
        if isinstance(row, InputError):
            yield place, row
            continue
        found = check_nesting(row, f"{path.name} {place}")
        yield place, found or {names.get(key, key): value for key, value in row.items()}


def check_nesting(row: Row, name: str) -> InputError | None:
    """Why a row can't be used, where lists and objects lie in one another more than `MOST_NESTED` deep."""
    level: list[Any] = list(row.values())
    for _ in range(MOST_NESTED):
        level = [one for value in level if isinstance(value, dict | list | tuple) for one in _parts(value)]
        if not level:
            return None
    return UnsupportedInputError(f"{name}: expected a row of plain values, found some nested over {MOST_NESTED} deep")


def _parts(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def article_of_row(row: Row, name: str, max_characters: int = DEFAULT_MAX_CHARACTERS) -> Article:
    """The article of a row with the known columns.

    Raises:
        InputError: it holds none.
    """
    content = row.get("text") or row.get("html")
    if not isinstance(content, str):
        raise UnsupportedInputError(f"{name}: expected a column text or html, found {', '.join(row) or 'nothing'}")
    if half := next((key for key, value in row.items() if has_half_characters([key, value])), None):
        raise EncodingError(f"{name}: expected well-formed Unicode, found half a character in {well_formed(half)!r}")
    left_out = _KNOWN | _ANNOTATION if isinstance(row.get("components"), list) else _KNOWN
    extra = {str(key): value for key, value in row.items() if key not in left_out and value is not None}
    if isinstance(inner := extra.get("extra"), dict):
        extra = {**inner, **{key: value for key, value in extra.items() if key != "extra"}}
    known = {
        "title": _text(row.get("title")),
        "authors": _authors(row.get("authors") or row.get("author")),
        "published": _text(row.get("published") or row.get("date")),
        "url": _text(row.get("url")),
        "extra": json.loads(json.dumps(extra, default=str)),
    }
    read = article_from_text if row.get("text") else article_from_html
    return read(content, id=_text(row.get("id")), name=name, max_characters=max_characters, **known)


def _authors(value: Any) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    return tuple(part.strip() for part in value.split(";")) if isinstance(value, str) else tuple(map(str, value))


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _rows(path: Path, max_characters: int, opener: Opener) -> Iterator[tuple[str, Row | InputError]]:
    suffix = _suffix(path)
    if suffix not in SUFFIXES:
        raise UnsupportedInputError(f"{path}: expected a table, one of {', '.join(SUFFIXES)}")
    limit = BYTES_PER_CHARACTER * max_characters
    try:
        with opener(path) as stream:
            if suffix == ".parquet":
                yield from read_parquet(stream)
                return
            with _unpacked(stream, path.suffix) as data:
                yield from read_csv(data, path.name, limit) if suffix == ".csv" else _json_rows(data, path, limit)
    except (OSError, EOFError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise InputError(f"{path}: expected a table, but it can't be read: {reason}") from error


def _suffix(path: Path) -> str:
    if path.suffix.lower() in PACKED:
        path = path.with_suffix("")
    return path.suffix.lower()


def _open_local(path: Path) -> IO[bytes]:
    return open(path, "rb")


@contextmanager
def _unpacked(stream: IO[bytes], suffix: str) -> Iterator[io.BufferedReader]:
    import pyarrow as pa

    packed = PACKED.get(suffix.lower())
    raw: Any = pa.CompressedInputStream(stream, packed) if packed else stream
    with io.BufferedReader(raw, 1 << 20) as data:
        yield data


def _json_rows(stream: io.BufferedReader, path: Path, limit: int) -> Iterator[tuple[str, Row | InputError]]:
    """Rows of a file of JSON lines; each line is decoded by itself, so that a bad byte costs its line alone."""
    for number, line in enumerate(iter(lambda: stream.readline(limit), b""), start=1):
        place = f"line {number}"
        if len(line) == limit:
            for _ in range(SKIPPED):
                if not line or line.endswith(b"\n"):
                    break
                line = stream.readline(limit)
            else:
                raise InputError(f"{path.name} {place}: expected a JSON object, found no end; the rest is not read")
            yield place, TooLongError(f"{path.name} {place}: expected a row of less than {limit:,} bytes, found more")
        elif line.strip():
            yield place, _json_row(line, f"{path.name} {place}")


def _json_row(line: bytes, name: str) -> Row | InputError:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return InputError(f"{name}: expected a JSON object: {error}")
    return row if isinstance(row, dict) else InputError(f"{name}: expected a JSON object, found another value")
