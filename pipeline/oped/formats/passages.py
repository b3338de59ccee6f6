"""Passages: statements with what stands around them in their articles."""

from dataclasses import dataclass
from typing import Self

from oped.records import Article

AROUND = 400
_REACH = 10 * AROUND  # what is looked through on each side of a statement for what stands around it


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
    least, most = max(0, start - _REACH), min(len(text), end + _REACH)
    first, last = text.rfind("\n\n", least, start), text.find("\n\n", end, most)
    before = " ".join(text[least if first < 0 else first : start].split())
    after = " ".join(text[end : most if last < 0 else last].split())
    if len(before) > AROUND:
        before = f"… {before[-AROUND:].partition(' ')[2]}"
    elif first < 0 < least:  # blanks for the most part
        before = f"… {before}"
    if len(after) > AROUND:
        after = f"{after[:AROUND].rpartition(' ')[0]} …"
    elif last < 0 and most < len(text):
        after = f"{after} …"
    return before, after
