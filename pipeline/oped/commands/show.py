"""Pages, pictures, outlines and trees of a map that is read from a file."""

from collections.abc import Callable
from pathlib import Path

from oped.commands.write import write_map
from oped.errors import FormatError
from oped.formats.problems import Problem
from oped.formats.registry import format_by_suffix, read_corpus
from oped.formats.schemes import SCHEMES, Scheme
from oped.formats.texts import article_texts


def show(
    source: Path,
    target: Path,
    format_name: str,
    *,
    source_format: str | None = None,
    split: str | None = None,
    texts: Path | None = None,
    opinion: bool = False,
    step: Callable[[], None] = lambda: None,
) -> list[Problem]:
    """Write the one map of a file for people to look at.

    Args:
        format_name: html, svg, outline or tree.
        texts: file with the article of an annotation without text.
        opinion: map the labels onto the opinion scheme.
        step: is called when the map is read.

    Returns:
        The inconsistencies found on reading.

    Raises:
        FormatError: the input is malformed, or holds no map or several.
        OutputError: the output is an input, or can't be written there.
    """
    problems: list[Problem] = []
    find = article_texts(texts) if texts else None
    reads = source_format or format_by_suffix(source) or "oped"
    maps = list(read_corpus(source, reads, split=split, report=problems.append, texts=find))
    if len(maps) != 1:
        raise FormatError(f"expected one map to show as {format_name}, found {len(maps)}", path=source)
    (amap,) = maps
    if opinion:
        amap = SCHEMES.get(amap.scheme, Scheme(amap.scheme, {})).to_opinion(amap)
    step()
    write_map(amap, target, format_name, inputs=[source, *([texts] if texts else [])])
    return problems
