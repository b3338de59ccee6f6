"""Annotated stances: which statement takes which stance towards which entity."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from oped.formats import _oped
from oped.formats._files import json_lines, part_file
from oped.formats.problems import Problem, Report, ignore
from oped.formats.texts import Texts

STANCES = ("for", "against", "none")
FOR, AGAINST, NONE = range(len(STANCES))
BEFORE = 220  # code points of an article that go before a statement


@dataclass(frozen=True, slots=True)
class StanceTarget:
    """An entity within a statement.

    Attributes:
        before: what the article says before the statement, or the end of it.
        start, end: code points of the entity in the statement, end exclusive.
    """

    before: str
    statement: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= len(self.statement):
            raise ValueError(f"expected an entity within {len(self.statement)} letters, found {self.start}-{self.end}")

    @classmethod
    def of(cls, text: str, statement: tuple[int, int], entity: tuple[int, int]) -> Self:
        """A target by its offsets in an article's text."""
        start, end = statement
        return cls(text[max(0, start - BEFORE) : start], text[start:end], entity[0] - start, entity[1] - start)


@dataclass(frozen=True, slots=True)
class LabelledTarget:
    """A target and its stance, a place in `STANCES`."""

    target: StanceTarget
    stance: int


def read(path: Path, split: str, report: Report, texts: Texts | None = None) -> Iterator[LabelledTarget | None]:
    """The annotated targets of one part; None for each whose article's text is not at hand.

    Args:
        path: a folder with `SPLIT.jsonl`, as `corpora/stances` describes it, or one such file. A line names its article by the
            folder of a corpus beside this one and an id, or holds its statement itself. The article is of the corpus' part of
            the file's own name, or of the one that the line names as `split`.
        texts: finds the articles of corpora that hold offsets alone.

    Raises:
        ConfigError: no such part.
    """
    file = part_file(path, split)
    articles: dict[Path, dict[str, str]] = {}  # texts by the file of their articles, and by id

    def text_of(row: Any) -> str | None:
        source = file.parent.parent / row["corpus"] / f"{row.get('split', file.stem)}.jsonl"
        if source not in articles:
            maps = _oped.read(source, ignore, texts=texts)
            articles[source] = {amap.article.id: amap.article.text for amap in maps}
        return articles[source].get(row["article"])

    for place, row in json_lines(file, report):
        try:
            target = _target(row, text_of)
        except (KeyError, TypeError) as error:
            expected = "expected entity and stance, with corpus, article and component or with before and statement"
            report(Problem(str(file), place, f"{expected}; found {error!r}"))
        except ValueError as error:
            report(Problem(str(file), place, str(error)))
        else:
            yield target


def _target(row: Any, text_of: Callable[[Any], str | None]) -> LabelledTarget | None:
    start, end = row["entity"]
    if row["stance"] not in STANCES:
        raise ValueError(f"expected one of {', '.join(STANCES)}, found {row['stance']!r}")
    stance = STANCES.index(row["stance"])
    if "statement" in row:
        return LabelledTarget(StanceTarget(row["before"], row["statement"], start, end), stance)
    first, last = row["component"]
    if not 0 <= first <= start < end <= last:
        raise ValueError(f"expected an entity within its statement, found {start}-{end} in {first}-{last}")
    text = text_of(row)
    if not text:
        return None
    if last > len(text):
        raise ValueError(
            f"expected a statement within the {len(text)} letters of {row['article']}, found one to {last}"
        )
    return LabelledTarget(StanceTarget.of(text, (first, last), (start, end)), stance)
