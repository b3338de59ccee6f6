"""Hugging Face `datasets` of corpora: the fields of the JSON map as declared features, a row an article."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oped.fields import Field, Kind, fields_of
from oped.formats._files import optional
from oped.formats.registry import find_format, read_corpus
from oped.formats.texts import article_texts
from oped.records import FORMAT, VERSION, ArgumentMap

if TYPE_CHECKING:
    from datasets import DatasetDict, Features, IterableDatasetDict

_VALUES = {Kind.INTEGER: "int64", Kind.NUMBER: "float64", Kind.FLAG: "bool"}


def features() -> "Features":
    """The declared features: those of the JSON map, `extra` as JSON text."""
    return _datasets().Features(_features(ArgumentMap))


def _features(record: type[Any]) -> dict[str, Any]:
    return {item.name: _feature(item) for item in fields_of(record)}


def _feature(item: Field) -> Any:
    datasets = _datasets()
    if item.record is not None:
        inner = _features(item.record)
        return datasets.List(inner) if item.kind is Kind.RECORDS else inner
    value = datasets.Value(_VALUES.get(item.kind, "string"))
    return datasets.List(value) if item.kind is Kind.TEXTS else value


def row_of(record: Any) -> dict[str, Any]:
    """A map, or a record in it, as a row of `features()`."""
    return {item.name: _cell(item, getattr(record, item.name)) for item in fields_of(type(record))}


def _cell(item: Field, value: Any) -> Any:
    if item.kind is Kind.OBJECT:
        return json.dumps(dict(value), ensure_ascii=False, sort_keys=True)
    if item.kind in (Kind.TEXTS, Kind.RECORDS):
        return [row_of(one) if item.record else one for one in value]
    return row_of(value) if item.record and value is not None else value


def map_of_row(row: Mapping[str, Any]) -> ArgumentMap:
    """The map of a row.

    Raises:
        ValueError: the row holds no valid map.
    """
    return ArgumentMap.from_dict({"format": FORMAT, "version": VERSION, **_data(ArgumentMap, row)})


def _data(record: type[Any], row: Mapping[str, Any]) -> dict[str, Any]:
    return {item.name: _value(item, row[item.name]) for item in fields_of(record) if item.name in row}


def _value(item: Field, value: Any) -> Any:
    if item.kind is Kind.OBJECT:
        return json.loads(value or "{}")
    if item.record is None or value is None:
        return value
    if item.kind is Kind.RECORDS:
        return [_data(item.record, one) for one in value]
    # A record that is not there may come back as one of nothing but None.
    return _data(item.record, value) if any(one is not None for one in value.values()) else None


def load_corpus(
    path: str | Path,
    format: str,
    *,
    splits: list[str] | None = None,
    texts: Path | None = None,
    streaming: bool = False,
) -> "DatasetDict | IterableDatasetDict":
    """Read an annotated corpus as a `datasets.DatasetDict`.

    Args:
        format: its name; see `oped convert --help`.
        splits: parts to read; by default those that the corpus has, or `train` for all of it where it has none.
        texts: file with the articles of an annotation without text.
        streaming: read on demand, row by row: an `IterableDatasetDict`.

    Raises:
        ConfigError: no such format or split.
        FormatError: the corpus is malformed.
        MissingExtraError: datasets is not installed.
    """
    datasets = _datasets()
    kind = datasets.IterableDataset if streaming else datasets.Dataset
    parts = {}
    for name, split in _splits(Path(path), format, splits).items():
        sources = {"path": str(path), "format": format, "split": split, "texts": str(texts) if texts else None}
        parts[name] = kind.from_generator(_rows, features=features(), gen_kwargs=sources)
    return (datasets.IterableDatasetDict if streaming else datasets.DatasetDict)(parts)


def _splits(path: Path, format: str, wanted: list[str] | None) -> dict[str, str | None]:
    if wanted:
        return {name: name for name in wanted}
    known = find_format(format).splits or {name: (f"{name}.jsonl",) for name in ("train", "dev", "test")}
    there = [name for name, patterns in known.items() if path.is_dir() and any(any(path.glob(p)) for p in patterns)]
    return {name: name for name in there} or {"train": None}


def _rows(path: str, format: str, split: str | None, texts: str | None) -> Iterator[dict[str, Any]]:
    find = article_texts(Path(texts)) if texts else None
    for amap in read_corpus(path, format, split=split, texts=find):
        yield row_of(amap)


def _datasets() -> Any:
    return optional("datasets", "datasets")
