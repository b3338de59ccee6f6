"""Bounds of a comparison: what is cut, joined, left out or refused, so that no maps make it take very long or grow very large.

What is compared, and what is found, grows about linearly with the maps. These bounds keep that so where one thing would be
repeated for each of many others, such as a very long name for each statement. Real articles do not come near them.
"""

from collections.abc import Iterable

from oped.errors import ConfigError
from oped.records import ArgumentMap

MOST_LETTERS = 2000  # of a statement, its restatement and a title; what is longer is cut
LONGEST_NAME = 1000  # letters of an id, a name or a date; what is longer is refused
MOST_GROUPS = 20  # authors of one article; more count as one group
MOST_ANSWERS = 100  # statements that are listed as answers to one attack, or against one risk
MOST_ENTRIES = 1_000_000  # names and statements that the contested points list together; the surest are listed
MOST_ROWS = 100_000  # rows of entities, one for each group that names one; the most named are listed
MOST_OWN = 100  # statements of a group that are looked through, on each side, for a change of mind


def cut(text: str, most: int = MOST_LETTERS) -> str:
    """A text on one line, with an ellipsis in the place of what is too much."""
    line = " ".join(text[: 4 * most].split())
    if len(line) <= most and len(text) <= 4 * most:
        return line
    return f"{line[: most - 2].rpartition(' ')[0] or line[: most - 2]} …"


def one_group(names: tuple[str, ...]) -> tuple[str, ...]:
    """Whom an article counts for: each of its authors, or all of them as one where they are very many."""
    return names if len(names) <= MOST_GROUPS else (f"{names[0]} and {len(names) - 1:,} others",)


def refuse_long_names(amap: ArgumentMap, groups: Iterable[str]) -> None:
    """Refuse a map with a name that would be repeated for many statements and is far too long.

    Raises:
        ConfigError: the article's id, a date, the name of a group, an entity or a source.
    """
    article = amap.article
    sources = (part.attribution.name for part in amap.components if part.attribution is not None)
    names = [article.id, article.published, *groups, *(entity.name for entity in amap.entities), *sources]
    longest = max((name for name in names if name), key=len, default="")
    if len(longest) > LONGEST_NAME:
        raise ConfigError(
            f"article {article.id[:40]!r}: expected ids, names and dates of at most {LONGEST_NAME:,} letters, "
            f"found one of {len(longest):,}: {longest[:40]!r} …"
        )
