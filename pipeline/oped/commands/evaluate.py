"""`oped evaluate`: run a model on a corpus and print the published metrics."""

from pathlib import Path
from typing import Any

import click

from oped.commands.language_model import file_options, given, language_model_options


@click.command("evaluate")
@click.argument("model")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "format_name", required=True, help="Format of the corpus; see oped convert --help.")
@click.option("--split", help="The part of the corpus to read.")
@click.option(
    "--scheme", help="Scheme to answer in; default: the corpus' own where the model has a head for it, else opinion."
)
@click.option(
    "--mapping",
    type=click.Path(path_type=Path, exists=True),
    help="TOML file that maps the corpus' labels onto the opinion scheme.",
)
@click.option(
    "--texts",
    type=click.Path(path_type=Path, exists=True),
    help="JSONL with the articles of an annotation without text.",
)
@click.option(
    "--samples", type=click.IntRange(min=0), default=1000, show_default=True, help="Bootstrap samples; 0: no intervals."
)
@click.option("--errors", is_flag=True, help="Add what went wrong, counted by kind.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@file_options
@language_model_options
def command(
    model: str,
    path: Path,
    format_name: str,
    split: str | None,
    scheme: str | None,
    mapping: Path | None,
    texts: Path | None,
    samples: int,
    errors: bool,
    as_json: bool,
    requests: Path | None,
    replies: tuple[Path, ...],
    **options: Any,
) -> None:
    """Run MODEL on the corpus at PATH (a folder as distributed, or one file of it)."""
    from oped.commands.batch_files import asked_by_file
    from oped.commands.report import print_report
    from oped.errors import UnansweredError
    from oped.evaluation import Gold, evaluate

    gold = Gold(path, format_name, split=split, mapping=mapping, texts=texts)
    report = None
    with asked_by_file(model, given(options), requests, replies) as language_model:
        try:
            report = evaluate(
                model,
                gold,
                scheme=scheme,
                samples=samples,
                errors=errors,
                options=given(options),
                language_model=language_model,
            )
        except UnansweredError:
            if requests is None:
                raise
    if report is not None:
        print_report(report, as_json=as_json)
