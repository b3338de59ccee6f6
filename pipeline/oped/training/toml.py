"""Training configurations: TOML files read into settings; an error names the file and the line."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from oped.errors import ConfigError
from oped.training.settings import RunSettings

Location = tuple[int | str, ...]


def load_settings(
    path: str | Path, tasks: Mapping[str, type[RunSettings]], overrides: Mapping[str, str] | None = None
) -> RunSettings:
    """Read a training configuration.

    Args:
        tasks: settings by the name of their task; the first is that of a file without `task`.
        overrides: values by dotted key, as TOML or plain text: {"schedule.epochs": "3"}.

    Raises:
        ConfigError: no such file, malformed TOML, an unknown key or a wrong value; names the line.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path}: expected a training configuration: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: malformed TOML: {error}") from None
    for key, value in (overrides or {}).items():
        _override(data, key, value)
    file = _File(path, text, frozenset(overrides or ()))
    task = data.get("task", next(iter(tasks)))
    if not isinstance(task, str) or task not in tasks:
        raise file.error(("task",), f"expected one of {', '.join(tasks)}, found {task!r}")
    try:
        return tasks[task].model_validate(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        first = next((item for item in details if item["type"] == "extra_forbidden"), details[0])
        raise file.error(*_explained(first, tasks[task])) from None


def _override(data: dict[str, Any], key: str, value: str) -> None:
    *tables, name = key.split(".")
    for table in tables:
        data = data.setdefault(table, {})
        if not isinstance(data, dict):
            raise ConfigError(f"--set {key}: {table!r} is no table")
    try:
        data[name] = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        data[name] = value


@dataclass(frozen=True, slots=True)
class _File:
    """A TOML file, to find the line of a key in.

    Attributes:
        changed: dotted keys whose values come from `--set`.
    """

    path: Path
    text: str
    changed: frozenset[str]

    def error(self, location: Location, reason: str) -> ConfigError:
        """The error of a key, with the line that it stands on, or that its table begins on."""
        name = ".".join(part for part in location if isinstance(part, str))
        if any(name == key or name.startswith(f"{key}.") for key in self.changed):
            return ConfigError(f"--set {name}: {reason}")
        ends = range(len(location), 0, -1)
        line = next((found for end in ends if (found := self._line(location[:end]))), None)
        where = f"{self.path}, line {line}" if line else f"{self.path}"
        return ConfigError(f"{where}: {name}: {reason}")

    def _line(self, location: Location) -> int | None:
        for line, place in self._places():
            if place == location:
                return line
        return None

    def _places(self) -> Iterator[tuple[int, Location]]:
        """Each table and key, by the line that it begins on; of tables of one name the places count from 0."""
        table: Location = ()
        count: dict[Location, int] = {}
        for line, text in enumerate(self.text.splitlines(), start=1):
            if header := re.match(r"\s*(\[\[?)\s*([\w.-]+)\s*\]", text):
                table = tuple(header[2].split("."))
                yield line, table
                if header[1] == "[[":
                    count[table] = count.get(table, -1) + 1
                    table = (*table, count[table])
                    yield line, table
            elif key := re.match(r"\s*[\"']?([\w.-]+)[\"']?\s*=", text):
                yield line, (*table, *key[1].split("."))


def _explained(error: ErrorDetails, kind: type[BaseModel]) -> tuple[Location, str]:
    """Where an error is, and what was expected and found there."""
    place, found = error["loc"], error["input"]
    model, field = _declared(kind, place)
    match error["type"]:
        case "extra_forbidden":
            return place, f"unknown key; expected one of {', '.join(model.model_fields)}"
        case "missing":
            return place, "is required and missing"
        case "value_error":  # of a check over several keys, which names the key first
            key, _, reason = str(error["ctx"]["error"]).partition(": ")
            return (*place, key), reason
        case "string_pattern_mismatch":
            return place, f"expected letters, digits, - and _, found {found!r}"
        case "literal_error":
            choices = ", ".join(str(choice) for choice in _choices(field))
            return place, f"expected one of {choices}, found {found!r}"
        case "greater_than_equal" | "less_than_equal" | "finite_number":
            return place, f"expected {_range(field, error)}, found {_as_declared(found, field)!r}"
        case "model_type" | "dict_type":
            return place, f"expected a table, found {found!r}"
        case "list_type":
            return place, f"expected a list, found {found!r}"
    return place, f"expected a value of type {_type_name(error['type'])}, found {found!r}"


def _declared(kind: type[BaseModel], location: Location) -> tuple[type[BaseModel], FieldInfo | None]:
    """The model that holds what a location names, and how it declares it."""
    field = None
    for part in (part for part in location if isinstance(part, str)):
        if field is not None:
            kind = next((inner for inner in _inner(field.annotation) if issubclass(inner, BaseModel)), kind)
        field = kind.model_fields.get(part)
    return kind, field


def _inner(annotation: Any) -> Iterator[type]:
    """The classes in an annotation such as `list[X]` or `X | None`."""
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for part in get_args(annotation):
        yield from _inner(part)


def _choices(field: FieldInfo | None) -> tuple[object, ...]:
    return get_args(field.annotation) if field is not None else ()


def _range(field: FieldInfo | None, error: ErrorDetails) -> str:
    limits = [*(field.metadata if field else ()), SimpleNamespace(**error.get("ctx", {}))]
    least, most = (next((getattr(item, end) for item in limits if hasattr(item, end)), None) for end in ("ge", "le"))
    if least is None:
        return "a finite number" if most is None else f"at most {most}"
    return f"at least {least}" if most is None else f"{least} to {most}"


def _as_declared(value: object, field: FieldInfo | None) -> object:
    """A whole number as the file would show it where a fraction may stand."""
    fraction = field is not None and float in _inner(field.annotation)
    return float(value) if fraction and isinstance(value, int) else value


def _type_name(error: str) -> str:
    names: Mapping[str, Literal["int", "float", "str", "bool"]]
    names = {"int": "int", "float": "float", "string": "str", "bool": "bool"}
    return names.get(error.partition("_")[0], "another kind")
