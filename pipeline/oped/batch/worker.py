"""What a worker does: read an article, map it, give the map as JSON; and the process that does it for a supervisor."""

import json
import signal
from multiprocessing.connection import Connection

from oped.batch.tasks import Failure, Outcome, Settings, Task
from oped.errors import InputError
from oped.records import ArgumentMap, Article

READY = "ready"


class ArticleMapper:
    """Maps tasks one by one with a pipeline of its own.

    Raises:
        ModelError: there is no such model or scheme.
    """

    def __init__(self, settings: Settings) -> None:
        from oped.api import load

        self.settings = settings
        self.nlp = load(
            settings.model, scheme=settings.scheme, threads=1, entities=settings.entities, device=settings.device
        )

    def __call__(self, task: Task) -> Outcome:
        """Map a task; an article that can't be read is a failure, not an error."""
        from oped.api import map_article

        try:
            article = read_task(task, self.settings.max_characters)
        except InputError as error:
            return Outcome(task.content, failure=Failure(type(error).__name__, one_line(error)))
        except (
            RecursionError,
            MemoryError,
            ValueError,
            ArithmeticError,
            LookupError,
            AttributeError,
            TypeError,
        ) as error:
            # What the libraries that take a file apart raise on one that nobody foresaw.
            reason = f"{task.name}: expected an article, but reading it failed: {error!r}"
            return Outcome(task.content, failure=Failure("UnreadableError", one_line(reason)))
        with self.nlp.memory_zone():
            amap = map_article(article, nlp=self.nlp)
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
        InputError: it can't be read.
    """
    from oped.ingest.read import article_from_bytes, kind_of, read_article
    from oped.ingest.tables import article_of_row

    if task.row is not None:
        row = {**task.row, "id": task.id} if task.id else task.row
        return article_of_row(row, task.name, max_characters)
    assert task.path is not None
    if "://" not in task.path:
        return read_article(task.path, name=task.name, max_characters=max_characters)
    import fsspec

    with fsspec.open(task.path, "rb") as stream:
        data = stream.read()
    return article_from_bytes(data, kind=kind_of(task.path, data), name=task.name, max_characters=max_characters)


def one_line(reason: object) -> str:
    """A message without line breaks."""
    return " ".join(str(reason).split())[:500]


def serve(connection: Connection, settings: Settings) -> None:
    """Answer the tasks that come through a connection until it is closed; the main function of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        mapper = ArticleMapper(settings)
        connection.send(READY)
        while True:
            connection.send(mapper(connection.recv()))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
