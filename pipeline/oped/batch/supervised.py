"""A worker process that can be lost: an article that crashes it, hangs it or fills its memory costs itself alone."""

import multiprocessing
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from oped.apart import resident_bytes
from oped.batch.tasks import Bounds, Failure, Outcome, Settings, Task
from oped.batch.worker import READY, serve
from oped.errors import OpedError

START_SECONDS = 300.0
END_SECONDS = 5.0
LOOK_SECONDS = 0.2
TRIES = 2
PRELOADED = "oped.batch.preload"
Serve = Callable[[Connection, Settings], None]


def worker_context() -> Any:
    """How workers are started: on Linux forked from a process that has imported what they need, elsewhere anew."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])  # does nothing once that process is there
    return context


class _LostError(Exception):
    """The worker is gone; why, as a failure of the article it had."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure


class SupervisedWorker:
    """Runs tasks in a process of its own, which it watches and starts anew when it is lost.

    A task whose worker was lost is tried once more, since the fault may not have been the article's.

    Args:
        serve: main function of the process.
    """

    def __init__(self, settings: Settings, bounds: Bounds, *, serve: Serve = serve) -> None:
        self.settings, self.bounds, self._serve = settings, bounds, serve
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None
        self._lock, self._closed = threading.Lock(), False

    def __call__(self, task: Task) -> Outcome:
        """Map a task within the bounds.

        Raises:
            OpedError: the worker can't even start, or was closed.
        """
        failure = None
        for _ in range(TRIES):
            try:
                return self._once(task)
            except _LostError as lost:
                failure = lost.failure
                self._end()
        return Outcome(task.content, failure=failure)

    def close(self) -> None:
        """End the process, and with it what it is at, for good."""
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None:
            process.kill()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None

    def _once(self, task: Task) -> Outcome:
        connection, process = self._started()
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        # A stopped process would hold up sending and receiving too, so the clock runs apart from both.
        clock = threading.Timer(self.bounds.seconds, end)
        clock.daemon = True
        clock.start()
        try:
            connection.send(task)
            while not connection.poll(LOOK_SECONDS):
                if resident_bytes(process.pid) > self.bounds.memory:
                    reason = f"{task.name}: its worker took more than {self.bounds.memory >> 20} MB of memory"
                    raise _LostError(Failure("MemoryError", reason, passing=True))
            outcome: Outcome = connection.recv()
        except (EOFError, OSError):
            raise _LostError(self._why(task, process, late)) from None
        finally:
            clock.cancel()
        return outcome

    def _why(self, task: Task, process: multiprocessing.process.BaseProcess, late: threading.Event) -> Failure:
        if late.is_set():
            reason = f"{task.name}: took longer than {self.bounds.seconds:g} s"
            return Failure("TimeoutError", reason, passing=True)
        process.join(END_SECONDS)
        return Failure("CrashError", f"{task.name}: its worker died (exit code {process.exitcode})", passing=True)

    def _started(self) -> tuple[Connection, multiprocessing.process.BaseProcess]:
        reason = ""
        for _ in range(TRIES):
            if self._connection is None or self._process is None:
                self._start()
                assert self._connection is not None and self._process is not None
                reason = self._greeting(self._connection, self._process)
            if not reason:
                return self._connection, self._process
            self._end()
        raise OpedError(reason)

    def _start(self) -> None:
        context = worker_context()
        ours, theirs = context.Pipe()
        with self._lock:
            if self._closed:
                raise OpedError("the worker was closed")
            process = context.Process(target=self._serve, args=(theirs, self.settings), daemon=True)
            process.start()
            self._process, self._connection = process, ours
        theirs.close()

    @staticmethod
    def _greeting(connection: Connection, process: multiprocessing.process.BaseProcess) -> str:
        """Why a worker did not start; empty where it is ready."""
        try:
            if connection.poll(START_SECONDS):
                said = connection.recv()
                return "" if said == READY else str(said)
        except (EOFError, OSError):
            process.join(END_SECONDS)
        return f"a worker did not start (exit code {process.exitcode})"
