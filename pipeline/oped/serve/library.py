"""The library of the service: every article that was handed in, what became of it, and its map, in one SQLite file."""

import base64
import hashlib
import json
import secrets
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oped.errors import OpedError
from oped.locking import lock_file
from oped.records import ArgumentMap

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
_TABLES = """
CREATE TABLE IF NOT EXISTS articles (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE, status TEXT, name TEXT, title TEXT, authors TEXT, published TEXT,
    row TEXT, data BLOB, suffix TEXT, map TEXT, words TEXT, reason TEXT, created TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX IF NOT EXISTS articles_status ON articles (status, number);
"""
_SHOWN = (
    "id, status, name, title, authors, published, reason, created,"
    " status = 'failed' AND (row IS NOT NULL OR data IS NOT NULL)"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An article of the library, without its content.

    Attributes:
        again: whether it failed and can be tried again.
    """

    id: str
    status: str
    name: str
    title: str | None
    authors: tuple[str, ...]
    published: str | None
    reason: str | None
    created: str
    again: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """An article that is to be mapped: a row of metadata with its text or HTML; or the bytes of a file, and then the row has
    what is known of it besides."""

    id: str
    name: str
    row: dict[str, Any] | None
    data: bytes | None
    suffix: str


class Library:
    """The articles of the service. What was running when a process died is queued again by the next one.

    Args:
        path: of the SQLite file; made where it is missing.

    Raises:
        OpedError: another service has the file, or it is no library.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        taken = f"{path}: another oped serve has this library; name another with --library"
        self._claim = lock_file(path.with_name(f"{path.name}.lock"), taken=taken)
        self._base = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.executescript(_TABLES)
            self.requeue()
        except sqlite3.DatabaseError as error:
            self.close()
            raise OpedError(f"{path}: expected a library of oped serve, found another file: {error}") from None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._base.close()
            self._claim.release()

    def add(self, name: str, *, row: dict[str, Any] | None = None, data: bytes | None = None, suffix: str = "") -> str:
        """Queue an article, a row or the bytes of a file; returns its id."""
        name_of_entry = secrets.token_urlsafe(9)
        self._do(
            "INSERT INTO articles (id, status, name, title, row, data, suffix) VALUES (?, 'queued', ?, ?, ?, ?, ?)",
            *(name_of_entry, name, (row or {}).get("title"), None if row is None else json.dumps(row), data, suffix),
        )
        return name_of_entry

    def take_in(self, maps: Iterable[ArgumentMap]) -> int:
        """Add maps that were made elsewhere; one that is there already stays as it is. Returns how many are new."""
        everything = (amap.to_dict() for amap in maps)
        with self._lock:
            before = self._base.total_changes
            self._base.execute("BEGIN")
            try:
                self._base.executemany(
                    "INSERT OR IGNORE INTO articles (id, status, name, title, authors, published, map, words)"
                    " VALUES (?, 'done', ?, ?, ?, ?, ?, ?)",
                    ((_name_of(data), data["article"]["id"], *_columns(data)) for data in everything),
                )
            except BaseException:
                self._base.execute("ROLLBACK")
                raise
            self._base.execute("COMMIT")
            return self._base.total_changes - before

    def counts(self) -> dict[str, int]:
        """Number of articles in each state."""
        found = dict(self._do("SELECT status, count(*) FROM articles GROUP BY status"))
        return {status: int(found.get(status, 0)) for status in (QUEUED, RUNNING, DONE, FAILED)}

    def waiting(self) -> int:
        """How many articles have no map yet and are not given up."""
        return int(self._do("SELECT count(*) FROM articles WHERE status IN ('queued', 'running')")[0][0])

    def take(self) -> Waiting | None:
        """The next article to map, which is running from now on."""
        rows = self._do(
            "UPDATE articles SET status = 'running' WHERE number ="
            " (SELECT number FROM articles WHERE status = 'queued' ORDER BY number LIMIT 1)"
            " RETURNING id, name, row, data, suffix"
        )
        if not rows:
            return None
        entry, name, row, data, suffix = rows[0]
        return Waiting(entry, name, None if row is None else json.loads(row), data, suffix)

    def finish(self, entry: str, amap: dict[str, Any]) -> None:
        """Keep the map of an article; what it was made from is dropped."""
        self._do(
            "UPDATE articles SET status = 'done', title = ?, authors = ?, published = ?, map = ?, words = ?, row = NULL,"
            " data = NULL WHERE id = ?",
            *(*_columns(amap), entry),
        )

    def fail(self, entry: str, reason: str, *, again: bool = False) -> None:
        """Note why an article has no map.

        Args:
            again: whether another try may end otherwise; then what it is made from is kept.
        """
        dropped = "" if again else ", row = NULL, data = NULL"
        self._do(f"UPDATE articles SET status = 'failed', reason = ?{dropped} WHERE id = ?", reason, entry)

    def requeue(self) -> None:
        """Queue what is running again."""
        self._do("UPDATE articles SET status = 'queued' WHERE status = 'running'")

    def retry(self, entry: str) -> bool:
        """Queue a failed article again; whether it still has what it is made from."""
        return bool(
            self._do(
                "UPDATE articles SET status = 'queued', reason = NULL WHERE id = ? AND status = 'failed'"
                " AND (row IS NOT NULL OR data IS NOT NULL) RETURNING id",
                entry,
            )
        )

    def entry(self, entry: str) -> Entry | None:
        """An article by its id."""
        rows = self._do(f"SELECT {_SHOWN} FROM articles WHERE id = ?", entry)
        return _entry(rows[0]) if rows else None

    def map(self, entry: str) -> dict[str, Any] | None:
        """The map of an article as JSON data; None where there is none."""
        rows = self._do("SELECT map FROM articles WHERE id = ? AND map IS NOT NULL", entry)
        return json.loads(rows[0][0]) if rows else None

    def search(self, query: str = "", *, limit: int = 50, offset: int = 0) -> list[Entry]:
        """Articles, the newest first, whose title, authors or text have all words of a query."""
        words = query.casefold().split()
        where = "".join(" AND instr(coalesce(words, name), ?) > 0" for _ in words)
        rows = self._do(
            f"SELECT {_SHOWN} FROM articles WHERE 1{where} ORDER BY number DESC LIMIT ? OFFSET ?", *words, limit, offset
        )
        return list(map(_entry, rows))

    def remove(self, entry: str) -> bool:
        """Forget an article; whether there was one."""
        return bool(self._do("DELETE FROM articles WHERE id = ? RETURNING id", entry))

    def _do(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._base.execute(query, values).fetchall()


def _columns(amap: dict[str, Any]) -> tuple[str | None, ...]:
    """What is kept of a map: title, authors, date, the map, and the words it is found by."""
    article = amap["article"]
    words = " ".join([article["title"] or "", *article["authors"], article["text"]]).casefold()
    authors, whole = json.dumps(article["authors"]), json.dumps(amap, ensure_ascii=False)
    return article["title"], authors, article["published"], whole, words


def _name_of(amap: dict[str, Any]) -> str:
    """An id that the same map always gets."""
    digest = hashlib.sha256(json.dumps(amap, sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest[:9]).decode()


def _entry(row: tuple[Any, ...]) -> Entry:
    entry, status, name, title, authors, published, reason, created, again = row
    names = tuple(json.loads(authors or "[]"))
    return Entry(entry, status, name, title, names, published, reason, created, bool(again))
