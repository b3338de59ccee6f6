"""A function in a process of its own, within bounds of time and memory: what it reads may be made to hang or to grow.

On Linux the process is forked, which costs some milliseconds; elsewhere it is started anew.
"""

import contextlib
import math
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

from oped.errors import InputError, OpedError, TooCostlyError

T = TypeVar("T")
LOOK_SECONDS = 0.1
STEP_SECONDS = 0.5
_STEP, _DONE, _FAILED = "step", "done", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a function may take.

    Attributes:
        seconds: of processor time between two of its steps, such as the pages of a document.
        total_seconds: from its start to its end, by the clock.
        memory: bytes of its process.
    """

    seconds: float = 10.0
    total_seconds: float = 300.0
    memory: int = 1 << 30


def run_apart(function: Callable[..., T], *, name: str, limits: Limits | None = None) -> T:
    """Run a function in a process of its own.

    Args:
        function: takes `step`, a function that it calls after each of its steps; where processes are not forked, it must
            be picklable.
        name: of what is read, for messages.

    Returns:
        What the function returns, which must be picklable.

    Raises:
        TooCostlyError: it took too much time or memory.
        InputError: it failed in a way that nobody foresaw.
        OpedError, OSError: what the function raised.
    """
    bounds = limits or Limits()
    context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs, function, name, bounds), daemon=True)
    process.start()
    theirs.close()
    try:
        result: T = _await(ours, process, name, bounds)
        return result
    finally:
        process.kill()
        process.join()
        ours.close()


def _await(connection: Connection, process: BaseProcess, name: str, limits: Limits) -> Any:
    began, spent = time.monotonic(), 0.0
    while True:
        if connection.poll(LOOK_SECONDS):
            try:
                kind, value = connection.recv()
            except EOFError:
                process.join()
                raise TooCostlyError(f"{name}: reading it ended its process (exit code {process.exitcode})") from None
            if kind == _DONE:
                return value
            if kind == _FAILED:
                raise _rebuilt(value)
            spent = _seconds_of(process.pid, began)
        if resident_bytes(process.pid) > limits.memory:
            raise TooCostlyError(_too_much(name, limits))
        if _seconds_of(process.pid, began) - spent > limits.seconds:
            raise TooCostlyError(_too_long(name, limits.seconds))
        if time.monotonic() - began > limits.total_seconds:
            raise TooCostlyError(_too_long(name, limits.total_seconds))


def _too_long(name: str, seconds: float) -> str:
    return f"{name}: expected an input that is read within bounds, this one took over {seconds:g} s"


def _too_much(name: str, limits: Limits) -> str:
    return (
        f"{name}: expected an input that is read within bounds, this one took over {limits.memory >> 20} MB of memory"
    )


def _answer(connection: Connection, function: Callable[..., Any], name: str, limits: Limits) -> None:
    """Main function of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    _set_limits(limits)
    last = time.monotonic()

    def step() -> None:
        nonlocal last
        if time.monotonic() - last > STEP_SECONDS:
            last = time.monotonic()
            connection.send((_STEP, None))

    try:
        answer: tuple[str, Any] = (_DONE, function(step=step))
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
        resource.setrlimit(resource.RLIMIT_AS, (8 * limits.memory,) * 2)


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


def resident_bytes(pid: int | None) -> int:
    """Resident bytes of a process; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def end_with_parent() -> None:
    """End this process, whatever it is at, when the one that started it has ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
