"""What is to be mapped: files, folders, globs, tables and datasets become one stream of tasks, in a fixed order."""

import glob
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import IO, Any

from oped.batch.ledger import STATE
from oped.batch.reading import content_of, one_line, open_file, read_task
from oped.batch.tasks import Failure, Task
from oped.errors import InputError, MissingExtraError, TooLongError, UnsupportedInputError
from oped.ingest.read import BYTES_PER_CHARACTER, DEFAULT_MAX_CHARACTERS, KINDS
from oped.ingest.tables import check_nesting, is_table, table_rows
from oped.records import Article

HUB = "hf:"
DATASET_FILES = ("dataset_dict.json", "state.json")
_BLOCK = 1 << 20

Unreadable = tuple[str, Failure]
Item = Task | Unreadable


class Inputs:
    """The articles named on a command line: an iterable of tasks, and of what can't even be made one.

    Args:
        sources: files, folders, glob patterns, URLs of fsspec, folders that `datasets` saved, `hf:NAME[@SPLIT]`.
        columns: names of a table's columns for the known ones.

    Raises:
        InputError: no file matches a pattern.
    """

    def __init__(
        self,
        sources: Iterable[str],
        *,
        columns: Mapping[str, str] | None = None,
        max_characters: int = DEFAULT_MAX_CHARACTERS,
    ) -> None:
        self.sources, self.columns, self.max_characters = list(sources), columns, max_characters
        for source in self.sources:
            if not source:
                raise InputError("expected files, folders or patterns, found an empty name")
            if _is_pattern(source) and next(glob.iglob(source, recursive=True), None) is None:  # noqa: PTH207 - any place
                raise InputError(f"{source}: expected files that match the pattern, found none")

    def __iter__(self) -> Iterator[Item]:
        for source in self.sources:
            try:
                yield from self._source(source)
            except OSError as error:
                yield _unreadable(source, error)

    def _source(self, source: str) -> Iterator[Item]:
        if source.startswith(HUB) or _is_dataset(Path(source)):
            yield from self._dataset(source)
        elif "://" in source:
            for path, name in _remote_files(source):
                yield from self._file(path, name)
        else:
            for file, name in _local_files(source):
                yield from [_unreadable(name, file)] if isinstance(file, OSError) else self._file(str(file), name)

    def _file(self, path: str, name: str) -> Iterator[Item]:
        try:
            if is_table(path):
                yield from self._table(path, name)
                return
            if "://" not in path and Path(path).exists() and not Path(path).is_file():
                raise UnsupportedInputError(f"{name}: expected a file, found a device, a pipe or a socket")
            with open_file(path) as stream:
                content = content_of(path, self._blocks(stream, name))
            yield Task(content, _clean(name), path=path)
        except Exception as error:  # what the libraries that take a table apart raise on one that nobody foresaw
            yield _unreadable(name, error)

    def _blocks(self, stream: IO[bytes], name: str) -> Iterator[bytes]:
        """The bytes of a file, up to what an article may have."""
        limit = left = BYTES_PER_CHARACTER * self.max_characters
        while block := stream.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise TooLongError(f"{name}: expected at most {limit:,} bytes, found more; raise --max-characters")
            yield block

    def _table(self, path: str, name: str) -> Iterator[Item]:
        rows = table_rows(
            Path(path), columns=self.columns, max_characters=self.max_characters, opener=lambda _: open_file(path)
        )
        for place, row in rows:
            where = f"{name} {place}"
            yield _unreadable(where, row) if isinstance(row, InputError) else _row_task(row, where)

    def _dataset(self, source: str) -> Iterator[Item]:
        try:
            import datasets
        except ImportError:
            raise MissingExtraError("formats", f"reading {source}") from None
        name, _, split = source.removeprefix(HUB).partition("@")
        try:
            if source.startswith(HUB):
                found = datasets.load_dataset(name, split=split or None, streaming=True)
            else:
                found = datasets.load_from_disk(name)
        except Exception as error:  # the hub's client raises many kinds
            yield _unreadable(source, OSError(one_line(error)))
            return
        parts = found.items() if isinstance(found, dict) else [(split, found)]
        renamed = {column: known for known, column in (self.columns or {}).items()}
        for part, rows in parts:
            for number, row in enumerate(rows, start=1):
                place = f"{name}{'@' if part else ''}{part} row {number}"
                found = check_nesting(row, place)
                row = {renamed.get(key, key): value for key, value in row.items()}
                yield _unreadable(place, found) if found else _row_task(row, place)


