"""Every option of every command is used in a test."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from oped.commands import cli
from tests.conftest import ROOT

TESTS = ROOT / "tests"
# Folders whose helpers start a command that their tests then do not name.
IMPLIED = {"batch": "batch", "serve": "serve", "judge": "compare"}
WITHOUT_TEST: dict[tuple[str, str], str] = {}  # a command and its option, and why


def commands(group: click.Group = cli) -> Iterator[click.Command]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield command
        if isinstance(command, click.Group):
            yield from commands(command)


def options() -> list[tuple[str, tuple[str, ...]]]:
    """Each command with the spellings of each of its options."""
    return [
        (str(command.name), (*item.opts, *item.secondary_opts))
        for command in commands()
        for item in command.params
        if isinstance(item, click.Option)
    ]


def words_in(code: ast.AST) -> frozenset[str]:
    """The words of all texts in a piece of code; what stands behind an equals sign is none."""
    texts = [node.value for node in ast.walk(code) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return frozenset(word for text in texts for word in re.split(r"[\s=]+", text))


@cache
def uses() -> list[frozenset[str]]:
    """The words of each test, and of each other piece of code on the top level of a file of tests."""
    found = []
    for path in sorted(TESTS.rglob("*.py")):
        if path == Path(__file__):
            continue
        implied = {word for folder, word in IMPLIED.items() if folder in path.relative_to(TESTS).parts}
        found += [words_in(code) | implied for code in ast.parse(path.read_text(encoding="utf-8")).body]
    return found


@pytest.mark.parametrize(("command", "names"), options(), ids=str)
def test_an_option_stands_in_a_test_of_its_command(command: str, names: tuple[str, ...]) -> None:
    used = any(command in words and words & set(names) for words in uses())
    excused = any((command, name) in WITHOUT_TEST for name in names)
    assert used != excused, "add a test" if not used else "take it off the list"
