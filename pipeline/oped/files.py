"""Files that are whole or not there: what is written goes beside its target and takes its place when it is complete.

A run that fails leaves its target as it was; no output may be one of the inputs.
"""

import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from oped.errors import OutputError

KEPT = ("config.xml", "annotation.conf")  # settings of annotation tools, which people change: what is there stays
SHARED = "TypeSystem.xml"  # which other files of its folder need as it is


@contextmanager
def write_beside(target: Path, *, inputs: Iterable[Path] = ()) -> Iterator[Path]:
    """Give the path to write to, and put what was written there, file or folder, in the target's place at the end.

    The path lies in a folder of its own on the target's file system and has the target's name. Files of a folder join
    those that the target has already.

    Args:
        inputs: files and folders that are read meanwhile.

    Raises:
        OutputError: the target is an input, or can't be a file or folder of this name.
        OSError: it can't be written.
    """
    final = _resolved(target)
    sources = list(inputs)
    refuse_input(final, sources)
    if final.exists() and not final.is_dir() and not final.is_file():
        with tempfile.TemporaryDirectory() as folder:  # a device or a pipe takes bytes, and is never replaced
            yield Path(folder) / final.name
            _pour(Path(folder) / final.name, final)
        return
    final.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".oped-", dir=final.parent) as folder:
        yield Path(folder) / final.name
        _put(Path(folder), final, sources)


def refuse_input(target: Path, inputs: Iterable[Path]) -> None:
    """Raise OutputError if a target is one of the inputs, or an existing file that belongs to one."""
    for source in inputs:
        if _belongs(target, source):
            raise OutputError(f"{target}: expected an output apart from the input {source}; name another")


def _resolved(target: Path) -> Path:
    """The target without links, which then stay links."""
    try:
        final = target.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        raise OutputError(f"{target}: expected the name of a file, found a link that leads nowhere") from None
    if not final.name:
        raise OutputError(f"{target}: expected the name of a file, found a folder that nothing can replace")
    return final


def _belongs(path: Path, source: Path) -> bool:
    """Whether a path is an input, lies in one and is there, or is the text beside one."""
    if not path.exists() or not source.exists():
        return False
    if path.samefile(source):
        return stat.S_ISREG(path.stat().st_mode) or path.is_dir()
    if source.is_dir():
        return not path.is_dir() and path.resolve().is_relative_to(source.resolve())
    stem = source.name.partition(".")[0]
    return path.suffix == ".txt" and path.stem == stem and path.resolve().parent == source.resolve().parent


def _put(folder: Path, final: Path, inputs: list[Path]) -> None:
    """Move all that was written to its place, after a look at every place."""
    moves = [(path, final.parent / path.relative_to(folder)) for path in sorted(folder.rglob("*"))]
    for path, place in moves:
        if path.is_dir() != place.is_dir() and place.exists():
            kinds = ("a folder", "a file") if path.is_dir() else ("a file", "a folder")
            raise OutputError(f"{place}: expected to write {kinds[0]}, found {kinds[1]} of this name; name another")
        if not path.is_dir():
            refuse_input(place, inputs)
            if path.name == SHARED and place != final and place.exists() and path.read_bytes() != place.read_bytes():
                raise OutputError(
                    f"{place}: the output brings a file of this name, and another is there; name a folder"
                )
    for path, place in moves:
        if path.is_dir():
            place.mkdir(exist_ok=True)
        elif place == final or path.name not in KEPT or not place.exists():
            if place.exists():
                shutil.copymode(place, path)
            path.replace(place)


def _pour(path: Path, device: Path) -> None:
    if not path.is_file():
        raise OutputError(f"{device}: expected a folder for an output of several files")
    with open(path, "rb") as source, open(device, "wb") as sink:
        shutil.copyfileobj(source, sink)


class Numbered:
    """Names that are used once: one that comes again gets a number, so that nothing overwrites another.

    Args:
        of_files: whether names that differ in their capitals alone count as one, as they do on some systems.
    """

    def __init__(self, *, of_files: bool = False) -> None:
        self._key = str.casefold if of_files else str
        self._seen, self._last = set[str](), dict[str, int]()

    def __call__(self, name: str) -> str:
        """The name itself, or with `~` and a number behind it where it was given before."""
        free, number = name, self._last.get(self._key(name), 1)
        while self._key(free) in self._seen:
            number += 1
            free = f"{name}~{number}"
        self._last[self._key(name)] = number
        self._seen.add(self._key(free))
        return free
