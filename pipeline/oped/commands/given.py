"""An argument map given where an article is expected: it is shown or converted, never read as prose."""

import json
from pathlib import Path

from oped.errors import FormatError, UnsupportedInputError
from oped.formats._draft import Problem
from oped.records import ArgumentMap

_ENDINGS = (".json", ".jsonl")


def given_map(path: Path) -> ArgumentMap | None:
    """The map in a file of JSON; None where the file holds no JSON, and so an article.

    Raises:
        FormatError: a file named as JSON, or one that holds a map, is malformed.
        UnsupportedInputError: it holds JSON that is no map, or several maps.
    """
    from oped.formats.registry import read_corpus

    if not path.is_file() or not _looks_like_json(path):
        return None
    problems: list[Problem] = []
    maps = list(read_corpus(path, "oped", report=problems.append))
    if problems and not maps:
        raise FormatError(problems[0].reason, path=path, place=problems[0].place)
    if len(maps) != 1:
        raise UnsupportedInputError(f"{path}: expected an article or one map, found {len(maps)} maps; use oped convert")
    return maps[0]


def _looks_like_json(path: Path) -> bool:
    if path.suffix.lower() in _ENDINGS:
        return True
    data = path.read_bytes()
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return False
    if isinstance(found, dict) and "components" in found:
        return True
    raise UnsupportedInputError(f"{path}: expected an article or an argument map, found other JSON")
