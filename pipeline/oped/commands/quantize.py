"""`oped quantize`: a model whose encoder computes in int8."""

from pathlib import Path

import click


@click.command("quantize")
@click.argument("model")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder of the new model.")
@click.option("--scheme", help="Annotation scheme of the maps that are compared.")
@click.option(
    "--outliers", type=click.IntRange(min=1), default=8, show_default=True, help="Channels of a layer left in float32."
)
def command(model: str, inputs: tuple[str, ...], output: Path, scheme: str | None, outliers: int) -> None:
    """Copy MODEL with its encoder in int8, and say what that changes in the maps of articles in INPUT.

    INPUT is what `oped batch` takes. Half of the articles show which channels of the activations must stay in float32, the
    others are mapped by both models. Where annotated articles are at hand, judge both with `oped evaluate` besides.
    """
    from oped.errors import MissingExtraError

    try:
        import onnx  # noqa: F401
        import torch  # noqa: F401
    except ImportError:
        raise MissingExtraError("train", "oped quantize") from None
    from oped.neural.parser.int8 import quantize_and_compare

    unreadable: list[tuple[str, str]] = []
    shares = quantize_and_compare(model, inputs, output, scheme=scheme, outliers=outliers, unreadable=unreadable)
    for name, reason in unreadable:
        click.echo(f"oped: {name}: {reason}", err=True)
    for name, value in shares.items():
        click.echo(f"{name}: {value:.3f}")
