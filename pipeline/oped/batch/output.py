"""What a batch leaves beside its maps: tables, `errors.jsonl`, `duplicates.jsonl` and `summary.json`.

All are made from the ledger and the maps, in the order of the input, when every article has its outcome; so they do not
depend on how often the run was interrupted or which worker did what.
"""

import hashlib
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import IO, Any

from oped.batch.ledger import ARTICLE, DUPLICATE, STATE, UNREADABLE, Entry, Ledger
from oped.formats.tables import TABLES, TableWriter
from oped.records import ArgumentMap

PART_ARTICLES = 50_000
SUMMARY = {"format": "oped/batch-summary", "version": 1}


class TornMapError(Exception):
    """A map is no longer what was written; its article must be mapped again.

    Args:
        content: of the article.
    """

    def __init__(self, content: str) -> None:
        super().__init__(content)
        self.content = content


def write_output(ledger: Ledger, *, part_articles: int = PART_ARTICLES) -> dict[str, Any]:
    """Write the tables and lists of a batch whose articles all have an outcome.

    Args:
        part_articles: a table of more articles becomes a folder of parts with as many each.

    Returns:
        The counts for the summary.

    Raises:
        TornMapError: a map is not whole.
    """
    fresh = ledger.folder / STATE / "output"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    with (
        open(fresh / "errors.jsonl", "w", encoding="utf-8", newline="\n") as errors,
        open(fresh / "duplicates.jsonl", "w", encoding="utf-8", newline="\n") as duplicates,
    ):
        counts = _write(ledger, fresh, errors, duplicates, part_articles)
    for path in sorted(fresh.iterdir()):
        _replace(path, ledger.folder / path.name)
    fresh.rmdir()
    return counts


def _write(ledger: Ledger, fresh: Path, errors: IO[str], duplicates: IO[str], part_articles: int) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    tables = _Parts(fresh, part_articles)
    for entry in ledger.entries():
        if entry.role == DUPLICATE:
            counts["duplicates"] += 1
            _line(duplicates, {"article": entry.name, "same_as": entry.same_as})
        elif entry.role == UNREADABLE or entry.failure:
            assert entry.failure is not None
            failures[entry.failure.kind] += 1
            _line(errors, {"article": entry.name, "error": entry.failure.kind, "reason": entry.failure.reason})
        elif entry.map_hash is None:
            counts["pending"] += 1
        else:
            amap = _whole_map(ledger, entry)
            tables.write(amap)
            counts.update(_counts_of(amap))
    tables.close()
    names = ("articles", "components", "relations", "entities", "risks", "words")
    mapped = {name: counts[name] for name in names}
    reading = {key.removeprefix("reading_"): counts[key] for key in sorted(counts) if key.startswith("reading_")}
    return {
        "input": counts["articles"] + counts["duplicates"] + counts["pending"] + failures.total(),
        "mapped": mapped,
        "pending": counts["pending"],
        "duplicates": counts["duplicates"],
        "failed": failures.total(),
        "failures": dict(sorted(failures.items())),
        **({"reading": reading} if reading else {}),
    }


def _counts_of(amap: ArgumentMap) -> dict[str, int]:
    return {
        "articles": 1,
        "components": len(amap.components),
        "relations": len(amap.relations),
        "entities": len(amap.entities),
        "risks": sum(bool(part.risk) for part in amap.components),
        "words": len(amap.article.text.split()),
        **(
            {} if amap.reading is None else {f"reading_{name}": count for name, count in amap.reading.to_dict().items()}
        ),
    }


def _whole_map(ledger: Ledger, entry: Entry) -> ArgumentMap:
    assert entry.role == ARTICLE and entry.content is not None
    try:
        data = ledger.map_path(entry.content).read_bytes()
    except OSError:
        raise TornMapError(entry.content) from None
    if hashlib.sha256(data).hexdigest() != entry.map_hash:
        raise TornMapError(entry.content)
    return ArgumentMap.from_dict(json.loads(data))


def _line(stream: IO[str], data: dict[str, Any]) -> None:
    stream.write(json.dumps(data, ensure_ascii=False) + "\n")


class _Parts:
    """The four tables, in one file each, or in folders of parts where there are many articles."""

    def __init__(self, folder: Path, part_articles: int) -> None:
        self.folder, self.part_articles = folder, part_articles
        self.articles = 0
        self.writer = TableWriter(self._paths(0))

    def write(self, amap: ArgumentMap) -> None:
        if self.articles and self.articles % self.part_articles == 0:
            self.writer.close()
            self.writer = TableWriter(self._paths(self.articles // self.part_articles))
        self.writer.write(amap)
        self.articles += 1

    def close(self) -> None:
        self.writer.close()
        if self.articles <= self.part_articles:
            for part in self._paths(0).values():
                single = part.replace(self.folder / "single.parquet")
                part.parent.rmdir()
                single.replace(part.parent)

    def _paths(self, number: int) -> dict[str, Path]:
        paths = {name: self.folder / f"{name}.parquet" / f"part-{number:05}.parquet" for name in TABLES}
        for path in paths.values():
            path.parent.mkdir(exist_ok=True)
        return paths


def _replace(path: Path, target: Path) -> None:
    """Put a new file or folder in the place of an old one of either kind."""
    if target.is_dir() or path.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        target.unlink(missing_ok=True)
    path.replace(target)


def write_summary(folder: Path, data: dict[str, Any]) -> dict[str, Any]:
    """Write `summary.json` and return what stands in it."""
    summary = {**SUMMARY, **data}
    partial = folder / STATE / "summary.json"
    partial.write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    partial.replace(folder / "summary.json")
    return summary
