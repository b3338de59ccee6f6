"""Every regular expression of the package takes hostile text in linear time."""

import ast
import functools
import importlib
import operator
import pkgutil
import re
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import oped
from oped.parsing import attribution, speech

HOSTILE = [" ", "\n", "\t", "a", "A", "1", "é", "-", ".", ",", ":", "'", '"', "(", "[", "<", "&", "*", "_", "\u2028", "a ", "A ", "a.",
           "A. ", "a-", "a,", "1 ", "1.", ", ", " -", "\n ", "\n\n", "and a ", "a and ", "on ", "On: ", "by A ", "a'", "A, A and "]  # fmt: skip
LETTERS = 6_000
SECONDS = 0.05
BOUNDED = {  # letters, where the caller cuts its text
    "oped.parsing.attribution._LEADING.search": attribution.REACH,
    "oped.parsing.attribution._TRAILING.match": attribution.REACH,
    "oped.parsing.speech._AUXILIARY.sub": speech.AUXILIARIES,
}
METHODS = {"fullmatch", "match", "search", "split", "sub", "finditer", "findall"}
STEPS = (10, 12, 14, 16, 18, 20, 24, 30, 40, 80, 400)  # repetitions: an exponential pattern is seen before it hangs


@dataclass(frozen=True)
class Use:
    """A pattern with a method of it that the package calls."""

    pattern: "re.Pattern[Any]"
    method: str

    def __call__(self, text: Any) -> None:
        method = getattr(self.pattern, self.method)
        if self.method == "finditer":
            deque(method(text), maxlen=0)
        elif self.method == "sub":
            method(text[:0], text)
        else:
            method(text)


def modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(oped.__path__, "oped."):
        if found.name != "oped.__main__":
            try:
                yield importlib.import_module(found.name)
            except (ImportError, oped.OpedError):
                continue  # of an extra that is not installed


@cache
def uses() -> dict[str, Use]:
    """Every method of every pattern that is called, by module and name; where no call is seen, all that may be."""
    found = {}
    for module in modules():
        known = dict(compiled(module))
        called = defaultdict(set)
        for call in calls(module):
            owner, method = call.func.value, call.func.attr
            if isinstance(owner, ast.Name) and method in METHODS:
                called[owner.id].add(method)
                if owner.id == "re" and isinstance(call.args[0], ast.Constant):
                    inline = re.compile(call.args[0].value, flags(call))
                    found[f"{module.__name__}:{call.lineno}.{method}"] = Use(inline, method)
        for name, pattern in known.items():
            for method in called.get(name.partition("[")[0], {"fullmatch", "search"}):
                found[f"{module.__name__}.{name}.{method}"] = Use(pattern, method)
    return found


def compiled(module: Any) -> Iterator[tuple[str, "re.Pattern[Any]"]]:
    for name, value in vars(module).items():
        if isinstance(value, re.Pattern):
            yield name, value
        elif isinstance(value, list | tuple | dict):
            values = value.values() if isinstance(value, dict) else value
            yield from ((f"{name}[{n}]", one) for n, one in enumerate(values) if isinstance(one, re.Pattern))


def calls(module: Any) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            yield node


def flags(call: ast.Call) -> int:
    named = [node.attr for node in ast.walk(call) if isinstance(node, ast.Attribute) and node.attr.isupper()]
    return functools.reduce(operator.or_, (getattr(re, name) for name in named), 0)


def literals(pattern: "re.Pattern[Any]") -> set[str]:
    """Words that a pattern looks for, letter by letter, as units to repeat."""
    found: set[str] = set()

    def visit(parts: Any) -> None:
        word = ""
        for code, value in parts:
            word = word + chr(value) if code is codes.LITERAL else ""
            if word:
                found.add(word[:20])
            for inner in value if isinstance(value, tuple | list) else ():
                for one in inner if isinstance(inner, list) else [inner]:
                    if isinstance(one, parser.SubPattern):
                        visit(one)

    visit(parser.parse(pattern.pattern, pattern.flags))
    return {unit for unit in found if len(unit) > 1} | {f"{unit} " for unit in found if len(unit) > 1}


def seconds(use: Use, text: Any) -> float:
    began = time.process_time()
    use(text)
    return time.process_time() - began


def slow(use: Use, head: str, unit: str, letters: int = LETTERS) -> str:
    """What makes a use slow; empty if nothing does."""
    for count in (*STEPS, letters // len(unit)):
        text: Any = (head + unit * count)[:letters] + "\N{SNOWMAN}"
        text = text.encode() if isinstance(use.pattern.pattern, bytes) else text
        if seconds(use, text) > SECONDS and min(seconds(use, text) for _ in range(2)) > SECONDS:
            return f"{count} times {unit!r} behind {head!r}"
    return ""


def test_there_are_patterns_to_look_at() -> None:
    assert len(uses()) > 60


@pytest.mark.parametrize("name", sorted(uses()))
def test_a_pattern_is_linear(name: str) -> None:
    use, letters = uses()[name], BOUNDED.get(name, LETTERS)
    words = sorted(literals(use.pattern)) if isinstance(use.pattern.pattern, str) else []
    heads = [word for word in words if not word.endswith(" ")][:4]
    found = [slow(use, "", unit, letters) for unit in (*HOSTILE, *words)]
    found += [slow(use, head, unit, letters) for head in heads for unit in HOSTILE]
    assert not any(found), f"{use.pattern.pattern!r:.200}: {[one for one in found if one][:3]}"


@pytest.mark.parametrize(
    ("pattern", "head", "unit"),
    [
        (r"(?:a|aa)+b", "", "a"),
        (r"(?:on\s*:?\s*(?:on )?)*1", "", "on "),
        (r"(?:\s*-){2,}\s*", "", " "),
        (r"\A---\s*\n(.*?)\n---\s*$", "---", "\n"),
    ],
)
def test_what_is_not_linear_is_found(pattern: str, head: str, unit: str) -> None:
    assert slow(Use(re.compile(pattern, re.DOTALL), "search"), head, unit)
