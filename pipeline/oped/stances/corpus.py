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


def read_stances(
    path: Path, split: str, texts: Callable[[str], Article | None] | None = None
) -> tuple[list[LabelledTarget], int]:
    """The annotated targets of one part.

    Args:
        path: a folder with `SPLIT.jsonl`, as `corpora/stances` describes it. A line names its article by the folder of a corpus
            beside this one and an id.
        texts: finds the articles of corpora that hold offsets alone.

    Returns:
        The targets, and how many were left out because the text of their article is not at hand.

    Raises:
        ConfigError: no such part, or no target whose article is at hand.
        FormatError: a line is not such a target.
    """
    file = path / f"{split}.jsonl"
    if not split or not file.is_file():
        known = ", ".join(sorted(part.stem for part in path.glob("*.jsonl")))
        raise ConfigError(f"{path}: expected a split ({known}), found {split!r}")
    rows = list(_rows(file))
    articles = {
        (corpus, amap.article.id): amap.article.text
        for corpus in sorted({corpus for corpus, *_ in rows})
        for amap in read_corpus(path.parent / corpus / f"{split}.jsonl", "oped", texts=texts)
    }
    found = []
    for corpus, article, statement, entity, stance in rows:
        if text := articles.get((corpus, article)):
            found.append(LabelledTarget(Target.of(text, statement, entity), stance))
    if not found:
        raise ConfigError(f"{file}: expected targets in articles that are at hand, found none")
    return found, len(rows) - len(found)


def _rows(file: Path) -> Iterator[tuple[str, str, tuple[int, int], tuple[int, int], int]]:
    with open(file, encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                row = json.loads(line)
                (first, last), (start, end) = row["component"], row["entity"]
                if not first <= start < end <= last:
                    raise ValueError(f"an entity from {start} to {end} in a statement from {first} to {last}")
                yield row["corpus"], row["article"], (first, last), (start, end), STANCES.index(row["stance"])
            except (ValueError, KeyError, TypeError) as error:
                raise FormatError(f"expected a stance, found {error}", path=file, place=f"line {number}") from None
