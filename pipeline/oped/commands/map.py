"""`oped map`: one article to one argument map."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oped.commands.language_model import MODEL_HELP, given, language_model_options, with_samples
from oped.errors import InputError
from oped.resources import DEFAULT_MODEL

if TYPE_CHECKING:
    from oped.records import Article


@click.command("map")
@click.argument("source", metavar="INPUT")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write to this file; by default to the standard output."
)
@click.option(
    "--format",
    "format_name",
    help="tree, html, svg, outline, or a format of oped convert; default: by the output's ending, else json.",
)
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help=MODEL_HELP)
@click.option("--scheme", help="Answer in this annotation scheme of the model.")
@click.option(
    "--kind",
    type=click.Choice(["text", "markdown", "html", "pdf"]),
    help="What the input is; by default its ending and first bytes tell.",
)
@click.option(
    "--max-characters", type=click.IntRange(min=1), default=1_000_000, show_default=True, help="Refuse a longer text."
)
@with_samples
@language_model_options
def command(
    source: str,
    output: Path | None,
    format_name: str | None,
    model: str,
    scheme: str | None,
    kind: str | None,
    max_characters: int,
    **options: Any,
) -> None:
    """Map the argument of one article: INPUT is a file (text, Markdown, HTML, PDF) or - for the standard input.

    A map (JSON) as INPUT is shown or converted as it is.
    """
    from oped.commands.given import given_map
    from oped.commands.write import check_format, write_map
    from oped.files import refuse_input

    chosen = check_format(format_name, output)
    inputs = [] if source == "-" else [Path(source)]
    if output:
        refuse_input(output, inputs)
    if kind is None and (shown := given_map(source)):
        write_map(shown, output, chosen, inputs=inputs)
        return
    from oped.language.lean import import_spacy_lean

    article = _read(source, kind, max_characters)
    import_spacy_lean()
    from threadpoolctl import threadpool_limits

    from oped.parsers import open_parser

    threadpool_limits(limits=1)  # numpy's products are small: a second thread only waits, at full speed
    write_map(open_parser(model, scheme=scheme, **given(options)).parse(article), output, chosen, inputs=inputs)


def _read(source: str, kind: str | None, max_characters: int) -> "Article":
    """The article, read apart: before the model is there, so that the process that reads it is small."""
    from oped.apart import run_apart
    from oped.ingest.read import article_from_bytes, read_article, read_bounded

    if source != "-":
        return run_apart(partial(read_article, source, kind=kind, max_characters=max_characters), name=source)
    name = "standard input"
    if sys.stdin is None:
        raise InputError(f"{name}: expected an article, but it is closed")
    data = read_bounded(sys.stdin.buffer, name, max_characters)
    known = kind or ("pdf" if data.startswith(b"%PDF-") else "text")
    read = partial(article_from_bytes, data, kind=known, name=name, max_characters=max_characters)
    return run_apart(read, name=name)
