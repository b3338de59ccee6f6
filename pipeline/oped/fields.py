"""Fields of records: their names, types and order, told once by the dataclass of each record.

JSON, rows of tables, Arrow schemas, `datasets` features and annotation layers are all made from `fields_of`. Data is
checked here, once, where a record is made from it: for types, and for Unicode that every file and program can hold.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Self, TypeVar, get_args, get_type_hints

T = TypeVar("T")
OMITTED = {"omitted": True}  # metadata of a field that JSON leaves out where it has its default
STATED = {"stated": True}  # metadata of a field that JSON must have, although it has a default


class Kind(StrEnum):
    """What stands in a field, in the words of an error message."""

    TEXT = "text"
    INTEGER = "a whole number"
    NUMBER = "a number"
    FLAG = "true or false"
    TEXTS = "a list of texts"
    OBJECT = "an object"
    RECORD = "an object with its fields"
    RECORDS = "a list of objects"


_KINDS: dict[Any, Kind] = {
    str: Kind.TEXT,
    int: Kind.INTEGER,
    float: Kind.NUMBER,
    bool: Kind.FLAG,
    tuple[str, ...]: Kind.TEXTS,
    Mapping[str, Any]: Kind.OBJECT,
}
_TYPES: dict[Kind, Any] = {
    Kind.TEXT: str,
    Kind.INTEGER: int,
    Kind.NUMBER: int | float,
    Kind.FLAG: bool,
    Kind.TEXTS: list | tuple,
    Kind.OBJECT: Mapping,
    Kind.RECORDS: list | tuple,
}
_MAY_BE_NULL = {Kind.TEXT, Kind.TEXTS, Kind.OBJECT, Kind.RECORDS}  # where null is read as the default, if there is one


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    Attributes:
        nullable: whether it may be None.
        required: whether data must have it; else it is `default` where it is missing.
        omitted: whether JSON leaves it out where it is `default`.
        record: the class of the record, or of the records, that stand in it.
    """

    name: str
    kind: Kind
    nullable: bool
    required: bool
    omitted: bool
    default: Any
    record: type[Any] | None


_known: dict[type[Any], tuple[Field, ...]] = {}


def fields_of(record: type[Any]) -> tuple[Field, ...]:
    """The fields of a record's class, in the order of its JSON: `WRITTEN` where it has that, else as declared."""
    if record not in _known:
        hints = get_type_hints(record)
        found = {item.name: _field(item, hints[item.name]) for item in fields(record)}
        _known[record] = tuple(found[name] for name in getattr(record, "WRITTEN", found))
    return _known[record]


def _field(item: Any, hint: Any) -> Field:
    options = set(get_args(hint)) if isinstance(hint, UnionType) else {hint}
    (plain,) = options - {NoneType}
    kind = _KINDS.get(plain) or (Kind.RECORD if is_dataclass(plain) else Kind.RECORDS)
    default = item.default if item.default_factory is MISSING else item.default_factory()
    required = default is MISSING or "stated" in item.metadata
    inner = {Kind.RECORD: plain, Kind.RECORDS: next(iter(get_args(plain)), None)}.get(kind)
    return Field(item.name, kind, NoneType in options, required, "omitted" in item.metadata, default, inner)


class Record:
    """A record: a frozen dataclass that is made from JSON's data and turns into it."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON's data."""
        return data_of(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The record of JSON's data; what else the data holds is passed over.

        Raises:
            ValueError: a value of the wrong type, Unicode that is not well-formed, or a value that the record refuses.
            KeyError: a required field is missing.
        """
        return record_of(cls, data)


def data_of(record: Any) -> dict[str, Any]:
    """A record as JSON's data: texts, numbers, lists and dictionaries."""
    pairs = ((item, getattr(record, item.name)) for item in fields_of(type(record)))
    return {item.name: _plain(item, value) for item, value in pairs if not (item.omitted and value == item.default)}


def _plain(item: Field, value: Any) -> Any:
    if value is None:
        return None
    if item.kind is Kind.RECORD:
        return value.to_dict()
    if item.kind is Kind.RECORDS:
        return [one.to_dict() for one in value]
    return list(value) if item.kind is Kind.TEXTS else dict(value) if item.kind is Kind.OBJECT else value


def record_of(record: type[T], data: Any, place: str = "") -> T:
    """The record of JSON's data.

    Args:
        place: where the data stands in a larger whole, for messages: `components[2]`.

    Raises:
        ValueError, KeyError: see `Record.from_dict`.
    """
    if not isinstance(data, Mapping):
        raise ValueError(f"{place or record.__name__}: expected an object, found {_shown(data)}")
    values = {}
    for item in fields_of(record):
        where = f"{place}.{item.name}" if place else item.name
        if item.name in data:
            if data[item.name] is not None or item.nullable or item.required or item.kind not in _MAY_BE_NULL:
                values[item.name] = _checked(item, data[item.name], where)
        elif item.required:
            raise KeyError(where)
    return record(**values)


def check_attributes(record: type[Any], holder: object) -> None:
    """Check the attributes of an object that are to become fields of a record, as `record_of` checks data.

    Raises:
        ValueError: a value of the wrong type, or Unicode that is not well-formed; names the field.
    """
    for item in fields_of(record):
        if hasattr(holder, item.name):
            _checked(item, getattr(holder, item.name), item.name)


def _checked(item: Field, value: Any, place: str) -> Any:
    """A value of data as the record holds it."""
    if value is None and item.nullable:
        return None
    if item.kind is Kind.RECORD:
        return value if isinstance(value, item.record or ()) else record_of(item.record or object, value, place)
    if isinstance(value, bool) is not (item.kind is Kind.FLAG) or not isinstance(value, _TYPES[item.kind]):
        raise ValueError(f"{place}: expected {item.kind}, found {_shown(value)}")
    if item.kind is Kind.TEXT:
        _check_unicode(value, place)
    elif item.kind is Kind.RECORDS:
        return tuple(record_of(item.record or object, one, f"{place}[{number}]") for number, one in enumerate(value))
    elif item.kind is Kind.TEXTS and (other := [one for one in value if not isinstance(one, str)]):
        raise ValueError(f"{place}: expected {item.kind}, found {_shown(other[0])} in it")
    elif item.kind in (Kind.TEXTS, Kind.OBJECT):
        for text in _texts(value):
            _check_unicode(text, place)
        return tuple(value) if item.kind is Kind.TEXTS else dict(value)
    return value


def _texts(value: Any) -> Iterator[str]:
    """All texts in a value, keys included, however deep."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            stack += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple):
            stack += one


def _check_unicode(text: str, place: str) -> None:
    if "\0" in text:
        raise ValueError(f"{place}: expected text without NUL, found one at {text.index(chr(0))}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        found = f"a lone surrogate at {error.start}"
        raise ValueError(f"{place}: expected well-formed Unicode, found {found}") from None


def _shown(value: Any) -> str:
    return "null" if value is None else f"{value!r:.60}"
