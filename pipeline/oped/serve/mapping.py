"""Maps the articles that wait in the library, one after another, in a worker process that can be lost."""

import json
import tempfile
import threading
from pathlib import Path

from oped.batch.supervised import SupervisedWorker
from oped.batch.tasks import Bounds, Settings, Task
from oped.batch.worker import content_of
from oped.errors import OpedError
from oped.serve.library import Library, Waiting

IDLE_SECONDS = 1.0


class MappingThread:
    """Works through the queue of a library until it is stopped.

    Args:
        bounds: what one article may cost.
    """

    def __init__(self, library: Library, settings: Settings, bounds: Bounds) -> None:
        self.library = library
        self._worker = SupervisedWorker(settings, bounds)
        self._more, self._stop = threading.Event(), False
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
            waiting = self.library.take()
            if waiting is None:
                self._more.wait(IDLE_SECONDS)
                self._more.clear()
            else:
                self._map(waiting)

    def _map(self, waiting: Waiting) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path, content = None, waiting.id
            if waiting.data is not None:
                file = Path(folder) / f"article{waiting.suffix}"
                file.write_bytes(waiting.data)
                path = str(file)
                content = content_of(path, [waiting.data])
            task = Task(content, waiting.name, path=path, row=None if path else waiting.row)
            try:
                outcome = self._worker(task)
            except OpedError as error:
                self.library.fail(waiting.id, str(error))
                return
        if self._stop:
            return
        if outcome.failure:
            self.library.fail(waiting.id, outcome.failure.reason)
        else:
            amap = json.loads(outcome.map)
            if waiting.data is not None:
                amap["article"] |= waiting.row or {}
            self.library.finish(waiting.id, amap)
