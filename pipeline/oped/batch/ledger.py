"""The memory of a batch folder: what its input is, and what became of each article; and its maps, each whole or not there.

The ledger is an SQLite database, so that it survives a kill at any moment and does not grow in memory. A map is believed
only while its file has the hash that was written down with it.
"""

import contextlib
import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from oped.batch.tasks import Failure, Outcome, Task
from oped.errors import OpedError

STATE = ".oped"
ARTICLE, DUPLICATE, UNREADABLE = "article", "duplicate", "unreadable"
_TABLES = """
CREATE TABLE IF NOT EXISTS done (
    content TEXT PRIMARY KEY, run TEXT, name TEXT, given TEXT, article TEXT, map TEXT, page TEXT,
    kind TEXT, reason TEXT, passing INTEGER
);
CREATE TABLE IF NOT EXISTS input (
    number INTEGER PRIMARY KEY, role TEXT, name TEXT, content TEXT, given TEXT, kind TEXT, reason TEXT
);
CREATE INDEX IF NOT EXISTS done_article ON done (article);
CREATE INDEX IF NOT EXISTS input_content ON input (content);
CREATE INDEX IF NOT EXISTS input_given ON input (given);
DELETE FROM input;
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one article of the input, in the order of the input."""

    role: str
    name: str
    content: str | None
    article_id: str | None
    map_hash: str | None
    failure: Failure | None


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
        self._lock = open(state / "lock", "w")  # noqa: SIM115
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise OpedError(
                f"{folder}: another oped batch is at work in this folder; wait for it or name another"
            ) from None
        self._base = _database(state / "ledger.sqlite")

    def close(self) -> None:
        """Write down everything and let the folder go."""
        self._base.commit()
        self._base.close()
        self._lock.close()

    def commit(self) -> None:
        """Write down what was noted."""
        self._base.commit()

    def unreadable(self, name: str, failure: Failure) -> None:
        """Note a part of the input that is no article."""
        values = (UNREADABLE, name, None, None, failure.kind, failure.reason)
        self._note("INSERT INTO input (role, name, content, given, kind, reason) VALUES (?, ?, ?, ?, ?, ?)", values)

    def enter(self, task: Task) -> Task | None:
        """Note an article of the input.

        Returns:
            The task to run, with an id that no earlier article has; None where the article is a duplicate or done.
        """
        twin = self._one("SELECT 1 FROM input WHERE content = ? LIMIT 1", task.content)
        role, given = (DUPLICATE, None) if twin else (ARTICLE, self._free_id(task.id))
        self._note(
            "INSERT INTO input (role, name, content, given) VALUES (?, ?, ?, ?)", (role, task.name, task.content, given)
        )
        if twin or self._is_done(task, given):
            return None
        return Task(task.content, task.name, task.path, task.row, given)

    def _free_id(self, given: str | None) -> str | None:
        name, number = given, 1
        while name is not None and self._one("SELECT 1 FROM input WHERE given = ? LIMIT 1", name):
            number += 1
            name = f"{given}~{number}"
        return name

    def _is_done(self, task: Task, given: str | None) -> bool:
        row = self._one("SELECT run, name, given, map, page, passing FROM done WHERE content = ?", task.content)
        if row is None or tuple(row[:3]) != (self.run, task.name, given) or row[5]:
            return False
        files = ((row[3], self.map_path(task.content)), (row[4], self.page_path(task.content)))
        return all(_hash_of(path) == known for known, path in files if known)

    def record(self, outcome: Outcome) -> None:
        """Keep the map of an article, or why it has none."""
        content, why = outcome.content, outcome.failure
        files = ((outcome.map, self.map_path(content)), (outcome.page, self.page_path(content)))
        for data, path in files:
            if data:
                _write_whole(path, data)
        hashes = [hashlib.sha256(data).hexdigest() if data else None for data, _ in files]
        failure = (why.kind, why.reason, int(why.passing)) if why else (None, None, 0)
        self._note(
            "INSERT OR REPLACE INTO done SELECT content, ?, name, given, ?, ?, ?, ?, ?, ? FROM input"
            " WHERE content = ? AND role = 'article'",
            (self.run, outcome.article_id, *hashes, *failure, content),
        )
        self.commit()

    def entries(self) -> Iterator[Entry]:
        """The whole input, in its order; an article whose text another one has that came before it is its duplicate."""
        rows = self._base.execute(
            "SELECT input.role, input.name, input.content, done.article, done.map,"
            " coalesce(input.kind, done.kind), coalesce(input.reason, done.reason), coalesce(done.passing, 0), input.number"
            " FROM input LEFT JOIN done ON input.content = done.content ORDER BY input.number"
        )
        for role, name, content, article, map_hash, kind, reason, passing, number in rows:
            failure = None if kind is None else Failure(kind, reason, bool(passing))
            twin = role == ARTICLE and article is not None and self._earlier(article, number)
            yield Entry(DUPLICATE if twin else role, name, content, article, map_hash, failure)

    def _earlier(self, article: str, number: int) -> bool:
        """Whether an article of the same text stands before this place of the input."""
        found = self._one(
            "SELECT min(input.number) FROM done JOIN input ON input.content = done.content"
            " WHERE done.article = ? AND input.role = 'article'",
            article,
        )
        return found is not None and int(str(found[0])) < number

    def name_of_first(self, entry: Entry) -> str | None:
        """Name of the first article of the input with the content, or the text, of this one."""
        column, value = ("done.article", entry.article_id) if entry.article_id else ("input.content", entry.content)
        row = self._one(
            "SELECT input.name FROM input LEFT JOIN done ON input.content = done.content"
            f" WHERE {column} = ? AND input.role = 'article' ORDER BY input.number LIMIT 1",
            value,
        )
        return None if row is None else str(row[0])

    def forget_the_rest(self) -> None:
        """Remove the files of articles that the input no longer has, that failed, or that are duplicates."""
        for root in (self.folder / "maps", self.folder / "pages"):
            for folder, _, names in os.walk(root):
                for name in names:
                    if not self._is_kept(name.partition(".")[0]):
                        (Path(folder) / name).unlink()
        self._base.execute("DELETE FROM done WHERE content NOT IN (SELECT content FROM input WHERE role = 'article')")

    def _is_kept(self, stem: str) -> bool:
        row = self._one(
            "SELECT done.article, input.number FROM input JOIN done ON input.content = done.content"
            " WHERE input.content >= ? AND input.content < ? AND input.role = 'article' AND done.map IS NOT NULL",
            *(stem, f"{stem}~"),
        )
        return bool(stem) and row is not None and not self._earlier(str(row[0]), int(str(row[1])))

    def map_path(self, content: str) -> Path:
        """Where the map of an article lies."""
        return self.folder / "maps" / content[:2] / content[2:4] / f"{content[:24]}.json"

    def page_path(self, content: str) -> Path:
        """Where the page of an article lies."""
        return self.folder / "pages" / content[:2] / content[2:4] / f"{content[:24]}.html"

    def _one(self, query: str, *values: object) -> tuple[object, ...] | None:
        row: tuple[object, ...] | None = self._base.execute(query, values).fetchone()
        return row

    def _note(self, query: str, values: tuple[object, ...]) -> None:
        self._base.execute(query, values)


def _database(path: Path) -> sqlite3.Connection:
    """Open the ledger; a torn one is begun anew, which costs time and loses no map that can be made again."""
    try:
        return _prepared(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "disk" in str(error):
            raise
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + suffix).unlink()
        return _prepared(path)


def _prepared(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path)
    try:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA synchronous = NORMAL")
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
