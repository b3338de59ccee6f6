"""`oped score`: the published metrics for predictions made elsewhere."""

from pathlib import Path

import click


@click.command("score")
@click.argument("gold", type=click.Path(path_type=Path))
@click.argument("predicted", type=click.Path(path_type=Path))
@click.option("--format", "format_name", required=True, help="Format of both; see oped convert --help.")
@click.option("--predicted-format", help="Format of the predictions, where it is another.")
@click.option("--split", help="The part of the gold corpus to read.")
@click.option(
    "--mapping",
    type=click.Path(path_type=Path, exists=True),
    help="TOML file that maps the labels onto the opinion scheme; then that scheme's metrics are printed.",
)
@click.option(
    "--texts",
    type=click.Path(path_type=Path, exists=True),
    help="JSONL with the articles of an annotation without text.",
)
@click.option(
    "--samples", type=click.IntRange(min=0), default=1000, show_default=True, help="Bootstrap samples; 0: no intervals."
)
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True),
    help="Other predictions: test the difference, document by document.",
)
@click.option("--agreement", is_flag=True, help="Treat both as annotations: add unitizing alpha and kappa.")
@click.option("--errors", is_flag=True, help="Add what went wrong, counted by kind.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    gold: Path,
    predicted: Path,
    format_name: str,
    predicted_format: str | None,
    split: str | None,
    mapping: Path | None,
    texts: Path | None,
    samples: int,
    against: Path | None,
    agreement: bool,
    errors: bool,
    as_json: bool,
) -> None:
    """Score the maps at PREDICTED against those at GOLD; documents are matched by id, or by order where ids differ."""
    from oped.commands.report import print_report
    from oped.evaluation import Gold, score

    corpus = Gold(gold, format_name, split=split, mapping=mapping, texts=texts)
    others = [
        Gold(path, predicted_format or format_name, mapping=mapping, texts=texts)
        for path in (predicted, against)
        if path
    ]
    report = score(
        corpus,
        others[0],
        samples=samples,
        against=others[1] if against else None,
        agreement=agreement,
        errors=errors,
    )
    print_report(report, as_json=as_json)
