"""Options of a language model, the same for every command that takes one."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

MODEL_HELP = "Path or name of a model, or llm:NAME or a TOML file for a language model."
_OPTIONS = {
    "endpoint": click.option("--endpoint", metavar="URL", help="A language model's OpenAI-compatible service."),
    "samples": click.option("--samples", type=click.IntRange(min=1), help="Readings by a language model, which vote."),
    "gist": click.option("--gist", is_flag=True, default=None, help="Ask a language model to restate each component."),
    "cache": click.option("--cache", metavar="DIR", help="Where a language model's answers are kept; none: nowhere."),
    "insecure": click.option(
        "--insecure", is_flag=True, default=None, help="Let articles travel unencrypted to a language model elsewhere."
    ),
}


def language_model_options(command: Command) -> Command:
    """Add the options of a language model to a command; one that the command has of its own already is left to it."""
    taken = {parameter.name for parameter in getattr(command, "__click_params__", ())}
    for name, option in reversed(_OPTIONS.items()):
        if name not in taken:
            command = option(command)
    return command


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that were given."""
    return {name: value for name, value in values.items() if value is not None}
