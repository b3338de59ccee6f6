"""The maps to compare, from files, folders and batches."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from oped.errors import FormatError
from oped.formats.problems import Problem
from oped.formats.registry import read_corpus
from oped.records import ArgumentMap

MAPS = "maps"
MAP_FILES = (".json", ".jsonl")


def read_maps(paths: Iterable[Path]) -> Iterator[ArgumentMap]:
    """Read maps one by one.

    Args:
        paths: files of maps or annotations (.json, .jsonl), folders of them, or folders that `oped batch` wrote.

    Raises:
        FormatError: there is no map, or a file holds something else.
    """
    for path in paths:
        yield from read_corpus(maps_at(path), "oped", report=_refuse)


def maps_at(path: Path) -> Path:
    """Where the maps of a file, a folder of maps or the folder of a batch lie."""
    folder = path / MAPS
    return folder if folder.is_dir() else path


def _refuse(problem: Problem) -> None:
    raise FormatError(problem.reason, path=problem.path, place=problem.place)
