"""Passages: statements with what stands around them in their articles."""

from dataclasses import dataclass
from typing import Self

from oped.records import Article

AROUND = 400


@dataclass(frozen=True, slots=True, order=True)
class Passage:
    """A statement, with what helps to understand it where that is known.

    Attributes:
        title: of its article.
        before, after: what stands around it in its paragraph, cut where that is long.
    """

    text: str
    title: str = ""
    before: str = ""
    after: str = ""

    @classmethod
    def of(cls, article: Article, start: int, end: int) -> Self:
        """The statement in a span of an article.

        Args:
            start, end: code points, end exclusive.
        """
        return cls(article.text[start:end], article.title or "", *surroundings(article.text, start, end))

    @property
    def alone(self) -> Self:
        """The statement without its surroundings."""
        return type(self)(self.text)


def surroundings(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a span in its paragraph, at most `AROUND` characters each, whole words."""
    first, last = text.rfind("\n\n", 0, start), text.find("\n\n", end)
    before = " ".join(text[0 if first < 0 else first : start].split())
    after = " ".join(text[end : None if last < 0 else last].split())
    if len(before) > AROUND:
        before = f"… {before[-AROUND:].partition(' ')[2]}"
    if len(after) > AROUND:
        after = f"{after[:AROUND].rpartition(' ')[0]} …"
    return before, after
