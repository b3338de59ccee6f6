"""What workers are forked from. In a process of its own, since a module is imported once."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from pathlib import Path
import oped.batch.preload
threads = len(list(Path("/proc/self/task").iterdir()))
assert threads == 1, f"{threads} threads"
assert {"spacy.tokenizer", "oped.neural.trained", "oped.batch.worker"} <= set(sys.modules)
assert not {"onnxruntime", "torch", "spacy.cli"} & set(sys.modules)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")
def test_the_process_that_workers_are_forked_from_has_one_thread_and_no_onnxruntime() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
