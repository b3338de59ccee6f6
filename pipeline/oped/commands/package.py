"""`oped package`: a model as a package for pip and spaCy."""

from pathlib import Path

import click


@click.command("package")
@click.argument("model")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("dist"), show_default=True, help="Folder."
)
@click.option("--name", help="Name of the package, such as en_mine; default: the model's.")
@click.option("--version", help="Default: the model's.")
@click.option("--author", default="", help="Who stands as its author; default: nobody.")
def command(model: str, output: Path, name: str | None, version: str | None, author: str) -> None:
    """Build a wheel of MODEL; once installed, spacy.load(NAME) and oped.load(NAME) load it.

    Its metadata state the licence that the training's configuration gave the weights.
    """
    from oped.packaging import package_model

    click.echo(package_model(model, output, name=name, version=version, author=author))
