import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import load_file, save_file

import oped
from oped.commands import cli
from oped.errors import ConfigError, ModelError
from oped.neural.folder import ModelFolder
from oped.neural.layout import CONFIG_FILE, ENTITIES, INT8, MATCHER, PARSER, PARTS_FILE, STANCES, WEIGHTS_FILE
from oped.neural.trained import TrainedParser
from oped.resources import DEFAULT_MODEL, find_model


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped model whose files may be changed."""
    return Path(shutil.copytree(find_model(DEFAULT_MODEL), tmp_path / "model"))


def alter_weights(folder: Path) -> None:
    """Change one number of the encoder; shapes and offsets stay."""
    weights = load_file(folder / WEIGHTS_FILE)
    name = "encoder.encoder.layer.0.output.dense.weight"
    weights[name] = weights[name] + np.float16(0.01)
    save_file(weights, folder / WEIGHTS_FILE)


def test_the_shipped_model_is_as_recorded() -> None:
    model = ModelFolder.find(DEFAULT_MODEL)
    model.check()
    assert set(model.parts) == {PARSER, INT8, ENTITIES, MATCHER, STANCES}


def test_every_part_on_the_encoder_refuses_another_encoder(copy: Path) -> None:
    alter_weights(copy)
    model = ModelFolder(copy)
    for open_part in (model.open_parser, model.open_entities, model.open_matcher, model.open_stances):
        with pytest.raises(ModelError, match="expected the weights in"):
            open_part()


def test_a_folder_from_before_parts_were_recorded_still_opens(copy: Path) -> None:
    (copy / PARTS_FILE).unlink()
    article = oped.Article("a", "The quay must close. Ann Lee says that its piles may fail.")
    assert TrainedParser.open(copy).parse(article) == TrainedParser.open(DEFAULT_MODEL).parse(article)


@pytest.mark.parametrize("torn", ["", "[]", "{}", '{"format": "oped/model", "format_version": 1, "parts": []}', "\x00"])
def test_a_torn_list_of_parts_is_a_model_error(copy: Path, torn: str) -> None:
    (copy / PARTS_FILE).write_text(torn)
    with pytest.raises(ModelError):
        oped.load(copy)


def tear(data: bytes, how: str) -> bytes:
    return {"empty": b"", "half": data[: len(data) // 2], "list": b"[]", "object": b"{}", "zeros": b"\0" * 64}[how]


@pytest.mark.parametrize("how", ["empty", "half", "list", "object", "zeros"])
@pytest.mark.parametrize(
    "name", [CONFIG_FILE, "tokenizer.json", "entities.safetensors", "encoder.int8.onnx", "heads.onnx"]
)
def test_a_torn_file_is_a_model_error(copy: Path, name: str, how: str) -> None:
    (copy / PARTS_FILE).unlink()
    (copy / name).write_bytes(tear((copy / name).read_bytes(), how))
    with pytest.raises(ModelError):
        oped.load(copy)


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"schemes": []},
        {"schemes": {"opinion": {"types": 3}}},
        {"window": "wide"},
        {"surprise": 1},
        {"encoder": {}},
    ],
)
def test_a_wrong_configuration_is_a_model_error(copy: Path, change: dict[str, object]) -> None:
    data = json.loads((copy / CONFIG_FILE).read_text())
    (copy / CONFIG_FILE).write_text(json.dumps(data | change))
    (copy / PARTS_FILE).unlink()
    with pytest.raises(ModelError):
        oped.load(copy)


def recipe(folder: Path, source: Path, parts: dict[str, Path]) -> Path:
    (folder / "card.md").write_text("# A model\n")
    lines = ['name = "en_mine"', 'version = "1.2.3"', 'licence = "MIT"', 'card = "card.md"', "[parts]"]
    path = folder / "recipe.toml"
    path.write_text("\n".join([*lines, *(f'{name} = "{part}"' for name, part in parts.items())]))
    return path


def test_a_model_is_assembled_from_its_parts(tmp_path: Path) -> None:
    source = find_model(DEFAULT_MODEL)
    path = recipe(tmp_path, source, dict.fromkeys([PARSER, INT8, ENTITIES, STANCES], source))
    result = CliRunner().invoke(cli, ["models", "assemble", str(path), "-o", str(tmp_path / "made")])
    assert result.exit_code == 0, result.output
    made = ModelFolder(tmp_path / "made")
    assert (made.config.name, made.config.version, made.config.licence) == ("en_mine", "1.2.3", "MIT")
    assert "configs/en_opinion_entities.toml" in (made.path / "README.md").read_text()
    made.open_stances()
    article = oped.Article("a", "The quay must close. Ann Lee says that its piles may fail.")
    assert TrainedParser.open(made.path).parse(article).components


def test_a_part_of_another_encoder_is_not_assembled(tmp_path: Path, copy: Path) -> None:
    alter_weights(copy)
    ModelFolder(copy).record(PARSER, version="9", made_by="test")
    path = recipe(tmp_path, copy, {PARSER: copy, ENTITIES: find_model(DEFAULT_MODEL)})
    with pytest.raises(ModelError, match="other weights"):
        cli.main(["models", "assemble", str(path), "-o", str(tmp_path / "made")], standalone_mode=False)


def test_a_recipe_without_parser_is_refused(tmp_path: Path) -> None:
    path = recipe(tmp_path, tmp_path, {STANCES: tmp_path})
    with pytest.raises(ConfigError, match="expected parser"):
        cli.main(["models", "assemble", str(path), "-o", str(tmp_path / "made")], standalone_mode=False)
