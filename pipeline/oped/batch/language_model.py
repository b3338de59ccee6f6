"""The engine of language models: articles are read in supervised processes, and many requests are on their way at once."""

import json
import queue
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from oped.batch.reading import one_line
from oped.batch.supervised import SupervisedWorker
from oped.batch.tasks import Bounds, Failure, Outcome, Settings, Task
from oped.batch.worker import dump, serve_articles
from oped.errors import BudgetError, OpedError, StoreError
from oped.llm.meter import close_model
from oped.llm.parser import LanguageModelParser
from oped.records import ArgumentMap

AHEAD = 2  # articles at hand, for each that is read at once


class LanguageModelEngine:
    """Maps articles with a language model.

    What can hang or grow, a file taken apart and its entities looked for, is done in processes that can be lost; the
    requests are threads of this one.

    Args:
        parser: the language model's; it is asked by several threads at once.
        workers: processes that read articles.

    Attributes:
        stopped: why no more articles are taken: the bound on tokens is reached, or answers can't be kept.
    """

    def __init__(self, settings: Settings, bounds: Bounds, *, parser: LanguageModelParser, workers: int) -> None:
        self.settings, self.parser = settings, parser
        self._most = AHEAD * parser.articles_at_once
        self._workers = [SupervisedWorker(settings, bounds, serve=serve_articles) for _ in range(workers)]
        self._idle: queue.SimpleQueue[SupervisedWorker] = queue.SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(parser.articles_at_once)
        self._stop = threading.Event()
        self.stopped = ""

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Outcomes as they come; after the engine has stopped, those of the articles at hand, and no more."""
        running: set[Future[Outcome | None]] = set()
        for task in tasks:
            if self._stop.is_set():
                continue  # the rest of the input is only noted
            running.add(self._threads.submit(self._map, task))
            if len(running) >= self._most:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from _whole(done)
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from _whole(done)

    def close(self) -> None:
        """End all that is under way."""
        close_model(self.parser.language_model)
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.close()

    def _map(self, task: Task) -> Outcome | None:
        """What becomes of a task; None where it is left for another run."""
        if self._stop.is_set():
            return None
        worker = self._idle.get()
        try:
            read = worker(task)
        finally:
            self._idle.put(worker)
        if read.failure is not None:
            return read
        article = ArgumentMap.from_dict(json.loads(read.map))
        try:
            amap = self.parser.parse(article.article, entities=article.entities)
        except (BudgetError, StoreError) as error:
            self.stopped = str(error)
            self._stop.set()
            return None
        except OpedError as error:
            return Outcome(task.content, failure=Failure(type(error).__name__, one_line(error), passing=True))
        except Exception as error:  # an answer that nobody foresaw costs its own article alone
            reason = f"{task.name}: expected an argument map, but reading the answer failed: {error!r}"
            return Outcome(task.content, failure=Failure("UnusableError", one_line(reason), passing=True))
        return Outcome(task.content, article.article.id, dump(amap), self._page(amap))

    def _page(self, amap: ArgumentMap) -> bytes:
        if not self.settings.pages:
            return b""
        from oped.render.page import render_page

        return render_page(amap).encode()


def _whole(done: Iterable[Future[Outcome | None]]) -> Iterator[Outcome]:
    for future in done:
        if (outcome := future.result()) is not None:
            yield outcome
