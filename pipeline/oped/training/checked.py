"""Tables of TOML made into data classes, with the line of what is wrong."""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from oped.errors import ConfigError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """A table of a TOML file, to find the line of a key in.

    Attributes:
        text: of the file.
        complaint: what is wrong with the value of a key; empty where nothing is.
        table, number: name of the table, and which of its name it is, counted from 1; 0: the only one.
        changed: dotted keys whose values do not come from the file.
    """

    path: Path
    text: str
    complaint: Callable[[str, object], str]
    table: str = ""
    number: int = 0
    changed: frozenset[str] = frozenset()

    def error(self, key: str, reason: str) -> ConfigError:
        """The error of a key, with the line that it stands on."""
        name = f"{self.table}.{key}" if self.table else key
        line = self._line(key)
        where = f"{self.path}, line {line}" if line else f"{self.path}"
        if name in self.changed:
            return ConfigError(f"--set {name}: {reason}")
        return ConfigError(f"{where}: {name}: {reason}")

    def _line(self, key: str) -> int | None:
        table, number = "", 0
        for line_number, line in enumerate(self.text.splitlines(), start=1):
            if match := re.match(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?", line):
                number = number + 1 if match[1] == table else 1
                table = match[1]
                if f"{self.table}.{key}".strip(".") == table:
                    return line_number
            elif (
                re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line)
                and table == self.table
                and self.number in (0, number)
            ):
                return line_number
        return None


def build(kind: type[T], data: Mapping[str, Any], place: Place) -> T:
    """A data class from a table.

    Raises:
        ConfigError: an unknown key, a missing one or a wrong value; names the line.
    """
    hints = get_type_hints(kind)
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
    for key in data:
        if key not in known:
            raise place.error(key, f"unknown key; expected one of {', '.join(known)}")
    values = {key: _value(hints[key], value, key, place) for key, value in data.items()}
    for name, item in known.items():
        if name not in values and item.default is MISSING and item.default_factory is MISSING:
            raise place.error(name, "is required and missing")
    try:
        return kind(**values)
    except ValueError as error:
        key, _, reason = str(error).partition(": ")
        raise place.error(key, reason) from None


def _value(hint: Any, value: Any, key: str, place: Place) -> Any:
    if get_origin(hint) is list:
        if not isinstance(value, list):
            raise place.error(key, f"expected a list, found {value!r}")
        inner = get_args(hint)[0]
        return [_value(inner, item, key, _nested(place, key, number)) for number, item in enumerate(value, start=1)]
    if hasattr(hint, "__dataclass_fields__"):
        if not isinstance(value, dict):
            raise place.error(key, f"expected a table, found {value!r}")
        return build(hint, value, place if place.table == key else _nested(place, key, 0))
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(hint, UnionType) and (type(value) is not hint):
        raise place.error(key, f"expected a value of type {hint.__name__}, found {value!r}")
    if complaint := place.complaint(key, value):
        raise place.error(key, complaint)
    return value


def _nested(place: Place, table: str, number: int) -> Place:
    return replace(place, table=table, number=number)
