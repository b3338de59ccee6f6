"""Files of the formats: reading, with errors that name the file and the place, and writing one file a map."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from oped.errors import FormatError
from oped.files import Numbered
from oped.formats._draft import Problem, Report
from oped.records import ArgumentMap

T = TypeVar("T")
MOST_NAME = 100  # bytes of a file's name


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
    except ValueError as error:  # a number of too many digits
        raise FormatError(f"malformed JSON: {error}", path=path) from None


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


def file_name(name: str) -> str:
    """A name that is safe as a file's: other characters than letters, digits and `._-` become `_`, and a hash is added."""
    safe = re.sub(r"[^\w.-]", "_", name).lstrip(".").encode()[:MOST_NAME].decode(errors="ignore")
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
    return safe if safe == name else f"{safe}-{digest[:8]}"


def write_each(
    maps: Iterable[ArgumentMap], path: Path, suffix: str, write_one: Callable[[ArgumentMap, Path], None]
) -> None:
    """Write a map a file: to the path itself where it has a file's ending, else into a folder of that name.

    Of articles with one id, the second one's file has `~2` behind its name, and so on.

    Raises:
        FormatError: several maps for one file, or none.
    """
    if not path.suffix:
        path.mkdir(parents=True, exist_ok=True)
        numbered = Numbered(of_files=True)
        for amap in maps:
            write_one(amap, path / f"{numbered(file_name(amap.article.id))}{suffix}")
        return
    several = list(maps)
    if len(several) != 1:
        raise FormatError(
            f"a file holds one map, and there are {len(several)}; name a folder (without an ending)", path=path
        )
    write_one(several[0], path)


def write_json(data: Any, path: Path) -> None:
    """Write indented JSON, the same bytes on every system."""
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
