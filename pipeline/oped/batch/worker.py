"""What a worker does: read an article, map it, give the map as JSON; and the process that does it for a supervisor."""

import contextlib
import hashlib
import json
import signal
import threading
from collections.abc import Iterable, Iterator, Set
from multiprocessing.connection import Connection
from pathlib import PurePath
from typing import IO

from threadpoolctl import threadpool_limits

from oped.apart import end_with_parent
from oped.batch.tasks import Failure, Outcome, Settings, Task
from oped.errors import InputError, OpedError, TooLongError
from oped.language.lean import import_spacy_lean
from oped.records import ArgumentMap, Article

READY = "ready"


class ArticleMapper:
    """Maps tasks one by one with a pipeline of its own.

    Raises:
        ModelError: there is no such model or scheme.
    """

    def __init__(self, settings: Settings) -> None:
        from oped.parsers import open_parser

        self.settings = settings
        self.parser = open_parser(
            settings.model, scheme=settings.scheme, threads=1, entities=settings.entities, device=settings.device
        )

    def __call__(self, task: Task) -> Outcome:
        """Map a task; an article that can't be read is a failure, not an error."""
        try:
            return self._map(task)
        except InputError as error:
            return Outcome(task.content, failure=Failure(type(error).__name__, one_line(error)))
        except (OSError, MemoryError) as error:
            reason = f"{task.name}: expected an article, but it can't be read now: {error!r}"
            return Outcome(task.content, failure=Failure("ReadError", one_line(reason), passing=True))
        except Exception as error:  # what the libraries that take a file apart raise on one that nobody foresaw
            reason = f"{task.name}: expected an article, but mapping it failed: {error!r}"
            return Outcome(task.content, failure=Failure("UnreadableError", one_line(reason)))

    def _map(self, task: Task) -> Outcome:
        article = read_task(task, self.settings.max_characters)
        amap = self.parser.parse(article)
        page = self._page(amap) if self.settings.pages else b""
        return Outcome(task.content, article.id, dump(amap), page)

    def _page(self, amap: ArgumentMap) -> bytes:
        from oped.render.page import render_page

        return render_page(amap).encode()


def dump(amap: ArgumentMap) -> bytes:
    """The map as compact JSON, a line."""
    return json.dumps(amap.to_dict(), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read_task(task: Task, max_characters: int) -> Article:
    """The article of a task.

    Raises:
        InputError: it is no article.
        OSError: it can't be read now, or was changed since the task was made.
    """
    from oped.ingest.read import BYTES_PER_CHARACTER, article_from_bytes, kind_of
    from oped.ingest.tables import article_of_row

    if task.row is not None:
        row = {**task.row, "id": task.id} if task.id else task.row
        return article_of_row(row, task.name, max_characters)
    assert task.path is not None
    limit = BYTES_PER_CHARACTER * max_characters
    with open_file(task.path) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise TooLongError(f"{task.name}: expected at most {limit:,} bytes, found more; raise --max-characters")
    if task.content != content_of(task.path, [data]):
        raise OSError("the file was changed while the batch ran")
    return article_from_bytes(data, kind=kind_of(task.path, data), name=task.name, max_characters=max_characters)


def readable_articles(
    sources: Iterable[str], unreadable: list[tuple[str, str]], wanted: Set[int] | None = None
) -> Iterator[tuple[int, Article]]:
    """Articles that can be read, with their places in the input.

    Args:
        unreadable: takes the others.
        wanted: places to read; default: all.
    """
    from oped.batch.inputs import Inputs
    from oped.ingest.read import DEFAULT_MAX_CHARACTERS

    for place, item in enumerate(Inputs(sources)):
        if wanted is not None and place not in wanted:
            continue
        if not isinstance(item, Task):
            name, failure = item
            unreadable.append((name, failure.reason))
            continue
        try:
            yield place, read_task(item, DEFAULT_MAX_CHARACTERS)
        except Exception as error:  # what the libraries that take a file apart raise on one that nobody foresaw
            unreadable.append((item.name, one_line(error)))


def open_file(path: str) -> IO[bytes]:
    """Open a file for reading: a local one, or one that fsspec knows by its URL."""
    if "://" not in path:
        return open(path, "rb")
    import fsspec

    opened: IO[bytes] = fsspec.open(path, "rb").open()
    return opened


def content_of(path: str, blocks: Iterable[bytes]) -> str:
    """Hash of a file's ending and bytes."""
    digest = hashlib.sha256(PurePath(path).suffix.lower().encode("utf-8", "replace"))
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


def one_line(reason: object) -> str:
    """A message without line breaks."""
    return " ".join(str(reason).split())[:500]


def serve(connection: Connection, settings: Settings) -> None:
    """Answer the tasks that come through a connection until it is closed; the main function of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    import_spacy_lean()
    threadpool_limits(limits=1)  # numpy's own threads would wait for one another on the processors of other workers
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            mapper = ArticleMapper(settings)
        except OpedError as error:
            connection.send(str(error))
            return
        connection.send(READY)
        while True:
            task = connection.recv()
            connection.send(mapper(task))
