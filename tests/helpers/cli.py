"""The command line in tests: as a process of its own, and in this one where the process is not what is tested."""

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from oped.commands import main

Done = subprocess.CompletedProcess[bytes]


def run(*arguments: str | Path, stdin: bytes = b"") -> Done:
    """What `oped` does in a process of its own, which costs its start."""
    command = [sys.executable, "-m", "oped", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def call(*arguments: str | Path, stdin: bytes = b"") -> Done:
    """What `oped` does, in this process: the same entry point, streams of bytes and exit code."""
    words = ["oped", *map(str, arguments)]
    given = io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin)), encoding="utf-8")  # type: ignore[arg-type]
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        patch.object(sys, "argv", words),
        patch.object(sys, "stdin", given),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
            code = 0
        except SystemExit as done:
            code = int(done.code or 0)
        out.flush()
        err.flush()
    texts = [stream.buffer.getvalue() for stream in (out, err)]  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(words, code, *texts)
