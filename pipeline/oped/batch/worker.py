"""What a worker does: read an article, map it, give the map as JSON; and the process that does it for a supervisor."""

import contextlib
import json
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection

from threadpoolctl import threadpool_limits

from oped.apart import end_with_parent
from oped.batch.reading import one_line, read_task
from oped.batch.tasks import Failure, Outcome, Settings, Task
from oped.errors import EndpointError, InputError, OpedError
from oped.language.lean import import_spacy_lean
from oped.records import ArgumentMap, Article

READY = "ready"


class ArticleMapper:
    """Maps tasks one by one with an argument parser of its own.

    Raises:
        ModelError: there is no such model or scheme.
    """

    def __init__(self, settings: Settings) -> None:
        from oped.parsers import open_parser

        self.settings = settings
        self.parser = open_parser(
            settings.model,
            scheme=settings.scheme,
            threads=1,
            entities=settings.entities,
            device=settings.device,
            **settings.options,
        )

    def __call__(self, task: Task) -> Outcome:
        """Map a task; an article that can't be read is a failure, not an error."""
        try:
            return self._map(task)
        except InputError as error:
            return Outcome(task.content, failure=Failure(type(error).__name__, one_line(error)))
        except EndpointError as error:
            return Outcome(task.content, failure=Failure(type(error).__name__, one_line(error), passing=True))
        except (OSError, MemoryError) as error:
            reason = f"{task.name}: expected an article, but it can't be read now: {error!r}"
            return Outcome(task.content, failure=Failure("ReadError", one_line(reason), passing=True))
        except Exception as error:  # what the libraries that take a file apart raise on one that nobody foresaw
            reason = f"{task.name}: expected an article, but mapping it failed: {error!r}"
            return Outcome(task.content, failure=Failure("UnreadableError", one_line(reason)))

    def _map(self, task: Task) -> Outcome:
        article = read_task(task, self.settings.max_characters)
        amap = self.parse(article)
        page = self._page(amap) if self.settings.pages else b""
        return Outcome(task.content, article.id, dump(amap), page)

    def parse(self, article: Article) -> ArgumentMap:
        """The map of an article."""
        return self.parser.parse(article)

    def _page(self, amap: ArgumentMap) -> bytes:
        from oped.render.page import render_page

        return render_page(amap).encode()


def dump(amap: ArgumentMap) -> bytes:
    """The map as compact JSON, a line."""
    return json.dumps(amap.to_dict(), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class ArticleReader(ArticleMapper):
    """Reads tasks one by one: their maps have the article and its entities, and no components yet."""

    def __init__(self, settings: Settings) -> None:
        from oped.parsers import entity_finder

        self.settings = replace(settings, pages=False)
        self.find_entities = entity_finder(threads=1) if settings.entities else lambda article: ()

    def parse(self, article: Article) -> ArgumentMap:
        """The article with its entities."""
        return ArgumentMap(article, entities=self.find_entities(article))


def serve(
    connection: Connection, settings: Settings, make: Callable[[Settings], ArticleMapper] = ArticleMapper
) -> None:
    """Answer the tasks that come through a connection until it is closed; the main function of a worker process.

    Args:
        make: makes what answers them.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    if settings.entities or make is not ArticleReader:
        import_spacy_lean()
    threadpool_limits(limits=1)  # numpy's own threads would wait for one another on the processors of other workers
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            mapper = make(settings)
        except OpedError as error:
            connection.send(str(error))
            return
        connection.send(READY)
        while True:
            task = connection.recv()
            connection.send(mapper(task))


def serve_articles(connection: Connection, settings: Settings) -> None:
    """As `serve`, for articles that are read and not mapped."""
    serve(connection, settings, ArticleReader)
