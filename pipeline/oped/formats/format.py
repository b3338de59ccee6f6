"""Format: what a corpus or map format holds, how it is read and written, and what a map loses in it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import Random

from oped.formats.pairs import Pair
from oped.formats.problems import Report
from oped.formats.stances import LabelledTarget
from oped.formats.texts import Texts
from oped.records import ArgumentMap

Read = Callable[..., Iterator[ArgumentMap]]
ReadPairs = Callable[[Path, str, Report, Random, Texts | None], Iterator[Pair]]
ReadStances = Callable[[Path, str, Report, Texts | None], Iterator[LabelledTarget | None]]
Write = Callable[[Iterable[ArgumentMap], Path], None]
Configure = Callable[[Iterable[str], Iterable[str], Path], None]


class CorpusKind(StrEnum):
    """What a corpus holds, which tells the part of a model that is judged on it."""

    MAPS = "maps"
    PAIRS = "pairs"
    KEY_POINTS = "key points"
    STANCES = "stances"


@dataclass(frozen=True, slots=True)
class Format:
    """A corpus or map format.

    Attributes:
        kind: what it holds first of all; key points are read as maps and as pairs too.
        read: reads maps. `read_pairs`, `read_stances`: read pairs of statements, and stances.
        scheme: of what is read, where the format belongs to one corpus.
        splits: folder or file patterns of the parts of the corpus as distributed, by name.
        loses: what a map loses when written.
        configure: writes the annotation tool's own configuration, with the labels of components and of relations, beside
            what is written to a path; one that is there already is left as it is.
    """

    name: str
    summary: str
    read: Read | None = None
    write: Write | None = None
    kind: CorpusKind = CorpusKind.MAPS
    read_pairs: ReadPairs | None = None
    read_stances: ReadStances | None = None
    scheme: str | None = None
    splits: Mapping[str, tuple[str, ...]] | None = None
    suffixes: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()
    configure: Configure | None = None

    @property
    def ways(self) -> str:
        """Whether it is read, written, or both."""
        reads = self.read or self.read_pairs or self.read_stances
        return " and ".join(way for way, has in (("read", reads), ("written", self.write)) if has)
