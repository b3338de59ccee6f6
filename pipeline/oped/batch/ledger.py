"""The memory of a batch folder: what its input is, and what became of each article; and its maps, each whole or not there.

The ledger is an SQLite database, so that it survives a kill at any moment and does not grow in memory. A map is believed
only while its file has the hash that was written down with it.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from oped.batch.tasks import Failure, Outcome, Task
from oped.locking import lock_file

STATE = ".oped"
DATABASE = "ledger.sqlite"
ARTICLE, DUPLICATE, UNREADABLE = "article", "duplicate", "unreadable"
LAYOUT = 1
_TABLES = f"""
CREATE TABLE IF NOT EXISTS done (
    content TEXT PRIMARY KEY, run TEXT, name TEXT, given TEXT, article TEXT, map TEXT, page TEXT,
    kind TEXT, reason TEXT, passing INTEGER
);
CREATE TABLE IF NOT EXISTS input (
    number INTEGER PRIMARY KEY, role TEXT, name TEXT, content TEXT, given TEXT, kind TEXT, reason TEXT, passing INTEGER
);
CREATE TABLE IF NOT EXISTS ids (given TEXT PRIMARY KEY, last INTEGER);
CREATE INDEX IF NOT EXISTS done_article ON done (article);
CREATE INDEX IF NOT EXISTS input_content ON input (content);
DELETE FROM input;
DELETE FROM ids;
PRAGMA user_version = {LAYOUT};
"""
_FIRST = """
DROP TABLE IF EXISTS first;
CREATE TEMP TABLE first (article TEXT PRIMARY KEY, number INTEGER, name TEXT);
INSERT INTO first SELECT done.article, min(input.number), input.name FROM input JOIN done ON input.content = done.content
    WHERE input.role = 'article' AND done.article IS NOT NULL GROUP BY done.article;
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one article of the input; `same_as` names the earlier one of the same content or text."""

    role: str
    name: str
    content: str | None
    article_id: str | None
    map_hash: str | None
    failure: Failure | None
    same_as: str | None


class Ledger:
    """The state of a batch folder; only one process at a time may hold it.

    Args:
        run: what maps depend on beside the articles (model, scheme …); what was done for another run is done anew.

    Raises:
        OpedError: another process works in this folder.
    """

    def __init__(self, folder: Path, run: str) -> None:
        self.folder, self.run = folder, run
        state = folder / STATE
        state.mkdir(parents=True, exist_ok=True)
        taken = f"{folder}: another oped batch is at work in this folder; wait for it or name another"
        self._lock = lock_file(state / "lock", taken=taken)
        self._base = _database(state / DATABASE)

    def close(self) -> None:
        """Write down everything and let the folder go."""
        try:
            self._base.commit()
        finally:
            self._base.close()
            self._lock.release()

    def drop(self) -> None:
        """Forget everything, because the database is damaged."""
        _remove(self.folder / STATE / DATABASE)

    def commit(self) -> None:
        """Write down what was noted."""
        self._base.commit()

    def unreadable(self, name: str, failure: Failure) -> None:
        """Note a part of the input that is no article."""
        self._base.execute(
            "INSERT INTO input (role, name, kind, reason, passing) VALUES (?, ?, ?, ?, ?)",
            (UNREADABLE, name, failure.kind, failure.reason, int(failure.passing)),
        )

    def enter(self, task: Task) -> Task | None:
        """Note an article of the input.

        What was noted of an article that is to run is forgotten: should its turn not come, it is not done.

        Returns:
            The task to run, with an id that no earlier article has; None where the article is a duplicate or done.
        """
        twin = self._one("SELECT 1 FROM input WHERE content = ? LIMIT 1", task.content)
        role, given = (DUPLICATE, None) if twin else (ARTICLE, self._free_id(task.id))
        self._base.execute(
            "INSERT INTO input (role, name, content, given) VALUES (?, ?, ?, ?)", (role, task.name, task.content, given)
        )
        if twin or self._is_done(task, given):
            return None
        self._base.execute("DELETE FROM done WHERE content = ?", (task.content,))
        return Task(task.content, task.name, task.path, task.row, given)

    def _free_id(self, given: str | None) -> str | None:
        """The id itself, or with a number behind it where an earlier article has it."""
        if given is None:
            return None
        count = "INSERT INTO ids VALUES (?, 1) ON CONFLICT (given) DO UPDATE SET last = last + 1 RETURNING last"
        name = given
        while (last := self._base.execute(count, (name,)).fetchone()[0]) > 1:
            name = f"{given}~{last}"
        return name

    def _is_done(self, task: Task, given: str | None) -> bool:
        row = self._one(
            "SELECT run, name, given, map, page, passing, article FROM done WHERE content = ?", task.content
        )
        if row is None or tuple(row[:3]) != (self.run, task.name, given) or row[5]:
            return False
        files = ((row[3], self.map_path(task.content)), (row[4], self.page_path(task.content)))
        return all(_hash_of(path) == known for known, path in files if known) or self._has_twin(task, row[6])

    def _has_twin(self, task: Task, article: object) -> bool:
        """Whether an earlier article of the input has the same text, so that this one's files are not kept."""
        query = (
            "SELECT 1 FROM done JOIN input ON input.content = done.content"
            " WHERE done.article = ? AND done.run = ? AND done.content <> ? AND input.role = 'article' LIMIT 1"
        )
        return self._one(query, article, self.run, task.content) is not None

    def record(self, outcome: Outcome) -> None:
        """Keep the map of an article, or why it has none."""
        content, why = outcome.content, outcome.failure
        files = ((outcome.map, self.map_path(content)), (outcome.page, self.page_path(content)))
        for data, path in files:
            if data:
                _write_whole(path, data)
        hashes = [hashlib.sha256(data).hexdigest() if data else None for data, _ in files]
        failure = (why.kind, why.reason, int(why.passing)) if why else (None, None, 0)
        self._base.execute(
            "INSERT OR REPLACE INTO done SELECT content, ?, name, given, ?, ?, ?, ?, ?, ? FROM input"
            " WHERE content = ? AND role = 'article'",
            (self.run, outcome.article_id, *hashes, *failure, content),
        )
        self.commit()

    def entries(self) -> Iterator[Entry]:
        """The whole input, in its order; an article whose text another one has that came before it is its duplicate."""
        self._base.executescript(_FIRST)
        rows = self._base.execute(
            "SELECT input.role, input.name, input.content, done.article, done.map, coalesce(input.kind, done.kind),"
            " coalesce(input.reason, done.reason), coalesce(input.passing, done.passing, 0), input.number, first.number,"
            " first.name FROM input LEFT JOIN done ON input.content = done.content"
            " LEFT JOIN first ON first.article = done.article ORDER BY input.number"
        )
        for role, name, content, article, map_hash, kind, reason, passing, number, first, first_name in rows:
            failure = None if kind is None else Failure(kind, reason, bool(passing))
            twin = role == ARTICLE and first is not None and first < number
            same_as = first_name or (self._first_of(content) if role == DUPLICATE else None)
            yield Entry(DUPLICATE if twin else role, name, content, article, map_hash, failure, same_as)

    def _first_of(self, content: str) -> str | None:
        row = self._one("SELECT name FROM input WHERE content = ? ORDER BY number LIMIT 1", content)
        return None if row is None else str(row[0])

    def forget_the_rest(self) -> None:
        """Remove the files of articles that the input no longer has, that failed, or that are duplicates.

        Nothing is removed where a part of the input could not be read: its articles may be there at the next call.
        """
        if self._one("SELECT 1 FROM input WHERE role = 'unreadable' AND passing LIMIT 1"):
            return
        for root, column in ((self.folder / "maps", "map"), (self.folder / "pages", "page")):
            for folder, _, names in os.walk(root):
                for name in names:
                    if not self._is_kept(name.partition(".")[0], column):
                        (Path(folder) / name).unlink()
        self._base.execute("DELETE FROM done WHERE content NOT IN (SELECT content FROM input WHERE role = 'article')")

    def _is_kept(self, stem: str, column: str) -> bool:
        row = self._one(
            "SELECT 1 FROM input JOIN done ON input.content = done.content"
            " JOIN first ON first.article = done.article AND first.number = input.number"
            f" WHERE input.content >= ? AND input.content < ? AND input.role = 'article' AND done.{column} IS NOT NULL",
            *(stem, f"{stem}~"),
        )
        return bool(stem) and row is not None

    def map_path(self, content: str) -> Path:
        """Where the map of an article lies."""
        return self.folder / "maps" / content[:2] / content[2:4] / f"{content[:24]}.json"

    def page_path(self, content: str) -> Path:
        """Where the page of an article lies."""
        return self.folder / "pages" / content[:2] / content[2:4] / f"{content[:24]}.html"

    def _one(self, query: str, *values: object) -> tuple[object, ...] | None:
        row: tuple[object, ...] | None = self._base.execute(query, values).fetchone()
        return row


def _database(path: Path) -> sqlite3.Connection:
    """Open the ledger; a torn one, or one of another layout, is begun anew: its maps are made again."""
    try:
        return _prepared(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        _remove(path)
        return _prepared(path)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _prepared(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path)
    try:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA synchronous = NORMAL")
        if base.execute("PRAGMA user_version").fetchone()[0] not in (0, LAYOUT):
            raise sqlite3.DatabaseError("another layout")
        base.executescript(_TABLES)
    except sqlite3.DatabaseError:
        base.close()
        raise
    return base


def _hash_of(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with open(partial, "wb") as stream:
            stream.write(data)
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
