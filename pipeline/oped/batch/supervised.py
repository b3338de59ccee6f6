"""A worker process that can be lost: an article that crashes it, hangs it or fills its memory costs itself alone."""

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from oped.batch.tasks import Bounds, Failure, Outcome, Settings, Task
from oped.batch.worker import READY, serve
from oped.errors import OpedError

START_SECONDS = 300.0
LOOK_SECONDS = 0.2
TRIES = 2
Serve = Callable[[Connection, Settings], None]


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

    def __call__(self, task: Task) -> Outcome:
        """Map a task within the bounds.

        Raises:
            OpedError: the worker can't even start.
        """
        failure = None
        for _ in range(TRIES):
            try:
                return self._once(task)
            except _LostError as lost:
                failure = lost.failure
                self.close()
        return Outcome(task.content, failure=failure)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None

    def _once(self, task: Task) -> Outcome:
        connection = self._connection or self._start()
        try:
            connection.send(task)
        except OSError:
            raise self._died(task) from None
        deadline = time.monotonic() + self.bounds.seconds
        while not connection.poll(LOOK_SECONDS):
            if time.monotonic() > deadline:
                reason = f"{task.name}: took longer than {self.bounds.seconds:g} s"
                raise _LostError(Failure("TimeoutError", reason, passing=True))
            if self._memory() > self.bounds.memory:
                reason = f"{task.name}: its worker took more than {self.bounds.memory >> 20} MB of memory"
                raise _LostError(Failure("MemoryError", reason, passing=True))
        try:
            outcome: Outcome = connection.recv()
        except (EOFError, OSError):
            raise self._died(task) from None
        return outcome

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=self._serve, args=(theirs, self.settings), daemon=True)
        process.start()
        theirs.close()
        self._process, self._connection = process, ours
        if ours.poll(START_SECONDS):
            try:
                if ours.recv() == READY:
                    return ours
            except EOFError:
                process.join()
        raise OpedError(f"a worker did not start (exit code {process.exitcode}); its own message stands above")

    def _died(self, task: Task) -> _LostError:
        assert self._process is not None
        self._process.join(START_SECONDS)
        return _LostError(
            Failure("CrashError", f"{task.name}: its worker died (exit code {self._process.exitcode})", passing=True)
        )

    def _memory(self) -> int:
        """Resident bytes of the process; 0 where the system does not tell."""
        assert self._process is not None
        try:
            fields = Path(f"/proc/{self._process.pid}/statm").read_text().split()
        except OSError:
            return 0
        return int(fields[1]) * 4096
