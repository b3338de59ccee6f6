"""Registry of formats: finds a format by its name or by a file's ending, and reads corpora in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from oped.errors import ConfigError
from oped.formats._files import parts_of
from oped.formats._table import FORMATS
from oped.formats.format import CorpusKind, Format
from oped.formats.pairs import Pair
from oped.formats.problems import Problem, Report, ignore, refuse
from oped.formats.stances import LabelledTarget
from oped.formats.texts import Texts
from oped.records import ArgumentMap

__all__ = [
    "FORMATS",
    "CorpusKind",
    "Format",
    "find_format",
    "format_by_suffix",
    "read_corpus",
    "read_pairs",
    "read_stances",
]


def find_format(name: str) -> Format:
    """The format of that name.

    Raises:
        ConfigError: there is none.
    """
    if name not in FORMATS:
        raise ConfigError(f"expected a format, one of {', '.join(sorted(FORMATS))}; found {name!r}")
    return FORMATS[name]


def read_corpus(
    path: str | Path,
    format: str,
    *,
    split: str | None = None,
    report: Report | None = None,
    texts: Callable[[str], object] | None = None,
) -> Iterator[ArgumentMap]:
    """Read an annotated corpus, document by document.

    Args:
        format: its name, one of `FORMATS`.
        split: the part to read, where the corpus is distributed in parts.
        report: is called with each inconsistency; by default they are passed over (see `oped corpus check`).
        texts: finds the article of an annotation that comes without its text, by id.

    Raises:
        FormatError: nothing to read, or the only file is malformed.
        ConfigError: no such format or split.
    """
    chosen = find_format(format)
    if chosen.read is None:
        raise ConfigError(f"{format} can be written, not read" if chosen.write else _holds(chosen, CorpusKind.MAPS))
    more = {} if texts is None else {"texts": texts}
    for part in parts_of(Path(path), split, chosen.splits):
        yield from chosen.read(part, report or ignore, **more)


def read_pairs(
    path: Path,
    format: str,
    split: str = "",
    generator: Random | None = None,
    *,
    report: Report = refuse,
    texts: Texts | None = None,
) -> list[Pair]:
    """The pairs of a corpus.

    Args:
        generator: draws the pairs that are no match, where a corpus does not name such.
        report: is called with each inconsistency; by default one is an error.
        texts: finds the articles of corpora that hold offsets alone.

    Raises:
        ConfigError: a format without pairs, or a split without any (and without an inconsistency).
        FormatError: the corpus is malformed.
    """
    chosen = find_format(format)
    if chosen.read_pairs is None:
        raise ConfigError(_holds(chosen, CorpusKind.PAIRS))
    told: list[Problem] = []

    def tell(problem: Problem) -> None:
        told.append(problem)
        report(problem)

    found = list(chosen.read_pairs(path, split, tell, generator or Random(1), texts))
    if not found and not told:
        raise ConfigError(f"{path}: no pair of split {split!r}")
    return found


def read_stances(
    path: Path,
    split: str = "",
    texts: Texts | None = None,
    *,
    format: str = "oped-stances",
    report: Report = refuse,
) -> tuple[list[LabelledTarget], int]:
    """The annotated targets of one part of a corpus, and how many were left out because their text is not at hand.

    Args:
        texts: finds the articles of corpora that hold offsets alone.
        report: is called with each inconsistency; by default one is an error.

    Raises:
        ConfigError: a format without stances, no such part, or no target whose article is at hand.
        FormatError: the corpus is malformed.
    """
    chosen = find_format(format)
    if chosen.read_stances is None:
        raise ConfigError(_holds(chosen, CorpusKind.STANCES))
    found = list(chosen.read_stances(path, split, report, texts))
    targets = [item for item in found if item is not None]
    if not targets:
        raise ConfigError(f"{path}: expected targets in articles that are at hand, found none")
    return targets, len(found) - len(targets)


def _holds(chosen: Format, wanted: CorpusKind) -> str:
    way = {CorpusKind.MAPS: "read", CorpusKind.PAIRS: "read_pairs", CorpusKind.STANCES: "read_stances"}[wanted]
    others = ", ".join(item.name for item in FORMATS.values() if getattr(item, way))
    return f"format: expected one of {others}, which hold {wanted}; found {chosen.name}, which holds {chosen.kind}"


def format_by_suffix(path: Path) -> str | None:
    """Name of the first format that a file's ending belongs to."""
    name = path.name.lower()
    return next(
        (item.name for item in FORMATS.values() if any(name.endswith(suffix) for suffix in item.suffixes)), None
    )
