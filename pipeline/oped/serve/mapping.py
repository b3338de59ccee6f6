"""Maps the articles that wait in the library, one after another, in a worker process that can be lost."""

import contextlib
import json
import logging
import tempfile
import threading
from pathlib import Path

from oped.batch.reading import content_of, one_line
from oped.batch.supervised import SupervisedWorker
from oped.batch.tasks import Bounds, Settings, Task
from oped.serve.library import Library, Waiting

IDLE_SECONDS = 1.0
PAUSE_SECONDS = 20.0  # after a fault that is not the article's
_log = logging.getLogger(__name__)


class MappingThread:
    """Works through the queue of a library until it is stopped.

    Args:
        bounds: what one article may cost.

    Attributes:
        problem: why nothing can be mapped now, where that is so.
    """

    def __init__(self, library: Library, settings: Settings, bounds: Bounds) -> None:
        self.library = library
        self._worker = SupervisedWorker(settings, bounds)
        self._more, self._stop = threading.Event(), False
        self.problem: str | None = None
        self._thread = threading.Thread(target=self._run, name="oped-mapping", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Tell that there is something to map."""
        self._more.set()

    def stop(self) -> None:
        """End after the article at hand, which stays queued if it can't be finished."""
        self._stop = True
        self._more.set()
        self._worker.close()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop:
            try:
                waiting = self.library.take()
                if waiting is None:
                    self._rest(IDLE_SECONDS)
                    continue
                self._map(waiting)
                self.problem = None
            except (
                Exception
            ) as error:  # a full disk, a locked library, a worker that can't start: not the article's fault
                self._give_back(error)

    def _rest(self, seconds: float) -> None:
        self._more.wait(seconds)
        self._more.clear()

    def _give_back(self, error: Exception) -> None:
        """Queue what was at hand again, say why, and try later."""
        if not self._stop:
            self.problem = one_line(error)
            _log.error("articles can't be mapped now: %s", self.problem)
        with contextlib.suppress(Exception):
            self.library.requeue()
        if not self._stop:
            self._rest(PAUSE_SECONDS)

    def _map(self, waiting: Waiting) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path, content = None, waiting.id
            if waiting.data is not None:
                file = Path(folder) / f"article{waiting.suffix}"
                file.write_bytes(waiting.data)
                path = str(file)
                content = content_of(path, [waiting.data])
            task = Task(content, waiting.name, path=path, row=None if path else waiting.row)
            outcome = self._worker(task)
        if self._stop and (outcome.failure is None or outcome.failure.passing):
            self.library.requeue()
        elif outcome.failure:
            self.library.fail(waiting.id, outcome.failure.reason, again=outcome.failure.passing)
        else:
            amap = json.loads(outcome.map)
            if waiting.data is not None:
                amap["article"] |= waiting.row or {}
            self.library.finish(waiting.id, amap)
