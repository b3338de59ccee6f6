"""Importing spaCy without torch, for processes of oped's own."""

import sys


def import_spacy_lean() -> None:
    """Import spaCy as if torch were not installed.

    spaCy imports torch wherever it finds it, which costs a process a second and some 200 MB; what oped runs of spaCy needs no
    torch. For processes that are oped's alone: in one that has either of them already, nothing is done.
    """
    if "spacy" in sys.modules or "torch" in sys.modules:
        return
    sys.modules["torch"] = None  # type: ignore[assignment] # how Python marks a module as not to be found
    try:
        import spacy  # noqa: F401
    finally:
        del sys.modules["torch"]
