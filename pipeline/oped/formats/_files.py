"""Files of the formats: reading them, with errors that name file and place, and writing one a map."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from oped.errors import ConfigError, FormatError, MissingExtraError
from oped.files import Numbered
from oped.formats.problems import Problem, Report
from oped.records import ArgumentMap

T = TypeVar("T")
MOST_NAME = 100  # bytes of a file's name
MOST_JSON = 64 << 20  # bytes of a JSON file, characters of a line of JSONL


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
        FormatError: malformed JSON, with line and column; a file that is too large.
    """
    if path.is_file() and path.stat().st_size > MOST_JSON:
        raise FormatError(f"{_too_large()}, found {path.stat().st_size >> 20} MB", path=path)
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


def json_lines(path: Path, report: Report) -> Iterator[tuple[str, Any]]:
    """Place and value of each line of a JSONL file; a malformed line is reported and passed over.

    Raises:
        FormatError: no such file, or not UTF-8.
    """
    for number, line in _lines(path):
        if len(line) > MOST_JSON:
            report(Problem(str(path), f"line {number}", f"{_too_large()} in a line, found more"))
            continue
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            report(Problem(str(path), f"line {number} column {error.colno}", f"malformed JSON: {error.msg}"))
        except (ValueError, RecursionError) as error:  # a number too long, or lists too deep
            report(Problem(str(path), f"line {number}", f"malformed JSON: {error}"))
        else:
            yield f"line {number}", value


def _too_large() -> str:
    return f"expected at most {MOST_JSON >> 20} MB of JSON"


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number and text of each line, read one by one, of one that is too long its beginning; a line feed alone ends one.

    Raises:
        FormatError: no such file, or not UTF-8.
    """
    number = 0
    try:
        with open(path, encoding="utf-8", newline="\n") as stream:
            while line := stream.readline(MOST_JSON + 1):
                number += 1
                yield number, line
                while len(line) > MOST_JSON and not line.endswith("\n"):
                    line = stream.readline(MOST_JSON + 1)
    except UnicodeDecodeError as error:
        reason = f"expected UTF-8, found byte {error.object[error.start]:#04x}"
        raise FormatError(reason, path=path, place=f"after line {number}") from None
    except OSError as error:
        raise FormatError(f"can't be read: {error.strerror}", path=path) from None


def part_file(path: Path, split: str) -> Path:
    """The file of one part of a corpus: the path itself, or SPLIT.jsonl in the folder.

    Raises:
        ConfigError: there is no such part.
    """
    file = path if path.is_file() else path / f"{split}.jsonl"
    if not file.is_file():
        known = ", ".join(sorted(part.stem for part in path.glob("*.jsonl")))
        raise ConfigError(f"{path}: expected a split ({known}), found {split!r}")
    return file


def line_blocks(path: Path, *, apart: tuple[str, ...] = ()) -> Iterator[list[tuple[int, str]]]:
    """The lines of a file with their numbers, in blocks that stand apart by blank lines, or by lines that begin so."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate([*read_text(path).splitlines(), ""], start=1):
        if line.strip() and not line.startswith(apart):
            block.append((number, line))
        elif block:
            yield block
            block = []


def parts_of(path: Path, split: str | None, splits: Mapping[str, tuple[str, ...]] | None = None) -> list[Path]:
    """The files or folders of one part of a corpus; the path itself where no split is named.

    Args:
        splits: patterns of the parts, by name; by default a part is named like its file or folder.

    Raises:
        FormatError: nothing is there.
        ConfigError: there is no such part.
    """
    if not path.exists():
        raise FormatError("expected a file or folder, found nothing", path=path)
    if not split:
        return [path]
    patterns = (splits or {}).get(split, (split, f"{split}.*"))
    if path.is_file():
        if any(path.match(pattern) for pattern in patterns):
            return [path]
        raise ConfigError(f"{path}: no part {split!r}: the file is not named {' or '.join(patterns)}")
    for pattern in patterns:
        if found := sorted(path.glob(pattern)):
            return found
    raise ConfigError(f"{path}: no part {split!r}: expected {' or '.join(patterns)}")


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


def reader(read_one: Callable[[Path, Report], ArgumentMap], *suffixes: str) -> Callable[..., Iterator[ArgumentMap]]:
    """A reader of a file, or of a folder's files with the suffixes, by what reads one file."""

    def read(path: Path, report: Report) -> Iterator[ArgumentMap]:
        yield from each(files_of(path, *suffixes), lambda file: read_one(file, report), report)

    return read


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


def writer(suffix: str, text_of: Callable[[ArgumentMap], str]) -> Callable[[Iterable[ArgumentMap], Path], None]:
    """A writer of files with one map each, by what makes a file's text; see `write_each`."""
    return lambda maps, path: write_each(maps, path, suffix, lambda amap, file: write_text(text_of(amap), file))


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


def json_text(data: Any) -> str:
    """Indented JSON."""
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def write_text(text: str, path: Path) -> None:
    """Write a text, the same bytes on every system."""
    path.write_text(text, encoding="utf-8", newline="\n")


def optional(module: str, what: str) -> Any:
    """A package of the extra `formats`.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError:
        raise MissingExtraError("formats", what) from None
