"""What is to be mapped: files, folders, globs, tables and datasets become one stream of tasks, in a fixed order."""

import glob
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from oped.batch.tasks import Failure, Task
from oped.batch.worker import one_line
from oped.errors import InputError, MissingExtraError
from oped.ingest.read import DEFAULT_MAX_CHARACTERS, KINDS
from oped.ingest.tables import is_table, table_rows

HUB = "hf:"
DATASET_FILES = ("dataset_dict.json", "state.json")
_BLOCK = 1 << 20

Unreadable = tuple[str, Failure]


class Inputs:
    """The articles named on a command line.

    Args:
        sources: files, folders, glob patterns, URLs of fsspec, folders that `datasets` saved, `hf:NAME[@SPLIT]`.
        columns: names of a table's columns for the known ones.
    """

    def __init__(
        self,
        sources: Iterable[str],
        *,
        columns: Mapping[str, str] | None = None,
        max_characters: int = DEFAULT_MAX_CHARACTERS,
    ) -> None:
        self.sources, self.columns, self.max_characters = list(sources), columns, max_characters
        self._failed: list[Unreadable] = []

    def __iter__(self) -> Iterator[Task | Unreadable]:
        """Tasks, and what can't even be made one, in the order of the input."""
        for source in self.sources:
            for item in self._source(source):
                yield from self._drain()
                yield item
            yield from self._drain()

    def _drain(self) -> Iterator[Unreadable]:
        failed, self._failed = self._failed, []
        yield from failed

    def _source(self, source: str) -> Iterator[Task]:
        if source.startswith(HUB) or _is_dataset(Path(source)):
            yield from self._dataset(source)
        elif "://" in source:
            for path, name in _remote_files(source):
                yield from self._file(path, name, _remote_open)
        else:
            for file, name in _local_files(source):
                yield from self._file(str(file), name, _local_open)

    def _file(self, path: str, name: str, opener: Callable[[str], IO[bytes]]) -> Iterator[Task]:
        try:
            if not is_table(path):
                with opener(path) as stream:
                    digest = hashlib.sha256(Path(path).suffix.lower().encode())
                    while block := stream.read(_BLOCK):
                        digest.update(block)
                yield Task(digest.hexdigest(), name, path=path)
                return
            rows = table_rows(
                Path(path),
                columns=self.columns,
                max_characters=self.max_characters,
                failed=self._note,
                opener=lambda _: opener(path),
            )
            for place, row in rows:
                yield _row_task(row, f"{name} {place}")
        except OSError as error:
            self._note(name, InputError(f"{name}: the file can't be read: {error.strerror or error}"))
        except InputError as error:
            self._note(name, error)

    def _dataset(self, source: str) -> Iterator[Task]:
        try:
            import datasets
        except ImportError:
            raise MissingExtraError("formats", f"reading {source}") from None
        name, _, split = source.removeprefix(HUB).partition("@")
        if source.startswith(HUB):
            found = datasets.load_dataset(name, split=split or None, streaming=True)
        else:
            found = datasets.load_from_disk(name)
        parts = found.items() if isinstance(found, dict) else [(split, found)]
        renamed = {column: known for known, column in (self.columns or {}).items()}
        for part, rows in parts:
            for number, row in enumerate(rows, start=1):
                place = f"{name}{'@' if part else ''}{part} row {number}"
                yield _row_task({renamed.get(key, key): value for key, value in row.items()}, place)

    def _note(self, place: str, error: InputError) -> None:
        self._failed.append((place, Failure(type(error).__name__, one_line(error))))


def _local_open(path: str) -> IO[bytes]:
    return open(path, "rb")


def _row_task(row: Mapping[str, Any], name: str) -> Task:
    """The task of a row; its content is all but the id."""
    given = row.get("id")
    rest = {key: value for key, value in row.items() if key != "id"}
    content = json.dumps(rest, ensure_ascii=False, sort_keys=True, default=str)
    known = None if given is None or given == "" else str(given)
    return Task(hashlib.sha256(content.encode()).hexdigest(), name, row=rest, id=known)


def _is_dataset(path: Path) -> bool:
    return path.is_dir() and any((path / name).is_file() for name in DATASET_FILES)


def _local_files(source: str) -> Iterator[tuple[Path, str]]:
    """Files with the names that they go by: inside a folder, the path from it."""
    path = Path(source)
    if path.is_dir():
        for file in _walk(path):
            yield file, file.relative_to(path).as_posix()
    elif path.exists() or not glob.has_magic(source):
        yield path, path.name
    else:
        found = False
        for match in sorted(glob.iglob(source, recursive=True)):  # noqa: PTH207 - the pattern may begin anywhere
            if Path(match).is_file():
                found = True
                yield Path(match), Path(match).name
        if not found:
            raise InputError(f"{source}: expected files that match the pattern, found none")


def _walk(folder: Path) -> Iterator[Path]:
    """Files of a folder that may hold articles, at any depth, a folder at a time; hidden ones are passed over."""
    with os.scandir(folder) as entries:
        children = sorted((entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith("."))
    for name, is_folder in children:
        path = folder / name
        if is_folder:
            yield from _walk(path)
        elif path.suffix.lower() in KINDS or is_table(path):
            yield path


def _fsspec() -> Any:
    try:
        import fsspec
    except ImportError:
        raise MissingExtraError("ray", "reading a URL") from None
    return fsspec


def _remote_open(path: str) -> IO[bytes]:
    opened: IO[bytes] = _fsspec().open(path, "rb").open()
    return opened


def _remote_files(source: str) -> Iterator[tuple[str, str]]:
    system, root = _fsspec().url_to_fs(source)
    protocol = source.partition("://")[0]
    if glob.has_magic(root):
        paths = sorted(system.glob(root))
    else:
        paths = [root] if system.isfile(root) else sorted(system.find(root))
    if not paths:
        raise InputError(f"{source}: expected a file or a folder with files, found none")
    for path in paths:
        if path == root or Path(path).suffix.lower() in KINDS or is_table(path):
            yield f"{protocol}://{path}", Path(path).name if path == root else path.removeprefix(root).lstrip("/")
