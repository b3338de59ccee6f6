"""Options of a language model, the same for every command that takes one."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

MODEL_HELP = "Path or name of a model, or llm:NAME or a TOML file for a language model."
_SAMPLES = click.option("--samples", type=click.IntRange(min=1), help="Readings by a language model, which vote.")
_GIST = click.option("--gist", is_flag=True, default=None, help="Ask a language model to restate each component.")
_REACHED = (
    click.option("--endpoint", metavar="URL", help="A language model's OpenAI-compatible service."),
    click.option("--cache", metavar="DIR", help="Where a language model's answers are kept; none: nowhere."),
    click.option(
        "--insecure", is_flag=True, default=None, help="Let articles travel unencrypted to a language model elsewhere."
    ),
)
_FILES = (
    click.option(
        "--requests",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write what a language model is to be asked; nothing is sent.",
    ),
    click.option(
        "--replies",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        multiple=True,
        help="Answers of a language model, in files.",
    ),
)
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what a language model would cost; nothing is sent.")
_MOST_TOKENS = click.option(
    "--max-tokens-total", type=click.IntRange(min=1), help="Stop before a language model used more; go on later."
)


def language_model_options(command: Command) -> Command:
    """Add the options of a language model to a command that maps."""
    endpoint, *others = _REACHED
    return _with(command, [endpoint, _GIST, *others])


def endpoint_options(command: Command) -> Command:
    """Add to a command what says how a language model is reached."""
    return _with(command, _REACHED)


def file_options(command: Command) -> Command:
    """Add to a command the files of requests and replies."""
    return _with(command, _FILES)


def bulk_options(command: Command) -> Command:
    """Add to a command that asks much its dry run, the files of requests and replies, and a bound on tokens."""
    return _with(command, [_DRY_RUN, *_FILES, _MOST_TOKENS])


def _with(command: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def with_samples(command: Command) -> Command:
    """Add the number of readings to a command."""
    return _SAMPLES(command)


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that were given."""
    return {name: value for name, value in values.items() if value is not None}
