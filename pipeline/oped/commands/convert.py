"""`oped convert`: between corpus, annotation-tool and map formats."""

import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from oped.formats.registry import FORMATS


def _epilog() -> str:
    rows = (f"{item.name}: {item.summary} ({item.ways})" for item in FORMATS.values() if item.read or item.write)
    return "\b\nFormats:\n" + "\n".join(f"  {row}" for row in sorted(rows))


@click.command("convert", epilog=_epilog())
@click.argument("source", metavar="INPUT", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUTPUT", type=click.Path(path_type=Path))
@click.option("--from", "source_format", help="Format of the input; default: by its ending, else oped.")
@click.option(
    "--to",
    "target_format",
    help="Format of the output, or html, svg, outline, tree; default: by its ending, else oped.",
)
@click.option("--split", help="The part of the corpus to read.")
@click.option(
    "--texts",
    type=click.Path(path_type=Path, exists=True),
    help="JSONL with the articles of an annotation without text.",
)
@click.option("--opinion", is_flag=True, help="Map the labels onto the opinion scheme.")
def command(
    source: Path,
    target: Path,
    source_format: str | None,
    target_format: str | None,
    split: str | None,
    texts: Path | None,
    opinion: bool,
) -> None:
    """Convert the maps of INPUT and write them to OUTPUT; what the output's format can't hold is said on stderr."""
    from oped.apart import limits_for, run_apart
    from oped.commands.show import show
    from oped.commands.write import shown_format
    from oped.formats.convert import convert

    options: dict[str, Any] = {"source_format": source_format, "split": split, "texts": texts, "opinion": opinion}
    if shown := shown_format(target_format, target):
        run = partial(show, source, target, shown, **options)
    else:
        run = partial(convert, source, target, target_format=target_format, **options)
    problems = run_apart(run, name=str(source), limits=limits_for([source, *([texts] if texts else [])]))
    for problem in problems:
        click.echo(f"oped: {problem}", err=True)
    sys.exit(1 if any(problem.left_out for problem in problems) else 0)
