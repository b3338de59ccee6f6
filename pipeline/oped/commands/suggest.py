"""`oped suggest`: which articles to annotate next."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from oped.commands.language_model import given, language_model_options, with_samples
from oped.resources import DEFAULT_MODEL


@click.command("suggest")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where the first annotation of them goes.")
@click.option("--to", "target_format", default="label-studio", show_default=True, help="Its format: brat, oped, …")
@click.option("--count", type=click.IntRange(min=1), default=20, show_default=True, help="How many are wanted.")
@click.option(
    "--model",
    default=DEFAULT_MODEL,
    show_default=True,
    help="Path or name of the model to be taught; a language model annotates, and the shipped model ranks.",
)
@click.option("--scheme", help="Annotation scheme of the model.")
@click.option(
    "--known",
    type=click.Path(path_type=Path, exists=True),
    help="What is annotated already: left out, and what is like it comes later.",
)
@click.option("--known-format", default="oped", show_default=True, help="Format of --known.")
@click.option("--texts", type=click.Path(path_type=Path, exists=True), help="Articles that --known counts in.")
@click.option("--per-word", is_flag=True, help="Rank by doubt per word, not per article.")
@with_samples
@language_model_options
def command(
    inputs: tuple[str, ...],
    output: Path | None,
    target_format: str,
    count: int,
    model: str,
    scheme: str | None,
    known: Path | None,
    known_format: str,
    texts: Path | None,
    per_word: bool,
    **options: Any,
) -> None:
    """Rank articles by what annotating them would teach the model, and annotate the first ones for correction.

    INPUT is what `oped batch` takes: files, folders, globs, tables. The standard output gets a line of JSON for each article
    that is suggested; --output their maps in a format of an annotation tool.
    """
    from oped.evaluation import Gold
    from oped.files import refuse_input, write_beside
    from oped.formats.registry import find_format
    from oped.suggest.articles import suggest

    writer = find_format(target_format)
    if writer.write is None:
        raise click.UsageError(f"--to: {target_format} can be read, not written")
    if output:
        refuse_input(output, map(Path, inputs))
    annotated = Gold(known, known_format, texts=texts).read() if known else []
    found = suggest(
        inputs,
        model=model,
        scheme=scheme,
        known=annotated,
        count=count,
        per_word=per_word,
        options=given(options),
    )
    for name, reason in found.unreadable:
        click.echo(f"oped: {name}: {reason}", err=True)
    for rank, row in enumerate(found.rows, start=1):
        click.echo(json.dumps({"rank": rank, **row}, ensure_ascii=False))
    if output:
        with write_beside(output, inputs=map(Path, inputs)) as path:
            if writer.configure:
                writer.configure(found.types, found.relations, path)
            writer.write(iter(found.maps), path)
    sys.exit(1 if found.unreadable else 0)
