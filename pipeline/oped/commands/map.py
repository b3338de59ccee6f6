"""`oped map`: one article to one argument map."""

import sys
from pathlib import Path
from typing import Any

import click

from oped.commands.language_model import MODEL_HELP, given, language_model_options, with_samples
from oped.resources import DEFAULT_MODEL


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

    chosen = check_format(format_name, output)
    if kind is None and (shown := given_map(source)):
        write_map(shown, output, chosen)
        return
    from oped.language.lean import import_spacy_lean

    import_spacy_lean()
    from oped.ingest.read import article_from_bytes, read_article
    from oped.parsers import open_parser

    if source == "-":
        data = sys.stdin.buffer.read()
        article = article_from_bytes(
            data,
            kind=kind or ("pdf" if data.startswith(b"%PDF-") else "text"),
            name="standard input",
            max_characters=max_characters,
        )
    else:
        article = read_article(source, kind=kind, max_characters=max_characters)
    write_map(open_parser(model, scheme=scheme, **given(options)).parse(article), output, chosen)
