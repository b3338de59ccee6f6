"""Locks of files: one process at a time."""

from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from oped.errors import OpedError


def lock_file(path: Path, *, taken: str, seconds: float = 0.0) -> BaseFileLock:
    """Lock a file, made where it is missing, until the lock is released or the process ends.

    Args:
        taken: what to say where another process has it.
        seconds: to wait for it.

    Raises:
        OpedError: another process has it.
    """
    lock = FileLock(path, timeout=seconds, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise OpedError(taken) from None
    return lock
