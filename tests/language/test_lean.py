"""In a process of its own, since a module is imported once."""

import subprocess
import sys

import pytest


def test_spacy_comes_without_torch_and_torch_can_come_later() -> None:
    pytest.importorskip("torch")
    code = (
        "import sys; from oped.language.lean import import_spacy_lean; import_spacy_lean();"
        "import spacy; assert 'torch' not in sys.modules; import torch; assert torch.ones(1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
