"""Importing spaCy without what oped does not run of it: its command line, and torch."""

import sys
from types import ModuleType
from typing import Any

COMMAND_LINE = "spacy.cli"


def import_spacy_lean() -> None:
    """Import spaCy as if torch were not installed, and without spaCy's command line.

    spaCy imports torch wherever it finds it, which costs a process a second and some 200 MB, and its command line for the
    one function `spacy.info`, which costs a third of a second. Either can be imported later as usual. For processes that are
    oped's alone: in one that has spaCy or torch already, nothing is done.
    """
    if "spacy" in sys.modules or "torch" in sys.modules:
        return
    stand_ins = {"torch": None, COMMAND_LINE: _package(), f"{COMMAND_LINE}.info": _module_with_info()}
    sys.modules.update(stand_ins)  # type: ignore[arg-type] # None is how Python marks a module as not to be found
    try:
        import spacy  # noqa: F401
    finally:
        for name in stand_ins:
            del sys.modules[name]


def _package() -> ModuleType:
    package = ModuleType(COMMAND_LINE)
    package.__path__ = []
    return package


def _module_with_info() -> ModuleType:
    module = ModuleType(f"{COMMAND_LINE}.info")
    module.info = _info  # type: ignore[attr-defined]
    return module


def _info(*args: Any, **options: Any) -> Any:
    """What `spacy.info` is: the function of the command line, imported when it is called."""
    from spacy.cli.info import info

    return info(*args, **options)
