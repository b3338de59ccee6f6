"""Assembly: one model put together from the parts that finished training runs left, as a recipe names them."""

import tomllib
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from oped.errors import ConfigError
from oped.neural.folder import ModelFolder
from oped.neural.layout import CARD_FILE, PARSER, PARTS

PARTS_BEGIN, PARTS_END = "<!-- parts -->", "<!-- end of parts -->"


class Recipe(BaseModel):
    """What a model is put together from.

    Attributes:
        card: the model card; the table of parts is written between its marks, or at its end.
        parts: the model folder that each part is taken from, by the part's name; relative paths count from the recipe.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    version: str
    licence: str = ""
    card: str
    parts: dict[str, str]


def read_recipe(path: Path) -> Recipe:
    """Read a recipe, a TOML file.

    Raises:
        ConfigError: it is missing or malformed, has an unknown key, or no parser among its parts.
    """
    try:
        recipe = Recipe.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: expected a recipe of a model: {error}") from None
    unknown = sorted(set(recipe.parts) - set(PARTS))
    if unknown or PARSER not in recipe.parts:
        raise ConfigError(
            f"{path}: parts: expected {PARSER} and any of {', '.join(PARTS)}, found {', '.join(recipe.parts)}"
        )
    return recipe


def assemble_model(recipe_path: Path, folder: Path) -> ModelFolder:
    """Put a model together in a new folder, and check it.

    Returns:
        The model.

    Raises:
        ConfigError: the recipe is wrong, or the folder is not empty.
        ModelError: a part is missing, was not recorded by its run, or belongs to another encoder than the parser's.
    """
    recipe = read_recipe(recipe_path)
    if folder.is_dir() and any(folder.iterdir()):
        raise ConfigError(f"{folder}: expected a new folder, or an empty one")
    folder.mkdir(parents=True, exist_ok=True)
    model = ModelFolder(folder)
    base = recipe_path.parent
    for name in PARTS:
        if name in recipe.parts:
            model.install(name, ModelFolder(base / recipe.parts[name]))
    made = model.parts[PARSER]
    replace(model.config, name=recipe.name, version=recipe.version, licence=recipe.licence).save(folder)
    model.record(PARSER, version=made.version, made_by=made.made_by)
    card = (base / recipe.card).read_text(encoding="utf-8")
    (folder / CARD_FILE).write_text(with_parts(card, model), encoding="utf-8")
    model.check()
    return model


def with_parts(card: str, model: ModelFolder) -> str:
    """A model card with the table of the model's parts."""
    rows = [
        f"| {name} | {record.version} | {record.made_by} | {sum((model.path / file).stat().st_size for file in record.files) / 1e6:.1f} MB |"
        for name, record in ((name, model.parts[name]) for name in PARTS if name in model.parts)
    ]
    table = "\n".join([PARTS_BEGIN, "| part | version | made by | size |", "|---|---|---|---|", *rows, PARTS_END])
    before, begin, rest = card.partition(PARTS_BEGIN)
    if not begin:
        return f"{card.rstrip()}\n\n## Parts\n\n{table}\n"
    return before + table + rest.partition(PARTS_END)[2]
