"""`oped models`: what models there are."""

import json
from pathlib import Path
from typing import Any

import click

from oped.resources import find_model, shipped_models, user_models


@click.command("models")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(name: str | None, as_json: bool) -> None:
    """List the models shipped with oped and those in the user's folder; with NAME, print that model's card."""
    if name:
        card = find_model(name) / "README.md"
        click.echo(card.read_text(encoding="utf-8") if card.is_file() else f"{name} has no card")
        return
    rows = [
        describe(folder)
        for folder in [*shipped_models(), *sorted(path.parent for path in user_models().glob("*/config.json"))]
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        click.echo(f"{row['name']} {row['version']}  schemes: {', '.join(row['schemes'])}  {row['path']}")


def describe(folder: Path) -> dict[str, Any]:
    """Name, version, schemes and place of a model."""
    data = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return {"name": data["name"], "version": data["version"], "schemes": list(data["schemes"]), "path": str(folder)}
