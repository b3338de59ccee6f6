"""Conversion of a corpus or map from one format to another."""

from collections.abc import Iterator
from pathlib import Path

from oped.errors import ConfigError
from oped.formats.problems import Problem
from oped.formats.registry import find_format, format_by_suffix, read_corpus
from oped.formats.schemes import SCHEMES, Scheme
from oped.formats.texts import article_texts
from oped.records import ArgumentMap


def convert(
    source: Path,
    target: Path,
    *,
    source_format: str | None = None,
    target_format: str | None = None,
    split: str | None = None,
    texts: Path | None = None,
    opinion: bool = False,
) -> list[Problem]:
    """Convert maps.

    Args:
        texts: file with the articles of an annotation without text.
        opinion: map the labels onto the opinion scheme.

    Returns:
        The inconsistencies found on reading.

    Raises:
        ConfigError: no such format, or one that can't be written.
        FormatError: the input is malformed.
    """
    reads = source_format or format_by_suffix(source) or "oped"
    writes = find_format(target_format or format_by_suffix(target) or "oped")
    if writes.write is None:
        raise ConfigError(f"{writes.name} can be read, not written")
    problems: list[Problem] = []
    find = article_texts(texts) if texts else None

    def maps() -> Iterator[ArgumentMap]:
        for amap in read_corpus(source, reads, split=split, report=problems.append, texts=find):
            yield SCHEMES.get(amap.scheme, Scheme(amap.scheme, {})).to_opinion(amap) if opinion else amap

    writes.write(maps(), target)
    return problems
