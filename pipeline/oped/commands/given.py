"""An argument map given where an article is expected: it is shown or converted, never read as prose."""

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from oped.apart import Step, each_apart, limits_for, run_apart
from oped.errors import FormatError, UnsupportedInputError
from oped.formats.problems import Problem
from oped.formats.registry import read_corpus
from oped.ingest.read import read_bounded
from oped.records import ArgumentMap

MOST_MAPS = 1000  # of a file, that are counted
_ENDINGS = (".json", ".jsonl")
_BLANK = b"\xef\xbb\xbf \t\r\n"
_MAP = re.compile(rb'\s*\{\s*"(?:format|version|model|article|components|id)"\s*:')


def given_map(source: str) -> ArgumentMap | None:
    """The map in a file of JSON, or on the standard input (`-`); None where there is an article.

    Raises:
        FormatError: a file named as JSON, or one that holds a map, is malformed.
        UnsupportedInputError: it holds JSON that is no map, or several maps.
    """
    if source != "-":
        path = Path(source)
        return _only(path, str(path)) if path.is_file() and _is_json(path) else None
    if sys.stdin is None or not _MAP.match(_begin()):
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.json"
        path.write_bytes(read_bounded(sys.stdin.buffer, "standard input"))
        return _only(path, "standard input")


def _begin() -> bytes:
    """The first bytes of the standard input, which stay there to be read."""
    peek = getattr(sys.stdin.buffer, "peek", None)
    return peek(4096).lstrip(_BLANK) if peek else b""


def _only(path: Path, name: str) -> ArgumentMap:
    """The one map of a file, read apart."""
    problems: list[Problem] = []
    maps: list[ArgumentMap] = []
    for item in each_apart(partial(_items, path), name=name, limits=limits_for([path])):
        if isinstance(item, Problem):
            problems.append(item)
        else:
            maps.append(item)
    if problems and not maps:
        raise FormatError(problems[0].reason, path=name, place=problems[0].place)
    if len(maps) != 1:
        raise UnsupportedInputError(f"{name}: expected an article or one map, found {len(maps)} maps; use oped convert")
    return maps[0]


def _items(path: Path, *, step: Step) -> Iterator[ArgumentMap | Problem]:
    """The maps of a file, and what is wrong with it; of many, as many as tell that there are."""
    problems: list[Problem] = []
    yield from islice(read_corpus(path, "oped", report=problems.append), MOST_MAPS)
    yield from problems[:1]


def _is_json(path: Path) -> bool:
    if path.suffix.lower() in _ENDINGS:
        return True
    with open(path, "rb") as stream:
        if not stream.read(4096).lstrip(_BLANK).startswith(b"{"):
            return False
    return run_apart(partial(_holds_map, path), name=str(path), limits=limits_for([path]))


def _holds_map(path: Path, *, step: Step) -> bool:
    with open(path, "rb") as stream:
        data = read_bounded(stream, str(path))
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return False
    if isinstance(found, dict) and "components" in found:
        return True
    raise UnsupportedInputError(f"{path}: expected an article or an argument map, found other JSON")
