"""A function in a process of its own, within bounds of time and memory: what it reads may be made to hang or to grow.

The bounds on what is read from files grow with the files (`limits_for`), so that a large honest one is read, while a small
one that is made to grow is stopped soon.

On Linux the process is forked, which costs some milliseconds; elsewhere it is started anew.
"""

import contextlib
import gc
import math
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Protocol, TypeVar

from oped.errors import InputError, OpedError, TooCostlyError

T = TypeVar("T")
LOOK_SECONDS = 0.1
STEP_SECONDS = 0.5
_STEP, _ITEM, _DONE, _FAILED = "step", "item", "done", "failed"
SECONDS, MOST_SECONDS = 8.0, 60.0
SECONDS_PER_MEGABYTE = 0.2
MEMORY, MOST_MEMORY = 1 << 30, 4 << 30
MEMORY_PER_BYTE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a function may take.

    Attributes:
        seconds: of processor time between two of its steps, such as the pages of a document.
        total_seconds: from its start to its end, by the clock.
        memory: bytes of its process, beside what it begins with.
    """

    seconds: float = SECONDS
    total_seconds: float = 300.0
    memory: int = MEMORY


def limits_for(paths: Iterable[Path]) -> Limits:
    """What reading some files, or all that lie in folders, may take: the more the larger they are, from step to step.

    Eight seconds and a fifth of one for each megabyte of the largest file, up to a minute; a gigabyte and eight times the
    largest file, up to four.
    """
    size = max((_size(path) for path in paths), default=0)
    return Limits(
        seconds=min(MOST_SECONDS, SECONDS + SECONDS_PER_MEGABYTE * (size >> 20)),
        total_seconds=math.inf,
        memory=min(MOST_MEMORY, MEMORY + MEMORY_PER_BYTE * size),
    )


def _size(path: Path) -> int:
    """Bytes of a file, or of the largest in a folder; 0 where the system does not tell."""
    try:
        if path.is_dir():
            return max((_size(Path(entry.path)) for entry in os.scandir(path) if not entry.is_symlink()), default=0)
        return path.stat().st_size
    except OSError:
        return 0


class Step(Protocol):
    """What a function calls after each of its steps; `now` names what it begins, for messages."""

    def __call__(self, now: str | None = None) -> None: ...


def run_apart(function: Callable[..., T], *, name: str, limits: Limits | None = None) -> T:
    """Run a function in a process of its own.

    Args:
        function: takes `step`, a function that it calls after each of its steps (`Step`); where processes are not forked, it
            must be picklable.
        name: of what is read, for messages.

    Returns:
        What the function returns, which must be picklable.

    Raises:
        TooCostlyError: it took too much time or memory.
        InputError: it failed in a way that nobody foresaw.
        OpedError, OSError: what the function raised.
    """
    (result,) = each_apart(partial(_alone, function), name=name, limits=limits)
    return result


def _alone(function: Callable[..., T], *, step: Step) -> Iterator[T]:
    yield function(step=step)


def each_apart(function: Callable[..., Iterable[T]], *, name: str, limits: Limits | None = None) -> Iterator[T]:
    """What a function gives piece by piece, from a process of its own that begins at once; each piece is a step.

    Args:
        function: as in `run_apart`, but it returns an iterable of what is picklable.

    Raises:
        OpedError, OSError: see `run_apart`.
    """
    bounds = limits or Limits()
    context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs, function, name, bounds), daemon=True)
    inherited = own_bytes(os.getpid()) if sys.platform == "linux" else 0  # a forked process begins with all of it
    process.start()
    theirs.close()
    return _watched(ours, process, _Watch(name, bounds, inherited))


def _watched(connection: Connection, process: BaseProcess, watch: "_Watch") -> Iterator[Any]:
    try:
        yield from _await(connection, process, watch)
    finally:
        process.kill()
        process.join()
        connection.close()


def _await(connection: Connection, process: BaseProcess, watch: "_Watch") -> Iterator[Any]:
    while True:
        if connection.poll(LOOK_SECONDS):
            try:
                kind, value = connection.recv()
            except EOFError:
                process.join()
                reason = f"{watch.name}: reading it ended its process (exit code {process.exitcode})"
                raise TooCostlyError(reason) from None
            if kind == _DONE:
                return
            if kind == _FAILED:
                raise _rebuilt(value)
            if kind == _ITEM:
                yield value  # what waits behind it may name what the process reads by now
                watch.begin_step(process)
                continue
            watch.name = value or watch.name
            watch.begin_step(process)
        watch.check(process)


@dataclass(slots=True)
class _Watch:
    """The bounds that a process is held to.

    Attributes:
        name: of what it reads at the moment.
        inherited: bytes that it began with.
        spent: seconds that it had taken when its step began.
    """

    name: str
    limits: Limits
    inherited: int
    spent: float = 0.0
    began: float = field(default_factory=time.monotonic)

    def begin_step(self, process: BaseProcess) -> None:
        self.spent = _seconds_of(process.pid, self.began)

    def check(self, process: BaseProcess) -> None:
        """Raise TooCostlyError where a bound is passed."""
        if own_bytes(process.pid) - self.inherited > self.limits.memory:
            raise TooCostlyError(_too_much(self.name, self.limits))
        if _seconds_of(process.pid, self.began) - self.spent > self.limits.seconds:
            raise TooCostlyError(_too_long(self.name, self.limits.seconds))
        if time.monotonic() - self.began > self.limits.total_seconds:
            raise TooCostlyError(_too_long(self.name, self.limits.total_seconds))


def _too_long(name: str, seconds: float) -> str:
    return f"{name}: expected an input that is read within bounds, this one took over {seconds:g} s"


def _too_much(name: str, limits: Limits) -> str:
    return (
        f"{name}: expected an input that is read within bounds, this one took over {limits.memory >> 20} MB of memory"
    )


def _answer(connection: Connection, function: Callable[..., Iterable[Any]], name: str, limits: Limits) -> None:
    """Main function of the process."""
    # Garbage of the process that it was forked from is not this one's to collect: what ends with it may wait for threads
    # that were not forked, for ever.
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    _set_limits(limits)
    last = time.monotonic()

    def step(now: str | None = None) -> None:
        nonlocal last, name
        name = now or name
        if now is not None or time.monotonic() - last > STEP_SECONDS:
            last = time.monotonic()
            connection.send((_STEP, now))

    try:
        for item in function(step=step):
            connection.send((_ITEM, item))
        answer: tuple[str, Any] = (_DONE, None)
    except OSError as error:
        answer = (_FAILED, error)
    except OpedError as error:
        answer = (_FAILED, (type(error), str(error)))
    except MemoryError:
        answer = (_FAILED, (TooCostlyError, _too_much(name, limits)))
    except Exception as error:  # what the libraries that take a file apart raise on one that nobody foresaw
        reason = f"{name}: expected an input that can be read, but reading it failed: {error!r}"
        answer = (_FAILED, (InputError, " ".join(reason.split())[:500]))
    with contextlib.suppress(BrokenPipeError):
        connection.send(answer)


def _set_limits(limits: Limits) -> None:
    """Let the system itself stop what outruns the eyes of the other process."""
    with contextlib.suppress(ImportError, ValueError, OSError, OverflowError):
        import resource

        if math.isfinite(limits.total_seconds):
            resource.setrlimit(resource.RLIMIT_CPU, (int(limits.total_seconds) + 60,) * 2)
        mapped, _, _ = _memory_of(os.getpid())  # what it has at the moment, of which much is never touched
        resource.setrlimit(resource.RLIMIT_AS, (mapped + 8 * limits.memory,) * 2)


def _rebuilt(value: OSError | tuple[type[OpedError], str]) -> Exception:
    """An error of the other process, with its message."""
    if isinstance(value, OSError):
        return value
    kind, message = value
    return kind.__new__(kind, message)


def _seconds_of(pid: int | None, began: float) -> float:
    """Processor time of a process; where the system does not tell, the time since it began."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return time.monotonic() - began
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def own_bytes(pid: int | None) -> int:
    """Resident bytes of a process that are no file's, such as those of libraries; 0 where the system does not tell.

    A forked process has those of its parent, but not all of the files' pages that the parent has touched.
    """
    _, resident, shared = _memory_of(pid)
    return resident - shared


def resident_bytes(pid: int | None) -> int:
    """Resident bytes of a process; 0 where the system does not tell."""
    return _memory_of(pid)[1]


def _memory_of(pid: int | None) -> tuple[int, int, int]:
    """Bytes of address space of a process, those resident, and of these those of files; 0 where the system does not tell."""
    try:
        mapped, resident, shared, *_ = map(int, Path(f"/proc/{pid}/statm").read_text().split())
    except OSError:
        return 0, 0, 0
    page = os.sysconf("SC_PAGE_SIZE")
    return mapped * page, resident * page, shared * page


def end_with_parent() -> None:
    """End this process, whatever it is at, when the one that started it has ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