def readable_articles(
    sources: Iterable[str], unreadable: list[tuple[str, str]], wanted: Set[int] | None = None
) -> Iterator[tuple[int, Article]]:
    """Articles that can be read, with their places in the input.

    Args:
        unreadable: takes the others.
        wanted: places to read; default: all.
    """
    for place, item in enumerate(Inputs(sources)):
        if wanted is not None and place not in wanted:
            continue
        if not isinstance(item, Task):
            name, failure = item
            unreadable.append((name, failure.reason))
            continue
        try:
            yield place, read_task(item, DEFAULT_MAX_CHARACTERS)
        except Exception as error:  # what the libraries that take a file apart raise on one that nobody foresaw
            unreadable.append((item.name, one_line(error)))


def _unreadable(name: str, error: Exception) -> Unreadable:
    """Why a part of the input is no article; what the system refused may be there at the next call."""
    cause = error.__cause__ if isinstance(error, InputError) else error
    if isinstance(error, InputError):
        kind, reason = type(error).__name__, str(error)
    else:
        kind, reason = "InputError", f"{name}: the file can't be read: {getattr(error, 'strerror', None) or error}"
    return _clean(name), Failure(kind, one_line(_clean(reason)), passing=isinstance(cause, OSError))


def _row_task(row: Mapping[str, Any], name: str) -> Task:
    """The task of a row; its content is all but the id."""
    given = row.get("id")
    rest = {key: value for key, value in row.items() if key != "id"}
    content = json.dumps(rest, sort_keys=True, default=str)
    known = None if given is None or given == "" else _clean(str(given))
    return Task(hashlib.sha256(content.encode()).hexdigest(), _clean(name), row=rest, id=known)


def _clean(name: str) -> str:
    """A name without the halves of characters that no encoding can write."""
    return name.encode("utf-8", "replace").decode()


def _is_dataset(path: Path) -> bool:
    return path.is_dir() and any((path / name).is_file() for name in DATASET_FILES)


def _is_pattern(source: str) -> bool:
    return glob.has_magic(source) and "://" not in source and not Path(source).exists()


def _local_files(source: str) -> Iterator[tuple[Path | OSError, str]]:
    """Files with the names that they go by: inside a folder the path from it, of a pattern the path that matched."""
    path = Path(source)
    if path.is_dir():
        for file, name in _walk(path):
            yield file, Path(name).relative_to(path).as_posix()
    elif _is_pattern(source):
        for match in sorted(glob.iglob(source, recursive=True)):  # noqa: PTH207 - the pattern may begin anywhere
            if Path(match).is_file():
                yield Path(match), match
    else:
        yield path, path.name


def _walk(folder: Path) -> Iterator[tuple[Path | OSError, str]]:
    """Files of a folder that may hold articles, at any depth, a folder at a time.

    Hidden ones, links to folders and the output folders of batches are passed over.
    """
    try:
        with os.scandir(folder) as found:
            entries = sorted((entry for entry in found if not entry.name.startswith(".")), key=lambda one: one.name)
    except OSError as error:
        yield error, str(folder)
        return
    for entry in entries:
        path = folder / entry.name
        try:
            is_folder, is_article = _kind(entry, path)
        except OSError as error:
            yield error, str(path)
            continue
        if is_folder:
            yield from _walk(path)
        elif is_article:
            yield path, str(path)


def _kind(entry: "os.DirEntry[str]", path: Path) -> tuple[bool, bool]:
    """Whether an entry is a folder to walk through, and whether it may hold an article.

    A link that leads nowhere may: reading it says what is wrong with it.
    """
    if entry.is_dir(follow_symlinks=False):
        return not (path / STATE).is_dir(), False
    if path.suffix.lower() not in KINDS and not is_table(path):
        return False, False
    return False, not entry.is_dir() and (entry.is_file() or entry.is_symlink())


def _remote_files(source: str) -> Iterator[tuple[str, str]]:
    try:
        import fsspec
    except ImportError:
        raise MissingExtraError("ray", "reading a URL") from None
    try:
        system, root = fsspec.url_to_fs(source)
        if glob.has_magic(root):
            paths = sorted(system.glob(root))
        else:
            paths = [root] if system.isfile(root) else sorted(system.find(root))
    except (ImportError, ValueError) as error:
        raise InputError(f"{source}: expected a URL that fsspec can read: {one_line(error)}") from None
    if not paths:
        raise InputError(f"{source}: expected a file or a folder with files, found none")
    for path in paths:
        if path == root or Path(path).suffix.lower() in KINDS or is_table(path):
            name = Path(path).name if path == root else path.removeprefix(root).lstrip("/")
            yield system.unstrip_protocol(path), name
