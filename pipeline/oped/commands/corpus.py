"""`oped corpus`: counts and inconsistencies of a corpus."""

import json
import sys
from pathlib import Path

import click


@click.group("corpus")
def command() -> None:
    """Counts and inconsistencies of an annotated corpus."""


_PATH = click.argument("path", type=click.Path(path_type=Path))
_FORMAT = click.option("--format", "format_name", required=True, help="Format of the corpus; see oped convert --help.")
_SPLIT = click.option("--split", help="The part of the corpus to read.")
_TEXTS = click.option(
    "--texts",
    type=click.Path(path_type=Path, exists=True),
    help="JSONL with the articles of an annotation without text.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@command.command("stats")
@_PATH
@_FORMAT
@_SPLIT
@_TEXTS
@click.option("--variety", "varied", is_flag=True, help="Add measures of how alike the texts and their arguments are.")
@_JSON
def stats_command(
    path: Path, format_name: str, split: str | None, texts: Path | None, varied: bool, as_json: bool
) -> None:
    """Print how many documents, words, components and relations there are, by label."""
    from oped.formats.statistics import statistics

    found = statistics(path, format_name, split=split, texts=texts, varied=varied)
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    for key, value in found.items():
        if isinstance(value, dict):
            click.echo(f"{key}:")
            for label, count in value.items():
                click.echo(f"  {label:32} {count}")
        else:
            click.echo(f"{key}: {value}")


@command.command("check")
@_PATH
@_FORMAT
@_SPLIT
@_TEXTS
@_JSON
def check_command(path: Path, format_name: str, split: str | None, texts: Path | None, as_json: bool) -> None:
    """List every inconsistency, with file and position; exit with 1 where there is one. Nothing is repaired."""
    from oped.formats.statistics import check

    problems = check(path, format_name, split=split, texts=texts)
    if as_json:
        rows = [
            {"path": item.path, "place": item.place, "reason": item.reason, "left_out": item.left_out}
            for item in problems
        ]
        click.echo(json.dumps(rows, indent=1))
    else:
        for problem in problems:
            click.echo(str(problem))
        click.echo(f"{len(problems)} inconsistencies", err=True)
    sys.exit(1 if problems else 0)
