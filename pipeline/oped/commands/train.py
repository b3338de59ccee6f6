"""`oped train`: train a part of a model on annotated corpora."""

from pathlib import Path

import click


@click.command("train")
@click.argument("config", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder of the run; default: runs/NAME.")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a value of the configuration: schedule.epochs=3.",
)
@click.option("--quiet", is_flag=True, help="Show no progress.")
def command(config: Path, output: Path | None, changes: tuple[str, ...], quiet: bool) -> None:
    """Train as the TOML file CONFIG says; a second call goes on from the last checkpoint.

    The folder gets the run's configuration, its losses and scores after each epoch (metrics.jsonl), and a model folder with the
    finished part; for a parser also learning curves and confusions of types as pictures.
    """
    for change in changes:
        if "=" not in change:
            raise click.UsageError(f"--set: expected KEY=VALUE, found {change!r}")
    from oped.errors import MissingExtraError
    from oped.neural.tasks import read_settings, train

    settings = read_settings(config, dict(change.split("=", 1) for change in changes))
    try:
        import peft  # noqa: F401
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError:
        raise MissingExtraError("train", "oped train") from None
    click.echo(train(settings, output or Path("runs") / settings.name, base=config.resolve().parent, quiet=quiet))
