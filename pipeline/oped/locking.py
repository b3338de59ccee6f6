"""One process at a time."""

import fcntl
from pathlib import Path
from typing import IO

from oped.errors import OpedError


def lock_file(path: Path, *, taken: str) -> IO[str]:
    """Lock a file, made where it is missing, for as long as it stays open.

    Args:
        taken: what to say where another process has it.

    Raises:
        OpedError: another process has it.
    """
    lock = open(path, "w")  # noqa: SIM115 - held until it is closed
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise OpedError(taken) from None
    return lock
