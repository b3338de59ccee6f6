"""Searches of the library: what its articles must have, and in which order those found are listed."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

SORTS = {
    "newest": "number DESC",
    "oldest": "number",
    "title": "casefold(coalesce(title, name)), number",
    "author": "authors IS NULL OR authors = '[]', named(authors), number DESC",
    "date": "published IS NULL, published DESC, number DESC",
    "risks": "risks IS NULL, risks DESC, number DESC",
}
_THESIS = {"found": "thesis IS NOT NULL", "none": "thesis IS NULL AND map IS NOT NULL"}
_RISKS = {"some": "risks > 0", "none": "risks = 0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for.

    Attributes:
        words: that title, authors or text must have, each of them.
        author: part of an author's name.
        warns: words that the article's risks must have.
        thesis: `found`, `none`, or empty: either.
        risks: `some`, `none`, or empty: either.
        status: queued, running, done or failed; empty: any.
        sort: one of `SORTS`.
    """

    words: str = ""
    author: str = ""
    warns: str = ""
    thesis: str = ""
    risks: str = ""
    status: str = ""
    sort: str = "newest"

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not any((self.words, self.author, self.warns, self.thesis, self.risks, self.status))

    def clause(self) -> tuple[str, list[str]]:
        """The condition in SQL, and its values."""
        parts = list(self._parts())
        return " AND ".join(["1", *(sql for sql, _ in parts)]), [value for _, values in parts for value in values]

    @property
    def order(self) -> str:
        """The order in SQL."""
        return SORTS[self.sort]

    def _parts(self) -> Iterator[tuple[str, list[str]]]:
        for word in self.words.casefold().split():
            yield "instr(coalesce(words, casefold(name)), ?) > 0", [word]
        for word in self.author.casefold().split():
            yield "instr(named(authors), ?) > 0", [word]
        for word in self.warns.casefold().split():
            yield "instr(coalesce(fears, ''), ?) > 0", [word]
        if self.thesis:
            yield _THESIS[self.thesis], []
        if self.risks:
            yield _RISKS[self.risks], []
        if self.status:
            yield "status = ?", [self.status]


ALL = Wanted()


def teach(base: sqlite3.Connection) -> None:
    """Give a database the functions that searches need."""
    base.create_function("casefold", 1, _casefold, deterministic=True)
    base.create_function("named", 1, _named, deterministic=True)


def _casefold(text: str | None) -> str:
    return (text or "").casefold()


def _named(authors: str | None) -> str:
    """The names of a list of authors, to be searched and sorted by."""
    return ", ".join(json.loads(authors or "[]")).casefold()
