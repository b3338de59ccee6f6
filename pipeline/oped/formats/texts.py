"""Articles that annotations without text count in, found by id."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from oped.formats._files import read_text
from oped.ingest.snapshot import snapshot_text
from oped.records import Article


def article_texts(path: Path) -> Callable[[str], Article | None]:
    """A finder of articles by id in a JSONL table with `id` and `html` or `text`.

    The text of a row with `html` is `snapshot_text` of it, the text that stored offsets count in.
    """
    rows = {str(row["id"]): row for row in map(json.loads, filter(str.strip, read_text(path).split("\n")))}

    def find(name: str) -> Article | None:
        row = rows.get(name)
        return None if row is None else _article(row)

    return find


def _article(row: Mapping[str, Any]) -> Article:
    text = row["text"] if "text" in row else snapshot_text(row["html"])
    author = row.get("authors") or row.get("author")
    authors = tuple(author) if isinstance(author, list) else (author,) if author else ()
    return Article(
        str(row["id"]), text, row.get("title"), authors, row.get("published") or row.get("date"), row.get("url")
    )
