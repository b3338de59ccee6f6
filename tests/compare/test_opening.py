"""What judges a comparison: the chosen model's parts, and the default model's for those that it lacks."""

import json
import shutil
from pathlib import Path

import pytest

from oped.compare.opening import open_judges
from oped.errors import ModelError
from oped.neural.folder import ModelFolder
from oped.neural.layout import MATCHER, PARTS_FILE, STANCE_CONFIG_FILE, STANCES
from oped.resources import DEFAULT_MODEL, find_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the default model whose matcher and stance detector have another version."""
    folder = Path(shutil.copytree(find_model(DEFAULT_MODEL), tmp_path / "model"))
    (folder / PARTS_FILE).unlink()
    for name in ("matcher/config.json", STANCE_CONFIG_FILE):
        config = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(config | {"version": "9"}))
    return folder


@pytest.mark.parametrize("lacking", [(), (MATCHER,), (STANCES,), (MATCHER, STANCES)])
def test_a_part_that_the_model_lacks_is_the_default_models(model: Path, lacking: tuple[str, ...]) -> None:
    for part in lacking:
        ModelFolder(model).remove(part)
    judges = dict(zip((MATCHER, STANCES), open_judges(model), strict=True))
    assert {part for part, judge in judges.items() if judge.version != "9"} == set(lacking)


def test_a_part_that_is_torn_is_not_replaced(model: Path) -> None:
    (model / "matcher" / "config.json").write_text("{")
    with pytest.raises(ModelError, match="malformed"):
        open_judges(model)
