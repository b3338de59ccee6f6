"""Options of a language model, the same for every command that takes one."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

MODEL_HELP = "Path or name of a model, or llm:NAME or a TOML file for a language model."
_SAMPLES = click.option("--samples", type=click.IntRange(min=1), help="Readings by a language model, which vote.")
_OPTIONS = (
    click.option("--endpoint", metavar="URL", help="A language model's OpenAI-compatible service."),
    click.option("--gist", is_flag=True, default=None, help="Ask a language model to restate each component."),
    click.option("--cache", metavar="DIR", help="Where a language model's answers are kept; none: nowhere."),
    click.option(
        "--insecure", is_flag=True, default=None, help="Let articles travel unencrypted to a language model elsewhere."
    ),
)


def language_model_options(command: Command) -> Command:
    """Add the options of a language model to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def with_samples(command: Command) -> Command:
    """Add the number of readings to a command."""
    return _SAMPLES(command)


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that were given."""
    return {name: value for name, value in values.items() if value is not None}
