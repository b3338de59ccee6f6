"""What readers of every kind deliver: an article as a sequence of blocks, with the metadata its file carries."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading or other block, with white space folded.

    Attributes:
        level: of a heading, from 1; 0: no heading.
        rule: whether a horizontal rule stands before it.
        quoted: whether the file sets it apart as another's words.
    """

    text: str
    level: int = 0
    rule: bool = False
    quoted: bool = False

    @property
    def words(self) -> int:
        return len(self.text.split())


@dataclass(slots=True)
class Source:
    """An article as read, before its furniture is recognized.

    Attributes:
        title, authors, published, url: from the file's metadata, which the text's own head only supplements.
    """

    blocks: list[Block]
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    url: str | None = None
    extra: dict[str, object] = field(default_factory=dict)
