"""Reading files for the format readers: errors that name the file and the place."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from oped.errors import FormatError
from oped.formats._draft import Problem, Report

T = TypeVar("T")


def read_text(path: Path) -> str:
    """The UTF-8 text of a file, with its line ends as they are (offsets count them).

    Raises:
        FormatError: no such file, or not UTF-8.
    """
    try:
        with open(path, encoding="utf-8", newline="") as stream:
            return stream.read()
    except UnicodeDecodeError as error:
        raise FormatError(
            f"expected UTF-8, found byte {error.object[error.start]:#04x}", path=path, place=f"byte {error.start}"
        ) from None
    except OSError as error:
        raise FormatError(f"can't be read: {error.strerror}", path=path) from None


def read_json(path: Path) -> Any:
    """The value in a JSON file.

    Raises:
        FormatError: malformed JSON, with line and column.
    """
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise FormatError(
            f"malformed JSON: {error.msg}", path=path, place=f"line {error.lineno} column {error.colno}"
        ) from None
    except RecursionError:
        raise FormatError("JSON nested too deeply", path=path) from None


def files_of(path: Path, *suffixes: str) -> list[Path]:
    """The file itself, or the folder's files with one of the suffixes, at any depth, sorted.

    Raises:
        FormatError: there is none.
    """
    if path.is_file():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.name.endswith(suffixes) and file.is_file())
    if not found:
        raise FormatError(f"expected a file or a folder with files {', '.join(suffixes)}, found none", path=path)
    return found


def each(paths: list[Path], read_one: Callable[[Path], T], report: Report) -> Iterator[T]:
    """Read file after file; one that is malformed is reported and the rest read.

    Raises:
        FormatError: the only file is malformed.
    """
    for path in paths:
        try:
            yield read_one(path)
        except FormatError as error:
            if len(paths) == 1:
                raise
            report(Problem(str(error.path or path), error.place or "file", error.reason))
