"""The engine of one machine: a pool of supervised worker processes, each with a thread that feeds it."""

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from oped.batch.supervised import Serve, SupervisedWorker
from oped.batch.tasks import Bounds, Outcome, Settings, Task
from oped.batch.worker import serve

WAITING = 4  # tasks for each worker that are taken from the input ahead of time


class LocalEngine:
    """Maps articles in worker processes of this machine.

    Args:
        workers: processes; each uses one thread.
    """

    def __init__(self, settings: Settings, bounds: Bounds, *, workers: int, serve: Serve = serve) -> None:
        self.settings, self.bounds, self.workers, self.serve = settings, bounds, workers, serve
        self._own: Any = threading.local()
        self._all: list[SupervisedWorker] = []
        self._threads = ThreadPoolExecutor(workers)

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Outcomes as they come."""
        running: set[Future[Outcome]] = set()
        for task in tasks:
            running.add(self._threads.submit(self._map, task))
            if len(running) >= WAITING * self.workers:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)

    def close(self) -> None:
        """End all workers, and what they are at."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._all:
            worker.close()

    def _map(self, task: Task) -> Outcome:
        if not hasattr(self._own, "worker"):
            self._own.worker = SupervisedWorker(self.settings, self.bounds, serve=self.serve)
            self._all.append(self._own.worker)
        outcome: Outcome = self._own.worker(task)
        return outcome
