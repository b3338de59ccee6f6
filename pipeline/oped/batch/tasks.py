"""What goes to a worker and what comes back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Task:
    """One article to map: a file or a row of a table.

    Attributes:
        content: hash of what the article is made from; articles of the same content are mapped once.
        name: where it comes from, as the map and `errors.jsonl` say it.
        path: of the file, local or a URL of fsspec's; None for a row.
        row: of the table; None for a file.
        id: the article's, where the table gives one.
    """

    content: str
    name: str
    path: str | None = None
    row: Mapping[str, Any] | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an article has no map: the kind of error and the reason, in one line.

    Attributes:
        passing: whether another try may end otherwise, as after a crash or for want of time.
    """

    kind: str
    reason: str
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task: a map as JSON bytes, or a failure."""

    content: str
    article_id: str | None = None
    map: bytes = b""
    page: bytes = b""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """How articles are mapped: what a worker must know.

    Attributes:
        model: folder of the model.
        entities: whether named entities are looked for.
        pages: whether a page is made of each map too.
        device: `cpu` or `cuda`.
        options: of a language model; empty where the model is none.
        replies: hash of the files that a language model's replies are taken from; empty: there are none.
    """

    model: str
    scheme: str | None = None
    max_characters: int = 1_000_000
    entities: bool = True
    pages: bool = False
    device: str = "cpu"
    options: Mapping[str, Any] = field(default_factory=dict)
    replies: str = ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one article may cost: seconds, and bytes of memory of the worker that maps it."""

    seconds: float = 300.0
    memory: int = 4 << 30


class Engine(Protocol):
    """Where tasks run."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Outcomes of all tasks, in any order; tasks are taken as places for them come free."""

    def close(self) -> None:
        """End all workers."""
