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
from oped.parsers import LANGUAGE_MODEL, is_language_model, prompt_of
from oped.parsing.spacy_entities import entity_model_version
from oped.records import ModelInfo
from oped.resources import DEFAULT_MODEL


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
    spent: Callable[[], dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Map articles into a folder; a second call goes on where the first was stopped.

    Args:
        inputs: the articles, in their order.
        folder: of the results.
        engine: makes what the articles run on; called only where there is something to map.
        report: is called after each article.
        part_articles: see `write_output`.
        spent: what this run used of a language model, for the summary.

    Returns:
        What stands in `summary.json`.

    Raises:
        OpedError: another run is at work in the folder, or there is no such model.
    """
    began = time.monotonic()
    settings, model, digest = resolve_model(settings)
    progress = Progress()
    with closing(Ledger(folder, run_of(settings, digest))) as ledger:
        try:
            for outcome in _outcomes(_tasks(inputs, ledger, progress, report), lambda: engine(settings)):
                ledger.record(outcome)
                progress.done += 1
                progress.mapped += outcome.failure is None
                progress.failed += outcome.failure is not None
                report(progress)
            ledger.commit()
            counts = write_output(ledger, part_articles=part_articles)
            if not counts["pending"]:
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
        return write_summary(folder, {"model": model.to_dict(), **counts, "times": times | (spent() if spent else {})})


def resolve_model(settings: Settings) -> tuple[Settings, ModelInfo, str]:
    """The settings with the model's place filled in, the model's name, and a hash of all of it that maps depend on.

    Raises:
        ModelError, ConfigError: there is no such model.
    """
    if is_language_model(settings.model):
        return settings, *_language_model(settings)
    model = ModelFolder.find(settings.model)
    info = ModelInfo(model.config.name, model.config.version)
    return replace(settings, model=str(model.path)), info, model.maps_digest(entities=settings.entities)


def _language_model(settings: Settings) -> tuple[ModelInfo, str]:
    from oped.llm.settings import read_settings

    chosen = read_settings(settings.model, options=settings.options)
    prompt = prompt_of(chosen)
    found_by = ModelFolder.find(DEFAULT_MODEL).maps_digest(entities=True) if settings.entities else ""
    return ModelInfo(f"{LANGUAGE_MODEL}{chosen.model}", prompt.version), chosen.identity() + prompt.version + found_by


def run_of(settings: Settings, digest: str) -> str:
    """Hash of all that a map depends on beside its article.

    Args:
        digest: of the model.

    Raises:
        MissingExtraError: spaCy's English model would find the names, and is not installed.
    """
    own = not settings.entities or is_language_model(settings.model) or ModelFolder(settings.model).has(ENTITIES)
    versions = [version("oped"), version("spacy"), *([] if own else [entity_model_version()])]
    whole = hashlib.sha256(" ".join(versions).encode())
    whole.update(digest.encode())
    whole.update(
        repr(
            (
                settings.scheme,
                settings.max_characters,
                settings.entities,
                settings.pages,
                settings.device,
                *([settings.replies] if settings.replies else []),
            )
        ).encode()
    )
    return whole.hexdigest()


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
