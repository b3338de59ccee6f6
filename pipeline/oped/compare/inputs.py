"""The maps to compare, from files, folders and batches."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from oped.apart import Step, each_apart, limits_for
from oped.errors import FormatError
from oped.formats.problems import Problem
from oped.formats.registry import read_corpus
from oped.records import ArgumentMap

MAPS = "maps"
MAP_FILES = (".json", ".jsonl")


def read_maps(paths: Iterable[Path]) -> Iterator[ArgumentMap]:
    """Read maps one by one, in a process of its own that begins at once and is held to bounds (`oped.apart`).

    Args:
        paths: files of maps or annotations (.json, .jsonl), folders of them, or folders that `oped batch` wrote.

    Raises:
        FormatError: there is no map, or a file holds something else.
        TooCostlyError: a file takes too much time or memory.
    """
    places = [maps_at(path) for path in paths]
    return each_apart(partial(_maps, places), name=", ".join(map(str, places)), limits=limits_for(places))


def _maps(places: Iterable[Path], *, step: Step) -> Iterator[ArgumentMap]:
    for place in places:
        for file in _files(place):
            step(str(file))
            yield from read_corpus(file, "oped", report=_refuse)


def _files(place: Path) -> list[Path]:
    found = sorted(file for file in place.rglob("*") if file.suffix in MAP_FILES and file.is_file())
    return found or [place]


def maps_at(path: Path) -> Path:
    """Where the maps of a file, a folder of maps or the folder of a batch lie."""
    folder = path / MAPS
    return folder if folder.is_dir() else path


def _refuse(problem: Problem) -> None:
    raise FormatError(problem.reason, path=problem.path, place=problem.place)
