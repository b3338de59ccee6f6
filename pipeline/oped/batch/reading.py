"""Reading one task: a file or a row of a table becomes an article."""

import hashlib
from collections.abc import Iterable
from pathlib import PurePath
from typing import IO

from oped.batch.tasks import Task
from oped.errors import TooLongError
from oped.records import Article


def read_task(task: Task, max_characters: int) -> Article:
    """The article of a task.

    Raises:
        InputError: it is no article.
        OSError: it can't be read now, or was changed since the task was made.
    """
    from oped.ingest.read import BYTES_PER_CHARACTER, article_from_bytes, kind_of
    from oped.ingest.tables import article_of_row

    if task.row is not None:
        row = {**task.row, "id": task.id} if task.id else task.row
        return article_of_row(row, task.name, max_characters)
    assert task.path is not None
    limit = BYTES_PER_CHARACTER * max_characters
    with open_file(task.path) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise TooLongError(f"{task.name}: expected at most {limit:,} bytes, found more; raise --max-characters")
    if task.content != content_of(task.path, [data]):
        raise OSError("the file was changed while the batch ran")
    return article_from_bytes(data, kind=kind_of(task.path, data), name=task.name, max_characters=max_characters)


def open_file(path: str) -> IO[bytes]:
    """Open a file for reading: a local one, or one that fsspec knows by its URL."""
    if "://" not in path:
        return open(path, "rb")
    import fsspec

    opened: IO[bytes] = fsspec.open(path, "rb").open()
    return opened


def content_of(path: str, blocks: Iterable[bytes]) -> str:
    """Hash of a file's ending and bytes."""
    digest = hashlib.sha256(PurePath(path).suffix.lower().encode("utf-8", "replace"))
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


def one_line(reason: object) -> str:
    """A message without line breaks."""
    return " ".join(str(reason).split())[:500]
