"""Writing one map where the user wants it: a file or the standard output, whole or not at all."""

import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import click

from oped.errors import OpedError
from oped.files import write_beside
from oped.formats.registry import FORMATS, format_by_suffix
from oped.records import ArgumentMap

TREE, HTML, SVG, OUTLINE, JSON = "tree", "html", "svg", "outline", "json"
_ENDINGS = {".html": HTML, ".htm": HTML, ".svg": SVG, ".md": OUTLINE}


def check_format(name: str | None, output: Path | None) -> str:
    """The format to write: the named one, or the one that the output's ending tells.

    Raises:
        click.UsageError: there is no such format, or it can't be written.
    """
    if name is None:
        if output is None:
            return JSON
        return _ENDINGS.get(output.suffix.lower()) or format_by_suffix(output) or JSON
    writable = sorted({TREE, HTML, SVG, OUTLINE, JSON, *(item.name for item in FORMATS.values() if item.write)})
    if name not in writable:
        raise click.UsageError(f"--format: expected one of {', '.join(writable)}; found {name!r}")
    return name


def shown_format(name: str | None, output: Path) -> str | None:
    """The format for people (page, picture, outline) that is named or told by an ending; None where it is another."""
    chosen = name or _ENDINGS.get(output.suffix.lower())
    return chosen if chosen in (*_DRAWN, TREE) else None


def write_map(amap: ArgumentMap, output: Path | None, format_name: str, *, inputs: Iterable[Path] = ()) -> None:
    """Write a map in a format, to a file or to the standard output.

    Raises:
        OutputError: the file is one of the inputs, or can't be written there.
    """
    if format_name == TREE and output is None:
        from rich.console import Console

        from oped.render.tree import print_tree

        print_tree(amap, Console(highlight=False))
        return
    if output is None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"map{_suffix(format_name)}"
            _write(amap, path, format_name)
            if path.is_dir():
                raise OpedError(f"the format {format_name} makes several files: name a folder with -o")
            put_out(path.read_bytes())
        return
    with write_beside(output, inputs=inputs) as path:
        _write(amap, path, format_name)


def put_out(data: bytes) -> None:
    """Write to the standard output, at once.

    Raises:
        OpedError: it is closed.
    """
    if sys.stdout is None:
        raise OpedError("the standard output is closed; name a file with -o")
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _suffix(format_name: str) -> str:
    suffixes = FORMATS[format_name].suffixes if format_name in FORMATS else ()
    return suffixes[0] if suffixes else ""


def _write(amap: ArgumentMap, path: Path, format_name: str) -> None:
    try:
        _write_as(amap, path, format_name)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise OpedError(f"the format {format_name} can't hold this map: {error}") from None


def _write_as(amap: ArgumentMap, path: Path, format_name: str) -> None:
    if format_name in _DRAWN:
        path.write_text(_DRAWN[format_name](amap), encoding="utf-8", newline="\n")
    elif format_name == TREE:
        from rich.console import Console

        from oped.render.tree import print_tree

        with open(path, "w", encoding="utf-8") as stream:
            print_tree(amap, Console(file=stream, width=120, highlight=False))
    else:
        write = FORMATS["oped" if format_name == JSON else format_name].write
        assert write is not None
        write([amap], path)


def _page(amap: ArgumentMap) -> str:
    from oped.render.page import render_page

    return render_page(amap)


def _picture(amap: ArgumentMap) -> str:
    from oped.render.picture import draw_map

    return draw_map(amap)


def _outline(amap: ArgumentMap) -> str:
    from oped.render.outline import outline_of

    return outline_of(amap)


_DRAWN: Mapping[str, Callable[[ArgumentMap], str]] = {HTML: _page, SVG: _picture, OUTLINE: _outline}
