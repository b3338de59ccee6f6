"""`oped quantize`: a model whose encoder computes in int8."""

import tempfile
import time
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import click

from oped.errors import ConfigError

MOST = 60  # articles that show the outliers, and as many whose maps are compared


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

    unreadable: list[tuple[str, str]] = []
    shares = quantize_and_compare(model, inputs, output, scheme=scheme, outliers=outliers, unreadable=unreadable)
    for name, reason in unreadable:
        click.echo(f"oped: {name}: {reason}", err=True)
    for name, value in shares.items():
        click.echo(f"{name}: {value:.3f}")


def quantize_and_compare(
    model: str,
    inputs: Iterable[str],
    folder: Path,
    *,
    scheme: str | None = None,
    outliers: int = 8,
    unreadable: list[tuple[str, str]] | None = None,
) -> dict[str, float]:
    """Quantize a model, and map articles with it and in float32.

    Args:
        model: name or folder.
        inputs: as for a batch. Every other one of the first articles shows the outliers, the rest are mapped.
        folder: of the new model.
        unreadable: takes the names of inputs that are no articles, and why.

    Returns:
        `alike` of `oped.metrics.alike`, with `speed`, how many times as fast the maps are made.

    Raises:
        ConfigError: there are fewer than two articles, or the folder is not empty.
        ModelError: no such model or scheme.
    """
    from oped.batch.inputs import readable_articles
    from oped.metrics.alike import alike
    from oped.neural.parser.int8 import float32, quantize
    from oped.neural.trained import TrainedParser
    from oped.resources import find_model

    failed: list[tuple[str, str]] = [] if unreadable is None else unreadable
    articles = [article for _, article in islice(readable_articles(inputs, failed), 2 * MOST)]
    if len(articles) < 2:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in failed[:3])
        raise ConfigError(f"expected at least two articles, found {len(articles)}{reasons and f': {reasons}'}")
    quantize(find_model(model), folder, [article.text for article in articles[::2]], outliers=outliers)
    maps, seconds = [], []
    with tempfile.TemporaryDirectory() as place:
        for form in (float32(folder, Path(place) / "model"), folder):
            parser = TrainedParser.open(form, scheme=scheme, entities=False)
            parser.parse(articles[0])
            began = time.perf_counter()
            maps.append(list(parser.pipe(articles[1::2])))
            seconds.append(time.perf_counter() - began)
    return {**{f"{kind}_alike": share for kind, share in alike(*maps).items()}, "speed": seconds[0] / seconds[1]}
