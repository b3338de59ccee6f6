"""Corpora as Hugging Face `datasets`: the fields of the JSON map as declared features, a row an article."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oped.errors import MissingExtraError
from oped.formats.registry import find_format, read_corpus
from oped.formats.texts import article_texts
from oped.records import FORMAT, VERSION, ArgumentMap

if TYPE_CHECKING:
    from datasets import DatasetDict, Features, IterableDatasetDict


def features() -> "Features":
    """The declared features: those of the JSON map, `extra` as JSON text."""
    datasets = _datasets()
    text, whole, real, flag = (datasets.Value(name) for name in ("string", "int64", "float64", "bool"))
    span = {"id": text, "start": whole, "end": whole, "text": text}
    part = {
        **span,
        "type": text,
        "probability": real,
        "risk": flag,
        "risk_probability": real,
        "attribution": {"holder": text, "name": text},
        "entities": datasets.List(text),
        "extra": text,
    }
    link = {"id": text, "source": text, "target": text, "type": text, "probability": real, "extra": text}
    article = dict.fromkeys(("id", "title", "published", "url", "source", "language", "text", "extra"), text)
    return datasets.Features(
        {
            "article": {**article, "authors": datasets.List(text)},
            "entities": datasets.List({**span, "label": text, "name": text}),
            "components": datasets.List(part),
            "relations": datasets.List(link),
            "model": {"name": text, "version": text},
            "scheme": text,
        }
    )


def row_of(amap: ArgumentMap) -> dict[str, Any]:
    """A map as a row of `features()`."""
    data = amap.to_dict() | {"scheme": amap.scheme}
    for name in ("format", "version"):
        del data[name]
    for item in (data["article"], *data["components"], *data["relations"]):
        item["extra"] = json.dumps(item.get("extra") or {}, ensure_ascii=False, sort_keys=True)
    return data


def map_of_row(row: Mapping[str, Any]) -> ArgumentMap:
    """The map of a row.

    Raises:
        ValueError: the row holds no valid map.
    """
    data = json.loads(json.dumps(row)) | {"format": FORMAT, "version": VERSION}
    for item in (data["article"], *data["components"], *data["relations"]):
        item["extra"] = json.loads(item["extra"])
    for part in data["components"]:
        if part["attribution"] is not None and part["attribution"]["holder"] is None:
            part["attribution"] = None
    if data["model"] is not None and data["model"]["name"] is None:
        data["model"] = None
    return ArgumentMap.from_dict(data)


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
    try:
        import datasets
    except ImportError:
        raise MissingExtraError("formats", "datasets") from None
    return datasets
