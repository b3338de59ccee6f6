"""Scripts of `benchmarks/`, which are no package, as modules."""

import importlib
import sys
from types import ModuleType

import pytest

from tests.conftest import ROOT


def load_script(name: str) -> ModuleType:
    """A script as a module, with those beside it at hand; what wants one that is not there is skipped."""
    folder = ROOT / "benchmarks"
    if not (folder / f"{name}.py").is_file():
        pytest.skip("the scripts are no part of an installation")
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return importlib.import_module(name)
