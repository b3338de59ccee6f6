"""Conversion of a corpus or map from one format to another."""

from collections.abc import Callable, Iterator
from pathlib import Path

from oped.errors import ConfigError
from oped.files import write_beside
from oped.formats.problems import Problem
from oped.formats.registry import find_format, format_by_suffix, read_corpus
from oped.formats.schemes import SCHEMES, Scheme
from oped.formats.texts import article_texts
from oped.records import ArgumentMap


def convert(  # noqa: PLR0913 - the options of the command
    source: Path,
    target: Path,
    *,
    source_format: str | None = None,
    target_format: str | None = None,
    split: str | None = None,
    texts: Path | None = None,
    opinion: bool = False,
    step: Callable[[], None] = lambda: None,
) -> list[Problem]:
    """Convert maps.

    Args:
        texts: file with the articles of an annotation without text.
        opinion: map the labels onto the opinion scheme.
        step: is called after each map.

    Returns:
        The inconsistencies found on reading.

    Raises:
        ConfigError: no such format, or one that can't be written.
        FormatError: the input is malformed.
        OutputError: the output is an input, or can't be written there.
    """
    reads = source_format or format_by_suffix(source) or "oped"
    writes = find_format(target_format or format_by_suffix(target) or "oped")
    if writes.write is None:
        raise ConfigError(f"{writes.name} can be read, not written")
    problems: list[Problem] = []
    find = article_texts(texts) if texts else None

    def maps() -> Iterator[ArgumentMap]:
        for amap in read_corpus(source, reads, split=split, report=problems.append, texts=find):
            step()
            yield SCHEMES.get(amap.scheme, Scheme(amap.scheme, {})).to_opinion(amap) if opinion else amap

    with write_beside(target, inputs=[source, *([texts] if texts else [])]) as path:
        writes.write(maps(), path)
    return problems
