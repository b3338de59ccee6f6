"""Annotated stances: which statement takes which stance towards which entity."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from oped.errors import ConfigError, FormatError
from oped.formats.registry import read_corpus
from oped.records import Article
from oped.stances.runtime import STANCES, Target


@dataclass(frozen=True, slots=True)
class LabelledTarget:
    """A target and its stance, a place in `STANCES`."""

    target: Target
    stance: int


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a part; spans count in the text of the article."""

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
            folder of a corpus beside this one and an id.
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
        for corpus in sorted({row.corpus for row in rows})
        for amap in read_corpus(file.parent.parent / corpus / file.name, "oped", texts=texts)
    }
    found = [
        LabelledTarget(_target(row, text, file), row.stance)
        for row in rows
        if (text := articles.get((row.corpus, row.article)))
    ]
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


def _rows(file: Path) -> Iterator[_Row]:
    with open(file, encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            place = f"line {number}"
            try:
                row = json.loads(line)
                (first, last), (start, end) = row["component"], row["entity"]
                corpus, article, stance = str(row["corpus"]), str(row["article"]), str(row["stance"])
                inside = 0 <= first <= start < end <= last
            except (ValueError, KeyError, TypeError) as error:
                expected = "expected corpus, article, component, entity and stance"
                raise FormatError(f"{expected}, found {error!r}", path=file, place=place) from None
            if not inside:
                reason = f"expected an entity within its statement, found {start}-{end} in {first}-{last}"
                raise FormatError(reason, path=file, place=place)
            if stance not in STANCES:
                raise FormatError(f"expected one of {', '.join(STANCES)}, found {stance!r}", path=file, place=place)
            yield _Row(place, corpus, article, (first, last), (start, end), STANCES.index(stance))
