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
from oped.serve.searching import ALL, Wanted, teach

THESIS = "major_claim"
QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
_TABLES = """
CREATE TABLE IF NOT EXISTS articles (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE, status TEXT, name TEXT, title TEXT, authors TEXT, published TEXT,
    row TEXT, data BLOB, suffix TEXT, map TEXT, words TEXT, reason TEXT, created TEXT DEFAULT CURRENT_TIMESTAMP,
    thesis TEXT, risks INTEGER, fears TEXT, machine TEXT
);
CREATE INDEX IF NOT EXISTS articles_status ON articles (status, number);
"""
_ADDED = {
    "thesis": "TEXT",
    "risks": "INTEGER",
    "fears": "TEXT",
    "machine": "TEXT",
}  # in libraries made before they were
_KEPT = ("title", "authors", "published", "map", "words", "thesis", "risks", "fears")
_SET = ", ".join(f"{name} = ?" for name in _KEPT)
_SHOWN = (
    "id, status, name, title, authors, published, reason, created,"
    " status = 'failed' AND (row IS NOT NULL OR data IS NOT NULL), thesis, risks, machine IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An article of the library, without its content.

    Attributes:
        again: whether it failed and can be tried again.
        thesis: what its map says that the whole article is for; None where there is no map, or it found none.
        risks: how many its map has; None where there is no map.
        corrected: whether its map was corrected by hand.
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
    thesis: str | None
    risks: int | None
    corrected: bool


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
            teach(self._base)
            self._base.create_function("edition", 1, edition_of, deterministic=True)
            self._bring_up_to_date()
            self.requeue()
        except sqlite3.DatabaseError as error:
            self.close()
            raise OpedError(f"{path}: expected a library of oped serve, found another file: {error}") from None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._base.close()
            self._claim.release()

    def _bring_up_to_date(self) -> None:
        """Add the columns that an older library lacks, and fill them."""
        known = {row[1] for row in self._do("PRAGMA table_info(articles)")}
        for name in _ADDED.keys() - known:
            self._do(f"ALTER TABLE articles ADD COLUMN {name} {_ADDED[name]}")
        for (entry,) in self._do("SELECT id FROM articles WHERE map IS NOT NULL AND risks IS NULL"):
            amap = self.map(entry)
            if amap is not None:
                self._do(f"UPDATE articles SET {_SET} WHERE id = ?", *_columns(amap), entry)

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
                    f"INSERT OR IGNORE INTO articles (id, status, name, {', '.join(_KEPT)})"
                    f" VALUES (?, 'done', ?{', ?' * len(_KEPT)})",
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

    def waiting_before(self, entry: str) -> int:
        """How many articles are mapped before one that waits."""
        query = (
            "SELECT count(*) FROM articles WHERE status IN ('queued', 'running')"
            " AND number < (SELECT number FROM articles WHERE id = ?)"
        )
        return int(self._do(query, entry)[0][0])

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
            f"UPDATE articles SET status = 'done', {_SET}, row = NULL, data = NULL WHERE id = ?",
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

    def machine_map(self, entry: str) -> dict[str, Any] | None:
        """The map as it was before it was corrected; None where it was not."""
        rows = self._do("SELECT machine FROM articles WHERE id = ? AND machine IS NOT NULL", entry)
        return json.loads(rows[0][0]) if rows else None

    def edition(self, entry: str) -> str | None:
        """What tells one state of an article's map from another; None where there is no map."""
        rows = self._do("SELECT edition(map) FROM articles WHERE id = ? AND map IS NOT NULL", entry)
        return str(rows[0][0]) if rows else None

    def revise(self, entry: str, amap: dict[str, Any], *, edition: str | None = None) -> bool:
        """Put a corrected map in the place of one; the one that the machine made is kept beside it.

        Args:
            edition: of the map that was corrected; another one by now is left as it is.

        Returns:
            Whether it was put there.
        """
        return bool(
            self._do(
                f"UPDATE articles SET machine = coalesce(machine, map), {_SET} WHERE id = ? AND map IS NOT NULL"
                " AND (? IS NULL OR edition(map) = ?) RETURNING id",
                *(*_columns(amap), entry, edition, edition),
            )
        )

    def restore(self, entry: str) -> bool:
        """Forget the corrections of a map; whether there were any."""
        amap = self.machine_map(entry)
        if amap is None:
            return False
        self._do(f"UPDATE articles SET machine = NULL, {_SET} WHERE id = ?", *_columns(amap), entry)
        return True

    def search(self, wanted: Wanted = ALL, *, limit: int = 50, offset: int = 0) -> list[Entry]:
        """Articles that have what is wanted, in the order wanted."""
        where, values = wanted.clause()
        query = f"SELECT {_SHOWN} FROM articles WHERE {where} ORDER BY {wanted.order} LIMIT ? OFFSET ?"
        return list(map(_entry, self._do(query, *values, limit, offset)))

    def count(self, wanted: Wanted = ALL) -> int:
        """How many articles have what is wanted."""
        where, values = wanted.clause()
        return int(self._do(f"SELECT count(*) FROM articles WHERE {where}", *values)[0][0])

    def authors(self, limit: int = 300) -> list[str]:
        """Names of authors, in order."""
        query = "SELECT DISTINCT value FROM articles, json_each(authors) ORDER BY value LIMIT ?"
        return [str(row[0]) for row in self._do(query, limit)]

    def remove(self, entry: str) -> bool:
        """Forget an article; whether there was one."""
        return bool(self._do("DELETE FROM articles WHERE id = ? RETURNING id", entry))

    def _do(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._base.execute(query, values).fetchall()


def _columns(amap: dict[str, Any]) -> tuple[str | int | None, ...]:
    """What is kept of a map, in the order of `_KEPT`: its parts that are listed and searched, and all of it."""
    article, components = amap["article"], amap["components"]
    words = " ".join([article["title"] or "", *article["authors"], article["text"]]).casefold()
    authors, whole = json.dumps(article["authors"]), json.dumps(amap, ensure_ascii=False)
    theses = sorted((part for part in components if part["type"] == THESIS), key=lambda part: -part["probability"])
    thesis = (theses[0].get("gist") or " ".join(theses[0]["text"].split())) if theses else None
    risks = [part["text"] for part in components if part["risk"]]
    fears = " ".join(risks).casefold()
    return article["title"], authors, article["published"], whole, words, thesis, len(risks), fears


def edition_of(whole: str | None) -> str:
    """A name for a map's very content."""
    return hashlib.sha256((whole or "").encode()).hexdigest()[:20]


def _name_of(amap: dict[str, Any]) -> str:
    """An id that the same map always gets."""
    digest = hashlib.sha256(json.dumps(amap, sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest[:9]).decode()


def _entry(row: tuple[Any, ...]) -> Entry:
    entry, status, name, title, authors, published, reason, created, again, thesis, risks, corrected = row
    names = tuple(json.loads(authors or "[]"))
    found = (thesis, risks, bool(corrected))
    return Entry(entry, status, name, title, names, published, reason, created, bool(again), *found)
