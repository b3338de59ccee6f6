"""Articles that annotations without text count in, found by id."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from oped.errors import FormatError
from oped.formats._files import read_text
from oped.ingest.snapshot import snapshot
from oped.quotations import QUOTATIONS
from oped.records import Article

Texts = Callable[[str], Article | None]  # finds an article by its id


def article_texts(path: Path) -> Texts:
    """A finder of articles by id in a JSONL table with `id` and `html` or `text`.

    The text of a row with `html` is `snapshot_text` of it, the text that stored offsets count in.

    Raises:
        FormatError: a line holds something else.
    """
    rows: dict[str, Mapping[str, Any]] = {}
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            row = _row(line, path, number)
            rows[str(row["id"])] = row

    def find(name: str) -> Article | None:
        row = rows.get(name)
        return None if row is None else _article(row)

    return find


def _row(line: str, path: Path, number: int) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"malformed JSON: {error}", path=path, place=f"line {number}") from None
    text = (row.get("text") if "text" in row else row.get("html")) if isinstance(row, dict) else None
    if not isinstance(text, str) or "id" not in row:
        raise FormatError("expected an object with id, and text or html", path=path, place=f"line {number}")
    found: Mapping[str, Any] = row
    return found


def _article(row: Mapping[str, Any]) -> Article:
    page = None if "text" in row else snapshot(row["html"])
    text, quoted = (row["text"], []) if page is None else (page.text, [list(span) for span in page.quotations])
    author = row.get("authors") or row.get("author")
    authors = tuple(author) if isinstance(author, list) else (author,) if author else ()
    known = {"title": row.get("title"), "published": row.get("published") or row.get("date"), "url": row.get("url")}
    extra = {QUOTATIONS: quoted} if quoted else {}
    return Article.from_dict({"id": str(row["id"]), "text": text, "authors": list(authors), "extra": extra, **known})
