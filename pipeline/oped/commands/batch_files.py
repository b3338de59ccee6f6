"""Files of requests and replies in place of a language model, for commands that take them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oped.parsers import is_language_model

if TYPE_CHECKING:
    from oped.llm.model import LanguageModel


@contextmanager
def asked_by_file(
    model: str, options: Mapping[str, Any], requests: Path | None, replies: tuple[Path, ...], *, option: str = "--model"
) -> "Iterator[LanguageModel | None]":
    """A language model that answers from files of replies and writes what has none to a file of requests.

    None where neither is named.

    Args:
        option: that names the model.

    Raises:
        click.UsageError: the model is no language model.
        FormatError: a file can't be read or written.
    """
    if requests is None and not replies:
        yield None
        return
    if not is_language_model(model):
        raise click.UsageError(f"--requests and --replies: expected {option} llm:NAME with them, found {model}")
    from oped.llm.batch_file import RecordingModel, Replies, RepliesModel, RequestsFile
    from oped.llm.settings import read_settings

    settings = read_settings(model, options=options)
    found = Replies(replies)
    for line in found.broken:
        click.echo(f"oped: {line}", err=True)
    with RequestsFile(requests, logprobs=settings.logprobs) if requests else nullcontext() as file:
        asks = RecordingModel(settings.model, file, window=settings.window) if file is not None else None
        yield RepliesModel(settings.model, found, window=settings.window, otherwise=asks)
    if requests is not None and file is not None:
        click.echo(f"{len(file)} requests in {requests}", err=True)
    if replies:
        click.echo(", ".join(f"{count} {name}" for name, count in sorted(found.counts.items())), err=True)
        if found.answers_nothing:
            click.echo(
                "oped: none of the replies belongs to what is asked here; expected those to requests for the same articles, "
                "model, prompt and parameters",
                err=True,
            )
