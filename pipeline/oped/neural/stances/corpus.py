"""Annotated stances: which statement takes which stance towards which entity."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oped.errors import ConfigError, FormatError
from oped.formats.registry import read_corpus
from oped.neural.stances.runtime import STANCES, Target
from oped.records import Article


@dataclass(frozen=True, slots=True)
class LabelledTarget:
    """A target and its stance, a place in `STANCES`."""

    target: Target
    stance: int


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a part that names its article; spans count in its text."""

    place: str
    corpus: str
    article: str
    statement: tuple[int, int]
    entity: tuple[int, int]
    stance: int


def read_stances(
    path: Path, split: str, texts: Callable[[str], Article | None] | None = None
) -> tuple[list[LabelledTarget], int]:
    """The annotated targets of one part.

    Args:
        path: a folder with `SPLIT.jsonl`, as `corpora/stances` describes it, or one such file. A line names its article by the
            folder of a corpus beside this one and an id, or holds its statement itself.
        texts: finds the articles of corpora that hold offsets alone.

    Returns:
        The targets, and how many were left out because the text of their article is not at hand.

    Raises:
        ConfigError: no such part, or no target whose article is at hand.
        FormatError: a line is not such a target.
    """
    file = path if path.is_file() else path / f"{split}.jsonl"
    if not file.is_file():
        known = ", ".join(sorted(part.stem for part in path.glob("*.jsonl")))
        raise ConfigError(f"{path}: expected a split ({known}), found {split!r}")
    rows = list(_rows(file))
    articles = {
        (corpus, amap.article.id): amap.article.text
        for corpus in sorted({row.corpus for row in rows if isinstance(row, _Row)})
        for amap in read_corpus(file.parent.parent / corpus / file.name, "oped", texts=texts)
    }
    found = []
    for row in rows:
        if isinstance(row, LabelledTarget):
            found.append(row)
        elif text := articles.get((row.corpus, row.article)):
            found.append(LabelledTarget(_target(row, text, file), row.stance))
    if not found:
        raise ConfigError(f"{file}: expected targets in articles that are at hand, found none")
    return found, len(rows) - len(found)


def _target(row: _Row, text: str, file: Path) -> Target:
    if row.statement[1] > len(text):
        reason = (
            f"expected a statement within the {len(text)} letters of {row.article}, found one to {row.statement[1]}"
        )
        raise FormatError(reason, path=file, place=row.place)
    return Target.of(text, row.statement, row.entity)


def _rows(file: Path) -> Iterator[_Row | LabelledTarget]:
    with open(file, encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            place = f"line {number}"
            try:
                yield _row(json.loads(line), place)
            except (KeyError, TypeError) as error:
                expected = "expected entity and stance, with corpus, article and component or with before and statement"
                raise FormatError(f"{expected}; found {error!r}", path=file, place=place) from None
            except ValueError as error:
                raise FormatError(str(error), path=file, place=place) from None


def _row(row: Mapping[str, Any], place: str) -> _Row | LabelledTarget:
    start, end = row["entity"]
    if row["stance"] not in STANCES:
        raise ValueError(f"expected one of {', '.join(STANCES)}, found {row['stance']!r}")
    stance = STANCES.index(row["stance"])
    if "statement" in row:
        return LabelledTarget(Target(row["before"], row["statement"], start, end), stance)
    first, last = row["component"]
    if not 0 <= first <= start < end <= last:
        raise ValueError(f"expected an entity within its statement, found {start}-{end} in {first}-{last}")
    return _Row(place, row["corpus"], row["article"], (first, last), (start, end), stance)
